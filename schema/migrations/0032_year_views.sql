-- A year's views for less. Each says what it said.

-- forecast_results looked up each of 3.6 million forecasts by account, contract, line and month among what the months used: that, and to merge them, was nearly all
-- that it took. Now they are looked up by one number, which ClickHouse makes of such keys for itself each time (of 128 bits: no two are the same), and
-- a month that is over is merged into one part within a day, which is read as it lies. A row that comes late is merged when it is read, and with the
-- others a day later.

ALTER TABLE line_forecasts ADD COLUMN IF NOT EXISTS line_month FixedString(16) MATERIALIZED sipHash128(source, contract_id, line_no, month) COMMENT 'stands for source, contract_id, line_no and month: forecast_results looks up by it';

ALTER TABLE line_forecasts MATERIALIZE COLUMN line_month;

ALTER TABLE line_forecasts MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE OR REPLACE VIEW forecast_results
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    day             Date COMMENT 'the day on which it was said',
    month           Date COMMENT 'first day of the month that it is about',
    days_left       UInt16 COMMENT 'days from that day to the month''s last, which is 0',
    days_of_history UInt16 COMMENT 'how many past days that was from',
    month_end_bytes UInt64 COMMENT 'what was expected of the month',
    bytes           UInt64 COMMENT 'what it used',
    error_ratio     Nullable(Float64) COMMENT 'how much more was expected, as a part of bytes; below 0: less; NULL: bytes is 0',
    within_band     Bool COMMENT 'bytes lies within the 80 % band',
    said_to_run_out Bool COMMENT 'the volume was expected to be used up in the month',
    ran_out         Nullable(Bool) COMMENT 'it was; NULL: it had no volume of its own'
)
AS
WITH
    -- No month from this one on can be complete: what is said of it, which is not merged yet, is not even read.
    (SELECT toStartOfMonth(max(at) - INTERVAL 3 HOUR) FROM (SELECT max(observed_at) AS at FROM traffic_monthly UNION ALL SELECT max(observed_at) AS at FROM traffic_latest)) AS first_open,
    -- The months of a line lie in arrays: which, what was told of each, and when. An answer has the figures of its month and of the two before.
    told AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, bytes, observed_at))) AS runs,
            tupleElement(runs, 1) AS of_months, tupleElement(runs, 2) AS used, tupleElement(runs, 3) AS told_at
        FROM traffic_monthly FINAL
        WHERE scope = 'line'
        GROUP BY source, contract_id, line_no
    ),
    shares AS
    (
        SELECT source, contract_id, line_no, groupArray(counted) AS counted_months, groupArray(shared) AS shared
        FROM
        (
            SELECT source, contract_id, line_no, month AS counted, toUInt8(shared) AS shared
            FROM line_month_counts
            WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, counted, max(scope = 'data_share') AS shared
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS counted
                FROM traffic_samples
                WHERE counted < toStartOfMonth(now('Asia/Tokyo')) AND counted GLOBAL NOT IN (SELECT month FROM closed_months)
                GROUP BY source, contract_id, line_no, scope, counted
                SETTINGS final = 0
            )
            GROUP BY source, contract_id, line_no, counted
        )
        GROUP BY source, contract_id, line_no
    ),
    months AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.of_months AS of_months, m.used AS used,
            arrayMap((of_month, at, next, next_at, second, second_at) ->
                greatest(at,
                    if(next > of_month AND next <= addMonths(of_month, 2), next_at, at),
                    if(second > of_month AND second <= addMonths(of_month, 2), second_at, at),
                    if(toStartOfMonth(t.observed_at) BETWEEN of_month AND addMonths(of_month, 2), t.observed_at, at))
                    >= toDateTime64(addMonths(of_month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR,
                m.of_months, m.told_at, arrayShiftLeft(m.of_months, 1), arrayShiftLeft(m.told_at, 1), arrayShiftLeft(m.of_months, 2), arrayShiftLeft(m.told_at, 2)) AS complete,
            arrayMap(of_month -> if(has(c.counted_months, of_month), c.shared[indexOf(c.counted_months, of_month)], l.pooled), m.of_months) AS of_group
        FROM told AS m
        LEFT JOIN (SELECT source, contract_id, line_no, observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
        LEFT JOIN shares AS c
            ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no
        LEFT JOIN (SELECT source, contract_id, line_no, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
    ),
    ended AS
    (
        SELECT sipHash128(source, contract_id, line_no, month) AS line_month, bytes, pooled
        FROM months
        ARRAY JOIN of_months AS month, used AS bytes, complete AS is_complete, of_group AS pooled
        WHERE is_complete
    )
SELECT f.source AS source, f.contract_id AS contract_id, f.line_no AS line_no, f.day AS day, f.month AS month,
    toUInt16(greatest(addMonths(f.month, 1) - 1 - f.day, 0)) AS days_left,
    f.days_of_history AS days_of_history, f.month_end_bytes AS month_end_bytes, m.bytes AS bytes,
    (toFloat64(f.month_end_bytes) - m.bytes) / nullIf(toFloat64(m.bytes), 0) AS error_ratio,
    CAST(m.bytes BETWEEN f.month_end_bytes_low AND f.month_end_bytes_high AS Bool) AS within_band,
    CAST(isNotNull(f.exhaustion_at) AS Bool) AS said_to_run_out,
    CAST(if(m.pooled OR isNull(f.quota_bytes), NULL, m.bytes >= f.quota_bytes) AS Nullable(Bool)) AS ran_out
FROM
(
    SELECT line_month, source, contract_id, line_no, day, month, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at
    FROM line_forecasts FINAL
    WHERE toStartOfMonth(observed_at) < first_open
        OR toStartOfMonth(observed_at) GLOBAL IN (SELECT toStartOfMonth(observed_at) FROM line_forecasts WHERE toStartOfMonth(observed_at) >= first_open AND month < first_open)
) AS f
INNER JOIN ended AS m ON m.line_month = f.line_month
SETTINGS join_use_nulls = 0, do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a forecast of a day, and what became of it';

-- plan_fit asked line_status for what it is of each line, put together what the days of the month that goes on say before it put together the lines, and
-- looked both up by line and month. A line is one row here from the beginning, with its months in arrays, and of what the conditions of line_status are made of it
-- needs whether the line draws on its group, what is left, and whether its plan has a volume. What is kept of days (0026) adds up to the month at once.

CREATE OR REPLACE VIEW plan_fit
(
    source         LowCardinality(String) COMMENT 'configured account',
    contract_id    LowCardinality(String) COMMENT 'N123456789',
    line_no        String COMMENT 'line number; personal data',
    plan_code      LowCardinality(String) COMMENT 'planCode',
    plan_name      String COMMENT 'productName of the plan; empty: not known',
    verdict        Enum8('unknown' = 0, 'unused' = 1, 'pooled' = 2, 'no_volume' = 3, 'too_small' = 4, 'too_large' = 5, 'fits' = 6) COMMENT 'unused: below 10 MB in each of three whole months; too_small: the whole volume in two of them; too_large: below 30 % of it in all; unknown: not three whole months, or no volume told',
    months         Array(Date) COMMENT 'the whole months that it is judged by, newest first, three at most',
    months_bytes   Array(UInt64) COMMENT 'what it used in each',
    largest_bytes  UInt64 COMMENT 'the largest of them; 0: there is none',
    average_bytes  UInt64 COMMENT 'their mean; 0: there is none',
    quota_bytes    Nullable(UInt64) COMMENT 'the line''s volume, as it was last seen; NULL: not known, none, or the group''s',
    used_ratio     Nullable(Float64) COMMENT 'largest_bytes / quota_bytes'
)
AS
WITH
    toStartOfMonth(now('Asia/Tokyo')) AS this_month,
    told AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, bytes, observed_at))) AS runs,
            tupleElement(runs, 1) AS of_months, tupleElement(runs, 2) AS used, tupleElement(runs, 3) AS told_at
        FROM traffic_monthly FINAL
        WHERE scope = 'line' AND month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4)
        GROUP BY source, contract_id, line_no
    ),
    volumes AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, shared, quota, used_up))) AS counted
        FROM
        (
            SELECT source, contract_id, line_no, month, toUInt8(shared) AS shared, quota, used_up
            FROM line_month_counts
            WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4) AND (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, month, max(scope = 'data_share') AS shared, max(with_some).2 AS quota, ifNull(min(without), 0) AS used_up
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month,
                    maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
                        scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                        AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS with_some,
                    minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                        AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS without
                FROM traffic_samples
                WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4) AND month GLOBAL NOT IN (SELECT month FROM closed_months)
                GROUP BY source, contract_id, line_no, scope, month
                SETTINGS final = 0
            )
            GROUP BY source, contract_id, line_no, month
        )
        GROUP BY source, contract_id, line_no
    ),
    judged AS
    (
        SELECT l.source AS source, l.contract_id AS contract_id, l.line_no AS line_no, l.plan_code AS plan_code, l.pooled AS pooled,
            NOT pooled AND ifNull(t.remaining_bytes = 0, false) AND NOT ifNull(v.has_volume, true) AS no_volume,
            arraySlice(arrayReverse(arrayFilter((one, next, next_at, second, second_at) ->
                greatest(one.3,
                    if(next > one.1 AND next <= addMonths(one.1, 2), next_at, one.3),
                    if(second > one.1 AND second <= addMonths(one.1, 2), second_at, one.3),
                    if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN one.1 AND addMonths(one.1, 2), assumeNotNull(t.observed_at), one.3))
                    >= toDateTime64(addMonths(one.1, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND one.1 < this_month AND ifNull(l.start_date, one.1) <= one.1,
                m.runs, arrayShiftLeft(m.of_months, 1), arrayShiftLeft(m.told_at, 1), arrayShiftLeft(m.of_months, 2), arrayShiftLeft(m.told_at, 2))), 1, 3) AS whole,
            arrayLast(bytes -> bytes > 0, arrayMap(one -> multiIf(one.2 OR NOT has(m.of_months, one.1), 0, one.3 > 0, one.3, ifNull(v.has_volume, true), one.4, 0), c.counted)) AS volume
        FROM (SELECT source, contract_id, line_no, plan_code, start_date, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL WHERE state = 'active') AS l
        LEFT JOIN told AS m
            ON m.source = l.source AND m.contract_id = l.contract_id AND m.line_no = l.line_no
        LEFT JOIN volumes AS c
            ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
        LEFT JOIN (SELECT source, contract_id, line_no, observed_at, remaining_bytes FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
        LEFT JOIN plan_volumes AS v
            ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
    )
SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.plan_code AS plan_code, ifNull(p.name, '') AS plan_name,
    CAST(multiIf(
        length(s.whole) < 3, 'unknown',
        largest_bytes < 10000000, 'unused',
        s.pooled, 'pooled',
        s.no_volume, 'no_volume',
        isNull(quota_bytes), 'unknown',
        arrayCount(bytes -> bytes >= assumeNotNull(quota_bytes), months_bytes) >= 2, 'too_small',
        largest_bytes < 0.3 * quota_bytes, 'too_large',
        'fits') AS Enum8('unknown' = 0, 'unused' = 1, 'pooled' = 2, 'no_volume' = 3, 'too_small' = 4, 'too_large' = 5, 'fits' = 6)) AS verdict,
    tupleElement(s.whole, 1) AS months,
    tupleElement(s.whole, 2) AS months_bytes,
    arrayMax(months_bytes) AS largest_bytes,
    if(empty(months_bytes), 0, toUInt64(arrayAvg(months_bytes))) AS average_bytes,
    if(s.pooled OR s.volume = 0, NULL, s.volume) AS quota_bytes,
    largest_bytes / quota_bytes AS used_ratio
FROM judged AS s
LEFT JOIN
(
    SELECT source, contract_id, product_code, argMax(product_name, (observed_at, product_name)) AS name
    FROM products FINAL
    GROUP BY source, contract_id, product_code
) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id AND p.product_code = s.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: an active line, and whether its plan fits what it uses';

-- restriction_episodes read the days of every line four times. Of days without a restriction only those count that a restricted line has: one that was restricted
-- in a closed month, or is in one that goes on. Days on which two restrictions can have taken turns (0026) are looked for by line and day alone, and what a line
-- is now is put beside it before its episodes are told apart.

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
    restricted_days AS
    (
        SELECT cityHash64(line_no, toDate(observed_at)) AS line_day
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line_day
        SETTINGS final = 0
    ),
    mixed_days AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last
            FROM traffic_samples
            WHERE restriction != 'unknown' AND cityHash64(line_no, toDate(observed_at)) GLOBAL IN (SELECT line_day FROM restricted_days)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
        HAVING count() > 1 AND arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(arraySort(groupArray((first, last))), 1)), arrayPopBack(tupleElement(arraySort(groupArray((first, last))), 2)))
    ),
    restricted_lines AS
    (
        SELECT cityHash64(line_no) AS line
        FROM restriction_turns
        WHERE restriction != 'none'
        GROUP BY line
        UNION ALL
        SELECT cityHash64(line_no) AS line
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line
        SETTINGS final = 0
    ),
    -- include 0031_views.sql, shown to shown
    ,
    freed AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS at
        FROM traffic_samples
        WHERE restriction = 'none' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months) AND cityHash64(line_no) GLOBAL IN (SELECT line FROM restricted_lines)
        GROUP BY source, contract_id, line_no, scope, day, restriction
        SETTINGS final = 0
    ),
    -- A row as numbers, of which lists cost little: when and which restriction (key), what was told with it, and which of that was not (nothing).
    told AS
    (
        SELECT source, contract_id, line_no, scope, toUInt64(toUnixTimestamp64Milli(at)) * 8 + toUInt64(restriction) AS key, ifNull(month_bytes, 0) AS used, ifNull(remaining_bytes, 0) AS remaining,
            ifNull(toUInt32(since), 0) AS told_since, toUInt8(isNull(month_bytes) + 2 * isNull(remaining_bytes)) AS nothing
        FROM
        (
            SELECT source, contract_id, line_no, scope, observed_at AS at, restriction, month_bytes, remaining_bytes, told AS since
            FROM restriction_turns
            WHERE (toStartOfMonth(observed_at), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, scope, at, restriction, NULL AS month_bytes, NULL AS remaining_bytes, NULL AS since
            FROM freed
            UNION ALL
            SELECT source, contract_id, line_no, scope, at, restriction, figures.1 AS month_bytes, figures.2 AS remaining_bytes,
                multiIf(
                    restriction = 'monthly', figures.3,
                    restriction = 'recent', figures.4,
                    restriction = 'none' OR isNull(figures.3) OR isNull(figures.4), NULL,
                    greatest(figures.3, figures.4)) AS since
            FROM
            (
                SELECT source, contract_id, line_no, scope, at, restriction, figures
                FROM shown
                UNION ALL
                SELECT source, contract_id, line_no, scope, observed_at AS at, restriction, tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start) AS figures
                FROM traffic_samples FINAL
                WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
            )
        )
    ),
    runs AS
    (
        SELECT source, contract_id, line_no, scope, groupArray(key) AS told_keys, arraySort(told_keys) AS keys,
            arrayMap((key, before) -> bitAnd(key, 7) != bitAnd(before, 7), keys, arrayPushFront(arrayPopBack(keys), 0)) AS turned,
            arrayFilter((key, is) -> is, keys, turned) AS turns,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(used), told_keys), turned) AS used,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(remaining), told_keys), turned) AS remaining,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(told_since), told_keys), turned) AS told_since,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(nothing), told_keys), turned) AS nothing
        FROM told
        GROUP BY source, contract_id, line_no, scope
        HAVING max(bitAnd(key, 7)) > 1
    ),
    dated AS
    (
        SELECT source, contract_id, line_no, scope, turns, used, remaining, nothing,
            arrayMap((turn, since, before) -> if(toUInt64(since) * 1000 > intDiv(before, 8) AND toUInt64(since) * 1000 <= intDiv(turn, 8) AND toUInt64(since + 31 * 86400) * 1000 >= intDiv(turn, 8), toUInt64(since) * 1000, intDiv(turn, 8)),
                turns, told_since, arrayPushFront(arrayPopBack(turns), 0)) AS begins
        FROM runs
    )
