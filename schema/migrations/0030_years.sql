-- Sessions of months that are over, paired once: session_durations, as 0014 defines it, read and sorted all of the session log for any question. Whatever the rows
-- of a month say by themselves is copied when it is closed, as 0025 has it of samples, and the rest are one or two rows of a line and month (border_events):
--
-- 1. Of starts and stops in one second those come first that 0005 says, which depends on whether a session was open before. That is so where the last
--    row was a start. After a second with more starts than stops, or fewer, it is known, whatever was before: the last row of such a second is of those
--    that are more. So all rows of a line's month up to its first such second are left to be paired later, and all after it are paired among themselves.
-- 2. The last row of the month says what the next month begins with, and where it is a start, the next month says what became of it.
-- 3. A stop without a start (lost_start) is left there too, with the stop before it: so every session that is paired has a start, by which it is found.
-- 4. A row of these that has nothing to say any more, and is there for what follows it, is marked so (paired).
--
-- A fill is of one month (its milliseconds say which), so that its rows are known by it alone: the month of each of seven million would have to be worked out.
-- month_fills has of these months when they were copied (sessions_filled), and when a row of them was written after they had ended (sessions_changed). A late
-- row changes no other month, since what lies in several of them is put together when it is asked.
--
-- A row told twice is taken for one by its sorting key, so that nothing here needs FINAL.

ALTER TABLE month_fills MODIFY COLUMN event Enum8('changed' = 1, 'filled' = 2, 'sessions_changed' = 3, 'sessions_filled' = 4) COMMENT 'changed: samples of it were written after it had ended; filled: what they say was copied; sessions_…: likewise of the session log';

CREATE MATERIALIZED VIEW IF NOT EXISTS session_month_fills_mv TO month_fills AS
SELECT toStartOfMonth(event_time) AS month, 'sessions_changed' AS event, toDateTime64(0, 3, 'Asia/Tokyo') AS filled_at, max(toDateTime64(nowInBlock('Asia/Tokyo'), 3, 'Asia/Tokyo')) AS at
FROM session_events
WHERE event_time < toStartOfMonth(now('Asia/Tokyo'))
GROUP BY month;

CREATE OR REPLACE VIEW closed_session_months
(
    month     Date COMMENT 'first day of the month',
    filled_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill of its rows; no other month has the same'
)
AS
SELECT month, argMaxIf(filled_at, at, event = 'sessions_filled') AS filled_at
FROM month_fills
GROUP BY month
HAVING maxIf(at, event = 'sessions_filled') > maxIf(at, event = 'sessions_changed') + INTERVAL 10 MINUTE
COMMENT 'One row: a month whose sessions are copied';

CREATE TABLE IF NOT EXISTS paired_sessions
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    started_at   DateTime('Asia/Tokyo') COMMENT 'event_time of the start' CODEC(DoubleDelta, ZSTD(1)),
    seconds      UInt32 COMMENT 'from start to stop; 0 where that is lost' CODEC(T64, ZSTD(1)),
    outcome      Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'complete or lost_stop',
    filled_at    DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (source, contract_id, line_no, session_type, started_at)
COMMENT 'One row: a session of a closed month, as its rows of the session log say; read session_durations';

CREATE TABLE IF NOT EXISTS border_events
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime' CODEC(DoubleDelta, ZSTD(1)),
    event        Enum8('unknown' = 0, 'start' = 1, 'stop' = 2) COMMENT 'eventType, never unknown',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0',
    paired       Bool COMMENT 'its session is in paired_sessions: here for the rows after it',
    filled_at    DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (source, contract_id, line_no, session_type, event_time, event, ordinal)
COMMENT 'One row: a row of the session log of a closed month that may belong to one of another month; read session_durations';

CREATE OR REPLACE VIEW border_events_from_log
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime',
    event        Enum8('unknown' = 0, 'start' = 1, 'stop' = 2) COMMENT 'eventType, never unknown',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0',
    paired       Bool COMMENT 'its session is in paired_sessions_from_log: here for the rows after it',
    month        Date COMMENT 'first day of the month'
)
AS
WITH
    -- include 0030_years.sql, month_logs to cut
SELECT source, contract_id, line_no, session_type,
    toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo') AS event_time,
    CAST(bitAnd(bitShiftRight(row, 17), 3) AS Enum8('unknown' = 0, 'start' = 1, 'stop' = 2)) AS event,
    toUInt16(bitAnd(bitShiftRight(row, 1), 65535)) AS ordinal,
    CAST(if(bitTest(row, 17), settles AND place = head, place > head AND NOT bitTest(before, 18)) AS Bool) AS paired,
    month
