-- Months that are over, worked out once: what the views traffic_hourly, restriction_episodes, line_months and pool_months find in the
-- samples of a month does not change any more, and a year of samples is too much to read for a question. Each view has what it is of an
-- open month in a view beside it (..._from_samples), which kaisen copies into a table when a month is closed; the view itself puts
-- the two together, month by month, so that no row is missing and none is there twice:
--
-- 1. month_fills has when a month's rows were copied (filled), and when samples of it were written after it had ended (changed): by a view
--    on the samples, so that nobody's rows escape it. A late sample also changes the month after it, which begins where it ends.
-- 2. closed_months are those that were copied ten minutes or more after they last changed: that is longer than any insert takes.
-- 3. Each copied row has the fill that it is of (filled_at). One that was cut off, or is not the newest, is in no closed month, and goes
--    some time later. So a month is copied as a whole or not at all, and a month that changes is read from its samples until it is copied anew.
--
-- A sample that is stored twice does no harm in any of them, so they read without FINAL for those who have it by default (final = 0).
--
-- What is copied stays when the samples go (store.retention), and a month is never copied anew from fewer rows than before.

CREATE TABLE IF NOT EXISTS month_fills
(
    month     Date COMMENT 'first day of the month',
    event     Enum8('changed' = 1, 'filled' = 2) COMMENT 'changed: samples of it were written after it had ended; filled: it was copied',
    filled_at DateTime64(3, 'Asia/Tokyo') COMMENT 'filled: the fill of the rows that hold',
    at        DateTime64(3, 'Asia/Tokyo') COMMENT 'when that was; of a fill, when it began'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (month, event)
COMMENT 'One row: the last time at which a month was copied, or changed';

CREATE MATERIALIZED VIEW IF NOT EXISTS month_fills_mv TO month_fills AS
SELECT arrayJoin([toStartOfMonth(observed_at), toLastDayOfMonth(observed_at) + 1]) AS month, 'changed' AS event, toDateTime64(0, 3, 'Asia/Tokyo') AS filled_at, max(toDateTime64(nowInBlock('Asia/Tokyo'), 3, 'Asia/Tokyo')) AS at
FROM traffic_samples
WHERE observed_at < toDateTime64(toStartOfMonth(now('Asia/Tokyo')), 3, 'Asia/Tokyo')
GROUP BY month;

CREATE OR REPLACE VIEW closed_months
(
    month     Date COMMENT 'first day of the month',
    filled_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill of its rows'
)
AS
SELECT month, argMaxIf(filled_at, at, event = 'filled') AS filled_at
FROM month_fills
GROUP BY month
HAVING maxIf(at, event = 'filled') > maxIf(at, event = 'changed') + INTERVAL 10 MINUTE
COMMENT 'One row: a month whose rows are copied';

-- traffic_hourly, as 0005 defines it.

CREATE TABLE IF NOT EXISTS traffic_hours
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    scope           Enum8('line' = 1, 'data_share' = 2) COMMENT 'the line''s own, or its share group''s traffic, which every member tells',
    hour            DateTime('Asia/Tokyo') COMMENT 'its first second' CODEC(DoubleDelta, ZSTD(1)),
    bytes           UInt64 COMMENT 'what month_bytes grew by in it' CODEC(T64, ZSTD(1)),
    covered_seconds UInt16 COMMENT 'how much of it lies between samples, 0 to 3600' CODEC(ZSTD(1)),
    filled_at       DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (source, contract_id, line_no, scope, hour)
COMMENT 'One row: what a line used in an hour of a closed month; read traffic_hourly';

CREATE OR REPLACE VIEW traffic_hourly_from_samples
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
    -- include 0005_views.sql, told to heights
SELECT source, contract_id, line_no, scope,
    toDateTime((first_hour + n - 1) * 3600, 'Asia/Tokyo') AS hour,
    toUInt64(grown) AS bytes,
    toUInt32(intDiv(least(times[-1], (first_hour + n) * 3600000) - greatest(times[1], (first_hour + n - 1) * 3600000), 1000)) AS covered_seconds,
    month
FROM heights
ARRAY JOIN used AS grown, arrayEnumerate(used) AS n
WHERE covered_seconds > 0 OR bytes > 0
SETTINGS final = 0
COMMENT 'One row: what a line used in an hour, from its samples: traffic_hourly, slowly';

CREATE OR REPLACE VIEW traffic_hourly
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    scope           Enum8('line' = 1, 'data_share' = 2) COMMENT 'the line''s own, or its share group''s traffic, which every member tells',
    hour            DateTime('Asia/Tokyo') COMMENT 'its first second',
    bytes           UInt64 COMMENT 'what month_bytes grew by in it',
    covered_seconds UInt32 COMMENT 'how much of it lies between samples, 0 to 3600',
    month           Date COMMENT 'first day of the month'
)
AS
SELECT source, contract_id, line_no, scope, hour, bytes, toUInt32(covered_seconds) AS covered_seconds, toStartOfMonth(hour) AS month
FROM traffic_hours
WHERE (toStartOfMonth(hour), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
UNION ALL
SELECT source, contract_id, line_no, scope, hour, bytes, covered_seconds, month
FROM traffic_hourly_from_samples
WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
COMMENT 'One row: what a line used in an hour';

-- restriction_episodes, as 0013 defines it, from the samples that show another restriction than the one before them in their month, and
-- the first of each month: the others can begin nothing.

CREATE TABLE IF NOT EXISTS restriction_turns
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    scope           Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose: the line''s own, or its share group''s',
    observed_at     DateTime64(3, 'Asia/Tokyo') COMMENT 'the sample that showed it' CODEC(Delta, ZSTD(1)),
    restriction     Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4) COMMENT 'what it showed, never unknown',
    month_bytes     Nullable(UInt64) COMMENT 'trafficThisMonth of it',
    remaining_bytes Nullable(UInt64) COMMENT 'remainedDataVolume of it',
    told            Nullable(DateTime('Asia/Tokyo')) COMMENT 'since when, as the carrier told',
    filled_at       DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYear(observed_at)
