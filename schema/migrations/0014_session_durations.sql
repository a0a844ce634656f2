-- session_durations, as 0005 defines it, for both meanings that the time of a stop may have (carrier_findings, reading
-- session_stop_time, of the contract). Where it is its own time, or that is not known, nothing has changed.
--
-- Where it is the time at which the session began, 'start':
--
-- 1. The rows of a second belong together: each start has a stop in the same second, or its session has not ended yet, or
--    its stop is lost. A stop without a start says by itself when the session began. There is no lost_start.
-- 2. When it ended follows from elsewhere: from the first sample of call 26 that has the line cut off after one, of the same
--    session, that has it connected; from when the stop was first seen; from the next start of the line. The earliest
--    counts. stopped_at is when the session had ended for sure, stopped_after when it had not.
-- 3. When a stop was first seen says something only where the log was read before the session ended: its start was seen
--    earlier, or both were within an hour of the start. The same holds for a sample without one before it. Of other
--    sessions, which a first reading of the log has found, it is only known that they have ended: stopped_at is NULL.
-- 4. Of several sessions in one second all but the last have ended within it.
--
-- The stop of a session that is longer than three hours is found within a day. Until then the session is open, unless the
-- samples of call 26 have shown its end and none since has the line connected.
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
    seconds AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts, countIf(event = 'stop') AS stops
        FROM session_events FINAL
        WHERE event != 'unknown' AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
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
    ),
    begun AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts,
            arraySort(groupArrayIf(observed_at, event = 'stop')) AS stops, minIf(toNullable(observed_at), event = 'start') AS seen
        FROM session_events FINAL
        WHERE event != 'unknown' AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    followed AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen,
            leadInFrame(toNullable(event_time)) OVER (PARTITION BY source, contract_id, line_no, session_type ORDER BY event_time
                ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS following
        FROM begun
    ),
    sampled AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following,
            toDateTime64(event_time, 3, 'Asia/Tokyo') AS at, 0 AS sample, CAST(NULL AS Nullable(Bool)) AS connected
        FROM followed
        UNION ALL
        SELECT source, contract_id, line_no, session_type, toDateTime(observed_at) AS event_time, 0 AS starts,
            CAST([] AS Array(DateTime64(3, 'Asia/Tokyo'))) AS stops, CAST(NULL AS Nullable(DateTime64(3, 'Asia/Tokyo'))) AS seen,
            CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))) AS following, observed_at AS at, 1 AS sample, connected
        FROM session_samples FINAL
        WHERE isNotNull(connected) AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
    ),
    connections AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, at, sample, connected,
            maxIf(toNullable(at), connected) OVER (PARTITION BY source, contract_id, line_no ORDER BY at, sample
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_connected
        FROM sampled
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, sample,
            minIf(toNullable(at), NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cut_at,
            argMinIf(last_connected, at, NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until,
            maxIf(toNullable(at), connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS connected_last
        FROM connections
        WINDOW backwards AS (PARTITION BY source, contract_id, line_no ORDER BY at DESC, sample DESC)
    ),
    sessions AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, seen,
            arrayJoin(range(1, toUInt64(greatest(starts, length(stops))) + 1)) AS nth,
            nth < greatest(starts, length(stops)) AS at_once,
            nth <= length(stops) AS has_stop,
            if(has_stop, toNullable(stops[nth]), NULL) AS found,
            following,
            if(held_until > event_time OR cut_at <= event_time + INTERVAL 1 HOUR, cut_at, NULL) AS cut,
            if(held_until > event_time, held_until, NULL) AS held,
            connected_last
        FROM cut
        WHERE sample = 0
    ),
    bounded AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, has_stop, at_once, following,
            multiIf(cut <= ifNull(following, cut) AND (cut <= found OR NOT has_stop AND isNull(following) AND cut > ifNull(connected_last, event_time)), cut, NULL) AS by_session,
            if(has_stop AND (found > seen OR found <= event_time + INTERVAL 1 HOUR), found, NULL) AS by_log,
            multiIf(
                has_stop AND at_once, tuple('log', toNullable(event_time), toNullable(event_time)),
                isNotNull(by_session), tuple('session', toDateTime(by_session), toDateTime(ifNull(held, event_time))),
                isNull(by_log), tuple('none', CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))), CAST(NULL AS Nullable(DateTime('Asia/Tokyo')))),
                following < by_log, tuple('next_start', following, if(seen < following, toDateTime(greatest(seen, event_time)), event_time)),
                tuple('first_seen', toDateTime(by_log), if(seen < by_log, toDateTime(greatest(seen, event_time)), event_time))) AS stop
        FROM sessions
    )
SELECT source, contract_id, line_no, session_type,
    if(event = 'start', event_time, NULL) AS started_at,
    multiIf(event = 'stop', event_time, event_after = 'stop', time_after, NULL) AS stopped_at,
    toUInt64(dateDiff('second', started_at, if(event_after = '', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(event = 'stop', 'lost_start', event_after = 'stop', 'complete', event_after = 'start', 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(if(isNull(stopped_at), 'none', 'log') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM neighbours
WHERE event = 'start' OR event_before != 'start'
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
