-- What did the whole fleet use, day by day?
SELECT day, contract_id, countIf(bytes > 0) AS lines_with_traffic, sum(bytes) AS day_bytes
FROM traffic_daily FINAL
WHERE scope = 'line' AND day > (SELECT max(day) FROM traffic_daily) - 30
GROUP BY day, contract_id
ORDER BY day DESC, contract_id;
