-- line_status as it was, with a comment on each column: they are the analysts' dictionary.

CREATE OR REPLACE VIEW line_status
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    state Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active: polled; not_found: the carrier answered 404; removed: left the list',
    plan_code LowCardinality(String) COMMENT 'planCode',
    access LowCardinality(String) COMMENT '3g, lte, or the carrier''s code where it is another',
    sim_type LowCardinality(String) COMMENT 'simType',
    device_name LowCardinality(String) COMMENT 'deviceName',
    data_share Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group',
    month_bytes Nullable(UInt64) COMMENT 'used this month',
    today_bytes Nullable(UInt64) COMMENT 'used today',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume',
    remaining_ratio Nullable(Float64) COMMENT 'remaining_bytes / (month_bytes + remaining_bytes)',
    restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the line''s own',
    limit_status1 Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2 Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    share_month_bytes Nullable(UInt64) COMMENT 'used this month by the line''s share group',
    share_today_bytes Nullable(UInt64) COMMENT 'used today by the group',
    share_remaining_bytes Nullable(UInt64) COMMENT 'left of the group''s volume',
    share_remaining_ratio Nullable(Float64) COMMENT 'the same ratio of the group',
    share_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the group''s',
    connected Nullable(Bool) COMMENT 'whether it was connected when last asked',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it'
)
AS
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
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';
