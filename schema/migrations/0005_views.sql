-- Four views that work out what the tables tell only by implication. Each is defined here so that a person can check it
-- by hand, meets no row twice, and hands a condition on source, contract_id and line_no down to the primary key.

-- traffic_hourly: what was used in each hour, from the samples of one line and scope.
--
-- 1. Samples that tell a month_bytes count, each for the calendar month of its observed_at (Asia/Tokyo). On the 1st before
--    03:00 only those with month_bytes = today_bytes do: the others still tell the month before, because figures may
--    turn late after midnight, and a month is the sum of its days.
-- 2. A month begins with 0 bytes at its first second, where the line has a sample in the month before. Else it begins
--    with its first sample, and what that already tells is in no hour: nobody saw when it was used. What was used
--    after a month's last sample is in no hour either.
-- 3. Used bytes cannot be given back, so where the counter falls within a month the carrier has corrected it, and
--    its later word counts: a sample that tells more than a later one of its month is taken to tell as little.
-- 4. Between two samples the counter grows evenly. Its height at each full hour is rounded down to whole bytes, and what
--    an hour used is the height at its end less the height at its beginning.
--
-- So nothing is negative, and a month's hours add up to its last month_bytes, exactly, or to that less the first where
-- the line was not watched before. covered_seconds is how much of an hour lies between the month's beginning, or first
-- sample, and its last; an hour without any is no row. A sample that is stored twice has no length and does no harm.
--
-- Every step stays within a month, and month is a column: a condition on it reads that month and the one before it only.
-- One on hour alone reads the whole history of the lines.
CREATE OR REPLACE VIEW traffic_hourly
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    scope           Enum8('line' = 1, 'data_share' = 2) COMMENT 'the line''s own, or its share group''s traffic, which every member tells',
    hour            DateTime('Asia/Tokyo') COMMENT 'its first second',
    bytes           UInt64 COMMENT 'what month_bytes grew by in it',
    covered_seconds UInt32 COMMENT 'how much of it lies between samples, 0 to 3600',
    month           Date COMMENT 'first day of the month; name it in a condition where many lines are read'
)
AS
WITH
    told AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month,
            toUInt64(toUnixTimestamp64Milli(observed_at)) AS at, assumeNotNull(month_bytes) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR month_bytes = today_bytes)
        UNION ALL
        SELECT source, contract_id, line_no, scope, toLastDayOfMonth(observed_at) + 1 AS month,
            toUInt64(toUnixTimestamp(toDateTime(month, 'Asia/Tokyo'))) * 1000 AS at, toUInt64(0) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL
        GROUP BY source, contract_id, line_no, scope, month
    ),
    months AS
    (
        SELECT source, contract_id, line_no, scope, month,
            arraySort(groupArray((told.at, told.counter))) AS samples,
            tupleElement(samples, 1) AS times, tupleElement(samples, 2) AS counters,
            if(arrayMin(arrayDifference(counters)) >= 0, counters,
                arrayReduceInRanges('min', arrayZip(arrayEnumerate(counters), arrayWithConstant(length(counters), length(counters))), counters)) AS corrected
        FROM told
        GROUP BY source, contract_id, line_no, scope, month
    ),
    heights AS
    (
        SELECT source, contract_id, line_no, scope, month, times, intDiv(times[1], 3600000) AS first_hour,
            arrayFlatten(arrayMap((at, bytes, at_before, bytes_before) ->
                arrayMap(h -> bytes_before + toUInt64(intDiv(toUInt128(toUInt64(bytes - bytes_before)) * (h * 3600000 - at_before), at - at_before)),
                    range(intDiv(at_before, 3600000) + 1, intDiv(at, 3600000) + 1)),
                arrayPopFront(times), arrayPopFront(corrected), arrayPopBack(times), arrayPopBack(corrected))) AS at_full_hours,
            arrayPopFront(arrayDifference(arrayConcat([corrected[1]], at_full_hours, [corrected[-1]]))) AS used
        FROM months
    )
