-- How lines are counted as near their cap, restricted, silent and unknown is said once, in line_status, by the definition of the
-- page and of kaisen_lines_by_condition (exporter/fleet): the carrier's answer counts for as long as kaisen shows it, so
-- views need to know how long that is.

CREATE TABLE IF NOT EXISTS stale_after
(
    source      LowCardinality(String) COMMENT 'configured account',
    job         LowCardinality(String) COMMENT 'traffic, data_share, session or lines',
    seconds     UInt64 COMMENT 'how long after it arrived an answer of the job still says what holds; 0: for ever',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen last started with that; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, job)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a job, and for how long its answers count (exporter.stale_after, or three intervals)';

-- data_share_pools, as 0013 defines it, with when its figures arrived.

CREATE OR REPLACE VIEW data_share_pools
(
    source               LowCardinality(String) COMMENT 'configured account',
    contract_id          LowCardinality(String) COMMENT 'N123456789',
    members              UInt64 COMMENT 'lines that draw from it',
    month_bytes          Nullable(UInt64) COMMENT 'used this month, by all of them',
    today_bytes          Nullable(UInt64) COMMENT 'used today, by all',
    remaining_bytes      Nullable(UInt64) COMMENT 'left of this month''s volume',
    quota_bytes          Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes',
    remaining_ratio      Nullable(Float64) COMMENT 'remaining_bytes / quota_bytes, 0 to 1',
    restriction          Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'of the group',
    disagreeing_members  UInt64 COMMENT 'members that were told something which time does not explain; 0 where each is told its own use',
    observed_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the carrier told the figures',
    own_volumes          Bool COMMENT 'each member is told what is left of a volume of its own; remaining_bytes is their sum then',
    received_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when that answer arrived: kaisen''s clock'
)
AS
WITH
    answers AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, t.observed_at AS observed_at, t.received_at AS received_at,
            t.month_bytes AS month_bytes, t.today_bytes AS today_bytes, t.remaining_bytes AS remaining_bytes, t.restriction AS restriction
        FROM (SELECT source, contract_id, line_no FROM data_share_members FINAL WHERE member AND status IN ('registered', 'removal_reserved')) AS m
        LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
    ),
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    told_pools AS
    (
        SELECT source, contract_id, count() AS members,
            argMaxIf((answers.observed_at, answers.month_bytes, answers.today_bytes, answers.remaining_bytes, answers.restriction, answers.received_at),
                (answers.observed_at, line_no), isNotNull(answers.observed_at)) AS newest,
            newest.1 AS observed_at, newest.2 AS newest_month_bytes, newest.3 AS newest_today_bytes, newest.4 AS remaining_bytes, newest.5 AS restriction, newest.6 AS received_at,
            groupArray((answers.observed_at, answers.month_bytes, answers.month_bytes + answers.remaining_bytes, answers.today_bytes, answers.remaining_bytes)) AS told
        FROM answers
        GROUP BY source, contract_id
    ),
    pools AS
    (
        SELECT p.source AS source, p.contract_id AS contract_id, p.members AS members, p.observed_at AS observed_at, p.received_at AS received_at,
            p.restriction AS restriction, p.told AS told, ifNull(c.by_line, false) AS by_line,
            arrayFilter(one -> isNotNull(one.2) AND toStartOfMonth(one.1) = toStartOfMonth(p.observed_at), p.told) AS this_month,
            arrayFilter(one -> isNotNull(one.4) AND toDate(one.1) = toDate(p.observed_at), p.told) AS today,
            multiIf(NOT by_line, p.newest_month_bytes, empty(this_month), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.2)), this_month), 18446744073709551615))) AS month_bytes,
            multiIf(NOT by_line, p.newest_today_bytes, empty(today), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.4)), today), 18446744073709551615))) AS today_bytes,
            arrayMap(one -> toInt64(least(assumeNotNull(one.5), 9223372036854775807)), arraySort(one -> one.1, arrayFilter(one -> isNotNull(one.5), this_month))) AS left,
            by_line AND arrayExists(more -> more > 67108864, arrayDifference(left)) AS own_volumes,
            if(own_volumes, toUInt64(arraySum(one -> toUInt128(one), left)), p.remaining_bytes) AS remaining_bytes,
            month_bytes + remaining_bytes AS quota_bytes
        FROM told_pools AS p
        LEFT JOIN readings AS c ON c.source = p.source AND c.contract_id = p.contract_id
    )
