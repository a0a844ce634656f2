-- line_forecast and pool_forecast say what they said (0024_forecast.sql has the method, step by step, and this file none of its own),
-- and cost the engine a tenth less. To plan such a question costs more than to answer it: by the columns that each step takes along, by
-- how often an expression with a lambda is named in the step that has it, because each is worked out anew, and by how often first_day
-- is named, because each has its question in it. So:
--
--   - each step takes along what later ones need. What none of them changes is one column, told: line_no, observed_at,
--     month_bytes, remaining_bytes, has_volume, own_volumes;
--   - what is named twice is a step of its own;
--   - first_day is named where the history is read, and is a column after that.

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
            NOT (ifNull(t.remaining_bytes = 0, false) AND has(without_volume, (l.source, l.contract_id, l.plan_code))) AS has_volume,
            if(isNull(t.remaining_bytes) OR l.data_share IN ('registered', 'removal_reserved') OR NOT has_volume, inf,
                toFloat64(assumeNotNull(t.remaining_bytes))) AS left,
            l.start_date AS start_date,
            false AS own_volumes
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
            ON l.source = t.source AND l.contract_id = t.contract_id AND l.line_no = t.line_no
    ),
    -- The days of a line lie in one array, days[1] being first_day, with -1 where nothing is known: at most the rest of
    -- first_day's month, 57 days more, and one if the answer is ahead of its date. 92 holds them.
    history AS
    (
        SELECT source, contract_id, line_no, groupArrayInsertAt(-1., 92)(toFloat64(bytes), toUInt32(day - first_day)) AS days
        FROM traffic_daily FINAL
        WHERE scope = 'line' AND day >= first_day
        GROUP BY source, contract_id, line_no
    ),
    dated AS
    (
        SELECT
            l.source AS source,
            l.contract_id AS contract_id,
            (l.line_no, l.observed_at, l.month_bytes, l.remaining_bytes, l.has_volume, l.own_volumes) AS told,
            l.left AS left,
            l.start_date AS start_date,
            materialize(first_day) AS first,
            arrayResize(h.days, 92, -1.) AS days,
            first + (arrayLastIndex(x -> x >= 0, days) - 1) AS newest_day,
            toDate(l.observed_at) AS clock_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest AS l
        LEFT JOIN history AS h
            ON h.source = l.source AND h.contract_id = l.contract_id AND h.line_no = l.line_no
    ),
    opened AS
    (
        SELECT
            source, contract_id, told, left, start_date, first, days,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(told.2) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, elapsed, 0) AS passed,
            toInt32(figures_day - first) + 1 + (elapsed >= 1) AS open
        FROM dated
    ),
    placed AS
    (
        SELECT
            source, contract_id, told, left, days, month, passed, open,
            toUInt32(greatest(addMonths(month, 1) - first + 1 - open, 0)) AS days_left,
            if(open BETWEEN 1 AND 92, greatest(days[open], 0), 0) AS open_bytes,
            greatest(open - 56, ifNull(toInt32(start_date - first) + 1, arrayFirstIndex(x -> x > 0, days))) AS since,
            0.98 * (told.3 + left) AS volume,
            range(1, 93) AS position,
            toDayOfMonth(toLastDayOfMonth(first)) AS first_month,
            toDayOfMonth(toLastDayOfMonth(addMonths(first, 1))) AS second_month,
            arrayFlatten(arrayMap((i, n) -> arrayCumSum(x -> greatest(x, 0), arraySlice(days, i, n)),
                [1, first_month + 1, first_month + second_month + 1], [first_month, second_month, 92])) AS month_sum
        FROM opened
    ),
    separated AS
    (
        SELECT
            source, contract_id, told, left, days, month, passed, open, days_left, open_bytes,
            told.3 < volume AS unslowed,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, days, month_sum, position) AS free,
            arrayFilter((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, days, month_sum, position) AS slowed
        FROM placed
    ),
    limited AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, days, free))[2] AS most
        FROM separated
    ),
    trimmed AS
    (
        SELECT
            * EXCEPT (days, most),
            arraySum(free) AS known,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), days, free) AS used
        FROM limited
    ),
    weekdays AS
    (
        SELECT
            *,
            arraySum(used) / greatest(known, 1) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w AND mean > 0, free, range(1, 93)), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, range(1, 93)) / greatest(mean, 0.001), [1, 2, 3, 4, 5, 6, 0]) AS weekday_means
        FROM trimmed
    ),
    contracts AS
    (
        SELECT
            source, contract_id, told, left, month, passed, open, days_left, open_bytes, unslowed, free, known, used, mean,
            sumForEach(weekday_means) OVER contract AS contract_means,
            sumForEach(weekday_days) OVER contract AS contract_days,
            (sumIf(arraySum(slowed) / mean, mean > 0) OVER contract + 1) / (sumIf(length(slowed), mean > 0) OVER contract + 1) AS slow_rate,
            arrayMap((b, n, c, m) -> (b + (c + 20) / (m + 20)) / (n + 1), weekday_means, weekday_days, contract_means, contract_days) AS factors
        FROM weekdays
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    rooted AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, unslowed, known, mean, slow_rate,
            arrayFlatten(arrayWithConstant(18, factors)) AS day_factors,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, greatest(days_left, 1)) AS next_factors,
            arrayResize(day_factors, 92) AS past_factors,
            arrayMap(
                days -> arrayMap((x, p, n) -> if(p > 0, x / sqrt(p * n), 0),
                    arrayCumSum((x, p, i) -> sqrt(x * p) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((x, p, i) -> if(x > 0, p, 0) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((f, p, i) -> if(f, p, 0) * exp2(i / days), free, past_factors, range(1, 93))),
                [2, 14]) AS roots,
            arrayCumSum(used) AS used_sums,
            arrayCumSum(past_factors) AS factor_sums,
            arrayCumSum(free) AS free_sums
        FROM contracts
    ),
    tried AS
    (
        SELECT
            * EXCEPT (day_factors, past_factors, free_sums),
            greatest(least(days_left, 14), 1) AS trial,
            arrayMap(
                r -> 0.4 + arraySum((l, a, b, x, y, p, q) -> if(a >= 14 AND b - a = trial, abs(y - x - l * l * (q - p)) / greatest(y - x + l * l * (q - p), 1), 0),
                    r, free_sums, arrayShiftLeft(free_sums, trial), used_sums, arrayShiftLeft(used_sums, trial), factor_sums, arrayShiftLeft(factor_sums, trial)),
                roots) AS misses,
            arrayMap((a, b) -> a >= 14 AND b - a = 7, free_sums, arrayShiftLeft(free_sums, 7)) AS weeks
        FROM rooted
    ),
    chosen AS
    (
        SELECT
            * EXCEPT (roots, trial, misses),
            1 / (1 + pow(misses[1] / misses[2], 4)) AS fast_share,
            arrayMap((a, b) -> pow(fast_share * a + (1 - fast_share) * b, 2), roots[1], roots[2]) AS levels
        FROM tried
    ),
    missed AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors,
            multiIf(known > 0, levels[92], unslowed, open_bytes / greatest(pow(passed, 1.9), 0.1) / next_factors[1], 0) AS level,
            arraySum(weeks) / sqrt(7) AS week_count,
            arraySum((w, l, x, y, p, q) -> if(w, pow(log((y - x + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1)), 2), 0),
                weeks, levels, used_sums, arrayShiftLeft(used_sums, 7), factor_sums, arrayShiftLeft(factor_sums, 7)) / sqrt(7) AS squares
        FROM chosen
    ),
    spreads AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, level,
            (sum(squares) OVER contract + 0.8) / (sum(week_count) OVER contract + 20) AS contract_square,
            sqrt((squares + 2 * contract_square) / (week_count + 2) * sqrt(greatest(days_left / 7, 1)) + 0.3 / pow(1 + known, 2)) AS spread
        FROM missed
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    ahead AS
    (
        SELECT
            source, contract_id, told, left, month, known, least(slow_rate, 1) AS slow_rate,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p),
                arrayResize(next_factors, days_left), range(days_left)) AS expected,
            arrayMap(m -> arrayMap(x -> x * m, expected), [1, exp(-1.2 * spread), exp(1.35 * spread)]) AS paths,
            toFloat64(toUnixTimestamp(toDateTime(addMonths(month, 1) - days_left, 'Asia/Tokyo'))) AS open_at,
            if(passed > 0, toFloat64(told.2), open_at) AS begin
        FROM spreads
    ),
    ends AS
    (
        SELECT
            source, contract_id, told, month, known,
            arrayMap((p, rate) -> told.3 + least(toUInt64(round(least(p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), 1e19))), bitNot(told.3)),
                paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS bytes,
            arrayMap((p, i) -> multiIf(
                left = 0, toDateTime(told.2, 'Asia/Tokyo'),
                i = 0, NULL,
                i = 1, toDateTime(begin + (open_at + 86400 - begin) * left / p[1], 'Asia/Tokyo'),
                toDateTime(open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1])), 'Asia/Tokyo')),
                paths, arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths)) AS instants
        FROM ahead
    )
