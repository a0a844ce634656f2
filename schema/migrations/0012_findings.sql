-- What the carrier's answers have shown about its documents, where these may be read in more than one way
-- (collector/carrier/README.md lists the points). Kaisen writes a row when it learns one, and once a day while it holds.

CREATE TABLE IF NOT EXISTS carrier_findings
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789; empty where it is of the account as a whole',
    operation   LowCardinality(String) COMMENT 'the operation that it is of; empty where it is not of one alone',
    reading     LowCardinality(String) COMMENT 'the point on which the documents may be read in several ways',
    value       LowCardinality(String) COMMENT 'which way holds',
    evidence    String COMMENT 'what showed it, in words',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when an answer last showed it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, operation, reading)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a point of the carrier''s documents, and which reading of it holds for an account or a contract';
