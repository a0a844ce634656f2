-- What a month was, for those who look back: line_months, pool_months, and plan_fit on top of the first.
--
-- line_months: a row for each month of which call 03 has told a figure.
--
-- 1. bytes is the carrier's figure for the month (traffic_monthly, scope line): the line's own use, of a member of a share group too.
-- 2. complete says that an answer which has the month's figure came at 03:00 on the first day after the month, or later: by then
--    figures have turned. It may be the row itself, a later month's, or the line's newest sample; an answer has the figures of its month
--    and of the two before. Of a line that left in the month, of the month that goes on, and of one that kaisen slept through, it is
--    false, and bytes is what was known at told_at.
-- 3. quota_bytes is month_bytes + remaining_bytes of the month's last sample with anything left: the volume with all that was added. NULL
--    where no sample of the month had anything left, and for members of a share group, whose volume is the group's.
-- 4. pooled: a sample of the month was of call 09. Where the month has no samples, what the line is now.
-- 5. restricted_seconds: the time from each sample that shows a restriction to the next one of the month, of call 09 for a pooled line, of
--    call 03 for others. 'unknown' neither begins nor ends it. NULL where the month has no such sample. Where the carrier dates the
--    beginning, restriction_episodes is more exact, by the time between two samples; it lasts on where nobody samples any more, and
--    this does not.
-- 6. roaming_seconds: the sessions abroad of session_durations, as far as they lie in the month and have a known end. NULL where the
--    session log was never read, or not yet 30 days after the month.
-- 7. days are those of the month on which the line was there: from its start_date, until it left, or until now. watched_days are those with
--    a sample. Where they are fewer, kaisen saw a part of it: bytes is the carrier's all the same, the seconds are of that part.
--
-- Name the month in a condition: it reads the samples of that month only.
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
    quota_bytes        Nullable(UInt64) COMMENT 'the line''s volume with what was added; NULL: not known, none, or the group''s',
    used_ratio         Nullable(Float64) COMMENT 'bytes / quota_bytes; more than 1 where it went on beyond its volume',
    restricted_seconds Nullable(UInt64) COMMENT 'how long the samples showed it throttled, alone or with its group; NULL: no sample',
    roaming_seconds    Nullable(UInt64) COMMENT 'sessions abroad of which the end is known; NULL: no log of that month',
    days               UInt8 COMMENT 'days of the month on which the line was there',
    watched_days       UInt8 COMMENT 'days with a sample; fewer than days: kaisen saw a part'
)
AS
WITH
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
        SELECT source, contract_id, line_no, toStartOfMonth(observed_at) AS month,
            bitCount(groupBitOr(bitShiftLeft(toUInt32(1), toDayOfMonth(observed_at) - 1))) AS watched,
            argMaxIf(month_bytes + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes))), observed_at,
                scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS quota,
            countIf(scope = 'data_share') > 0 AS shared,
            countIf(scope = 'line' AND restriction != 'unknown') > 0 AS line_shown,
            countIf(scope = 'data_share' AND restriction != 'unknown') > 0 AS share_shown
        FROM traffic_samples
        GROUP BY source, contract_id, line_no, month
    ),
    restricted AS
    (
        SELECT source, contract_id, line_no, month, sumIf(seconds, scope = 'line') AS line_seconds, sumIf(seconds, scope = 'data_share') AS share_seconds
        FROM
        (
            SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.scope AS scope, s.month AS month,
                arraySort(groupArray((s.at, s.slowed))) AS samples,
                toUInt64(intDiv(arraySum((passed, slowed) -> passed * slowed, arrayPopFront(arrayDifference(tupleElement(samples, 1))),
                    arrayPopBack(tupleElement(samples, 2))), 1000)) AS seconds
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) AS at,
                    restriction != 'none' AS slowed
                FROM traffic_samples
                WHERE restriction != 'unknown'
            ) AS s
            INNER JOIN
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month
                FROM traffic_samples
                WHERE restriction IN ('recent', 'monthly', 'monthly_and_recent')
                GROUP BY source, contract_id, line_no, scope, month
            ) AS r
                ON r.source = s.source AND r.contract_id = s.contract_id AND r.line_no = s.line_no AND r.scope = s.scope AND r.month = s.month
            GROUP BY source, contract_id, line_no, scope, month
        )
        GROUP BY source, contract_id, line_no, month
    ),
    abroad AS
    (
        SELECT source, contract_id, line_no, addMonths(toStartOfMonth(began), n) AS month,
            sum(toUInt64(dateDiff('second', greatest(began, toDateTime(month, 'Asia/Tokyo')),
                least(ended, toDateTime(addMonths(month, 1), 'Asia/Tokyo'))))) AS seconds
        FROM
        (
            SELECT source, contract_id, line_no, assumeNotNull(started_at) AS began, assumeNotNull(started_at) + assumeNotNull(duration_seconds) AS ended,
                arrayJoin(range(toUInt32(dateDiff('month', began, ended)) + 1)) AS n
            FROM session_durations
            WHERE session_type = 'roaming' AND isNotNull(started_at) AND isNotNull(duration_seconds)
        )
        GROUP BY source, contract_id, line_no, month
    )
SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.month AS month, m.bytes AS bytes,
    greatest(m.observed_at,
        if(m.month_1 > m.month AND m.month_1 <= addMonths(m.month, 2), m.observed_1, m.observed_at),
        if(m.month_2 > m.month AND m.month_2 <= addMonths(m.month, 2), m.observed_2, m.observed_at),
        if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN m.month AND addMonths(m.month, 2), assumeNotNull(t.observed_at), m.observed_at)) AS told_at,
    CAST(told_at >= toDateTime64(addMonths(m.month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AS Bool) AS complete,
    CAST(if(isNull(c.watched), ifNull(l.data_share IN ('registered', 'removal_reserved'), false), assumeNotNull(c.shared)) AS Bool) AS pooled,
    if(pooled OR c.quota = 0, NULL, c.quota) AS quota_bytes,
    m.bytes / quota_bytes AS used_ratio,
    multiIf(
        pooled AND ifNull(c.share_shown, 0), toNullable(ifNull(r.share_seconds, 0)),
        NOT pooled AND ifNull(c.line_shown, 0), toNullable(ifNull(r.line_seconds, 0)),
        NULL) AS restricted_seconds,
    if(isNull(w.watermark) OR isNull(l.first_seen) OR addMonths(m.month, 1) <= toDate(assumeNotNull(l.first_seen)) - 30, NULL, ifNull(a.seconds, 0)) AS roaming_seconds,
    toUInt8(greatest(
        least(addMonths(m.month, 1) - 1, toDate(now('Asia/Tokyo')), if(ifNull(l.state, 'active') = 'active', addMonths(m.month, 1), toDate(assumeNotNull(l.last_seen))))
            - greatest(m.month, ifNull(l.start_date, m.month)) + 1, 0)) AS days,
    toUInt8(ifNull(c.watched, 0)) AS watched_days
FROM months AS m
LEFT JOIN counted AS c
    ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no AND c.month = m.month
LEFT JOIN restricted AS r
    ON r.source = m.source AND r.contract_id = m.contract_id AND r.line_no = m.line_no AND r.month = m.month
LEFT JOIN abroad AS a
    ON a.source = m.source AND a.contract_id = m.contract_id AND a.line_no = m.line_no AND a.month = m.month
LEFT JOIN (SELECT source, contract_id, line_no, observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, line_no, state, data_share, start_date, first_seen, last_seen FROM lines FINAL) AS l
    ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
LEFT JOIN (SELECT source, contract_id, watermark FROM log_watermarks FINAL WHERE log = 'session_events') AS w
    ON w.source = m.source AND w.contract_id = m.contract_id
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a line';

-- pool_months: a row for each month of which call 09 has told a contract's figure.
--
-- 1. bytes is what all members used: the figure that was told last where each is told the group's, the sum of the members' where each is told
--    its own (carrier_findings, share_figures = 'line').
-- 2. quota_bytes is bytes and what was left, of the month's last sample with anything left; where each member is told its own use, bytes
--    of the month and what its last sample had left, NULL where that was nothing.
-- 3. restricted_seconds as in line_months, by the samples of all members together.
-- 4. complete: an answer of any member came at 03:00 on the first day after the month, or later, and had the month's figure.
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
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    months AS
    (
        SELECT source, contract_id, month, argMax(bytes, (observed_at, line_no)) AS newest,
            toUInt64(least(sum(toUInt128(bytes)), 18446744073709551615)) AS total, max(observed_at) AS told_at
        FROM (SELECT source, contract_id, line_no, month, bytes, observed_at FROM traffic_monthly FINAL WHERE scope = 'data_share') AS m
        GROUP BY source, contract_id, month
    ),
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
    ),
    latest AS
    (
        SELECT source, contract_id, max(observed_at) AS newest_at FROM traffic_latest FINAL WHERE scope = 'data_share' GROUP BY source, contract_id
    )
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
    if(ifNull(c.shown, 0), toNullable(ifNull(r.seconds, 0)), NULL) AS restricted_seconds,
    toUInt8(ifNull(c.watched, 0)) AS watched_days
FROM months AS m
LEFT JOIN counted AS c ON c.source = m.source AND c.contract_id = m.contract_id AND c.month = m.month
LEFT JOIN restricted AS r ON r.source = m.source AND r.contract_id = m.contract_id AND r.month = m.month
LEFT JOIN readings AS f ON f.source = m.source AND f.contract_id = m.contract_id
LEFT JOIN latest AS t ON t.source = m.source AND t.contract_id = m.contract_id
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a contract''s share group';

-- plan_fit: whether the plan of each active line fits what it uses, by its three newest whole months: those that are complete in
-- line_months, of the last four that have ended, and on whose first day the line was there. The volume is the newest that the line
-- was seen to have in these or in the month that goes on.
--
--   unknown    the line has not three whole months, or nobody has told of its volume
--   unused     less than 10 MB (10,000,000 bytes) in each of the three; whatever its volume
--   pooled     it draws on its share group, so that its plan's volume says little: see pool_months
--   no_volume  its plan has none (plan_volumes), so that it cannot be too small or too large
--   too_small  in two of the three, or in all, it used the whole volume or more
--   too_large  in the largest of the three it used less than 30 % of the volume
--   fits       none of these
--
-- The first that is true counts, from unused on. Volume that was added in the month counts as the line's.
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
    judged AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no,
            arraySlice(arrayReverseSort(groupArrayIf((m.month, m.bytes), m.complete AND m.month < this_month AND ifNull(l.start_date, m.month) <= m.month)), 1, 3) AS whole,
            argMaxIf(assumeNotNull(m.quota_bytes), m.month, isNotNull(m.quota_bytes)) AS quota
        FROM (SELECT source, contract_id, line_no, month, bytes, complete, quota_bytes FROM line_months WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4)) AS m
        LEFT JOIN (SELECT source, contract_id, line_no, start_date FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
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
