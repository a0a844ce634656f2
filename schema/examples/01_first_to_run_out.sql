-- Who will run out first, and when? Without those who have nothing left already, or are restricted.
SELECT contract_id, line_no, name, remaining_bytes, month_end_bytes, exhaustion_at, exhaustion_at_early, exhaustion_at_late
FROM run_out_lines
ORDER BY exhaustion_at
LIMIT 20;
