-- A line whose month has days that nobody told of, since kaisen was installed in it, or was away for weeks, or asks just after midnight
-- when today's figure may still be yesterday's: what the month has used beyond the days that were told was used on these. (Such a line
-- was said to last the month with a byte left.) So step 4 of 0024_forecast.sql, the level, goes on:
--
--    Days of the month before open_day that nobody told of, since the line's start_date, count by what they used together: month_bytes
--    less the bytes of those that were told, today's too. The level is (level × days of history + these bytes) / (days of history +
--    the sum of their factors). They do not count if they used nothing and start_date is not known: the line may be younger.
--    Today's rate is left for the first of a month. Both count too where the volume is used up or nearly: it wants no less.
--
-- Everything else is as 0027_forecast_planning.sql has it.

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
    -- include 0027_forecast_planning.sql, latest to opened
    ,
    placed AS
    (
        SELECT
            source, contract_id, told, left, start_date, days, month, passed, open,
            toUInt32(greatest(addMonths(month, 1) - first + 1 - open, 0)) AS days_left,
            if(open BETWEEN 1 AND 92, greatest(days[open], 0), 0) AS open_bytes,
            greatest(open - 56, ifNull(toInt32(start_date - first) + 1, arrayFirstIndex(x -> x > 0, days))) AS since,
            0.98 * (told.3 + left) AS volume,
            range(1, 93) AS position,
            greatest(toInt32(month - first), toInt32(ifNull(start_date, month) - first)) + 1 AS month_begin,
            toDayOfMonth(toLastDayOfMonth(first)) AS first_month,
            toDayOfMonth(toLastDayOfMonth(addMonths(first, 1))) AS second_month,
            arrayFlatten(arrayMap((i, n) -> arrayCumSum(x -> greatest(x, 0), arraySlice(days, i, n)),
                [1, first_month + 1, first_month + second_month + 1], [first_month, second_month, 92])) AS month_sum,
            greatest(told.3 - month_sum[addMonths(month, 1) - first], 0) AS untold_bytes
        FROM opened
    ),
    separated AS
    (
        SELECT
            source, contract_id, told, left, days, month, passed, open, days_left, open_bytes, untold_bytes,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, days, month_sum, position) AS free,
            arrayFilter((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, days, month_sum, position) AS slowed,
            arrayMap((x, i) -> x < 0 AND i >= month_begin AND i < open AND (untold_bytes > 0 OR isNotNull(start_date)),
                days, position) AS untold
        FROM placed
    ),
    -- include 0027_forecast_planning.sql, limited to weekdays
    ,
    contracts AS
    (
        SELECT
            source, contract_id, told, left, month, passed, open, days_left, open_bytes, untold_bytes, untold, free, known, used, mean,
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
            source, contract_id, told, left, month, passed, days_left, open_bytes, untold_bytes, known, mean, slow_rate,
            arrayFlatten(arrayWithConstant(18, factors)) AS day_factors,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, greatest(days_left, 1)) AS next_factors,
            arrayResize(day_factors, 92) AS past_factors,
            arraySum((u, p) -> if(u, p, 0), untold, past_factors) AS untold_days,
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
    -- include 0027_forecast_planning.sql, tried to chosen
    ,
    missed AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors,
            if(known + untold_days > 0,
                (levels[92] * known + if(untold_days > 0, untold_bytes, 0)) / (known + untold_days),
                open_bytes / greatest(pow(passed, 1.9), 0.1) / next_factors[1]) AS level,
            arraySum(weeks) / sqrt(7) AS week_count,
            arraySum((w, l, x, y, p, q) -> if(w, pow(log((y - x + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1)), 2), 0),
                weeks, levels, used_sums, arrayShiftLeft(used_sums, 7), factor_sums, arrayShiftLeft(factor_sums, 7)) / sqrt(7) AS squares
        FROM chosen
    ),
    -- include 0027_forecast_planning.sql, spreads to ends
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
    -- include 0027_forecast_planning.sql, dated to opened
    ,
    -- include 0028_untold_days.sql, placed to separated
    ,
    -- include 0027_forecast_planning.sql, limited to weekdays
    ,
    -- include 0028_untold_days.sql, contracts to rooted
    ,
    -- include 0027_forecast_planning.sql, tried to chosen
    ,
    -- include 0028_untold_days.sql, missed to missed
    ,
    -- include 0027_forecast_planning.sql, spreads to ends
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
