-- Which sessions have been open longest, and which lost their end?
SELECT contract_id, line_no, session_type, outcome, started_at, round(duration_seconds / 3600, 1) AS hours
FROM session_durations
WHERE outcome IN ('open', 'lost_stop') AND started_at IS NOT NULL
ORDER BY started_at
LIMIT 20;
