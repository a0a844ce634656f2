-- The latest sample of each line, kept by materialized views so that the status of a fleet never has to read its
-- history. "The newest observed_at wins" is the same however often a row is sent, so a replay does no harm. One
-- partition only: merges never cross partitions, and with the history's months each month would keep its own latest.

CREATE TABLE IF NOT EXISTS traffic_latest AS traffic_samples
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY tuple()
ORDER BY (source, contract_id, line_no, scope)
COMMENT 'One row: the latest traffic sample of a line and scope';

CREATE MATERIALIZED VIEW IF NOT EXISTS traffic_latest_mv TO traffic_latest AS
SELECT * FROM traffic_samples;

CREATE TABLE IF NOT EXISTS session_latest AS session_samples
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY tuple()
ORDER BY (source, contract_id, line_no)
COMMENT 'One row: the latest session sample of a line';

CREATE MATERIALIZED VIEW IF NOT EXISTS session_latest_mv TO session_latest AS
SELECT * FROM session_samples;
