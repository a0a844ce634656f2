-- pool_forecast: line_forecast of share groups. How their month goes on is worked out by the same steps (0006_forecast.sql has the
-- formulas), as if a group were a line that is alone in its contract: its weekdays have no others to lean on, and beyond its
-- volume it brings what it has brought itself while it was slowed. What differs is what the steps begin with:
--
-- 1. Used, left and the volume are those of data_share_pools, and so is whose figures are added up (carrier_findings, share_figures).
-- 2. A day is, under reading group or while nothing was found, what was told last of it to any line, which may have left since: the
--    figure was the group's. Under reading line it is the sum over those that are members now: who has left will use nothing more of
--    the volume, and is not in month_bytes either. A member that was told nothing of a day counts as 0 if another was.
-- 3. A group has no start_date: it begins with the first day on which it used anything.
-- 4. A group of which it was not told what is left has a forecast without an end: exhaustion_at is NULL, and so is quota_bytes.
--
-- Groups without members now are not in data_share_pools, and have no forecast.

CREATE OR REPLACE VIEW pool_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, by all members',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up; NULL: what is left was not told',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band: one month in ten ends below',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band: one month in ten ends above',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up; NULL: not in this month',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the members use much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if they use little: the low end of the band',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when the carrier told the figures',
    own_volumes Bool COMMENT 'each member has a volume of its own (data_share_pools); this is of their sum, and says nothing of one of them'
)
AS
WITH
    assumeNotNull((SELECT toStartOfMonth(toDate(max(observed_at)) - 57) FROM traffic_latest WHERE scope = 'data_share')) AS first_day,
    latest AS
    (
        SELECT
            source,
            contract_id,
            '' AS line_no,
            assumeNotNull(p.observed_at) AS observed_at,
            assumeNotNull(p.month_bytes) AS month_bytes,
            p.remaining_bytes AS remaining_bytes,
            if(isNull(p.remaining_bytes), inf, toFloat64(assumeNotNull(p.remaining_bytes))) AS left,
            CAST(NULL AS Nullable(Date)) AS start_date,
            true AS has_volume,
            p.own_volumes AS own_volumes
        FROM data_share_pools AS p
        WHERE isNotNull(p.observed_at) AND isNotNull(p.month_bytes) AND (p.month_bytes > 0 OR isNotNull(p.remaining_bytes))
    ),
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    told_days AS
    (
        SELECT d.source AS source, d.contract_id AS contract_id, d.day AS day,
            if(any(ifNull(r.by_line, false)), sum(toFloat64(d.bytes)), toFloat64(argMax(d.bytes, (d.observed_at, d.line_no)))) AS bytes
        FROM
        (
            SELECT source, contract_id, line_no, day, bytes, observed_at
            FROM traffic_daily FINAL
            WHERE scope = 'data_share' AND day >= first_day
        ) AS d
        LEFT JOIN readings AS r ON r.source = d.source AND r.contract_id = d.contract_id
        LEFT JOIN
        (
            SELECT source, contract_id, line_no, true AS draws
            FROM data_share_members FINAL
            WHERE member AND status IN ('registered', 'removal_reserved')
        ) AS m
            ON m.source = d.source AND m.contract_id = d.contract_id AND m.line_no = d.line_no
        WHERE ifNull(m.draws, false) OR NOT ifNull(r.by_line, false)
        GROUP BY source, contract_id, day
    ),
    history AS
    (
        SELECT source, contract_id, '' AS line_no, groupArrayInsertAt(-1., 92)(bytes, toUInt32(day - first_day)) AS told
        FROM told_days
        GROUP BY source, contract_id
    ),
    -- include 0016_forecast_plans.sql, dated to ends
SELECT
    source,
    contract_id,
    month,
    month_bytes,
    remaining_bytes,
    if(isNull(remaining_bytes), NULL, month_bytes + least(assumeNotNull(remaining_bytes), bitNot(month_bytes))) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    month_bytes + least(toUInt64(round(least(more[1], 1e19))), bitNot(month_bytes)) AS month_end_bytes,
    month_bytes + least(toUInt64(round(least(more[2], 1e19))), bitNot(month_bytes)) AS month_end_bytes_low,
    month_bytes + least(toUInt64(round(least(more[3], 1e19))), bitNot(month_bytes)) AS month_end_bytes_high,
    if(instants[1] < 0, NULL, toDateTime(instants[1], 'Asia/Tokyo')) AS exhaustion_at,
    if(instants[3] < 0, NULL, toDateTime(instants[3], 'Asia/Tokyo')) AS exhaustion_at_early,
    if(instants[2] < 0, NULL, toDateTime(instants[2], 'Asia/Tokyo')) AS exhaustion_at_late,
    observed_at,
    own_volumes
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a share group''s month will end, and when its volume will be used up';
