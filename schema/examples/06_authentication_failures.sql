-- How many authentications failed, hour by hour?
SELECT toStartOfHour(event_time) AS hour, contract_id,
    countIf(result = 'ng') AS failed, count() AS all, uniqIf(line_no, result = 'ng') AS lines
FROM authentications FINAL
WHERE event_time > now() - INTERVAL 7 DAY
GROUP BY hour, contract_id
HAVING failed > 0
ORDER BY failed DESC, hour DESC
LIMIT 50;