SELECT source, contract_id, line_no, scope,
    CAST(bitAnd(turn, 7) AS Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) AS restriction,
    fromUnixTimestamp64Milli(toInt64(begin), 'Asia/Tokyo') AS started_at,
    if(end = 0, NULL, fromUnixTimestamp64Milli(toInt64(end), 'Asia/Tokyo')) AS ended_at,
    toUInt64(dateDiff('second', started_at, ifNull(ended_at, greatest(started_at, now64(3))))) AS duration_seconds,
    CAST(end = 0 AS Bool) AS open,
    if(bitTest(nothing_told, 0), NULL, bytes) AS month_bytes_at_start,
    if(bitTest(nothing_told, 1), NULL, bytes_left) AS remaining_bytes_at_start,
    decides
FROM
(
    SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.turns AS turns, e.begins AS begins, e.used AS used, e.remaining AS remaining, e.nothing AS nothing,
        CAST((e.scope = 'data_share') = (l.data_share IN ('registered', 'removal_reserved')) AS Bool) AS decides
    FROM dated AS e
    LEFT JOIN (SELECT source, contract_id, line_no, data_share FROM lines FINAL) AS l
        ON l.source = e.source AND l.contract_id = e.contract_id AND l.line_no = e.line_no
)
ARRAY JOIN turns AS turn, begins AS begin, arrayPushBack(arrayPopFront(begins), 0) AS end, used AS bytes, remaining AS bytes_left, nothing AS nothing_told
WHERE bitAnd(turn, 7) > 1
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';
