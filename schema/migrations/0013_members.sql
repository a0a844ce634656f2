-- Whose figures decide, said once for all views: those of its share group (call 09) for a line that draws on one, which is
-- so from its registration until a reserved removal has happened; those of the line itself (call 03) for any other. That is
-- the carrier's table 規制条件表. What either call told of a line stays in its own columns.
--
-- Whether 0 is a volume that is used up: a line whose remaining volume is 0 has no volume if its plan's courseType is zero or
-- spare; where the plan's course is not known, if no active line of the same plan and contract tells a volume above 0,
-- none of them is restricted, and neither was ever so (carrier_findings, plan_volume); otherwise it is used up. Remaining above 0 is always a volume, and a share group always
-- has one.

-- plan_volumes: what a remaining volume of 0 means for the lines of a plan, by that rule. Lines without a plan count as one
-- of unknown course.

CREATE OR REPLACE VIEW plan_volumes
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    plan_code LowCardinality(String) COMMENT 'planCode of lines, in whatever state',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of the plan; NULL: not known',
    has_volume Bool COMMENT 'a line of it with 0 bytes left has used up a volume; false: it has none'
)
AS
WITH
    courses AS
    (
        SELECT source, contract_id, product_code, argMax(course_type, (observed_at, product_name)) AS course
        FROM products FINAL
        WHERE product_code != '' AND course_type != 'unknown'
        GROUP BY source, contract_id, product_code
    ),
    plans AS
    (
        SELECT l.source AS source, l.contract_id AS contract_id, l.plan_code AS plan_code,
            max(ifNull(l.state = 'active' AND (t.remaining_bytes > 0 OR t.restriction IN ('recent', 'monthly', 'monthly_and_recent')), false)) AS shown
        FROM (SELECT source, contract_id, line_no, plan_code, state FROM lines FINAL) AS l
        LEFT JOIN (SELECT source, contract_id, line_no, remaining_bytes, restriction FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
        GROUP BY source, contract_id, plan_code
    )
SELECT p.source AS source, p.contract_id AS contract_id, p.plan_code AS plan_code, c.course AS course_type,
    CAST(multiIf(c.course IN ('zero', 'spare'), false, isNotNull(c.course), true, p.shown OR (p.source, p.contract_id, p.plan_code) GLOBAL IN
        (SELECT source, contract_id, toString(operation) FROM carrier_findings FINAL WHERE reading = 'plan_volume')) AS Bool) AS has_volume
FROM plans AS p
LEFT JOIN courses AS c
    ON c.source = p.source AND c.contract_id = p.contract_id AND c.product_code = p.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: a plan of a contract''s lines, and whether it has a volume';

-- data_share_pools, as 0005 defines it, right under both readings of call 09 (carrier_findings, share_figures):
--
-- 1. group, or nothing found yet: each member is told the use of all. The figures are those of the member asked last.
-- 2. line: each is told its own use. month_bytes and today_bytes are the sums over the members' newest answers, of those of the
--    same month, or day, as the newest of all. What is left and the restriction are the group's, by that newest one, unless
--    what is left rises by more than 64 MiB from one member's answer to a later one of another: of one volume it only falls.
--    Then each has a volume of its own (own_volumes), and what is left is the sum. The members' use differs in either
--    case, as it should: disagreeing_members is 0.


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
    own_volumes          Bool COMMENT 'each member is told what is left of a volume of its own; remaining_bytes is their sum then'
)
AS
WITH
    answers AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, t.observed_at AS observed_at,
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
            argMaxIf((answers.observed_at, answers.month_bytes, answers.today_bytes, answers.remaining_bytes, answers.restriction),
                (answers.observed_at, line_no), isNotNull(answers.observed_at)) AS newest,
            newest.1 AS observed_at, newest.2 AS newest_month_bytes, newest.3 AS newest_today_bytes, newest.4 AS remaining_bytes, newest.5 AS restriction,
            groupArray((answers.observed_at, answers.month_bytes, answers.month_bytes + answers.remaining_bytes, answers.today_bytes, answers.remaining_bytes)) AS told
        FROM answers
        GROUP BY source, contract_id
    ),
    pools AS
    (
        SELECT p.source AS source, p.contract_id AS contract_id, p.members AS members, p.observed_at AS observed_at,
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
    observed_at, CAST(own_volumes AS Bool) AS own_volumes
FROM pools
SETTINGS join_use_nulls = 1
COMMENT 'One row: a contract''s share group';

-- line_status, with whose figures decide and what they are, at its end. restriction is theirs.

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
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at'
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
    multiIf(NOT l.pooled, t.restriction, isNull(p.observed_at), s.restriction, p.restriction) AS restriction,
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
    multiIf(NOT l.pooled, t.month_bytes, isNull(p.observed_at), s.month_bytes, p.month_bytes) AS cap_month_bytes,
    multiIf(NOT l.pooled, t.remaining_bytes, isNull(p.observed_at), s.remaining_bytes, p.remaining_bytes) AS cap_remaining_bytes,
    if(has_volume, cap_remaining_bytes / nullIf(toFloat64(cap_remaining_bytes) + cap_month_bytes, 0), NULL) AS cap_remaining_ratio,
    multiIf(NOT l.pooled, t.observed_at, isNull(p.observed_at), s.observed_at, p.observed_at) AS cap_observed_at,
    dateDiff('second', cap_observed_at, now64(3)) AS cap_age_seconds
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
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';

-- line_forecast, as 0006 defines it. A line without a volume, by the rule above, has none to use up.

CREATE OR REPLACE VIEW line_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, as the newest answer told',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up; NULL: it has none',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band: one month in ten ends below',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band: one month in ten ends above',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up; NULL: not in this month',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little: the low end of the band'
)
AS
WITH
    assumeNotNull((SELECT toStartOfMonth(toDate(max(observed_at)) - 57) FROM traffic_latest WHERE scope = 'line')) AS first_day,
    latest AS
    (
        SELECT
            t.source AS source,
            t.contract_id AS contract_id,
            t.line_no AS line_no,
            t.observed_at AS observed_at,
            assumeNotNull(t.month_bytes) AS month_bytes,
            t.remaining_bytes AS remaining_bytes,
            if(isNull(t.remaining_bytes) OR l.data_share IN ('registered', 'removal_reserved') OR NOT has_volume, inf,
                toFloat64(assumeNotNull(t.remaining_bytes))) AS left,
            l.start_date AS start_date,
            t.remaining_bytes > 0 OR ifNull(v.has_volume, true) AS has_volume
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
            ON l.source = t.source AND l.contract_id = t.contract_id AND l.line_no = t.line_no
        LEFT JOIN plan_volumes AS v
            ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
    ),
    -- The days of a line lie in one array, told[1] being first_day, with -1 where nothing is known: at most the rest of
    -- first_day's month, 57 days more, and one if the answer is ahead of its date. 92 holds them.
    history AS
    (
        SELECT source, contract_id, line_no, groupArrayInsertAt(-1., 92)(toFloat64(bytes), toUInt32(day - first_day)) AS told
        FROM traffic_daily FINAL
        WHERE scope = 'line' AND day >= first_day
        GROUP BY source, contract_id, line_no
    ),
    dated AS
    (
        SELECT
            latest.*,
            arrayResize(h.told, 92, -1.) AS told,
            toDate(observed_at) AS clock_day,
            first_day + (arrayLastIndex(x -> x >= 0, told) - 1) AS newest_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest
        LEFT JOIN history AS h
            ON h.source = latest.source AND h.contract_id = latest.contract_id AND h.line_no = latest.line_no
    ),
    opened AS
    (
        SELECT
            *,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(observed_at) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, figures_day, figures_day + 1) AS open_day,
            if(elapsed < 1, elapsed, 0) AS passed
        FROM dated
    ),
    placed AS
    (
        SELECT
            *,
            toInt32(open_day - first_day) + 1 AS open,
            if(open BETWEEN 1 AND 92, greatest(told[open], 0), 0) AS open_bytes,
            greatest(open - 56, if(isNull(start_date), arrayFirstIndex(x -> x > 0, told), toInt32(assumeNotNull(start_date) - first_day) + 1)) AS since,
            arrayEnumerate(told) AS position,
            arrayMap(x -> greatest(x, 0), told) AS bytes,
            toInt32(addMonths(first_day, 1) - first_day) AS first_month,
            toInt32(addMonths(first_day, 2) - first_day) AS second_month,
            0.98 * (month_bytes + left) AS volume
        FROM opened
    ),
    summed AS
    (
        SELECT
            *,
            arraySum(arraySlice(bytes, 1, first_month)) AS before_second,
            arraySum(arraySlice(bytes, 1, second_month)) AS before_third,
            arrayMap((s, i) -> s - multiIf(i > second_month, before_third, i > first_month, before_second, 0), arrayCumSum(bytes), position) AS month_sum
        FROM placed
    ),
    days AS
    (
        SELECT
            *,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, told, month_sum, position) AS free,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, told, month_sum, position) AS slowed
        FROM summed
    ),
    trimmed AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, bytes, free))[2] AS most,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), bytes, free) AS used,
            arraySum(free) AS known
        FROM days
    ),
    weekdays AS
    (
        SELECT
            *,
            if(known > 0, arraySum(used) / known, 0) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w, free, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_bytes
        FROM trimmed
    ),
    noises AS
    (
        SELECT
            *,
            arraySum(x -> x * x, used) - arraySum((n, b) -> if(n > 0, b * b / n, 0), weekday_days, weekday_bytes) AS within,
            (if(mean > 0, greatest(within, 0) / (mean * mean), 0) + 4 * 0.25) / (arraySum(n -> greatest(n - 1, 0), weekday_days) + 4) AS noise
        FROM weekdays
    ),
    contracts AS
    (
        SELECT
            *,
            sumForEach(arrayMap(b -> if(mean > 0, b / mean / noise, 0), weekday_bytes)) OVER contract AS contract_bytes,
            sumForEach(arrayMap(n -> if(mean > 0, n / noise, 0), weekday_days)) OVER contract AS contract_days,
            sum(if(mean > 0, arraySum((x, s) -> if(s, x, 0), bytes, slowed) / mean, 0)) OVER contract AS slowed_bytes,
            sum(if(mean > 0, arraySum(slowed), 0)) OVER contract AS slowed_days
        FROM noises
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    factors AS
    (
        SELECT
            *,
            least((slowed_bytes + 1) / (slowed_days + 1), 1) AS slow_rate,
            arrayMap((b, n) -> (b + 20) / (n + 20), contract_bytes, contract_days) AS contract_factors,
            if(mean > 0, arrayMap((b, n, c) -> (b / mean + noise / 0.09 * c) / (n + noise / 0.09), weekday_bytes, weekday_days, contract_factors), contract_factors) AS weekday_factors
        FROM contracts
    ),
    weights AS
    (
        SELECT
            *,
            arrayFlatten(arrayWithConstant(18, weekday_factors)) AS day_factors,
            arraySlice(day_factors, 1, 92) AS past_factors,
            day_factors[positiveModulo(open - 1, 7) + 1] AS open_factor,
            arrayMap((f, i) -> if(f, exp2((i - open) / 14), 0), free, position) AS long_weights,
            arrayMap((f, i) -> if(f, exp2((i - open) / 5), 0), free, position) AS short_weights,
            arrayMap((f, g) -> f AND g, arrayPopBack(free), arrayPopFront(free)) AS neighbours
        FROM factors
    ),
    averages AS
    (
        SELECT
            *,
            multiIf(
                known > 0, arraySum((w, x) -> w * x, long_weights, used) / arraySum((w, p) -> w * p, long_weights, past_factors),
                month_bytes < volume, open_bytes / greatest(passed, 0.25) / open_factor,
                0) AS long_level,
            if(known > 0, arraySum((w, x) -> w * x, short_weights, used) / arraySum((w, p) -> w * p, short_weights, past_factors), long_level) AS short_level,
            if(known > 0, pow(arraySum(long_weights), 2) / arraySum(w -> w * w, long_weights), 1) AS long_rest,
            if(known > 0, pow(arraySum(short_weights), 2) / arraySum(w -> w * w, short_weights), 1) AS short_rest
        FROM weights
    ),
    trends AS
    (
        SELECT
            *,
            arrayMap((x, p) -> x - long_level * p, used, past_factors) AS long_misses,
            (arraySum((a, b, f) -> if(f, (a - b) * (a - b) / 2, 0), arrayPopBack(long_misses), arrayPopFront(long_misses), neighbours) + 4 * 0.25 * mean * mean)
                / (arraySum(neighbours) + 4) AS day_variance,
            if(short_level = long_level, 0, greatest(1 - 2 * day_variance * (1 / short_rest - 1 / long_rest) / pow(short_level - long_level, 2), 0)) AS trend
        FROM averages
    ),
    levels AS
    (
        SELECT
            *,
            long_level + trend * (short_level - long_level) AS level,
            long_rest + trend * (short_rest - long_rest) AS rest
        FROM trends
    ),
    misses AS
    (
        SELECT
            *,
            arrayMap((x, p, f) -> if(f, x - level * p, 0), used, past_factors, free) AS misses
        FROM levels
    ),
    spreads AS
    (
        SELECT
            *,
            arraySum(e -> e * e, misses) + 4 * 0.25 * level * level AS squares,
            arraySum((a, b) -> a * b, arrayPopBack(misses), arrayPopFront(misses)) AS products
        FROM misses
    ),
    variances AS
    (
        SELECT
            *,
            if(squares > 0, least(greatest(products / squares, 0), 0.6), 0) AS correlation,
            squares / (arraySum((p, f) -> if(f, p, 0), past_factors, free) + 4) * (1 + correlation) / (1 - correlation) AS variance,
            if(known > 0, arraySum((x, f) -> f AND x = 0, bytes, free) / known, 0) AS idle
        FROM spreads
    ),
    ahead AS
    (
        SELECT
            *,
            range(toUInt32(greatest(addMonths(month, 1) - open_day, 0))) AS days_on,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, length(days_on)) AS next_factors,
            arrayCumSum((p, d) -> if(d = 0, p * (1 - passed), p), next_factors, days_on) AS typical,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p), next_factors, days_on) AS expected
        FROM variances
    ),
    bands AS
    (
        SELECT
            *,
            arrayMap((m, g) -> if(m > 0, sqrt(variance * (g + g * g / rest) + pow(0.02 * level, 2) * g * g * g / 3) / m / 3, 0), expected, typical) AS widths
        FROM ahead
    ),
    paths AS
    (
        SELECT
            *,
            [
                expected,
                arrayMap((m, s, d) -> if(pow(idle, d + 1 - passed) < 0.1, m * pow(greatest(1 - s * s - 1.2816 * s, 0), 3), 0), expected, widths, days_on),
                arrayMap((m, s) -> m * greatest(pow(greatest(1 - s * s + 1.2816 * s, 0), 3), 1), expected, widths)
            ] AS paths,
            toFloat64(toUnixTimestamp(toDateTime(open_day, 'Asia/Tokyo'))) AS open_at
        FROM bands
    ),
    ends AS
    (
        SELECT
            *,
            if(passed > 0, toFloat64(observed_at), open_at) AS begin,
            arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths) AS crossed,
            arrayMap((p, i) -> multiIf(
                left = 0, toFloat64(observed_at),
                i = 0, -1,
                i = 1, begin + (open_at + 86400 - begin) * left / p[1],
                open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1]))), paths, crossed) AS instants,
            arrayMap((p, rate) -> p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS more
        FROM paths
    )
