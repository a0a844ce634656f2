-- Which lines are near their cap, or restricted already?
SELECT contract_id, line_no, restriction, used_ratio, remaining_bytes, exhaustion_at
FROM near_cap_lines
ORDER BY used_ratio DESC
LIMIT 50;
