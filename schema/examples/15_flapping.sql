-- Which lines reconnect all the time (a bad antenna, a rebooting router)?
SELECT contract_id, line_no, count() AS sessions, countIf(duration_seconds < 300) AS shorter_than_5_minutes,
    round(median(duration_seconds) / 60) AS median_minutes
FROM session_durations
WHERE started_at > now() - INTERVAL 7 DAY AND outcome = 'complete'
GROUP BY source, contract_id, line_no
ORDER BY shorter_than_5_minutes DESC
LIMIT 20;
