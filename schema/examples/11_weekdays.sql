-- Which days of the week use most?
SELECT toDayOfWeek(day) AS weekday, dateName('weekday', any(day)) AS name,
    uniqExact(day) AS days, toUInt64(sum(bytes) / days) AS mean_day_bytes
FROM traffic_daily FINAL
WHERE scope = 'line' AND day < (SELECT max(day) FROM traffic_daily)
GROUP BY weekday
ORDER BY weekday;
