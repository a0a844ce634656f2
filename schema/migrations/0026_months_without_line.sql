-- line_months, as 0025 defines it, also for lines that have no row in the table lines, such as those of a time before that table was dropped and
-- made again. Where a join finds nothing, a Nullable(Enum8) holds a 0 under its NULL. ifNull(state, 'active') makes a text of that too, and fails
-- where the Enum has no 0, as that of lines.state; a comparison does not.

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