SELECT source, contract_id, line_no, scope,
    toDateTime((first_hour + n - 1) * 3600, 'Asia/Tokyo') AS hour,
    toUInt64(grown) AS bytes,
    toUInt32(intDiv(least(times[-1], (first_hour + n) * 3600000) - greatest(times[1], (first_hour + n - 1) * 3600000), 1000)) AS covered_seconds,
    month
FROM heights
ARRAY JOIN used AS grown, arrayEnumerate(used) AS n
WHERE covered_seconds > 0 OR bytes > 0
COMMENT 'One row: what a line used in an hour, from its samples';

-- restriction_episodes: each time in which a line, or its group, was restricted in one way.
--
-- 1. Samples whose restriction is 'unknown' are passed over: they begin nothing and end nothing.
-- 2. Neighbouring samples of a line and scope with the same restriction are one run. A run other than 'none' is an
--    episode; from 'recent' to 'monthly' is two.
-- 3. A run begins when the carrier says it did: monthly_limit_start for 'monthly', daily_limit_start for 'recent', the
--    later of the two for 'monthly_and_recent'. That is believed if it lies after the first sample of the run before, at
--    most 31 days before the run's own first sample, and not after it. Else the run begins with its first sample.
-- 4. It ends when the next run begins. An episode without a next run is open, also where the line has not been sampled
--    for long: it lasts until now, by the clock of ClickHouse.
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
    shown AS
    (
        SELECT source, contract_id, line_no, scope, restriction, observed_at, month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start,
            lagInFrame(restriction) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS restriction_before
        FROM traffic_samples FINAL
        WHERE restriction != 'unknown'
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
COMMENT 'One row: a time in which a line or its group was restricted in one way';

-- session_durations: each start in the session log with its stop, for each line and session_type by itself.
--
-- 1. The rows, identical ones too (ordinal), are put in the order of event_time. Within one second starts and stops take
--    turns: a stop first where a session is open when the second begins (it reconnected), a start first where none is (it
--    was shorter than a second). Those left over come last.
-- 2. A start followed by a stop is 'complete'. A start followed by a start is 'lost_stop': that it ended is not in the
--    log. A stop that does not follow a start is 'lost_start'. A start with nothing after it is 'open', until now by the
--    clock of ClickHouse. Rows whose event is 'unknown' are passed over.
--
-- The log is complete up to log_watermarks.watermark (log = 'session_events') of the contract and no further: a row after
-- it may still change. It begins 30 days before kaisen first asked, so the first row of a line can be a lost_start.
CREATE OR REPLACE VIEW session_durations
(
    source           LowCardinality(String) COMMENT 'configured account',
    contract_id      LowCardinality(String) COMMENT 'N123456789',
    line_no          String COMMENT 'line number; personal data',
    session_type     Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType of both rows',
    started_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'event_time of the start; NULL for lost_start',
    stopped_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'event_time of the stop; NULL for open and lost_stop',
    duration_seconds Nullable(UInt64) COMMENT 'from start to stop, or until now where it is open; NULL where either is lost',
    outcome          Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'what became of it in the log'
)
AS
WITH
    seconds AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts, countIf(event = 'stop') AS stops
        FROM session_events FINAL
        WHERE event != 'unknown'
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    entered AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops,
            argMaxIf(starts > stops, event_time, starts != stops) OVER (PARTITION BY source, contract_id, line_no, session_type
                ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was_open
        FROM seconds
    ),
    events AS
    (
        SELECT source, contract_id, line_no, session_type, event_time,
            arrayJoin(arrayConcat(
                arrayMap(n -> (2 * n + was_open, 'start'), range(starts)),
                arrayMap(n -> (2 * n + NOT was_open, 'stop'), range(stops)))) AS placed,
            placed.1 AS place, placed.2 AS event
        FROM entered
    ),
    neighbours AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, event,
            lagInFrame(event) OVER (in_order ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS event_before,
            leadInFrame(event) OVER (in_order ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS event_after,
            leadInFrame(event_time) OVER (in_order ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS time_after
        FROM events
        WINDOW in_order AS (PARTITION BY source, contract_id, line_no, session_type ORDER BY event_time, place)
    )
SELECT source, contract_id, line_no, session_type,
    if(event = 'start', event_time, NULL) AS started_at,
    multiIf(event = 'stop', event_time, event_after = 'stop', time_after, NULL) AS stopped_at,
    toUInt64(dateDiff('second', started_at, if(event_after = '', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(event = 'stop', 'lost_start', event_after = 'stop', 'complete', event_after = 'start', 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome
FROM neighbours
WHERE event = 'start' OR event_before != 'start'
COMMENT 'One row: a session of a line, as far as its start and stop are in the log';

-- data_share_pools: each contract's share group.
--
-- 1. Members are the lines that draw from it now: data_share_members with member, and status registered or
--    removal_reserved.
-- 2. Every member tells the whole group's figures. Those of the member that was asked last are taken, of several in the
--    same moment the one with the largest line_no. All are NULL while none has told any.
-- 3. Within a month a group's used bytes only grow, and so does its quota (month_bytes + remaining_bytes: volume that
--    somebody adds lasts until the month ends). A member disagrees if it was asked earlier in the same month and was told
--    more of either, or in the same moment and was told anything else. What is NULL disagrees with nothing, and the first
--    three hours of a month are left out, because figures may turn late.
CREATE OR REPLACE VIEW data_share_pools
(
    source               LowCardinality(String) COMMENT 'configured account',
    contract_id          LowCardinality(String) COMMENT 'N123456789',
    members              UInt64 COMMENT 'lines that draw from it',
    month_bytes          Nullable(UInt64) COMMENT 'used this month, by all',
    today_bytes          Nullable(UInt64) COMMENT 'used today, by all',
    remaining_bytes      Nullable(UInt64) COMMENT 'left of this month''s volume',
    quota_bytes          Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes',
    remaining_ratio      Nullable(Float64) COMMENT 'remaining_bytes / quota_bytes, 0 to 1',
    restriction          Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'of the group',
    disagreeing_members  UInt64 COMMENT 'members that were told something which time does not explain',
    observed_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the carrier told the figures'
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
    pools AS
    (
        SELECT source, contract_id, count() AS members,
            argMaxIf((answers.observed_at, answers.month_bytes, answers.today_bytes, answers.remaining_bytes, answers.restriction),
                (answers.observed_at, line_no), isNotNull(answers.observed_at)) AS newest,
            newest.1 AS observed_at, newest.2 AS month_bytes, newest.3 AS today_bytes, newest.4 AS remaining_bytes, newest.5 AS restriction,
            month_bytes + remaining_bytes AS quota_bytes,
            groupArray((answers.observed_at, answers.month_bytes, answers.month_bytes + answers.remaining_bytes)) AS told
        FROM answers
        GROUP BY source, contract_id
    )
SELECT source, contract_id, members, month_bytes, today_bytes, remaining_bytes, quota_bytes,
    remaining_bytes / nullIf(toFloat64(remaining_bytes) + month_bytes, 0) AS remaining_ratio,
    restriction,
    arrayCount(one -> one.1 >= toDateTime64(toStartOfMonth(observed_at), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND (
        ifNull(one.2 > month_bytes, false) OR ifNull(one.3 > quota_bytes, false)
        OR one.1 = observed_at AND (ifNull(one.2 != month_bytes, false) OR ifNull(one.3 != quota_bytes, false))), told) AS disagreeing_members,
    observed_at
FROM pools
SETTINGS join_use_nulls = 1
COMMENT 'One row: a contract''s share group';
