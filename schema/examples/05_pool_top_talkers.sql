-- Who uses most of each share group's volume this month?
SELECT m.contract_id AS contract_id, m.line_no AS line_no, t.month_bytes AS month_bytes,
    round(t.month_bytes / sum(t.month_bytes) OVER (PARTITION BY m.contract_id), 3) AS part_of_pool
FROM (SELECT * FROM data_share_members FINAL WHERE member AND status != 'reserved') AS m
INNER JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
ORDER BY contract_id, month_bytes DESC
LIMIT 5 BY contract_id;
