-- Months that go on, without their samples: what the views of 0025 find in the samples of a month takes a second of CPU for every three million, and a
-- fleet of 10,000 lines has 27 million of them at the end of a month. A part of traffic_samples keeps beside its rows what they say of each line,
-- scope, day and restriction (a projection): 5 % of the bytes, and a hundredth of the rows. It is made of whatever is in the part, so that it goes where
-- the samples go, and with them. Parts from before are read as they were, until they are merged; of months that are closed nobody needs them.
--
-- Nothing in it adds up: what is the first, the last, the smallest stays so when a sample is stored twice. So it may be read without FINAL.

ALTER TABLE traffic_samples MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE traffic_samples ADD PROJECTION IF NOT EXISTS days
(
    SELECT source, contract_id, line_no, scope, toDate(observed_at), restriction,
        min(observed_at), max(observed_at),
        argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at),
        maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
            scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
            AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))),
        minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
            AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false)))
    GROUP BY source, contract_id, line_no, scope, toDate(observed_at), restriction
);

-- restriction_episodes, as 0025 defines it. Where the samples of a day show one restriction after another, the first of each can begin something, and
-- the others cannot. Only where they take turns within a day (mixed_days) all samples of that day have to be read.

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
    days AS
    (
        SELECT source, contract_id, line_no, scope, day, arraySort(groupArray((first, last, restriction, figures))) AS runs,
            arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(runs, 1)), arrayPopBack(tupleElement(runs, 2))) AS mixed
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last,
                argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at) AS figures
            FROM traffic_samples
            WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
    ),
    mixed_days AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last
            FROM traffic_samples
            WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
        HAVING count() > 1 AND arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(arraySort(groupArray((first, last))), 1)), arrayPopBack(tupleElement(arraySort(groupArray((first, last))), 2)))
    ),
    open_turns AS
    (
        SELECT source, contract_id, line_no, scope, month, arraySort(groupArray((at, restriction, figures))) AS runs,
            arrayFilter((one, before) -> one.2 != before, runs, arrayPushFront(arrayPopBack(tupleElement(runs, 2)), 'unknown')) AS turns
        FROM
        (
            SELECT source, contract_id, line_no, scope, toStartOfMonth(day) AS month, run.1 AS at, run.3 AS restriction, run.4 AS figures
            FROM days
            ARRAY JOIN runs AS run
            WHERE NOT mixed
            UNION ALL
            SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, observed_at AS at, restriction,
                tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start) AS figures
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
        )
        GROUP BY source, contract_id, line_no, scope, month
    ),
    turns AS
    (
        SELECT source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes, told
        FROM restriction_turns
        WHERE (toStartOfMonth(observed_at), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, scope, turn.1 AS observed_at, turn.2 AS restriction, turn.3.1 AS month_bytes, turn.3.2 AS remaining_bytes,
            multiIf(
                restriction = 'monthly', turn.3.3,
                restriction = 'recent', turn.3.4,
                restriction = 'none' OR isNull(turn.3.3) OR isNull(turn.3.4), NULL,
                greatest(turn.3.3, turn.3.4)) AS told
        FROM open_turns
        ARRAY JOIN turns AS turn
    ),
    shown AS
    (
        SELECT *, lagInFrame(restriction) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS restriction_before
        FROM turns
    ),
    runs AS
    (
        SELECT source, contract_id, line_no, scope, restriction, observed_at, month_bytes, remaining_bytes, told,
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

-- line_months, as 0025 defines it. From a turn to the next, or to the month's last sample, a line was restricted or not.

CREATE OR REPLACE VIEW line_months
(
    source             LowCardinality(String) COMMENT 'configured account',
    contract_id        LowCardinality(String) COMMENT 'N123456789',
    line_no            String COMMENT 'line number; personal data',
    month              Date COMMENT 'first day of the month',
    bytes              UInt64 COMMENT 'what the line itself used in it, as the carrier told at told_at',
    told_at            DateTime64(3, 'Asia/Tokyo') COMMENT 'the newest answer that has the month''s figure, as far as known',
    complete           Bool COMMENT 'that was after the month had ended: bytes is the whole month',
    pooled             Bool COMMENT 'it drew on its share group, for a part of the month at least',
    quota_bytes        Nullable(UInt64) COMMENT 'the line''s volume with what was added, or what was used when nothing was left of it; NULL: not known, none, or the group''s',
    used_ratio         Nullable(Float64) COMMENT 'bytes / quota_bytes; more than 1 where it went on beyond its volume',
    restricted_seconds Nullable(UInt64) COMMENT 'how long the samples showed it throttled, alone or with its group; NULL: no sample',
    roaming_seconds    Nullable(UInt64) COMMENT 'sessions abroad of which the end is known; NULL: no log of that month',
    days               UInt8 COMMENT 'days of the month on which the line was there',
    watched_days       UInt8 COMMENT 'days with a sample; fewer than days: kaisen saw a part',
    restricted_at_least Bool COMMENT 'the first sample came after the line was there: restricted_seconds may have been more',
    roaming_at_least   Bool COMMENT 'the session log is not known from the month''s beginning to its end: roaming_seconds may have been more'
)
AS
WITH
    (SELECT toDate(min(event_time)) FROM session_events) AS first_of_all,
    months AS
    (
        SELECT source, contract_id, line_no, month, bytes, observed_at,
            leadInFrame(month, 1) OVER line AS month_1, leadInFrame(observed_at, 1) OVER line AS observed_1,
            leadInFrame(month, 2) OVER line AS month_2, leadInFrame(observed_at, 2) OVER line AS observed_2
        FROM (SELECT source, contract_id, line_no, month, bytes, observed_at FROM traffic_monthly FINAL WHERE scope = 'line') AS m
        WINDOW line AS (PARTITION BY source, contract_id, line_no ORDER BY month ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
    ),
    -- include 0026_days.sql, days to open_turns
    ,
    open_counted AS
    (
        SELECT source, contract_id, line_no, toStartOfMonth(day) AS month,
            bitCount(groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(day) - 1))) AS watched,
            max(with_some).2 AS quota,
            min(without) AS used_up,
            countIf(scope = 'data_share') > 0 AS shared,
            minOrNullIf(day, scope = 'line' AND restriction != 'unknown') AS line_first,
            minOrNullIf(day, scope = 'data_share' AND restriction != 'unknown') AS share_first,
            maxIf(last, scope = 'line' AND restriction != 'unknown') AS line_last,
            maxIf(last, scope = 'data_share' AND restriction != 'unknown') AS share_last
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, max(observed_at) AS last,
                maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
                    scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                    AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS with_some,
                minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                    AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS without
            FROM traffic_samples
            WHERE toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, month
    ),
    turned AS
    (
        SELECT source, contract_id, line_no, month,
            arrayFlatten(groupArrayIf(arrayMap(turn -> (toUInt64(toUnixTimestamp64Milli(turn.1)), turn.2 != 'none'), turns), scope = 'line')) AS line_turns,
            arrayFlatten(groupArrayIf(arrayMap(turn -> (toUInt64(toUnixTimestamp64Milli(turn.1)), turn.2 != 'none'), turns), scope = 'data_share')) AS share_turns
        FROM open_turns
        GROUP BY source, contract_id, line_no, month
    ),
    counted AS
    (
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT c.source AS source, c.contract_id AS contract_id, c.line_no AS line_no, c.month AS month, c.watched AS watched, c.quota AS quota, ifNull(c.used_up, 0) AS used_up,
            CAST(c.shared AS Bool) AS shared, c.line_first AS line_first, c.share_first AS share_first,
            toUInt64(intDiv(arraySum((at, slowed, until) -> slowed * (until - at), tupleElement(t.line_turns, 1), tupleElement(t.line_turns, 2),
                arrayPopFront(arrayPushBack(tupleElement(t.line_turns, 1), toUInt64(toUnixTimestamp64Milli(c.line_last))))), 1000)) AS line_seconds,
            toUInt64(intDiv(arraySum((at, slowed, until) -> slowed * (until - at), tupleElement(t.share_turns, 1), tupleElement(t.share_turns, 2),
                arrayPopFront(arrayPushBack(tupleElement(t.share_turns, 1), toUInt64(toUnixTimestamp64Milli(c.share_last))))), 1000)) AS share_seconds
        FROM open_counted AS c
        LEFT JOIN turned AS t
            ON t.source = c.source AND t.contract_id = c.contract_id AND t.line_no = c.line_no AND t.month = c.month
    ),
    -- include 0018_line_months.sql, abroad to abroad
SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
    greatest(m.observed_at,
        if(m.month_1 > m.month AND m.month_1 <= addMonths(m.month, 2), m.observed_1, m.observed_at),
        if(m.month_2 > m.month AND m.month_2 <= addMonths(m.month, 2), m.observed_2, m.observed_at),
        if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN m.month AND addMonths(m.month, 2), assumeNotNull(t.observed_at), m.observed_at)) AS told_at,
    CAST(told_at >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AS Bool) AS complete,
    CAST(if(isNull(c.watched), ifNull(l.data_share IN ('registered', 'removal_reserved'), false), assumeNotNull(c.shared)) AS Bool) AS pooled,
    if(pooled, NULL, coalesce(nullIf(c.quota, 0), if(ifNull(v.has_volume, true), nullIf(c.used_up, 0), NULL))) AS quota_bytes,
    m.bytes / quota_bytes AS used_ratio,
    if(pooled, c.share_first, c.line_first) AS first_sample,
    if(isNull(first_sample), NULL, if(pooled, c.share_seconds, c.line_seconds)) AS restricted_seconds,
    if(isNull(l.first_seen) OR addMonths(m.month, 1) <= toDate(assumeNotNull(l.first_seen)) - 30
        OR isNull(w.watermark) OR m.month > toDate(assumeNotNull(w.watermark))
        OR addMonths(m.month, 1) <= first_of_all
        OR isNull(e.first_event) AND ifNull(k.known_since > m.month, true), NULL, ifNull(a.seconds, 0)) AS roaming_seconds,
    greatest(m.month, ifNull(l.start_date, m.month)) AS there_from,
    toUInt8(greatest(
        least(addMonths(m.month, 1) - 1, toDate(now('Asia/Tokyo')), if(ifNull(l.state = 'active', true), addMonths(m.month, 1), toDate(assumeNotNull(l.last_seen))))
            - there_from + 1, 0)) AS days,
    toUInt8(ifNull(c.watched, 0)) AS watched_days,
    CAST(isNotNull(restricted_seconds) AND ifNull(first_sample > there_from, false) AS Bool) AS restricted_at_least,
    CAST(isNotNull(roaming_seconds) AND ifNull(first_of_all > there_from OR k.known_since > there_from AND e.first_event > there_from
        OR toDate(assumeNotNull(w.watermark)) < addMonths(m.month, 1) AND addMonths(m.month, 1) <= toDate(now('Asia/Tokyo')), false) AS Bool) AS roaming_at_least
