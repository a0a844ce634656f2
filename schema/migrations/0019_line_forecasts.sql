-- line_forecast forgets what it said: it is computed when it is read. line_forecasts has what it said on each day, written by kaisen
-- itself at its first forecast from 03:00 on (before then, figures of the day before may still be told), or by a kaisen sweep
-- whenever it is run. The first that a day says of a line is kept, a later one is not written. A
-- forecast of 0 days_of_history is of a line, or a kaisen, that had just begun.

CREATE TABLE IF NOT EXISTS line_forecasts
(
    source               LowCardinality(String) COMMENT 'configured account',
    contract_id          LowCardinality(String) COMMENT 'N123456789',
    line_no              String COMMENT 'line number; personal data',
    day                  Date COMMENT 'the day on which it was said',
    month                Date COMMENT 'first day of the month that it is about',
    month_bytes          UInt64 COMMENT 'used in it by then',
    quota_bytes          Nullable(UInt64) COMMENT 'the volume as it was then; NULL: it had none',
    days_of_history      UInt16 COMMENT 'how many past days it is from; with few of them it was a guess',
    month_end_bytes      UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low  UInt64 COMMENT 'low end of its 80 % band',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band',
    exhaustion_at        Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume was expected to be used up; NULL: not in that month',
    exhaustion_at_early  Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much',
    exhaustion_at_late   Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little',
    observed_at          DateTime64(3, 'Asia/Tokyo') COMMENT 'when it was said, by kaisen''s clock'
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(observed_at)
ORDER BY (source, contract_id, line_no, day)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: what was expected of a line''s month on a day';

-- forecast_results: what became of each forecast whose month is complete in line_months.
--
-- 1. error_ratio is what was expected for the month's end, less what was used, over what was used: 0.1 is a tenth too much. NULL where the
--    line used nothing.
-- 2. within_band: what was used lies from month_end_bytes_low to month_end_bytes_high.
-- 3. ran_out: it used at least the volume that it had when that was said; NULL for lines without one, and for members of a share group. What was
--    added to the volume later does not count.
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
INNER JOIN (SELECT source, contract_id, line_no, month, bytes, pooled FROM line_months WHERE complete) AS m
    ON m.source = f.source AND m.contract_id = f.contract_id AND m.line_no = f.line_no AND m.month = f.month
COMMENT 'One row: a forecast of a day, and what became of it';