SELECT
    source,
    contract_id,
    line_no,
    month,
    month_bytes,
    remaining_bytes,
    if(isNull(remaining_bytes) OR NOT has_volume, NULL, month_bytes + least(assumeNotNull(remaining_bytes), bitNot(month_bytes))) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    month_bytes + least(toUInt64(round(least(more[1], 1e19))), bitNot(month_bytes)) AS month_end_bytes,
    month_bytes + least(toUInt64(round(least(more[2], 1e19))), bitNot(month_bytes)) AS month_end_bytes_low,
    month_bytes + least(toUInt64(round(least(more[3], 1e19))), bitNot(month_bytes)) AS month_end_bytes_high,
    if(instants[1] < 0, NULL, toDateTime(instants[1], 'Asia/Tokyo')) AS exhaustion_at,
    if(instants[3] < 0, NULL, toDateTime(instants[3], 'Asia/Tokyo')) AS exhaustion_at_early,
    if(instants[2] < 0, NULL, toDateTime(instants[2], 'Asia/Tokyo')) AS exhaustion_at_late
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a line''s month will end, and when its volume will be used up';

-- near_cap_lines: the active lines of line_status with less than a fifth of the volume left that decides, or restricted by the
-- month or by recent days. A member of a share group is there with its group; a line without a volume is there only while
-- it is restricted.

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
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at'
)
AS
SELECT
    s.* EXCEPT (line_restriction, cap_scope, course_type, has_volume, cap_month_bytes, cap_remaining_bytes, cap_remaining_ratio, cap_observed_at, cap_age_seconds),
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
    s.cap_age_seconds AS cap_age_seconds
