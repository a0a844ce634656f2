-- Months that go on, without their samples: what the views of 0025 find in the samples of a month takes a second of CPU for every three million, and a
-- fleet of 10,000 lines has 27 million of them at the end of a month. A part of traffic_samples keeps beside its rows what they say of each line,
-- scope, day and restriction (a projection): 5 % of the bytes, and a hundredth of the rows. It is made of whatever is in the part, so that it goes where
-- the samples go, and with them. Parts from before are read as they were, until they are merged; of months that are closed nobody needs them.
--
-- Nothing in it adds up: what is the first, the last, the smallest stays so when a sample is stored twice. So it may be read without FINAL.

ALTER TABLE traffic_samples MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

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

-- restriction_turns_from_samples, as 0025 defines it. Where the samples of a day show one restriction after another, the first of each can be a turn and the
-- others cannot. Only where they take turns within a day (mixed) all samples of that day have to be read.

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
        SELECT source, contract_id, line_no, scope, day, arraySort(groupArray((first, last, restriction, figures))) AS shown
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last,
                argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at) AS figures
            FROM traffic_samples
            WHERE restriction != 'unknown'
            GROUP BY source, contract_id, line_no, scope, day, restriction
        )
        GROUP BY source, contract_id, line_no, scope, day
    ),
    mixed AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM days
        WHERE arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(shown, 1)), arrayPopBack(tupleElement(shown, 2)))
    ),
    months AS
    (
        SELECT source, contract_id, line_no, scope, month, arraySort(groupArray((at, restriction, figures))) AS shown,
            arrayFilter((one, before) -> one.2 != before, shown, arrayPushFront(arrayPopBack(tupleElement(shown, 2)), 'unknown')) AS turns
        FROM
        (
            SELECT source, contract_id, line_no, scope, toStartOfMonth(day) AS month, one.1 AS at, one.3 AS restriction, one.4 AS figures
            FROM days
            ARRAY JOIN shown AS one
            WHERE NOT arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(shown, 1)), arrayPopBack(tupleElement(shown, 2)))
            UNION ALL
            SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, observed_at AS at, restriction,
                tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start) AS figures
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed)
        )
        GROUP BY source, contract_id, line_no, scope, month
    )
SELECT source, contract_id, line_no, scope, turn.1 AS observed_at, turn.2 AS restriction, turn.3.1 AS month_bytes, turn.3.2 AS remaining_bytes,
    multiIf(
        restriction = 'monthly', turn.3.3,
        restriction = 'recent', turn.3.4,
        restriction = 'none' OR isNull(turn.3.3) OR isNull(turn.3.4), NULL,
        greatest(turn.3.3, turn.3.4)) AS told,
    month
FROM months
ARRAY JOIN turns AS turn
SETTINGS do_not_merge_across_partitions_select_final = 1, final = 0
COMMENT 'One row: a sample that showed another restriction than the one before in its month';

-- line_month_counts_from_samples, as 0025 defines it. From a turn to the next, or to the month's last sample, a line was restricted or not.

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
            GROUP BY source, contract_id, line_no, scope, day, restriction
        )
        GROUP BY source, contract_id, line_no, month
    ),
    turned AS
    (
        SELECT source, contract_id, line_no, month,
            arraySort(groupArrayIf((toUInt64(toUnixTimestamp64Milli(observed_at)), restriction != 'none'), scope = 'line')) AS line_turns,
            arraySort(groupArrayIf((toUInt64(toUnixTimestamp64Milli(observed_at)), restriction != 'none'), scope = 'data_share')) AS share_turns
        FROM restriction_turns_from_samples
        GROUP BY source, contract_id, line_no, month
    )
SELECT c.source AS source, c.contract_id AS contract_id, c.line_no AS line_no, c.month AS month, c.watched AS watched, c.quota AS quota, ifNull(c.used_up, 0) AS used_up,
    CAST(c.shared AS Bool) AS shared, c.line_first AS line_first, c.share_first AS share_first,
    toUInt64(intDiv(arraySum((at, slowed, until) -> slowed * (until - at), tupleElement(t.line_turns, 1), tupleElement(t.line_turns, 2),
        arrayPopFront(arrayPushBack(tupleElement(t.line_turns, 1), toUInt64(toUnixTimestamp64Milli(c.line_last))))), 1000)) AS line_seconds,
    toUInt64(intDiv(arraySum((at, slowed, until) -> slowed * (until - at), tupleElement(t.share_turns, 1), tupleElement(t.share_turns, 2),
        arrayPopFront(arrayPushBack(tupleElement(t.share_turns, 1), toUInt64(toUnixTimestamp64Milli(c.share_last))))), 1000)) AS share_seconds
FROM counted AS c
LEFT JOIN turned AS t
    ON t.source = c.source AND t.contract_id = c.contract_id AND t.line_no = c.line_no AND t.month = c.month
SETTINGS join_use_nulls = 0, final = 0
COMMENT 'One row: what the samples of a line say of a month';

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
        FROM (SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day FROM traffic_samples GROUP BY source, contract_id, line_no, scope, day)
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
    -- include 0026_days.sql, counted to counted
    ,
    volumes AS
    (
        SELECT source, contract_id, line_no, month, shared, quota, used_up
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        SELECT source, contract_id, line_no, month, CAST(shared AS Bool) AS shared, quota, ifNull(used_up, 0) AS used_up
        FROM counted
        WHERE month GLOBAL NOT IN (SELECT month FROM closed_months)
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
