-- Who will run out first, and when?
SELECT contract_id, line_no, remaining_bytes, month_end_bytes, exhaustion_at, exhaustion_at_early, exhaustion_at_late
FROM line_forecast
WHERE exhaustion_at IS NOT NULL
ORDER BY exhaustion_at
LIMIT 20;