ORDER BY (source, contract_id, line_no, scope, observed_at)
COMMENT 'One row: a sample of a closed month that showed another restriction than the one before; read restriction_episodes';

CREATE OR REPLACE VIEW restriction_turns_from_samples
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    scope           Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose: the line''s own, or its share group''s',
    observed_at     DateTime64(3, 'Asia/Tokyo') COMMENT 'the sample that showed it',
    restriction     Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4) COMMENT 'what it showed, never unknown',
    month_bytes     Nullable(UInt64) COMMENT 'trafficThisMonth of it',
    remaining_bytes Nullable(UInt64) COMMENT 'remainedDataVolume of it',
    told            Nullable(DateTime('Asia/Tokyo')) COMMENT 'since when, as the carrier told',
    month           Date COMMENT 'first day of the month'
)
AS
WITH
    days AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, toDate(observed_at) AS day, min(restriction) AS lowest, max(restriction) AS highest
        FROM traffic_samples
        WHERE restriction != 'unknown'
        GROUP BY source, contract_id, line_no, scope, month, day
    ),
    turning AS
    (
        SELECT source, contract_id, line_no, scope, month, day
        FROM
        (
            SELECT *, lagInFrame(lowest) OVER line AS lowest_before, lagInFrame(highest) OVER line AS highest_before
            FROM days
            WINDOW line AS (PARTITION BY source, contract_id, line_no, scope, month ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE lowest != highest OR lowest != lowest_before OR highest != highest_before
    ),
    shown AS
    (
        SELECT s.*, lagInFrame(restriction) OVER (PARTITION BY source, contract_id, line_no, scope, month ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS restriction_before
        FROM
        (
            SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, toDate(observed_at) AS day, restriction, observed_at, month_bytes, remaining_bytes,
                monthly_limit_start, daily_limit_start
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown'
        ) AS s
        INNER JOIN turning AS t
            ON t.source = s.source AND t.contract_id = s.contract_id AND t.line_no = s.line_no AND t.scope = s.scope AND t.month = s.month AND t.day = s.day
    )
SELECT source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes,
    multiIf(
        restriction = 'monthly', monthly_limit_start,
        restriction = 'recent', daily_limit_start,
        restriction = 'none' OR isNull(monthly_limit_start) OR isNull(daily_limit_start), NULL,
        greatest(monthly_limit_start, daily_limit_start)) AS told,
    month
FROM shown
WHERE restriction != restriction_before
SETTINGS do_not_merge_across_partitions_select_final = 1, final = 0
COMMENT 'One row: a sample that showed another restriction than the one before in its month';

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
    turns AS
    (
        SELECT source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes, told
        FROM restriction_turns
        WHERE (toStartOfMonth(observed_at), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, scope, observed_at, restriction, month_bytes, remaining_bytes, told
        FROM restriction_turns_from_samples
        WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
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

-- line_months, as 0023 defines it. What the samples of a month say is in line_month_counts.

CREATE TABLE IF NOT EXISTS line_month_counts
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    line_no         String COMMENT 'line number; personal data',
    month           Date COMMENT 'first day of the month' CODEC(Delta, ZSTD(1)),
    watched         UInt8 COMMENT 'days with a sample',
    quota           UInt64 COMMENT 'used and left, of the last sample with anything left; 0: none had',
    used_up         UInt64 COMMENT 'used when the first of them had nothing left; 0: none had not',
    shared          Bool COMMENT 'a sample was of its share group',
    line_first      Nullable(Date) COMMENT 'day of the first sample of the line''s own restriction',
    share_first     Nullable(Date) COMMENT 'day of the first sample of its group''s restriction',
    line_seconds    UInt64 COMMENT 'how long the samples showed the line itself throttled',
    share_seconds   UInt64 COMMENT 'how long they showed its group throttled',
    filled_at       DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYear(month)
ORDER BY (source, contract_id, line_no, month)
COMMENT 'One row: what the samples of a line say of a closed month; read line_months';

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
    share_seconds   UInt64 COMMENT 'how long they showed its group throttled'
)
AS
WITH
    counted AS
    (
        SELECT source, contract_id, line_no, toStartOfMonth(observed_at) AS month,
            bitCount(groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(observed_at) - 1))) AS watched,
            argMaxIf(month_bytes + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes))), observed_at,
                scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS quota,
            minIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS used_up,
            countIf(scope = 'data_share') > 0 AS shared,
            minOrNullIf(toDate(observed_at), scope = 'line' AND restriction != 'unknown') AS line_first,
            minOrNullIf(toDate(observed_at), scope = 'data_share' AND restriction != 'unknown') AS share_first
        FROM traffic_samples
        GROUP BY source, contract_id, line_no, month
    ),
    -- include 0018_line_months.sql, restricted to restricted
