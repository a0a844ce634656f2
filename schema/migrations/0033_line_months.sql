-- line_months, as 0026 defines it, for less: it put every day of every line into lists, to find when a restriction began, and half of the lists again. Only lines that
-- were restricted in the month need that, by the same samples that restriction_episodes takes (0032); of the others the days, and the first and last sample of a month, are
-- enough, each of which the projection days (0026) has, so that no list is made of them.
--
-- And of a line that joined its share group in the month, or left it, restricted_seconds counts what it was restricted alone before, or afterwards: before the first sample
-- of the group, if the line has samples of a day before that one's, and behind the last, if it has samples of a later day. On a member's own samples of one day with the
-- group's nothing depends: what call 03 tells of a member means nothing. Months that were copied before this migration are as they were.

ALTER TABLE line_month_counts ADD COLUMN IF NOT EXISTS apart_seconds Nullable(UInt64) COMMENT 'how long they showed the line itself throttled before it joined its group in the month, or after it left; NULL: not counted' AFTER share_seconds;

CREATE OR REPLACE VIEW line_month_counts_from_samples
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    month           Date COMMENT 'first day of the month',
    watched         UInt8 COMMENT 'days with a sample',
    quota           UInt64 COMMENT 'used and left, of the last sample with anything left; 0: none had',
    used_up         UInt64 COMMENT 'used when the first of them had nothing left; 0: none had not',
    shared          Bool COMMENT 'a sample was of its share group',
    line_first      Nullable(Date) COMMENT 'day of the first sample of the line''s own restriction',
    share_first     Nullable(Date) COMMENT 'day of the first sample of its group''s restriction',
    line_seconds    UInt64 COMMENT 'how long the samples showed the line itself throttled',
    share_seconds   UInt64 COMMENT 'how long they showed its group throttled',
    apart_seconds   Nullable(UInt64) COMMENT 'how long they showed the line itself throttled before it joined its group in the month, or after it left'
)
AS
WITH
    -- include 0025_closed_months.sql, counted to counted
    ,
    -- include 0018_line_months.sql, restricted to restricted
    ,
    apart AS
    (
        WITH
            intDiv(intDiv(line_ats[1], 2) + 32400000, 86400000) < intDiv(share_from + 32400000, 86400000) AS joined,
            intDiv(intDiv(line_ats[-1], 2) + 32400000, 86400000) > intDiv(share_until + 32400000, 86400000) AS has_left
        SELECT source, contract_id, line_no, month,
            toUInt64(intDiv(arraySum((one, next) -> bitAnd(one, 1)
                * (if(joined, least(intDiv(next, 2), share_from) - least(intDiv(one, 2), share_from), 0) + if(has_left, greatest(intDiv(next, 2), share_until) - greatest(intDiv(one, 2), share_until), 0)),
                line_ats, arrayPopFront(arrayPushBack(line_ats, line_ats[-1]))), 1000)) AS seconds
        FROM
        (
            SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.month AS month,
                arraySort(groupArrayIf(2 * s.seen_at + s.slowed, s.scope = 'line')) AS line_ats,
                minIf(s.seen_at, s.scope = 'data_share') AS share_from, maxIf(s.seen_at, s.scope = 'data_share') AS share_until
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) AS seen_at, restriction != 'none' AS slowed
                FROM traffic_samples
                WHERE restriction != 'unknown'
            ) AS s
            INNER JOIN
            (
                SELECT source, contract_id, line_no, toStartOfMonth(observed_at) AS month
                FROM traffic_samples
                WHERE restriction != 'unknown'
                GROUP BY source, contract_id, line_no, month
                HAVING countIf(scope = 'data_share') > 0 AND countIf(scope = 'line' AND restriction != 'none') > 0
            ) AS r
                ON r.source = s.source AND r.contract_id = s.contract_id AND r.line_no = s.line_no AND r.month = s.month
            GROUP BY source, contract_id, line_no, month
        )
    )
SELECT c.source AS source, c.contract_id AS contract_id, c.line_no AS line_no, c.month AS month, c.watched AS watched, ifNull(c.quota, 0) AS quota, c.used_up AS used_up,
    CAST(c.shared AS Bool) AS shared, c.line_first AS line_first, c.share_first AS share_first, r.line_seconds AS line_seconds, r.share_seconds AS share_seconds,
    toNullable(a.seconds) AS apart_seconds
FROM counted AS c
LEFT JOIN restricted AS r
    ON r.source = c.source AND r.contract_id = c.contract_id AND r.line_no = c.line_no AND r.month = c.month
LEFT JOIN apart AS a
    ON a.source = c.source AND a.contract_id = c.contract_id AND a.line_no = c.line_no AND a.month = c.month
