-- line_forecast, and with it pool_forecast: how a month will end, by a method that was chosen and measured on real series
-- (BenchmarkRealSeries), and that is half as long. It goes on as 0006_forecast.sql has it in steps 1 (where the line stands), 7 (what is
-- beyond the volume is slowed) and 8 (when it is used up). What is between is new:
--
-- 2. Which days teach (placed to trimmed). At most the 56 before open_day, since the line's start_date, or where that is not known its
--    first day with traffic, but for those with which the month's sum came to 98 % of the volume or more: the carrier slows such a
--    line, and that says nothing about what it wants. One freak day is not the future: none counts more than twice the second largest,
--    unless that is 0. days_of_history is the number of these days; they alone count below.
-- 3. The weekday's factor (weekdays to factors): what a weekday uses, 1 being the line's mean day: the line's own mean of that
--    weekday, and the contract's factor as if one more day had shown it. The contract's is the mean over its lines, and 1 as if 20 more
--    days had.
-- 4. The level (rooted to chosen): bytes of a day of factor 1. With weights w that halve in some days, it is
--    (sum of w × √(bytes × factor))² / (sum of w × factor × sum of w × factor on days with traffic): the mean of roots, so that a
--    burst that has ended does not last, times the part of days with traffic. Two such roots are taken, one halving in 2 days and one in 14.
--    How they are mixed is what the line's past says: after each day that had 14 before it, either would have foretold the days that
--    followed, as many as are ahead now, 14 at most. Its misses are |came - foretold| / (came + foretold), added up, and 0.4.
--    The share of the fast one is 1 / (1 + (its misses / those of the slow one) ^ 4).
--    A line with no day of history has today's rate: use so far over passed ^ 1.9 of a day, which is 19 % at ten in the morning.
-- 5. Each day until the month ends (ahead): level × factor. For the rest of open_day, with E its level × factor:
--    (1 - passed) × (what it still lacks of E, at least 0, + passed × E).
-- 6. The band (weeks to paths): from exp(-1.2 s) to exp(1.35 s) of what is ahead. s² is the mean square of the logarithm of
--    (came + e) / (foretold + e) over the line's weeks that step 4 would have foretold, e being 2 % of a usual week. A week counts as
--    1 / √7, because they overlap; the mean of the contract counts as 2 more, and in it 0.04 as 20 more. That times √(days ahead / 7), from
--    a week on, and 0.3 / (1 + days of history)² added. What has not happened to a line or its like within 56 days it cannot know.

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
    (SELECT groupArray((source, contract_id, plan_code)) FROM plan_volumes WHERE NOT has_volume) AS without_volume,
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
            NOT (ifNull(t.remaining_bytes = 0, false) AND has(without_volume, (l.source, l.contract_id, l.plan_code))) AS has_volume
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
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
    contracts AS
    (
        SELECT
            *,
            sumForEach(arrayMap(b -> if(mean > 0, b / mean, 0), weekday_bytes)) OVER contract AS contract_bytes,
            sumForEach(arrayMap(n -> if(mean > 0, n, 0), weekday_days)) OVER contract AS contract_days,
            sum(if(mean > 0, arraySum((x, s) -> if(s, x, 0), bytes, slowed) / mean, 0)) OVER contract AS slowed_bytes,
            sum(if(mean > 0, arraySum(slowed), 0)) OVER contract AS slowed_days
        FROM weekdays
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    factors AS
    (
        SELECT
            *,
            least((slowed_bytes + 1) / (slowed_days + 1), 1) AS slow_rate,
            arrayMap((b, n) -> (b + 20) / (n + 20), contract_bytes, contract_days) AS contract_factors,
            if(mean > 0, arrayMap((b, n, c) -> (b / mean + c) / (n + 1), weekday_bytes, weekday_days, contract_factors), contract_factors) AS weekday_factors,
            arrayFlatten(arrayWithConstant(18, weekday_factors)) AS day_factors,
            arraySlice(day_factors, 1, 92) AS past_factors
        FROM contracts
    ),
    rooted AS
    (
        SELECT
            *,
            arrayMap((x, p) -> sqrt(x * p), used, past_factors) AS roots,
            arrayMap((f, p) -> if(f, p, 0), free, past_factors) AS free_factors,
            arrayMap((x, p) -> if(x > 0, p, 0), used, past_factors) AS used_factors,
            arrayMap((x, p, n) -> if(p > 0, x / sqrt(p * n), 0), arrayCumSum((x, i) -> x * exp2(i / 2), roots, position),
                arrayCumSum((x, i) -> x * exp2(i / 2), used_factors, position), arrayCumSum((x, i) -> x * exp2(i / 2), free_factors, position)) AS fast,
            arrayMap((x, p, n) -> if(p > 0, x / sqrt(p * n), 0), arrayCumSum((x, i) -> x * exp2(i / 14), roots, position),
                arrayCumSum((x, i) -> x * exp2(i / 14), used_factors, position), arrayCumSum((x, i) -> x * exp2(i / 14), free_factors, position)) AS slow,
            arrayCumSum(used) AS used_sums,
            arrayCumSum(past_factors) AS factor_sums,
            arrayCumSum(free) AS free_sums,
            toUInt32(greatest(addMonths(month, 1) - open_day, 0)) AS days_left,
            greatest(least(days_left, 14), 1) AS trial
        FROM factors
    ),
    tried AS
    (
        SELECT
            *,
            arrayMap((b, a) -> a >= 14 AND b - a = trial, arraySlice(free_sums, trial + 1), arraySlice(free_sums, 1, 92 - trial)) AS tried,
            arrayMap((b, a) -> b - a, arraySlice(used_sums, trial + 1), arraySlice(used_sums, 1, 92 - trial)) AS came,
            arrayMap((b, a) -> b - a, arraySlice(factor_sums, trial + 1), arraySlice(factor_sums, 1, 92 - trial)) AS typical_then,
            arrayMap((l, p) -> l * l * p, arraySlice(fast, 1, 92 - trial), typical_then) AS fast_said,
            arrayMap((l, p) -> l * l * p, arraySlice(slow, 1, 92 - trial), typical_then) AS slow_said
        FROM rooted
    ),
    chosen AS
    (
        SELECT
            *,
            arraySum((t, x, y) -> if(t, abs(x - y) / greatest(x + y, 1), 0), tried, came, fast_said) AS fast_misses,
            arraySum((t, x, y) -> if(t, abs(x - y) / greatest(x + y, 1), 0), tried, came, slow_said) AS slow_misses,
            1 / (1 + pow((fast_misses + 0.4) / (slow_misses + 0.4), 4)) AS fast_share,
            arrayMap((a, b) -> pow(fast_share * a + (1 - fast_share) * b, 2), fast, slow) AS levels,
            day_factors[positiveModulo(open - 1, 7) + 1] AS open_factor,
            multiIf(
                known > 0, levels[92],
                month_bytes < volume, open_bytes / greatest(pow(passed, 1.9), 0.1) / open_factor,
                0) AS level
        FROM tried
    ),
    weeks AS
    (
        SELECT
            *,
            arrayMap((b, a) -> a >= 14 AND b - a = 7, arraySlice(free_sums, 8), arraySlice(free_sums, 1, 85)) AS weeks,
            arraySum(
                (w, b, a, q, p, l) -> if(w, pow(log((b - a + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1)), 2), 0),
                weeks, arraySlice(used_sums, 8), arraySlice(used_sums, 1, 85), arraySlice(factor_sums, 8), arraySlice(factor_sums, 1, 85), arraySlice(levels, 1, 85)) / sqrt(7) AS squares,
            arraySum(weeks) / sqrt(7) AS week_count
        FROM chosen
    ),
    spreads AS
    (
        SELECT
            *,
            (sum(squares) OVER contract + 0.8) / (sum(week_count) OVER contract + 20) AS contract_square,
            sqrt((squares + 2 * contract_square) / (week_count + 2) * sqrt(greatest(days_left / 7, 1)) + 0.3 / pow(1 + known, 2)) AS spread
        FROM weeks
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    ahead AS
    (
        SELECT
            *,
            range(days_left) AS days_on,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, days_left) AS next_factors,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p), next_factors, days_on) AS expected
        FROM spreads
    ),
    paths AS
    (
        SELECT
            *,
            [
                expected,
                arrayMap(m -> m * exp(-1.2 * spread), expected),
                arrayMap(m -> m * exp(1.35 * spread), expected)
            ] AS paths,
            toFloat64(toUnixTimestamp(toDateTime(open_day, 'Asia/Tokyo'))) AS open_at
        FROM ahead
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

-- pool_forecast is as 0020_pool_forecast.sql has it, with these steps.

CREATE OR REPLACE VIEW pool_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, by all members',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up; NULL: what is left was not told',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band: one month in ten ends below',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band: one month in ten ends above',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up; NULL: not in this month',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the members use much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if they use little: the low end of the band',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when the carrier told the figures',
    own_volumes Bool COMMENT 'each member has a volume of its own (data_share_pools); this is of their sum, and says nothing of one of them'
)
AS
WITH
    assumeNotNull((SELECT toStartOfMonth(toDate(max(observed_at)) - 57) FROM traffic_latest WHERE scope = 'data_share')) AS first_day,
    latest AS
    (
        SELECT
            source,
            contract_id,
            '' AS line_no,
            assumeNotNull(p.observed_at) AS observed_at,
            assumeNotNull(p.month_bytes) AS month_bytes,
            p.remaining_bytes AS remaining_bytes,
            if(isNull(p.remaining_bytes), inf, toFloat64(assumeNotNull(p.remaining_bytes))) AS left,
            CAST(NULL AS Nullable(Date)) AS start_date,
            true AS has_volume,
            p.own_volumes AS own_volumes
        FROM data_share_pools AS p
        WHERE isNotNull(p.observed_at) AND isNotNull(p.month_bytes) AND (p.month_bytes > 0 OR isNotNull(p.remaining_bytes))
    ),
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    told_days AS
    (
        SELECT d.source AS source, d.contract_id AS contract_id, d.day AS day,
            if(any(ifNull(r.by_line, false)), sum(toFloat64(d.bytes)), toFloat64(argMax(d.bytes, (d.observed_at, d.line_no)))) AS bytes
        FROM
        (
            SELECT source, contract_id, line_no, day, bytes, observed_at
            FROM traffic_daily FINAL
            WHERE scope = 'data_share' AND day >= first_day
        ) AS d
        LEFT JOIN readings AS r ON r.source = d.source AND r.contract_id = d.contract_id
        LEFT JOIN
        (
            SELECT source, contract_id, line_no, true AS draws
            FROM data_share_members FINAL
            WHERE member AND status IN ('registered', 'removal_reserved')
        ) AS m
            ON m.source = d.source AND m.contract_id = d.contract_id AND m.line_no = d.line_no
        WHERE ifNull(m.draws, false) OR NOT ifNull(r.by_line, false)
        GROUP BY source, contract_id, day
    ),
    history AS
    (
        SELECT source, contract_id, '' AS line_no, groupArrayInsertAt(-1., 92)(bytes, toUInt32(day - first_day)) AS told
        FROM told_days
        GROUP BY source, contract_id
    ),
    -- include 0024_forecast.sql, dated to ends
SELECT
    source,
    contract_id,
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
    if(instants[2] < 0, NULL, toDateTime(instants[2], 'Asia/Tokyo')) AS exhaustion_at_late,
    observed_at,
    own_volumes
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a share group''s month will end, and when its volume will be used up';