SELECT c.source AS source, c.contract_id AS contract_id, c.line_no AS line_no, c.month AS month, c.watched AS watched, ifNull(c.quota, 0) AS quota, c.used_up AS used_up,
    CAST(c.shared AS Bool) AS shared, c.line_first AS line_first, c.share_first AS share_first, r.line_seconds AS line_seconds, r.share_seconds AS share_seconds
FROM counted AS c
LEFT JOIN restricted AS r
    ON r.source = c.source AND r.contract_id = c.contract_id AND r.line_no = c.line_no AND r.month = c.month
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
    counted AS
    (
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds
        FROM line_month_counts_from_samples
        WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
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
        least(addMonths(m.month, 1) - 1, toDate(now('Asia/Tokyo')), if(ifNull(l.state, 'active') = 'active', addMonths(m.month, 1), toDate(assumeNotNull(l.last_seen))))
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

-- pool_months, as 0018 defines it. What the samples of a month say is in pool_month_counts.

CREATE TABLE IF NOT EXISTS pool_month_counts
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    month           Date COMMENT 'first day of the month' CODEC(Delta, ZSTD(1)),
    members         UInt64 COMMENT 'lines that were told of the group',
    watched         UInt8 COMMENT 'days with a sample',
    last_with_some  Tuple(UInt64, UInt64) COMMENT 'used, and left, of the last sample with anything left; 0: none had',
    last_left       UInt64 COMMENT 'left, of the last sample',
    shown           Bool COMMENT 'a sample tells whether it was throttled',
    seconds         UInt64 COMMENT 'how long the samples showed it throttled',
    filled_at       DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYear(month)
ORDER BY (source, contract_id, month)
COMMENT 'One row: what the samples of a share group say of a closed month; read pool_months';

CREATE OR REPLACE VIEW pool_month_counts_from_samples
(
    source          LowCardinality(String) COMMENT 'configured account',
    contract_id     LowCardinality(String) COMMENT 'N123456789',
    month           Date COMMENT 'first day of the month',
    members         UInt64 COMMENT 'lines that were told of the group',
    watched         UInt8 COMMENT 'days with a sample',
    last_with_some  Tuple(UInt64, UInt64) COMMENT 'used, and left, of the last sample with anything left; 0: none had',
    last_left       UInt64 COMMENT 'left, of the last sample',
    shown           Bool COMMENT 'a sample tells whether it was throttled',
    seconds         UInt64 COMMENT 'how long the samples showed it throttled'
)
AS
WITH
    counted AS
    (
        SELECT source, contract_id, toStartOfMonth(observed_at) AS month,
            uniqExact(line_no) AS members,
            bitCount(groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(observed_at) - 1))) AS watched,
            argMaxIf((assumeNotNull(month_bytes), assumeNotNull(remaining_bytes)), observed_at, isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS last_with_some,
            argMaxIf(assumeNotNull(remaining_bytes), observed_at, isNotNull(remaining_bytes)) AS last_left,
            countIf(restriction != 'unknown') > 0 AS shown,
            countIf(restriction IN ('recent', 'monthly', 'monthly_and_recent')) > 0 AS limited
        FROM traffic_samples
        WHERE scope = 'data_share'
        GROUP BY source, contract_id, month
    ),
    restricted AS
    (
        SELECT s.source AS source, s.contract_id AS contract_id, s.month AS month,
            arraySort(groupArray((s.at, s.slowed))) AS samples,
            toUInt64(intDiv(arraySum((passed, slowed) -> passed * slowed, arrayPopFront(arrayDifference(tupleElement(samples, 1))),
                arrayPopBack(tupleElement(samples, 2))), 1000)) AS seconds
        FROM
        (
            SELECT source, contract_id, toStartOfMonth(observed_at) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) AS at, restriction != 'none' AS slowed
            FROM traffic_samples
            WHERE scope = 'data_share' AND restriction != 'unknown'
        ) AS s
        INNER JOIN (SELECT source, contract_id, month FROM counted WHERE limited) AS r
            ON r.source = s.source AND r.contract_id = s.contract_id AND r.month = s.month
        GROUP BY source, contract_id, month
    )
