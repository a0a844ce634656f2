-- line_forecast: how a line's month will end, and when its volume will be used up. One row a line of the inventory
-- (state active) whose newest answer tells a volume that remains, or traffic this month. It asks no machine for the
-- time: "now" is the observed_at of the line's newest answer, so the same rows always give the same forecast. Only
-- the days since the start of the month 57 days before the newest answer of all are read. Step by step:
--
-- 1. Where the line stands (dated, opened). Its figures are of the newest day that traffic_daily has for it, if that
--    is 3 days before to 1 after the answer's date: after midnight the carrier's figures turn late, and until they do
--    the day before is simply over. open_day is the first day not over, passed the part of it gone by (0 to 1, evenly
--    in time), open_bytes its use so far.
-- 2. Which days teach (placed to trimmed). At most the 56 before open_day, since the line's start_date, or where that
--    is not known its first day with traffic. Days with which the month's sum came to 98 % of the volume (month_bytes +
--    remaining_bytes of now) or more are left out: the carrier slows such a line, and that says nothing about what it
--    wants. One freak day is not the future: none counts more than twice the second largest, unless that is 0.
--    days_of_history is the number of these days.
-- 3. The weekday's factor (weekdays to factors): what a weekday uses, 1 being the line's mean day. The line's own mean
--    is drawn towards the contract's factor as if noise / 0.3² more days of that weekday had shown it. noise is the
--    variance of a day within its weekday over the square of the mean, as if 4 more days had shown 0.5². So a steady
--    line keeps its own rhythm, and a new or a wild one takes the contract's: the mean of its lines, each day weighing
--    1 / noise, drawn towards 1 by a weight of 20.
-- 4. The level (weights to levels): bytes of a day of factor 1. Sum of weight × bytes / sum of weight × factor; the
--    weight of a day halves in 14 days. The same with 5 days is the recent level. The trend goes so far towards it as
--    it stands out from noise: 1 - 2 × variance / difference², at least 0, and then lasts. That variance is told by
--    differences of neighbouring days, which a lasting change does not inflate, as if 4 more had shown half the mean.
--    A line with no day of history has today's rate, over a quarter of a day at least.
-- 5. Each day until the month ends (ahead): level × factor. For the rest of open_day, with E its level × factor:
--    (1 - passed) × (what it still lacks of E, at least 0, + passed × E). Early in a day that is E - open_bytes, late in
--    it an even rate.
-- 6. The band (misses to paths): the 10 % and 90 % points of a gamma distribution (by Wilson and Hilferty) with the mean
--    of step 5 and the variance v × (g + g² / n) + (2 % × level)² × g³ / 3. g is the sum of the factors ahead. v is the
--    mean square of the line's misses for a factor of 1, as if 4 more days had missed by half the level, times
--    (1 + r) / (1 - r) for their correlation r from day to day, 0 to 0.6. n is how many days the level rests on, (sum of
--    weights)² / sum of weights². The last term lets the level drift by 2 % a day. The low point is 0 as long as one
--    stretch in ten of that length has no traffic at all, by the line's share of days without.
-- 7. What goes beyond the volume is slowed (ends): only slow_rate of it is let through, which is what the contract's
--    lines used on slowed days over their means, as if one more day had shown 1. The low end takes half of it, the high
--    end twice, and none more than 1.
-- 8. exhaustion_at is when the sum of step 5 reaches remaining_bytes, evenly within a day; _early is that of the high
--    path, _late of the low. NULL: not before the month ends. A line with nothing left has the time of that answer. A
--    member of a share group has none, because its group's volume counts, nor has a line without a volume.

CREATE OR REPLACE VIEW line_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, as the newest answer told',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up',
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
            if(isNull(t.remaining_bytes) OR l.data_share IN ('registered', 'removal_reserved'), inf, toFloat64(assumeNotNull(t.remaining_bytes))) AS left,
            l.start_date AS start_date
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
            ON l.source = t.source AND l.contract_id = t.contract_id AND l.line_no = t.line_no
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
    if(isNull(remaining_bytes), NULL, month_bytes + least(assumeNotNull(remaining_bytes), bitNot(month_bytes))) AS quota_bytes,
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

-- near_cap_lines: the active lines of line_status with less than a fifth of their volume left, or restricted by the
-- month or by recent days; of the members of a share group, which have no volume of their own, those restricted. They have
-- their columns there, and the volume (month_bytes + remaining_bytes), the part of it that is used (1 - remaining_ratio),
-- and when the rest is expected to be used up (line_forecast).

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
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up',
    used_ratio Nullable(Float64) COMMENT 'part of quota_bytes that is used, 0 to 1',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the rest is expected to be used up, from line_forecast; NULL: not in this month'
)
AS
SELECT
    s.*,
    if(isNull(s.remaining_bytes), NULL, s.month_bytes + least(assumeNotNull(s.remaining_bytes), bitNot(s.month_bytes))) AS quota_bytes,
    1 - s.remaining_ratio AS used_ratio,
    f.exhaustion_at AS exhaustion_at
FROM
(
    SELECT * FROM line_status
    WHERE state = 'active' AND (remaining_ratio < 0.2 AND data_share NOT IN ('registered', 'removal_reserved') OR restriction IN ('recent', 'monthly', 'monthly_and_recent'))
) AS s
LEFT JOIN (SELECT source, contract_id, line_no, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
COMMENT 'One row: a line near its cap, or restricted';
