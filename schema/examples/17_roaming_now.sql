-- Who is roaming now, and with how much left?
SELECT contract_id, line_no, session_observed_at, today_bytes, remaining_bytes
FROM line_status
WHERE connected AND session_type = 'roaming'
ORDER BY today_bytes DESC;