SELECT c.source AS source, c.contract_id AS contract_id, c.month AS month, c.members AS members, c.watched AS watched, c.last_with_some AS last_with_some,
    c.last_left AS last_left, CAST(c.shown AS Bool) AS shown, r.seconds AS seconds
FROM counted AS c
LEFT JOIN restricted AS r ON r.source = c.source AND r.contract_id = c.contract_id AND r.month = c.month
SETTINGS join_use_nulls = 0, final = 0
COMMENT 'One row: what the samples of a share group say of a month';

CREATE OR REPLACE VIEW pool_months
(
    source             LowCardinality(String) COMMENT 'configured account',
    contract_id        LowCardinality(String) COMMENT 'N123456789',
    month              Date COMMENT 'first day of the month',
    members            UInt64 COMMENT 'lines that were told of the group in that month; 0: no sample of it',
    bytes              UInt64 COMMENT 'used in it by all members, as the carrier told',
    complete           Bool COMMENT 'an answer told it after the month had ended: bytes is the whole month',
    quota_bytes        Nullable(UInt64) COMMENT 'the group''s volume with what was added; NULL: not known',
    used_ratio         Nullable(Float64) COMMENT 'bytes / quota_bytes',
    restricted_seconds Nullable(UInt64) COMMENT 'how long the samples showed it throttled; NULL: no sample',
    watched_days       UInt8 COMMENT 'days with a sample; fewer than the month has: kaisen saw a part'
)
AS
WITH
    counted AS
    (
        SELECT source, contract_id, month, members, watched, last_with_some, last_left, shown, seconds
        FROM pool_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, month, members, watched, last_with_some, last_left, shown, seconds
        FROM pool_month_counts_from_samples
        WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
    ),
    latest AS
    (
        SELECT source, contract_id, max(observed_at) AS newest_at FROM traffic_latest FINAL WHERE scope = 'data_share' GROUP BY source, contract_id
    ),
    -- include 0018_line_months.sql, readings to months
