-- One row a line of the inventory: what an operator asks first. Plain names are the line's own figures, share_*
-- its group's. A figure the carrier did not tell is NULL. Ages are seconds since the carrier told.

CREATE OR REPLACE VIEW line_status AS
SELECT
    l.source AS source,
    l.contract_id AS contract_id,
    l.line_no AS line_no,
    l.state AS state,
    l.plan_code AS plan_code,
    l.access AS access,
    l.sim_type AS sim_type,
    l.device_name AS device_name,
    l.data_share AS data_share,
    t.month_bytes AS month_bytes,
    t.today_bytes AS today_bytes,
    t.remaining_bytes AS remaining_bytes,
    t.remaining_bytes / nullIf(toFloat64(t.remaining_bytes) + t.month_bytes, 0) AS remaining_ratio,
    t.restriction AS restriction,
    t.limit_status1 AS limit_status1,
    t.limit_status2 AS limit_status2,
    s.month_bytes AS share_month_bytes,
    s.today_bytes AS share_today_bytes,
    s.remaining_bytes AS share_remaining_bytes,
    s.remaining_bytes / nullIf(toFloat64(s.remaining_bytes) + s.month_bytes, 0) AS share_remaining_ratio,
    s.restriction AS share_restriction,
    c.connected AS connected,
    if(isNull(c.connected), NULL, c.session_type) AS session_type,
    t.observed_at AS observed_at,
    s.observed_at AS share_observed_at,
    c.observed_at AS session_observed_at,
    dateDiff('second', t.observed_at, now64(3)) AS age_seconds,
    dateDiff('second', s.observed_at, now64(3)) AS share_age_seconds,
    dateDiff('second', c.observed_at, now64(3)) AS session_age_seconds,
    l.first_seen AS first_seen,
    l.last_seen AS last_seen
FROM (SELECT * FROM lines FINAL) AS l
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS s
    ON s.source = l.source AND s.contract_id = l.contract_id AND s.line_no = l.line_no
LEFT JOIN (SELECT * FROM session_latest FINAL) AS c
    ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
SETTINGS join_use_nulls = 1;
