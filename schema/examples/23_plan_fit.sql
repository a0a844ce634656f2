-- Which plans do not fit the lines that have them, by their last three whole months?
SELECT verdict, plan_name, contract_id, line_no, largest_bytes, quota_bytes
FROM plan_fit
WHERE verdict IN ('unused', 'too_small', 'too_large', 'unknown')
ORDER BY verdict, largest_bytes DESC;