SETTINGS join_use_nulls = 0, final = 0
COMMENT 'One row: what the samples of a line say of a month';

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
    -- include 0032_year_views.sql, restricted_days to mixed_days
    ,
    restricted_lines AS
    (
        SELECT cityHash64(line_no) AS line
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line
        SETTINGS final = 0
    ),
    -- When a line, or its group, was seen restricted or not, as numbers: the millisecond, and whether it was (bit 0).
    seen AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month, toUInt64(toUnixTimestamp64Milli(min(observed_at))) * 2 + (restriction != 'none') AS at
        FROM traffic_samples
        WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            AND cityHash64(line_no) GLOBAL IN (SELECT line FROM restricted_lines)
        GROUP BY source, contract_id, line_no, scope, toDate(observed_at), restriction
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) * 2 + (restriction != 'none') AS at
        FROM traffic_samples FINAL
        WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
    ),
    -- What the samples of months that go on say, each of them of something else; a day is a bit, and an instant a millisecond.
    said AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS of_month, toUInt32(0) AS day_bit, CAST(NULL AS Nullable(Date)) AS first, toUInt64(0) AS first_at, toUInt64(0) AS last, toUInt64(0) AS at,
            maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
                scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))).2 AS volume,
            minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS without
        FROM traffic_samples
        WHERE toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, of_month
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, 'line' AS scope, toStartOfMonth(day) AS of_month, bitShiftLeft(toUInt32(1), toDayOfMonth(day) - 1) AS day_bit, NULL AS first, 0 AS first_at, 0 AS last, 0 AS at, 0 AS volume, NULL AS without
        FROM
        (
            SELECT source, contract_id, line_no, toDate(observed_at) AS day
            FROM traffic_samples
            WHERE toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            GROUP BY source, contract_id, line_no, day
            SETTINGS final = 0
        )
        UNION ALL
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS of_month, 0 AS day_bit, toDate(min(observed_at)) AS first, toUInt64(toUnixTimestamp64Milli(min(observed_at))) AS first_at,
            toUInt64(toUnixTimestamp64Milli(max(observed_at))) AS last, 0 AS at, 0 AS volume, NULL AS without
        FROM traffic_samples
        WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, of_month
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, scope, month AS of_month, 0 AS day_bit, NULL AS first, 0 AS first_at, 0 AS last, at, 0 AS volume, NULL AS without
        FROM seen
    ),
    counted AS
    (
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds, apart_seconds
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        WITH
            share_last > 0 AND intDiv(line_from + 32400000, 86400000) < intDiv(share_from + 32400000, 86400000) AS joined,
            share_last > 0 AND intDiv(line_last + 32400000, 86400000) > intDiv(share_last + 32400000, 86400000) AS has_left
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first,
            toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1) * (intDiv(until, 2) - intDiv(at, 2)), line_ats, arrayPopFront(arrayPushBack(line_ats, 2 * line_last))), 1000)) AS line_seconds,
            toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1) * (intDiv(until, 2) - intDiv(at, 2)), share_ats, arrayPopFront(arrayPushBack(share_ats, 2 * share_last))), 1000)) AS share_seconds,
            toNullable(toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1)
                * (if(joined, least(intDiv(until, 2), share_from) - least(intDiv(at, 2), share_from), 0) + if(has_left, greatest(intDiv(until, 2), share_last) - greatest(intDiv(at, 2), share_last), 0)),
                line_ats, arrayPopFront(arrayPushBack(line_ats, 2 * line_last))), 1000))) AS apart_seconds
        FROM
        (
            SELECT source, contract_id, line_no, of_month AS month, bitCount(groupBitOr(day_bit)) AS watched, max(volume) AS quota, ifNull(min(without), 0) AS used_up,
                CAST(max(scope = 'data_share') AS Bool) AS shared, minIf(first, scope = 'line') AS line_first, minIf(first, scope = 'data_share') AS share_first,
                minIf(first_at, scope = 'line' AND first_at > 0) AS line_from, minIf(first_at, scope = 'data_share' AND first_at > 0) AS share_from,
                maxIf(last, scope = 'line') AS line_last, maxIf(last, scope = 'data_share') AS share_last,
                arraySort(groupArrayIf(at, scope = 'line' AND at > 0)) AS line_ats, arraySort(groupArrayIf(at, scope = 'data_share' AND at > 0)) AS share_ats
            FROM said
            GROUP BY source, contract_id, line_no, of_month
        )
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
    if(isNull(first_sample), NULL, if(pooled, c.share_seconds + ifNull(c.apart_seconds, 0), c.line_seconds)) AS restricted_seconds,
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