FROM months AS m
LEFT JOIN counted AS c
    ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no AND c.month = m.month
LEFT JOIN abroad AS a
    ON a.source = m.source AND a.contract_id = m.contract_id AND a.line_no = m.line_no AND a.month = m.month
LEFT JOIN (SELECT source, contract_id, line_no, observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, line_no, state, data_share, plan_code, start_date, first_seen, last_seen FROM lines FINAL) AS l
    ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, watermark FROM log_watermarks FINAL WHERE log = 'session_events') AS w
    ON w.source = m.source AND w.contract_id = m.contract_id
LEFT JOIN
(
    SELECT source, contract_id, toStartOfMonth(event_time) AS month, toDate(min(event_time)) AS first_event
    FROM session_events
    GROUP BY source, contract_id, month
) AS e
    ON e.source = m.source AND e.contract_id = m.contract_id AND e.month = m.month
LEFT JOIN (SELECT source, contract_id, toDate(min(first_seen)) AS known_since FROM lines FINAL GROUP BY source, contract_id) AS k
    ON k.source = m.source AND k.contract_id = m.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = m.source AND v.contract_id = m.contract_id AND v.plan_code = l.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a line';

-- forecast_results, as 0019 defines it: of line_months it needs what a month used, whether that is all of it, and who was pooled. The sessions abroad, for
-- which all of the session log is read, and the restrictions are none of its business. A month that is complete has ended.

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
    figures AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
            greatest(m.observed_at,
                if(m.month_1 > m.month AND m.month_1 <= addMonths(m.month, 2), m.observed_1, m.observed_at),
                if(m.month_2 > m.month AND m.month_2 <= addMonths(m.month, 2), m.observed_2, m.observed_at),
                if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN m.month AND addMonths(m.month, 2), assumeNotNull(t.observed_at), m.observed_at))
                >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AS complete
        FROM months AS m
        LEFT JOIN (SELECT source, contract_id, line_no, toNullable(observed_at) AS observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
    ),
    shares AS
    (
        SELECT source, contract_id, line_no, month, shared
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, toStartOfMonth(day) AS month, CAST(max(scope = 'data_share') AS Bool) AS shared
        FROM (SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day FROM traffic_samples GROUP BY source, contract_id, line_no, scope, day SETTINGS final = 0)
        WHERE month < toStartOfMonth(now('Asia/Tokyo')) AND month GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, month
    ),
    ended AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
            ifNull(c.shared, ifNull(l.pooled, false)) AS pooled
        FROM (SELECT * FROM figures WHERE complete) AS m
        LEFT JOIN (SELECT source, contract_id, line_no, month, toNullable(shared) AS shared FROM shares) AS c
            ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no AND c.month = m.month
        LEFT JOIN (SELECT source, contract_id, line_no, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
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
    SELECT source, contract_id, line_no, day, month, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at
    FROM line_forecasts FINAL
) AS f
INNER JOIN ended AS m
    ON m.source = f.source AND m.contract_id = f.contract_id AND m.line_no = f.line_no AND m.month = f.month
