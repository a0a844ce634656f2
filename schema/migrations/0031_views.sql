-- restriction_episodes says what it said, for less. No row of it shows the figures of a sample without a restriction, and yet 0030 read them for every
-- day of every line of the open months, where nearly all days are such: of those it needs only when the first sample was, which may be the end of an
-- episode. Lines that were never restricted have no row, and go before anything is sorted. What is left of a line is put in order in one array, where
-- three windows sorted the rows of all lines three times.

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
    -- include 0030_years.sql, restricted_days to mixed_days
    ,
    shown AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS at,
            argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at) AS figures
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, day, restriction
        SETTINGS final = 0
    ),
    freed AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS at
        FROM traffic_samples
        WHERE restriction = 'none' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, day, restriction
        SETTINGS final = 0
    ),
    told AS
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
    ),
    turns AS
    (
        SELECT source, contract_id, line_no, scope, arraySort(groupArray((at, restriction, month_bytes, remaining_bytes, since))) AS runs,
            arrayFilter((run, before) -> run.2 != before, runs, arrayPushFront(arrayPopBack(tupleElement(runs, 2)), 'unknown')) AS turns
        FROM told
        GROUP BY source, contract_id, line_no, scope
        HAVING max(restriction) != 'none'
    ),
    dated AS
    (
        SELECT source, contract_id, line_no, scope, turns,
            arrayMap((turn, before) -> if(turn.5 > before AND turn.5 >= turn.1 - INTERVAL 31 DAY AND turn.5 <= turn.1,
                    toDateTime64(assumeNotNull(turn.5), 3, 'Asia/Tokyo'), turn.1),
                turns, arrayPushFront(arrayPopBack(tupleElement(turns, 1)), toDateTime64(0, 3, 'Asia/Tokyo'))) AS since
        FROM turns
    ),
    ended AS
    (
        SELECT source, contract_id, line_no, scope, turn.2 AS restriction, turn.3 AS month_bytes, turn.4 AS remaining_bytes, begin AS since, end AS until
        FROM dated
        ARRAY JOIN turns AS turn, since AS begin, arrayPushBack(arrayPopFront(arrayMap(at -> toNullable(at), since)), NULL) AS end
        WHERE restriction != 'none'
    )
SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.restriction AS restriction,
    e.since AS started_at,
    e.until AS ended_at,
    toUInt64(dateDiff('second', e.since, ifNull(e.until, greatest(e.since, now64(3))))) AS duration_seconds,
    CAST(isNull(e.until) AS Bool) AS open,
    e.month_bytes AS month_bytes_at_start,
    e.remaining_bytes AS remaining_bytes_at_start,
    CAST((e.scope = 'data_share') = (l.data_share IN ('registered', 'removal_reserved')) AS Bool) AS decides
FROM ended AS e
LEFT JOIN (SELECT source, contract_id, line_no, data_share FROM lines FINAL) AS l
    ON l.source = e.source AND l.contract_id = e.contract_id AND l.line_no = e.line_no
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';

-- forecast_results, as 0026 defines it. line_forecasts lies by the month in which a forecast was said, which is that of its day: no row has another of its key in
-- another partition, and each is merged by itself. (Where time_zone is not the carrier's, two processes that say the same day's forecast before
-- and after a month begins in Tokyo would have both counted.)

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
    -- include 0025_closed_months.sql, months to months
    ,
    -- include 0026_days.sql, figures to ended
SELECT f.source AS source, f.contract_id AS contract_id, f.line_no AS line_no, f.day AS day, f.month AS month,
    toUInt16(greatest(addMonths(f.month, 1) - 1 - f.day, 0)) AS days_left,
    f.days_of_history AS days_of_history, f.month_end_bytes AS month_end_bytes, m.bytes AS bytes,
    (toFloat64(f.month_end_bytes) - m.bytes) / nullIf(toFloat64(m.bytes), 0) AS error_ratio,
    CAST(m.bytes BETWEEN f.month_end_bytes_low AND f.month_end_bytes_high AS Bool) AS within_band,
    CAST(isNotNull(f.exhaustion_at) AS Bool) AS said_to_run_out,
    CAST(if(m.pooled OR isNull(f.quota_bytes), NULL, m.bytes >= f.quota_bytes) AS Nullable(Bool)) AS ran_out
FROM
(
    SELECT source, contract_id, line_no, day, month, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at
    FROM line_forecasts FINAL
) AS f
INNER JOIN ended AS m
    ON m.source = f.source AND m.contract_id = f.contract_id AND m.line_no = f.line_no AND m.month = f.month
SETTINGS join_use_nulls = 0, do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a forecast of a day, and what became of it';

-- A block of a column of traffic_samples is compressed from 256 KB on, and was from 64 KB: a hundredth less on the disk. Parts follow as they are merged.

ALTER TABLE traffic_samples MODIFY SETTING min_compress_block_size = 262144;
