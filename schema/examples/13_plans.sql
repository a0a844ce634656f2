-- How well does each plan fit the lines that have it?
SELECT plan_code, count() AS lines, toUInt64(quantile(0.5)(month_bytes)) AS median_month_bytes, max(month_bytes) AS largest_month_bytes,
    countIf(restricted) AS lines_restricted, round(avg(cap_remaining_ratio), 2) AS mean_remaining_ratio
FROM line_status
WHERE state = 'active'
GROUP BY plan_code
ORDER BY lines DESC;
