-- restriction_episodes, as 0005 defines it, without sorting every sample there is: for a year of a thousand lines that took
-- more than 2 GB of memory. Whole days tell nothing where the line stayed as it was, and most did. Samples are read of the
-- others only:
--
-- 1. turning: the days with more than one restriction, and those with another than the day before, or none before.
-- 2. shown: the samples of these days, each with the restriction of the one before it among them, which is that of the
--    one before it in time: the days left out end as they began.

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
    remaining_bytes_at_start Nullable(UInt64) COMMENT 'remaining_bytes of that sample'
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
SELECT source, contract_id, line_no, scope, restriction,
    since AS started_at,
    until AS ended_at,
    toUInt64(dateDiff('second', since, ifNull(until, greatest(since, now64(3))))) AS duration_seconds,
    CAST(isNull(until) AS Bool) AS open,
    month_bytes AS month_bytes_at_start,
    remaining_bytes AS remaining_bytes_at_start
FROM ended
WHERE restriction != 'none'
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';