SELECT m.source AS source, m.contract_id AS contract_id, m.month AS month,
    ifNull(c.members, 0) AS members,
    if(ifNull(f.by_line, false), m.total, m.newest) AS bytes,
    CAST(m.told_at >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR
        OR ifNull(toStartOfMonth(t.newest_at) <= addMonths(m.month, 2)
            AND t.newest_at >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR, false) AS Bool) AS complete,
    multiIf(
        isNull(c.members), NULL,
        NOT ifNull(f.by_line, false) AND c.last_with_some.2 > 0, c.last_with_some.1 + least(c.last_with_some.2, bitNot(c.last_with_some.1)),
        ifNull(f.by_line, false) AND c.last_left > 0, bytes + least(assumeNotNull(c.last_left), bitNot(bytes)),
        NULL) AS quota_bytes,
    bytes / quota_bytes AS used_ratio,
    if(ifNull(c.shown, 0), c.seconds, NULL) AS restricted_seconds,
    toUInt8(ifNull(c.watched, 0)) AS watched_days
FROM months AS m
LEFT JOIN counted AS c ON c.source = m.source AND c.contract_id = m.contract_id AND c.month = m.month
LEFT JOIN readings AS f ON f.source = m.source AND f.contract_id = m.contract_id
LEFT JOIN latest AS t ON t.source = m.source AND t.contract_id = m.contract_id
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a contract''s share group';

-- Times are whole seconds, but written in milliseconds: divided by what they have in common (GCD), their differences are small numbers. Bytes a
-- value, of a line that is asked every quarter of an hour with some seconds of jitter, observed_at / received_at:
--
--   Delta, ZSTD(3)              0.82 / 0.86     as it was
--   GCD, DoubleDelta, ZSTD(1)   0.72 / 0.75
--   GCD, Delta, ZSTD(3)         0.48 / 0.49
--   GCD, Delta, T64, ZSTD(1)    0.47 / 0.49

ALTER TABLE traffic_samples MODIFY COLUMN received_at CODEC(GCD, Delta, T64, ZSTD(1));
ALTER TABLE traffic_samples MODIFY COLUMN observed_at CODEC(GCD, Delta, T64, ZSTD(1));
ALTER TABLE session_samples MODIFY COLUMN received_at CODEC(GCD, Delta, T64, ZSTD(1));
ALTER TABLE session_samples MODIFY COLUMN observed_at CODEC(GCD, Delta, T64, ZSTD(1));
