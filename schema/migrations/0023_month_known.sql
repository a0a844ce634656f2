-- line_months, as 0018 defines it, and it knows less where nobody can know:
--
-- 3. quota_bytes, where no sample of the month had anything left: what was used when the first of them had nothing left, which is what
--    near_cap_lines and the page call the volume of a line that has used it up. NULL for plans without a volume (plan_volumes).
-- 5. restricted_at_least: the month's first sample of the state that decides came on a later day than the line was there.
-- 6. roaming_seconds is NULL where the month ended before the first known event, or has begun after what was read of the session log; a
--    contract that kaisen did not know when the month began has to have an event in it. It is at least so much (roaming_at_least)
--    where the month began before the first known event, or has ended, but after what was read.
--
CREATE OR REPLACE VIEW line_months
(
    source             LowCardinality(String) COMMENT 'configured account',
    contract_id        LowCardinality(String) COMMENT 'N123456789',
    line_no            String COMMENT 'line number; personal data',
    month              Date COMMENT 'first day of the month',
    bytes              UInt64 COMMENT 'what the line itself used in it, as the carrier told at told_at',
    told_at            DateTime64(3, 'Asia/Tokyo') COMMENT 'the newest answer that has the month''s figure, as far as known',
    complete           Bool COMMENT 'that was after the month had ended: bytes is the whole month',
    pooled             Bool COMMENT 'it drew on its share group, for a part of the month at least',
    quota_bytes        Nullable(UInt64) COMMENT 'the line''s volume with what was added, or what was used when nothing was left of it; NULL: not known, none, or the group''s',
    used_ratio         Nullable(Float64) COMMENT 'bytes / quota_bytes; more than 1 where it went on beyond its volume',
    restricted_seconds Nullable(UInt64) COMMENT 'how long the samples showed it throttled, alone or with its group; NULL: no sample',
    roaming_seconds    Nullable(UInt64) COMMENT 'sessions abroad of which the end is known; NULL: no log of that month',
    days               UInt8 COMMENT 'days of the month on which the line was there',
    watched_days       UInt8 COMMENT 'days with a sample; fewer than days: kaisen saw a part',
    restricted_at_least Bool COMMENT 'the first sample came after the line was there: restricted_seconds may have been more',
    roaming_at_least   Bool COMMENT 'the session log is not known from the month''s beginning to its end: roaming_seconds may have been more'
)
AS
WITH
    (SELECT toDate(min(event_time)) FROM session_events) AS first_of_all,
    months AS
    (
        SELECT source, contract_id, line_no, month, bytes, observed_at,
            leadInFrame(month, 1) OVER line AS month_1, leadInFrame(observed_at, 1) OVER line AS observed_1,
            leadInFrame(month, 2) OVER line AS month_2, leadInFrame(observed_at, 2) OVER line AS observed_2
        FROM (SELECT source, contract_id, line_no, month, bytes, observed_at FROM traffic_monthly FINAL WHERE scope = 'line') AS m
        WINDOW line AS (PARTITION BY source, contract_id, line_no ORDER BY month ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
    ),
    counted AS
    (
        SELECT source, contract_id, line_no, toStartOfMonth(observed_at) AS month,
            bitCount(groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(observed_at) - 1))) AS watched,
            argMaxIf(month_bytes + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes))), observed_at,
                scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS quota,
            minIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS used_up,
            countIf(scope = 'data_share') > 0 AS shared,
            minOrNullIf(toDate(observed_at), scope = 'line' AND restriction != 'unknown') AS line_first,
            minOrNullIf(toDate(observed_at), scope = 'data_share' AND restriction != 'unknown') AS share_first
        FROM traffic_samples
        GROUP BY source, contract_id, line_no, month
    ),
    -- include 0018_line_months.sql, restricted to abroad
SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
    greatest(m.observed_at,
        if(m.month_1 > m.month AND m.month_1 <= addMonths(m.month, 2), m.observed_1, m.observed_at),
        if(m.month_2 > m.month AND m.month_2 <= addMonths(m.month, 2), m.observed_2, m.observed_at),
        if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN m.month AND addMonths(m.month, 2), assumeNotNull(t.observed_at), m.observed_at)) AS told_at,
    CAST(told_at >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AS Bool) AS complete,
    CAST(if(isNull(c.watched), ifNull(l.data_share IN ('registered', 'removal_reserved'), false), assumeNotNull(c.shared)) AS Bool) AS pooled,
    if(pooled, NULL, coalesce(nullIf(c.quota, 0), if(ifNull(v.has_volume, true), nullIf(c.used_up, 0), NULL))) AS quota_bytes,
    m.bytes / quota_bytes AS used_ratio,
    if(pooled, c.share_first, c.line_first) AS first_sample,
    if(isNull(first_sample), NULL, ifNull(if(pooled, r.share_seconds, r.line_seconds), 0)) AS restricted_seconds,
    if(isNull(l.first_seen) OR addMonths(m.month, 1) <= toDate(assumeNotNull(l.first_seen)) - 30
        OR isNull(w.watermark) OR m.month > toDate(assumeNotNull(w.watermark))
        OR addMonths(m.month, 1) <= first_of_all
        OR isNull(e.first_event) AND ifNull(k.known_since > m.month, true), NULL, ifNull(a.seconds, 0)) AS roaming_seconds,
    greatest(m.month, ifNull(l.start_date, m.month)) AS there_from,
    toUInt8(greatest(
        least(addMonths(m.month, 1) - 1, toDate(now('Asia/Tokyo')), if(ifNull(l.state, 'active') = 'active', addMonths(m.month, 1), toDate(assumeNotNull(l.last_seen))))
            - there_from + 1, 0)) AS days,
    toUInt8(ifNull(c.watched, 0)) AS watched_days,
    CAST(isNotNull(restricted_seconds) AND ifNull(first_sample > there_from, false) AS Bool) AS restricted_at_least,
    CAST(isNotNull(roaming_seconds) AND ifNull(first_of_all > there_from OR k.known_since > there_from AND e.first_event > there_from
        OR toDate(assumeNotNull(w.watermark)) < addMonths(m.month, 1) AND addMonths(m.month, 1) <= toDate(now('Asia/Tokyo')), false) AS Bool) AS roaming_at_least
FROM months AS m
LEFT JOIN counted AS c
    ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no AND c.month = m.month
LEFT JOIN restricted AS r
    ON r.source = m.source AND r.contract_id = m.contract_id AND r.line_no = m.line_no AND r.month = m.month
LEFT JOIN abroad AS a
    ON a.source = m.source AND a.contract_id = m.contract_id AND a.line_no = m.line_no AND a.month = m.month
LEFT JOIN (SELECT source, contract_id, line_no, observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, line_no, state, data_share, plan_code, start_date, first_seen, last_seen FROM lines FINAL) AS l
    ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, watermark FROM log_watermarks FINAL WHERE log = 'session_events') AS w
    ON w.source = m.source AND w.contract_id = m.contract_id
LEFT JOIN
(
    SELECT source, contract_id, toStartOfMonth(event_time) AS month, toDate(min(event_time)) AS first_event
    FROM session_events
    GROUP BY source, contract_id, month
) AS e
    ON e.source = m.source AND e.contract_id = m.contract_id AND e.month = m.month
LEFT JOIN (SELECT source, contract_id, toDate(min(first_seen)) AS known_since FROM lines FINAL GROUP BY source, contract_id) AS k
    ON k.source = m.source AND k.contract_id = m.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = m.source AND v.contract_id = m.contract_id AND v.plan_code = l.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a line';

-- near_cap_lines, as 0021 defines it, with the group's exhaustion_at for its members.

