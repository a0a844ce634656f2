-- Whose usage of the last seven whole days is more than twice that of the seven before?
WITH (SELECT max(day) FROM traffic_daily) AS today
SELECT contract_id, line_no,
    sumIf(bytes, day >= today - 7) AS week_bytes,
    sumIf(bytes, day < today - 7) AS week_before_bytes,
    round(week_bytes / week_before_bytes, 1) AS times
FROM traffic_daily FINAL
WHERE scope = 'line' AND day BETWEEN today - 14 AND today - 1
GROUP BY source, contract_id, line_no
HAVING week_before_bytes > 0 AND times > 2
ORDER BY week_bytes - week_before_bytes DESC
LIMIT 50;
