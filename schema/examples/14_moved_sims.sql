-- Which lines changed their device, SIM or plan lately?
SELECT observed_at, contract_id, line_no, field, old, new
FROM line_changes FINAL
WHERE field IN ('imei', 'sim_number', 'device_name', 'plan_code', 'state', 'data_share', 'option_codes')
ORDER BY observed_at DESC
LIMIT 50;
