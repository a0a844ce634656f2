-- Which lines are near their cap, or restricted already, and is it their own volume or that of their share group?
SELECT contract_id, line_no, restriction, cap_scope, used_ratio, cap_remaining_bytes, exhaustion_at
FROM near_cap_lines
ORDER BY used_ratio DESC
LIMIT 50;