SELECT source, contract_id, members, month_bytes, today_bytes, remaining_bytes, quota_bytes,
    remaining_bytes / nullIf(toFloat64(remaining_bytes) + month_bytes, 0) AS remaining_ratio,
    restriction,
    arrayCount(one -> NOT by_line AND one.1 >= toDateTime64(toStartOfMonth(observed_at), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND (
        ifNull(one.2 > month_bytes, false) OR ifNull(one.3 > quota_bytes, false)
        OR one.1 = observed_at AND (ifNull(one.2 != month_bytes, false) OR ifNull(one.3 != quota_bytes, false))), told) AS disagreeing_members,
    observed_at, CAST(own_volumes AS Bool) AS own_volumes, received_at
FROM pools
SETTINGS join_use_nulls = 1
COMMENT 'One row: a contract''s share group';

-- line_status, as 0017 defines it. A member of a share group whose own answer is stale goes by its group's, and at the end are the
-- conditions that page, gauges and alerts count by.

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
WITH
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'traffic') AS own_holds,
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'data_share') AS share_holds,
    own_holds[toString(l.source)] AS own_seconds,
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
LEFT JOIN (SELECT * FROM session_latest FINAL) AS c
    ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
LEFT JOIN data_share_pools AS p
    ON p.source = l.source AND p.contract_id = l.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
LEFT JOIN (SELECT source, contract_id, line_no, name, label_columns, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';

-- near_cap_lines, as 0017 defines it, by these conditions.

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
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the rest is expected to be used up, from line_forecast; NULL: not in this month, or not known',
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
    s.* EXCEPT (line_restriction, cap_scope, course_type, has_volume, cap_month_bytes, cap_remaining_bytes, cap_remaining_ratio, cap_observed_at, cap_age_seconds,
        name, labels, near_cap_ratio, silent, unknown, restricted, near_cap),
    if(s.has_volume, s.cap_month_bytes + least(assumeNotNull(s.cap_remaining_bytes), bitNot(s.cap_month_bytes)), NULL) AS quota_bytes,
    1 - s.cap_remaining_ratio AS used_ratio,
    f.exhaustion_at AS exhaustion_at,
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
COMMENT 'One row: a line near its cap, or restricted';

-- run_out_lines: the lines of line_forecast that will have used up their volume before the month ends, and have not yet: who is
-- restricted or has nothing left already is none of them, nor who has no fresh answer.

CREATE OR REPLACE VIEW run_out_lines
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    name String COMMENT 'what the customer calls the line, by labels_file',
    plan_code LowCardinality(String) COMMENT 'planCode',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'used and left: the volume',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little; NULL: it may last'
)
AS
SELECT f.source AS source, f.contract_id AS contract_id, f.line_no AS line_no, s.name AS name, s.plan_code AS plan_code, f.remaining_bytes AS remaining_bytes,
    f.quota_bytes AS quota_bytes, f.days_of_history AS days_of_history, f.month_end_bytes AS month_end_bytes, f.month_end_bytes_low AS month_end_bytes_low,
    f.month_end_bytes_high AS month_end_bytes_high, f.exhaustion_at AS exhaustion_at, f.exhaustion_at_early AS exhaustion_at_early,
    f.exhaustion_at_late AS exhaustion_at_late
FROM (SELECT * FROM line_forecast WHERE isNotNull(exhaustion_at) AND remaining_bytes > 0) AS f
INNER JOIN (SELECT source, contract_id, line_no, name, plan_code FROM line_status WHERE state = 'active' AND cap_scope = 'line' AND NOT silent AND NOT restricted) AS s
    ON s.source = f.source AND s.contract_id = f.contract_id AND s.line_no = f.line_no
COMMENT 'One row: a line that will run out of volume before the month ends, and has not yet';