SETTINGS join_use_nulls = 0
COMMENT 'One row: a forecast of a day, and what became of it';

-- plan_fit, as 0018 defines it: likewise, with what 0025 says of volumes.

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
    -- include 0025_closed_months.sql, months to months
    ,
    figures AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
            greatest(m.observed_at,
                if(m.month_1 > m.month AND m.month_1 <= addMonths(m.month, 2), m.observed_1, m.observed_at),
                if(m.month_2 > m.month AND m.month_2 <= addMonths(m.month, 2), m.observed_2, m.observed_at),
                if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN m.month AND addMonths(m.month, 2), assumeNotNull(t.observed_at), m.observed_at))
                >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AS complete
        FROM months AS m
        LEFT JOIN (SELECT source, contract_id, line_no, toNullable(observed_at) AS observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
    ),
    -- include 0026_days.sql, open_counted to open_counted
    ,
    volumes AS
    (
        SELECT source, contract_id, line_no, month, shared, quota, used_up
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, month, CAST(shared AS Bool) AS shared, quota, ifNull(used_up, 0) AS used_up
        FROM open_counted
    ),
    judged AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no,
            arraySlice(arrayReverseSort(groupArrayIf((m.month, m.bytes), m.complete AND m.month < this_month AND ifNull(l.start_date, m.month) <= m.month)), 1, 3) AS whole,
            argMaxIf(coalesce(nullIf(c.quota, 0), nullIf(c.used_up, 0), 0), m.month,
                NOT ifNull(c.shared, ifNull(l.pooled, false)) AND (c.quota > 0 OR ifNull(v.has_volume, true) AND c.used_up > 0)) AS quota
        FROM (SELECT * FROM figures WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4)) AS m
        LEFT JOIN (SELECT * FROM volumes WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4)) AS c
            ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no AND c.month = m.month
        LEFT JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
        LEFT JOIN plan_volumes AS v
            ON v.source = m.source AND v.contract_id = m.contract_id AND v.plan_code = l.plan_code
        GROUP BY source, contract_id, line_no
    )
SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.plan_code AS plan_code, ifNull(p.name, '') AS plan_name,
    CAST(multiIf(
        length(whole) < 3, 'unknown',
        largest_bytes < 10000000, 'unused',
        s.cap_scope = 'data_share', 'pooled',
        ifNull(NOT s.has_volume, false), 'no_volume',
        isNull(quota_bytes), 'unknown',
        arrayCount(m -> m.2 >= assumeNotNull(quota_bytes), whole) >= 2, 'too_small',
        largest_bytes < 0.3 * quota_bytes, 'too_large',
        'fits') AS Enum8('unknown' = 0, 'unused' = 1, 'pooled' = 2, 'no_volume' = 3, 'too_small' = 4, 'too_large' = 5, 'fits' = 6)) AS verdict,
    tupleElement(j.whole, 1) AS months,
    tupleElement(j.whole, 2) AS months_bytes,
    arrayMax(months_bytes) AS largest_bytes,
    if(empty(months_bytes), 0, toUInt64(arrayAvg(months_bytes))) AS average_bytes,
    if(s.cap_scope = 'data_share' OR ifNull(j.quota, 0) = 0, NULL, j.quota) AS quota_bytes,
    largest_bytes / quota_bytes AS used_ratio
FROM (SELECT source, contract_id, line_no, plan_code, cap_scope, has_volume FROM line_status WHERE state = 'active') AS s
LEFT JOIN judged AS j
    ON j.source = s.source AND j.contract_id = s.contract_id AND j.line_no = s.line_no
LEFT JOIN
(
    SELECT source, contract_id, product_code, argMax(product_name, (observed_at, product_name)) AS name
    FROM products FINAL
    GROUP BY source, contract_id, product_code
) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id AND p.product_code = s.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: an active line, and whether its plan fits what it uses';
