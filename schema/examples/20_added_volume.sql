-- Who buys additional volume again and again, and so has the wrong plan?
SELECT contract_id, line_no, plan_code, countEqual(option_codes, 'T6000084') AS times_added_this_month
FROM lines FINAL
WHERE state = 'active' AND times_added_this_month > 0
ORDER BY times_added_this_month DESC;
