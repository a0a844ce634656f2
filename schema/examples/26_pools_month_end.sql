-- How will the month of each share group end, will it run out before, and who draws most of it?
SELECT f.contract_id AS contract_id, f.remaining_bytes AS remaining_bytes, f.month_end_bytes AS month_end_bytes, f.exhaustion_at AS exhaustion_at,
    f.exhaustion_at_early AS exhaustion_at_early, f.exhaustion_at_late AS exhaustion_at_late, m.most AS most
FROM (SELECT * FROM pool_forecast) AS f
LEFT JOIN
(
    SELECT source, contract_id, arraySlice(arrayReverseSort(groupArray((month_bytes, line_no))), 1, 3) AS most
    FROM line_status
    WHERE cap_scope = 'data_share' AND month_bytes > 0
    GROUP BY source, contract_id
) AS m
    ON m.source = f.source AND m.contract_id = f.contract_id
ORDER BY exhaustion_at;