SELECT
    source,
    contract_id,
    told.1 AS line_no,
    month,
    told.3 AS month_bytes,
    told.4 AS remaining_bytes,
    if(told.5 AND isNotNull(told.4), told.3 + least(assumeNotNull(told.4), bitNot(told.3)), NULL) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    bytes[1] AS month_end_bytes,
    bytes[2] AS month_end_bytes_low,
    bytes[3] AS month_end_bytes_high,
    instants[1] AS exhaustion_at,
    instants[3] AS exhaustion_at_early,
    instants[2] AS exhaustion_at_late
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a line''s month will end, and when its volume will be used up';

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
        SELECT source, contract_id, '' AS line_no, groupArrayInsertAt(-1., 92)(bytes, toUInt32(day - first_day)) AS days
        FROM told_days
        GROUP BY source, contract_id
    ),
    -- include 0027_forecast_planning.sql, dated to ends
SELECT
    source,
    contract_id,
    month,
    told.3 AS month_bytes,
    told.4 AS remaining_bytes,
    if(told.5 AND isNotNull(told.4), told.3 + least(assumeNotNull(told.4), bitNot(told.3)), NULL) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    bytes[1] AS month_end_bytes,
    bytes[2] AS month_end_bytes_low,
    bytes[3] AS month_end_bytes_high,
    instants[1] AS exhaustion_at,
    instants[3] AS exhaustion_at_early,
    instants[2] AS exhaustion_at_late,
    told.2 AS observed_at,
    told.6 AS own_volumes
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a share group''s month will end, and when its volume will be used up';
