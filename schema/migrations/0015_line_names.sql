-- What the customer calls its lines: labels_file, row by row. Kaisen writes a row when the file has another for the line than
-- before, and one with present = false when it has none any more.

CREATE TABLE IF NOT EXISTS line_names
(
    source        LowCardinality(String) COMMENT 'configured account',
    contract_id   LowCardinality(String) COMMENT 'N123456789',
    line_no       String COMMENT 'line number; personal data',
    name          String COMMENT 'name: what the customer calls the line',
    label_columns Array(LowCardinality(String)) COMMENT 'the further columns of labels_file; label_values is parallel',
    label_values  Array(LowCardinality(String)) COMMENT 'what it says in them',
    present       Bool COMMENT 'false once labels_file has the line no more',
    observed_at   DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen read it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, line_no)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: what the customer calls a line (labels_file)';