CREATE OR REPLACE VIEW near_cap_lines
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    state Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active',
    plan_code LowCardinality(String) COMMENT 'planCode',
    access LowCardinality(String) COMMENT '3g, lte, or the carrier''s code where it is another',
    sim_type LowCardinality(String) COMMENT 'simType',
    device_name LowCardinality(String) COMMENT 'deviceName',
    data_share Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group',
    month_bytes Nullable(UInt64) COMMENT 'used this month',
    today_bytes Nullable(UInt64) COMMENT 'used today',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as call 03 told; of no meaning for members of a share group',
    remaining_ratio Nullable(Float64) COMMENT 'remaining_bytes / (month_bytes + remaining_bytes), as told',
    restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'whether it is throttled, by the figures that decide (cap_scope); NULL: nobody told yet',
    limit_status1 Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2 Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    share_month_bytes Nullable(UInt64) COMMENT 'trafficThisMonth of call 09: its group''s, or its own (carrier_findings, share_figures)',
    share_today_bytes Nullable(UInt64) COMMENT 'the same for today',
    share_remaining_bytes Nullable(UInt64) COMMENT 'left of the group''s volume',
    share_remaining_ratio Nullable(Float64) COMMENT 'the ratio of these two',
    share_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the group''s, as this line was told',
    connected Nullable(Bool) COMMENT 'whether it was connected when last asked',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    quota_bytes Nullable(UInt64) COMMENT 'cap_month_bytes + cap_remaining_bytes: the volume that decides, until it is used up',
    used_ratio Nullable(Float64) COMMENT 'part of quota_bytes that is used, 0 to 1',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the rest is expected to be used up, from line_forecast, or of its group from pool_forecast (cap_scope); NULL: not in this month, or not known',
    line_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'as call 03 told of the line itself; of no meaning for members of a share group',
    cap_scope Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose figures decide: data_share for lines that draw on their share group',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of its plan; NULL: not known',
    has_volume Nullable(Bool) COMMENT 'whether what decides is a volume at all; NULL: nobody told what is left',
    cap_month_bytes Nullable(UInt64) COMMENT 'used of the volume that decides: by the line, or by its group',
    cap_remaining_bytes Nullable(UInt64) COMMENT 'left of it',
    cap_remaining_ratio Nullable(Float64) COMMENT 'the part that is left of it, 0 to 1; NULL where there is no volume',
    cap_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the figures that decide were told',
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at',
    name String COMMENT 'what the customer calls the line, by labels_file',
    labels Map(String, String) COMMENT 'what labels_file says in its further columns; labels[''department'']',
    near_cap_ratio Float64 COMMENT 'cap_remaining_ratio below which it is near its cap: near_cap_percent of labels_file, else 0.2',
    silent Bool COMMENT 'active, and the last answer on its own traffic is stale (table stale_after), or there is none',
    unknown Bool COMMENT 'active, and nobody can say whether it is restricted: the answer that decides is stale, or there is none, or it tells no known state',
    restricted Bool COMMENT 'active, and the carrier throttles it now',
    near_cap Bool COMMENT 'active and not restricted, and cap_remaining_ratio is below near_cap_ratio'
)
AS
SELECT
    s.source AS source,
    s.contract_id AS contract_id,
    s.line_no AS line_no,
    s.state AS state,
    s.plan_code AS plan_code,
    s.access AS access,
    s.sim_type AS sim_type,
    s.device_name AS device_name,
    s.data_share AS data_share,
    s.month_bytes AS month_bytes,
    s.today_bytes AS today_bytes,
    s.remaining_bytes AS remaining_bytes,
    s.remaining_ratio AS remaining_ratio,
    s.restriction AS restriction,
    s.limit_status1 AS limit_status1,
    s.limit_status2 AS limit_status2,
    s.share_month_bytes AS share_month_bytes,
    s.share_today_bytes AS share_today_bytes,
    s.share_remaining_bytes AS share_remaining_bytes,
    s.share_remaining_ratio AS share_remaining_ratio,
    s.share_restriction AS share_restriction,
    s.connected AS connected,
    s.session_type AS session_type,
    s.observed_at AS observed_at,
    s.share_observed_at AS share_observed_at,
    s.session_observed_at AS session_observed_at,
    s.age_seconds AS age_seconds,
    s.share_age_seconds AS share_age_seconds,
    s.session_age_seconds AS session_age_seconds,
    s.first_seen AS first_seen,
    s.last_seen AS last_seen,
    if(s.has_volume, s.cap_month_bytes + least(assumeNotNull(s.cap_remaining_bytes), bitNot(s.cap_month_bytes)), NULL) AS quota_bytes,
    1 - s.cap_remaining_ratio AS used_ratio,
    if(s.cap_scope = 'data_share', p.exhaustion_at, f.exhaustion_at) AS exhaustion_at,
    s.line_restriction AS line_restriction,
    s.cap_scope AS cap_scope,
    s.course_type AS course_type,
    s.has_volume AS has_volume,
    s.cap_month_bytes AS cap_month_bytes,
    s.cap_remaining_bytes AS cap_remaining_bytes,
    s.cap_remaining_ratio AS cap_remaining_ratio,
    s.cap_observed_at AS cap_observed_at,
    s.cap_age_seconds AS cap_age_seconds,
    s.name AS name,
    s.labels AS labels,
    s.near_cap_ratio AS near_cap_ratio,
    s.silent AS silent,
    s.unknown AS unknown,
    s.restricted AS restricted,
    s.near_cap AS near_cap
FROM (SELECT * FROM line_status WHERE near_cap OR restricted) AS s
LEFT JOIN (SELECT source, contract_id, line_no, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
LEFT JOIN (SELECT source, contract_id, exhaustion_at FROM pool_forecast WHERE NOT own_volumes) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id
COMMENT 'One row: a line near its cap, or restricted';