FROM cut
ARRAY JOIN events AS row, arrayPushFront(arrayPopBack(events), 0) AS before, arrayPushBack(arrayPopFront(events), 0) AS after, arrayEnumerate(events) AS place
WHERE place <= head OR after = 0 OR bitTest(row, 18) AND (bitTest(before, 18) OR bitTest(after, 18))
COMMENT 'One row: a row of the session log that may belong to one of another month, from the log: border_events, slowly';

CREATE OR REPLACE VIEW paired_sessions_from_log
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    started_at   DateTime('Asia/Tokyo') COMMENT 'event_time of the start',
    seconds      UInt32 COMMENT 'from start to stop; 0 where that is lost',
    outcome      Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'complete or lost_stop',
    month        Date COMMENT 'first day of the month'
)
AS
WITH
    -- A row of the log as a number, by which rows are sorted and told apart: its second, start (bit 17) or stop (bit 18), ordinal, and paired (bit 0).
    month_logs AS
    (
        SELECT source, contract_id, line_no, session_type, toStartOfMonth(event_time) AS month,
            arrayCompact(arraySort(groupArray(bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1)))) AS rows
        FROM session_events
        WHERE event != 'unknown'
        GROUP BY source, contract_id, line_no, session_type, month
        SETTINGS final = 0
    ),
    month_placed AS
    (
        SELECT *,
            arraySplit((row, before) -> bitShiftRight(row, 19) != bitShiftRight(before, 19), rows, arrayPushFront(arrayPopBack(rows), 0)) AS seconds,
            arrayMap(second -> arraySum(row -> if(bitTest(row, 17), 1, -1), second), seconds) AS more_starts,
            arrayFlatten(arrayMap((second, was_open) -> if(length(second) = 1, second,
                arraySort((row, nth) -> 2 * nth + ((was_open > 0) = bitTest(row, 17)), second, arrayEnumerateUniq(arrayMap(row -> bitShiftRight(row, 17), second)))),
                seconds, arrayPushFront(arrayPopBack(arrayFill(more -> more != 0, more_starts)), 0))) AS events
        FROM month_logs
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, month, events,
            arrayFirstIndex(more -> more != 0, more_starts) AS first,
            first > 0 AND first < length(seconds) AS settles,
            if(settles, length(arrayFlatten(arraySlice(seconds, 1, first))), length(events)) AS head
        FROM month_placed
    )
SELECT source, contract_id, line_no, session_type,
    toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo') AS started_at,
    toUInt32(if(bitTest(after, 18), bitShiftRight(after, 19) - bitShiftRight(row, 19), 0)) AS seconds,
    CAST(if(bitTest(after, 18), 'complete', 'lost_stop') AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    month
FROM (SELECT * FROM cut WHERE settles)
ARRAY JOIN events AS row, arrayPushBack(arrayPopFront(events), 0) AS after, arrayEnumerate(events) AS place
WHERE bitTest(row, 17) AND place >= head AND after != 0
COMMENT 'One row: a session as the rows of its month say, from the session log: paired_sessions, slowly';

CREATE OR REPLACE VIEW session_durations
(
    source           LowCardinality(String) COMMENT 'configured account',
    contract_id      LowCardinality(String) COMMENT 'N123456789',
    line_no          String COMMENT 'line number; personal data',
    session_type     Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType of both rows',
    started_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'event_time of the start; NULL for lost_start',
    stopped_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'when it had ended; NULL for open and lost_stop, and where that is not known',
    duration_seconds Nullable(UInt64) COMMENT 'from start to stop, or until now where it is open; NULL where either is lost or not known',
    outcome          Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'what became of it in the log',
    stopped_by       Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4) COMMENT 'what stopped_at is from: the row''s own time, call 26, when the row was first seen, the next start; none: it is NULL',
    stopped_after    Nullable(DateTime('Asia/Tokyo')) COMMENT 'the last time at which it had not ended; that of stopped_at where the log tells the end'
)
AS
WITH
    by_start AS
    (
        SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'session_stop_time' AND value = 'start'
    ),
    told AS
    (
        SELECT source, contract_id, line_no, session_type,
            bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1) AS row
        FROM session_events
        WHERE event != 'unknown' AND toStartOfMonth(event_time) GLOBAL NOT IN (SELECT month FROM closed_session_months)
            AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, session_type,
            bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1) + toUInt64(paired) AS row
        FROM border_events
        WHERE filled_at GLOBAL IN (SELECT filled_at FROM closed_session_months)
            AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
    ),
    month_logs AS
    (
        SELECT source, contract_id, line_no, session_type, arrayCompact(arraySort(groupArray(row))) AS rows
        FROM told
        GROUP BY source, contract_id, line_no, session_type
    ),
    -- include 0030_years.sql, month_placed to month_placed
    ,
    -- include 0014_session_durations.sql, begun to bounded
