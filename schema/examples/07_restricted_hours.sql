-- How many hours was each line restricted, alone or with its share group, month by month?
SELECT toStartOfMonth(started_at) AS month, contract_id, line_no, count() AS episodes,
    round(sum(duration_seconds) / 3600, 1) AS restricted_hours
FROM restriction_episodes
WHERE decides
GROUP BY month, contract_id, line_no
ORDER BY month DESC, restricted_hours DESC
LIMIT 50;
