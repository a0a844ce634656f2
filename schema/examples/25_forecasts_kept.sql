-- How much did the forecasts of each line change from day to day in the last month?
SELECT contract_id, line_no, max(day) AS newest, argMax(month_end_bytes, day) AS newest_month_end, count() AS days_kept,
    min(month_end_bytes) AS lowest, max(month_end_bytes) AS highest
FROM line_forecasts FINAL
WHERE day > toDate(now('Asia/Tokyo')) - 31
GROUP BY source, contract_id, line_no
ORDER BY highest - lowest DESC
LIMIT 50;
