-- How was each line's last month: used, of what volume, how long restricted or abroad?
SELECT contract_id, line_no, bytes, quota_bytes, complete, round(restricted_seconds / 3600, 1) AS restricted_hours,
    round(roaming_seconds / 3600, 1) AS roaming_hours, days, watched_days
FROM line_months
WHERE month = toStartOfMonth(now('Asia/Tokyo')) - INTERVAL 1 MONTH
ORDER BY bytes DESC
LIMIT 50;