FROM
(
    SELECT * FROM line_status
    WHERE state = 'active' AND (cap_remaining_ratio < 0.2 OR restriction IN ('recent', 'monthly', 'monthly_and_recent'))
) AS s
LEFT JOIN (SELECT source, contract_id, line_no, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
COMMENT 'One row: a line near its cap, or restricted';

-- restriction_episodes, as 0010 defines it, with which of them decide: a member of a share group is restricted as call 09 tells.

CREATE OR REPLACE VIEW restriction_episodes
(
    source                   LowCardinality(String) COMMENT 'configured account',
    contract_id              LowCardinality(String) COMMENT 'N123456789',
    line_no                  String COMMENT 'line number; personal data',
    scope                    Enum8('line' = 1, 'data_share' = 2) COMMENT 'who is restricted: the line, or its share group',
    restriction              Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4) COMMENT 'recent, monthly or monthly_and_recent',
    started_at               DateTime64(3, 'Asia/Tokyo') COMMENT 'as the carrier tells, else the first sample that showed it',
    ended_at                 Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the next state began; NULL: not yet',
    duration_seconds         UInt64 COMMENT 'from started_at to ended_at, or until now',
    open                     Bool COMMENT 'no sample has shown its end',
    month_bytes_at_start     Nullable(UInt64) COMMENT 'month_bytes of the first sample that showed it',
    remaining_bytes_at_start Nullable(UInt64) COMMENT 'remaining_bytes of that sample',
    decides                  Bool COMMENT 'it is the scope that decides for the line now: data_share for those that draw on their group, else line'
)
AS
WITH
    days AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, min(restriction) AS lowest, max(restriction) AS highest
        FROM traffic_samples
        WHERE restriction != 'unknown'
        GROUP BY source, contract_id, line_no, scope, day
    ),
    turning AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT *, lagInFrame(lowest) OVER line AS lowest_before, lagInFrame(highest) OVER line AS highest_before
            FROM days
            WINDOW line AS (PARTITION BY source, contract_id, line_no, scope ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE lowest != highest OR lowest != lowest_before OR highest != highest_before
    ),
    shown AS
    (
        SELECT s.*, lagInFrame(restriction) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS restriction_before
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, observed_at, month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown'
        ) AS s
        INNER JOIN turning AS t
            ON t.source = s.source AND t.contract_id = s.contract_id AND t.line_no = s.line_no AND t.scope = s.scope AND t.day = s.day
    ),
    runs AS
    (
        SELECT source, contract_id, line_no, scope, restriction, observed_at, month_bytes, remaining_bytes,
            multiIf(
                restriction = 'monthly', monthly_limit_start,
                restriction = 'recent', daily_limit_start,
                restriction = 'none' OR isNull(monthly_limit_start) OR isNull(daily_limit_start), NULL,
                greatest(monthly_limit_start, daily_limit_start)) AS told,
            lagInFrame(observed_at) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
        FROM shown
        WHERE restriction != restriction_before
    ),
    dated AS
    (
        SELECT source, contract_id, line_no, scope, restriction, observed_at, month_bytes, remaining_bytes,
            if(told > before AND told >= observed_at - INTERVAL 31 DAY AND told <= observed_at,
                toDateTime64(assumeNotNull(told), 3, 'Asia/Tokyo'), observed_at) AS since
        FROM runs
    ),
    ended AS
    (
        SELECT source, contract_id, line_no, scope, restriction, month_bytes, remaining_bytes, since,
            leadInFrame(toNullable(since)) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS until
        FROM dated
    )
SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.restriction AS restriction,
    e.since AS started_at,
    e.until AS ended_at,
    toUInt64(dateDiff('second', e.since, ifNull(e.until, greatest(e.since, now64(3))))) AS duration_seconds,
    CAST(isNull(e.until) AS Bool) AS open,
    e.month_bytes AS month_bytes_at_start,
    e.remaining_bytes AS remaining_bytes_at_start,
    CAST((e.scope = 'data_share') = (l.data_share IN ('registered', 'removal_reserved')) AS Bool) AS decides
FROM (SELECT * FROM ended WHERE restriction != 'none') AS e
LEFT JOIN (SELECT source, contract_id, line_no, data_share FROM lines FINAL) AS l
    ON l.source = e.source AND l.contract_id = e.contract_id AND l.line_no = e.line_no
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';
