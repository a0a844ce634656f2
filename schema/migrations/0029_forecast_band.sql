-- The band of line_forecast and pool_forecast: as wide as before on the series of BenchmarkRealSeries, and in either half of them eight months
-- of ten end in it (schema/README.md has what was measured). The rest is as 0024_forecast.sql and 0028_untold_days.sql say; this replaces step 6:
--
-- 6. The band: from exp(-1.5 s) to exp(1.5 s) of what is ahead. m is the mean of |logarithm of (came + e) / (foretold + e)| over the
--    line's weeks that step 4 would have foretold, e being 2 % of a usual week. A week counts as 1 / √7, because they overlap; the mean
--    of the contract counts as 2 more, and in it 0.2 as 20 more. a is the logarithm of how far the two levels of step 4 are
--    apart now, 2 % of a usual day added to both: who is changing is hard to foretell. s² is (m² + 0.3 a²) × √(days ahead / 7), from a
--    week on, and 0.2 / (1 + days of history)² added. What has not happened to a line or its like within 56 days it cannot know.
--
-- Before it was the mean of squares, in which one week of all is most of the sum.

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
    -- include 0028_untold_days.sql, placed to separated
    ,
    -- include 0027_forecast_planning.sql, limited to weekdays
    ,
    -- include 0028_untold_days.sql, contracts to rooted
    ,
    -- include 0027_forecast_planning.sql, tried to tried
    ,
    chosen AS
    (
        SELECT
            * EXCEPT (roots, trial, misses),
            1 / (1 + pow(misses[1] / misses[2], 4)) AS fast_share,
            arrayMap((a, b) -> pow(fast_share * a + (1 - fast_share) * b, 2), roots[1], roots[2]) AS levels,
            log((pow(roots[1][92], 2) + 0.02 * mean + 1) / (pow(roots[2][92], 2) + 0.02 * mean + 1)) AS apart
        FROM tried
    ),
    missed AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, apart,
            if(known + untold_days > 0,
                (levels[92] * known + if(untold_days > 0, untold_bytes, 0)) / (known + untold_days),
                open_bytes / greatest(pow(passed, 1.9), 0.1) / next_factors[1]) AS level,
            arraySum(weeks) / sqrt(7) AS week_count,
            arraySum((w, l, x, y, p, q) -> if(w, abs(log((y - x + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1))), 0),
                weeks, levels, used_sums, arrayShiftLeft(used_sums, 7), factor_sums, arrayShiftLeft(factor_sums, 7)) / sqrt(7) AS week_misses
        FROM chosen
    ),
    spreads AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, level,
            (sum(week_misses) OVER contract + 4) / (sum(week_count) OVER contract + 20) AS contract_miss,
            (week_misses + 2 * contract_miss) / (week_count + 2) AS miss,
            sqrt((miss * miss + 0.3 * apart * apart) * sqrt(greatest(days_left / 7, 1)) + 0.2 / pow(1 + known, 2)) AS spread
        FROM missed
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    ahead AS
    (
        SELECT
            source, contract_id, told, left, month, known, least(slow_rate, 1) AS slow_rate,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p),
                arrayResize(next_factors, days_left), range(days_left)) AS expected,
            arrayMap(m -> arrayMap(x -> x * m, expected), [1, exp(-1.5 * spread), exp(1.5 * spread)]) AS paths,
            toFloat64(toUnixTimestamp(toDateTime(addMonths(month, 1) - days_left, 'Asia/Tokyo'))) AS open_at,
            if(passed > 0, toFloat64(told.2), open_at) AS begin
        FROM spreads
    ),
    -- include 0027_forecast_planning.sql, ends to ends
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
    -- include 0028_untold_days.sql, readings to history
    ,
    -- include 0027_forecast_planning.sql, dated to opened
    ,
    -- include 0028_untold_days.sql, placed to separated
    ,
    -- include 0027_forecast_planning.sql, limited to weekdays
    ,
    -- include 0028_untold_days.sql, contracts to rooted
    ,
    -- include 0027_forecast_planning.sql, tried to tried
    ,
    -- include 0029_forecast_band.sql, chosen to ahead
    ,
    -- include 0027_forecast_planning.sql, ends to ends
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
