-- Which lines used nothing in the last seven whole days, but did in the three weeks before?
WITH (SELECT max(day) FROM traffic_daily) AS today
SELECT contract_id, line_no, maxIf(day, bytes > 0) AS last_day_with_traffic, sum(bytes) AS earlier_bytes
FROM traffic_daily FINAL
WHERE scope = 'line' AND day BETWEEN today - 28 AND today - 1
GROUP BY source, contract_id, line_no
HAVING earlier_bytes > 0 AND last_day_with_traffic < today - 7
ORDER BY earlier_bytes DESC
LIMIT 50;
