-- How much did each line use in hours in which it had a roaming session?
WITH roaming AS (
    SELECT source, contract_id, line_no,
        arrayJoin(timeSlots(started_at, toUInt32(greatest(least(duration_seconds, 86400 * 7), 1) - 1), 3600)) AS hour
    FROM session_durations
    WHERE session_type = 'roaming' AND started_at > now() - INTERVAL 30 DAY AND duration_seconds IS NOT NULL
)
SELECT h.contract_id AS contract_id, h.line_no AS line_no, count() AS hours, sum(h.bytes) AS roaming_bytes
FROM traffic_hourly AS h
INNER JOIN (SELECT DISTINCT * FROM roaming) AS r
    ON h.source = r.source AND h.contract_id = r.contract_id AND h.line_no = r.line_no AND h.hour = r.hour
WHERE h.scope = 'line' AND h.month >= toStartOfMonth(now('Asia/Tokyo') - INTERVAL 30 DAY)
GROUP BY contract_id, line_no
ORDER BY roaming_bytes DESC
LIMIT 50;