SELECT source, contract_id, line_no, session_type,
    if(bitTest(row, 17), toNullable(toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo')), NULL) AS started_at,
    multiIf(bitTest(row, 18), toNullable(toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo')), bitTest(after, 18), toNullable(toDateTime(bitShiftRight(after, 19), 'Asia/Tokyo')), NULL) AS stopped_at,
    toUInt64(dateDiff('second', started_at, if(after = 0, greatest(started_at, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(bitTest(row, 18), 'lost_start', bitTest(after, 18), 'complete', after != 0, 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(if(isNull(stopped_at), 'none', 'log') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM month_placed
ARRAY JOIN events AS row, arrayPushFront(arrayPopBack(events), 0) AS before, arrayPushBack(arrayPopFront(events), 0) AS after
WHERE NOT bitTest(row, 0) AND (bitTest(row, 17) OR NOT bitTest(before, 17))
UNION ALL
SELECT source, contract_id, line_no, session_type,
    toNullable(p.started_at) AS started_at,
    if(outcome = 'complete', toNullable(p.started_at + seconds), NULL) AS stopped_at,
    if(outcome = 'complete', toNullable(toUInt64(seconds)), NULL) AS duration_seconds,
    outcome,
    CAST(if(outcome = 'complete', 'log', 'none') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM paired_sessions AS p
WHERE filled_at GLOBAL IN (SELECT filled_at FROM closed_session_months)
    AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
UNION ALL
SELECT source, contract_id, line_no, session_type,
    toNullable(event_time) AS started_at,
    stop.2 AS stopped_at,
    toUInt64(dateDiff('second', event_time, if(outcome = 'open', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(has_stop OR isNotNull(stop.2), 'complete', at_once OR isNotNull(following), 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(stop.1 AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stop.3 AS stopped_after
FROM bounded
COMMENT 'One row: a session of a line, as far as its start and stop are in the log';

-- restriction_episodes, as 0026 defines it. Only a day with a restricted sample can be mixed: so those are looked up first (a condition on a line does not reach
-- them), and what 0026 put together by day, to leave the runs of mixed days out, is put together by month at once: the first sample of a
-- restriction on a mixed day is one of the samples of that day.

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
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, day
        SETTINGS final = 0
    ),
    mixed_days AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last
            FROM traffic_samples
            WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM restricted_days)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
        HAVING count() > 1 AND arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(arraySort(groupArray((first, last))), 1)), arrayPopBack(tupleElement(arraySort(groupArray((first, last))), 2)))
    ),
    open_turns AS
    (
        SELECT source, contract_id, line_no, scope, arraySort(groupArray((at, restriction, figures))) AS runs,
            arrayFilter((one, before) -> one.2 != before, runs, arrayPushFront(arrayPopBack(tupleElement(runs, 2)), 'unknown')) AS turns
        FROM
        (
            SELECT source, contract_id, line_no, scope, toStartOfMonth(day) AS month, first AS at, restriction, figures
            FROM
            (
                SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first,
                    argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at) AS figures
                FROM traffic_samples
                WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
                GROUP BY source, contract_id, line_no, scope, day, restriction
                SETTINGS final = 0
            )
            UNION ALL
            SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, observed_at AS at, restriction,
                tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start) AS figures
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
        )
        GROUP BY source, contract_id, line_no, scope, month
    ),
    -- include 0026_days.sql, turns to ended
SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.restriction AS restriction,
    e.since AS started_at,
    e.until AS ended_at,
    toUInt64(dateDiff('second', e.since, ifNull(e.until, greatest(e.since, now64(3))))) AS duration_seconds,
    CAST(isNull(e.until) AS Bool) AS open,
    e.month_bytes AS month_bytes_at_start,
    e.remaining_bytes AS remaining_bytes_at_start,
    CAST((e.scope = 'data_share') = (l.data_share IN ('registered', 'removal_reserved')) AS Bool) AS decides
FROM (SELECT * FROM ended WHERE restriction != 'none') AS e
LEFT JOIN (SELECT source, contract_id, line_no, data_share FROM lines FINAL) AS l
    ON l.source = e.source AND l.contract_id = e.contract_id AND l.line_no = e.line_no
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';
