-- At which hours of the day is the fleet busiest?
SELECT toHour(hour) AS hour_of_day, sum(bytes) AS all_bytes, round(avg(bytes)) AS mean_bytes
FROM traffic_hourly
WHERE scope = 'line' AND month >= toStartOfMonth(now('Asia/Tokyo') - INTERVAL 14 DAY) AND hour > now() - INTERVAL 14 DAY
GROUP BY hour_of_day
ORDER BY hour_of_day;
