-- line_connections: whether each line is connected, by the newest answer of call 26 and by what the session log (call 05) has
-- shown since. It is one request a contract that tells of all lines, where call 26 is one a line; so where the log has earned it,
-- call 26 is asked as a check alone, and session_samples, which has its answers and nothing else, has few rows.
--
-- 1. The log counts where it is believed (carrier_findings, session_state), and read beyond the answer: log_watermarks. Then
--    observed_at is the watermark, and told_by is log. Not, where the answer is 36 hours older than that, or did not say.
-- 2. Of sessions at home and of those abroad the last second with a row counts, each by itself: a start has opened one, a stop
--    closed it. Rows more than a minute before the answer do not count; one of that minute may be later than what the answer knew.
-- 3. The answer counts, and told_by is call_26, where the log leaves a doubt: a start and a stop in one second, a row of that minute
--    which contradicts the answer, both sessions open, a row of an unknown code. Such a line is asked in its turn.
CREATE OR REPLACE VIEW line_connections
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    connected    Nullable(Bool) COMMENT 'whether it has a session; NULL: the answer did not say',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'of the session that it has, else of the one that call 26 told of last',
    observed_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'for when that is known: the answer of call 26, or up to when the log is read',
    told_by      Enum8('call_26' = 0, 'log' = 1) COMMENT 'what it is from',
    answered_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'the last answer of call 26: the carrier''s clock'
)
AS
WITH
    read_logs AS
    (
        SELECT w.source AS source, w.contract_id AS contract_id, w.watermark AS watermark
        FROM (SELECT source, contract_id, watermark FROM log_watermarks FINAL WHERE log = 'session_events') AS w
        INNER JOIN (SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'session_state' AND value = 'log') AS f
            ON f.source = w.source AND f.contract_id = w.contract_id
    ),
    answers AS
    (
        SELECT a.source AS source, a.contract_id AS contract_id, a.line_no AS line_no, a.connected AS connected, a.session_type AS session_type,
            a.observed_at AS observed_at, toUnixTimestamp(a.observed_at) AS answered, w.watermark AS watermark,
            ifNull(a.connected AND a.session_type = 'domestic', false) AS was_home, ifNull(a.connected AND a.session_type = 'roaming', false) AS was_abroad,
            isNotNull(a.connected) AND (NOT assumeNotNull(a.connected) OR a.session_type != 'unknown')
                AND w.watermark > a.observed_at AND w.watermark <= a.observed_at + INTERVAL 36 HOUR AS followed
        FROM (SELECT source, contract_id, line_no, connected, session_type, observed_at FROM session_latest FINAL) AS a
        LEFT JOIN read_logs AS w ON w.source = a.source AND w.contract_id = a.contract_id
    ),
    seconds AS
    (
        SELECT source, contract_id, line_no, session_type, event_time,
            countIf(event = 'start') > 0 AS starts, countIf(event = 'stop') > 0 AS stops, session_type = 'unknown' OR countIf(event = 'unknown') > 0 AS odd
        FROM session_events
        WHERE event_time >= (SELECT minIf(observed_at, followed) FROM answers) - INTERVAL 61 SECOND
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    traces AS
    (
        SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, max(s.odd) AS odd,
            toUnixTimestamp(maxIf(s.event_time, session_type = 'domestic' AND (s.starts OR s.stops))) AS home_at,
            argMaxIf((s.starts, s.stops), s.event_time, session_type = 'domestic' AND (s.starts OR s.stops)) AS home_last,
            toUnixTimestamp(maxIf(s.event_time, session_type = 'roaming' AND (s.starts OR s.stops))) AS abroad_at,
            argMaxIf((s.starts, s.stops), s.event_time, session_type = 'roaming' AND (s.starts OR s.stops)) AS abroad_last
        FROM (SELECT source, contract_id, line_no, session_type, event_time, starts, stops, odd FROM seconds) AS s
        INNER JOIN (SELECT source, contract_id, line_no, answered FROM answers WHERE followed) AS a
            ON a.source = s.source AND a.contract_id = s.contract_id AND a.line_no = s.line_no
        WHERE toInt64(toUnixTimestamp(s.event_time)) >= toInt64(a.answered) - 60
        GROUP BY source, contract_id, line_no
    ),
    states AS
    (
        SELECT a.source AS source, a.contract_id AS contract_id, a.line_no AS line_no, a.connected AS connected, a.session_type AS session_type,
            a.observed_at AS observed_at, a.watermark AS watermark,
            multiIf(t.home_at = 0, toNullable(a.was_home),
                t.home_last.1 = t.home_last.2 OR t.home_at < a.answered AND t.home_last.1 != a.was_home, NULL, t.home_last.1) AS home,
            multiIf(t.abroad_at = 0, toNullable(a.was_abroad),
                t.abroad_last.1 = t.abroad_last.2 OR t.abroad_at < a.answered AND t.abroad_last.1 != a.was_abroad, NULL, t.abroad_last.1) AS abroad,
            a.followed AND NOT t.odd AND isNotNull(home) AND isNotNull(abroad) AND NOT ifNull(home AND abroad, true) AS told
        FROM answers AS a
        LEFT JOIN traces AS t ON t.source = a.source AND t.contract_id = a.contract_id AND t.line_no = a.line_no
    )
SELECT source, contract_id, line_no,
    CAST(if(told, home OR abroad, states.connected) AS Nullable(Bool)) AS connected,
    CAST(multiIf(told AND abroad, 'roaming', told AND home, 'domestic', toString(states.session_type)) AS Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) AS session_type,
    if(told, toDateTime64(states.watermark, 3, 'Asia/Tokyo'), states.observed_at) AS observed_at,
    CAST(if(told, 'log', 'call_26') AS Enum8('call_26' = 0, 'log' = 1)) AS told_by,
    states.observed_at AS answered_at
FROM states
SETTINGS join_use_nulls = 0
COMMENT 'One row: whether a line is connected, as far as call 26 or the session log has told';

-- line_status, as 0021 defines it, with the connection by that. A member of a share group is asked for its own traffic every four
-- hours only, since the group's decides: so much longer counts what it was told of itself.

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
    connected Nullable(Bool) COMMENT 'whether it is connected, by call 26 or by the session log: line_connections',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was: the answer of call 26, or up to when the session log is read',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
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
    silent Bool COMMENT 'active, and the last answer on its own traffic is stale (table stale_after; four hours later for members of a share group), or there is none',
    unknown Bool COMMENT 'active, and nobody can say whether it is restricted: the answer that decides is stale, or there is none, or it tells no known state',
    restricted Bool COMMENT 'active, and the carrier throttles it now',
    near_cap Bool COMMENT 'active and not restricted, and cap_remaining_ratio is below near_cap_ratio'
)
AS
WITH
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'traffic') AS own_holds,
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'data_share') AS share_holds,
    own_holds[toString(l.source)] + if(l.pooled AND own_holds[toString(l.source)] > 0, 4 * 3600, 0) AS own_seconds,
    share_holds[toString(l.source)] AS share_seconds,
    ifNull(own_seconds = 0 AND isNotNull(t.observed_at) OR t.received_at + toIntervalSecond(own_seconds) >= now64(3), false) AS own_fresh,
    ifNull(share_seconds = 0 AND isNotNull(s.observed_at) OR s.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS share_fresh,
    ifNull(share_seconds = 0 AND isNotNull(p.observed_at) OR p.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS pool_fresh,
    multiIf(NOT l.pooled, own_fresh, isNull(p.observed_at), share_fresh, pool_fresh) AS fresh,
    isNull(p.observed_at) OR p.own_volumes AND share_fresh AS cap_of_member
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
    multiIf(NOT l.pooled, t.restriction, share_fresh OR isNull(p.observed_at), s.restriction, p.restriction) AS restriction,
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
    l.last_seen AS last_seen,
    t.restriction AS line_restriction,
    CAST(if(l.pooled, 'data_share', 'line') AS Enum8('line' = 1, 'data_share' = 2)) AS cap_scope,
    v.course_type AS course_type,
    CAST(multiIf(isNull(cap_remaining_bytes), NULL, l.pooled OR cap_remaining_bytes > 0, true, ifNull(v.has_volume, true)) AS Nullable(Bool)) AS has_volume,
    multiIf(NOT l.pooled, t.month_bytes, cap_of_member, s.month_bytes, p.month_bytes) AS cap_month_bytes,
    multiIf(NOT l.pooled, t.remaining_bytes, cap_of_member, s.remaining_bytes, p.remaining_bytes) AS cap_remaining_bytes,
    if(has_volume, cap_remaining_bytes / nullIf(toFloat64(cap_remaining_bytes) + cap_month_bytes, 0), NULL) AS cap_remaining_ratio,
    multiIf(NOT l.pooled, t.observed_at, cap_of_member, s.observed_at, p.observed_at) AS cap_observed_at,
    dateDiff('second', cap_observed_at, now64(3)) AS cap_age_seconds,
    ifNull(n.name, '') AS name,
    mapFilter((column, value) -> value != '',
        CAST((n.label_columns, arrayResize(n.label_values, length(n.label_columns))), 'Map(String, String)')) AS labels,
    if(toFloat64OrNull(labels['near_cap_percent']) BETWEEN 0 AND 100, assumeNotNull(toFloat64OrNull(labels['near_cap_percent'])) / 100, 0.2) AS near_cap_ratio,
    CAST(l.state = 'active' AND NOT own_fresh AS Bool) AS silent,
    CAST(l.state = 'active' AND (NOT fresh OR ifNull(restriction = 'unknown', true)) AS Bool) AS unknown,
    CAST(l.state = 'active' AND fresh AND ifNull(restriction IN ('recent', 'monthly', 'monthly_and_recent'), false) AS Bool) AS restricted,
    CAST(l.state = 'active' AND fresh AND NOT restricted AND ifNull(cap_remaining_ratio < near_cap_ratio, false) AS Bool) AS near_cap
FROM (SELECT *, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS s
    ON s.source = l.source AND s.contract_id = l.contract_id AND s.line_no = l.line_no
LEFT JOIN line_connections AS c
    ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
LEFT JOIN data_share_pools AS p
    ON p.source = l.source AND p.contract_id = l.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
LEFT JOIN (SELECT source, contract_id, line_no, name, label_columns, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';
