-- line_forecast, as 0013 defines it, with the plans that have no volume read once, before the rest: joined to its lines, they
-- made the planning of its many steps half as long again.

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
