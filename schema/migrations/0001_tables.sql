-- The tables. Line tables are sorted by source, contract, line, then time: a line's history lies together.
-- Whatever the carrier can tell twice is a ReplacingMergeTree whose version is observed_at; read with FINAL, or
-- through the views of 0003, nobody meets a duplicate. Every statement may run twice, because a migration that was
-- cut off half way is run again whole. Names without a database: it is the connection's.

CREATE TABLE IF NOT EXISTS traffic_samples
(
    source              LowCardinality(String) COMMENT 'configured account',
    contract_id         LowCardinality(String) COMMENT 'N123456789',
    line_no             String COMMENT 'line number; personal data',
    scope               Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose figures: the line''s own (call 03), or its share group''s (call 09)',
    observed_at         DateTime64(3, 'Asia/Tokyo') COMMENT 'the carrier''s clock: Date header of the answer' CODEC(DoubleDelta, ZSTD(1)),
    received_at         DateTime64(3, 'Asia/Tokyo') COMMENT 'kaisen''s clock when the answer arrived' CODEC(DoubleDelta, ZSTD(1)),
    month_bytes         Nullable(UInt64) COMMENT 'trafficThisMonth' CODEC(Delta, ZSTD(1)),
    today_bytes         Nullable(UInt64) COMMENT 'trafficToday' CODEC(Delta, ZSTD(1)),
    remaining_bytes     Nullable(UInt64) COMMENT 'remainedDataVolume' CODEC(Delta, ZSTD(1)),
    limit_status1       Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2       Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    restriction         Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4) COMMENT 'decided from the two codes by the carrier''s table',
    monthly_limit_start Nullable(DateTime('Asia/Tokyo')) COMMENT 'monthlyLimitStartTime; the carrier leaves it empty today',
    daily_limit_start   Nullable(DateTime('Asia/Tokyo')) COMMENT 'dailyLimitStartTime; the carrier leaves it empty today',
    limit_cause         LowCardinality(String) COMMENT 'limitCause; the carrier leaves it empty today'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (source, contract_id, line_no, scope, observed_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one traffic answer';

CREATE TABLE IF NOT EXISTS traffic_daily
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no     String COMMENT 'line number; personal data',
    scope       Enum8('line' = 1, 'data_share' = 2) COMMENT 'the line''s own, or its share group''s figures',
    day         Date COMMENT 'day of the carrier''s calendar' CODEC(Delta, ZSTD(1)),
    bytes       UInt64 COMMENT 'bytes used on that day' CODEC(Delta, ZSTD(1)),
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYear(day)
ORDER BY (source, contract_id, line_no, scope, day)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: what a line used on a day';

CREATE TABLE IF NOT EXISTS traffic_monthly
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no     String COMMENT 'line number; personal data',
    scope       Enum8('line' = 1, 'data_share' = 2) COMMENT 'the line''s own, or its share group''s figures',
    month       Date COMMENT 'first day of the month' CODEC(Delta, ZSTD(1)),
    bytes       UInt64 COMMENT 'bytes used in that month' CODEC(Delta, ZSTD(1)),
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYear(month)
ORDER BY (source, contract_id, line_no, scope, month)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: what a line used in a month';

CREATE TABLE IF NOT EXISTS session_samples
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    observed_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'the carrier''s clock: Date header of the answer' CODEC(DoubleDelta, ZSTD(1)),
    received_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'kaisen''s clock when the answer arrived' CODEC(DoubleDelta, ZSTD(1)),
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    connected    Nullable(Bool) COMMENT 'sessionStatus; NULL where result_code is not 0',
    result_code  UInt8 COMMENT 'resultCode: 0 read, 1 ended abnormally, 2 too many requests'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (source, contract_id, line_no, observed_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one answer on a line''s connection (call 26)';

CREATE TABLE IF NOT EXISTS authentications
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime, whole seconds' CODEC(DoubleDelta, ZSTD(1)),
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    result       Enum8('unknown' = 0, 'ok' = 1, 'ng' = 2) COMMENT 'authenticationResult',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0: they are real',
    observed_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(event_time)
ORDER BY (source, contract_id, line_no, event_time, session_type, result, ordinal)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one row of the RADIUS authentication log (call 04)';

CREATE TABLE IF NOT EXISTS session_events
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime, whole seconds' CODEC(DoubleDelta, ZSTD(1)),
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    event        Enum8('unknown' = 0, 'start' = 1, 'stop' = 2) COMMENT 'eventType',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0: they are real',
    observed_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it' CODEC(DoubleDelta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(event_time)
ORDER BY (source, contract_id, line_no, event_time, session_type, event, ordinal)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one row of the session log (call 05)';

CREATE TABLE IF NOT EXISTS lines
(
    source              LowCardinality(String) COMMENT 'configured account',
    contract_id         LowCardinality(String) COMMENT 'N123456789',
    line_no             String COMMENT 'line number; personal data',
    state               Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active: polled; not_found: the carrier answered 404; removed: left the list',
    origin              Enum8('list' = 1, 'data_share' = 2, 'log' = 3, 'file' = 4) COMMENT 'how kaisen knows the line',
    start_date          Nullable(Date) COMMENT 'startDate: first day of use',
    plan_code           LowCardinality(String) COMMENT 'planCode',
    access              LowCardinality(String) COMMENT 'accessCode or accessType: 3g, lte, or the carrier''s code where it is another',
    option_codes        Array(LowCardinality(String)) COMMENT 'optionCodeList; T6000084 once for each added volume',
    sim_type            LowCardinality(String) COMMENT 'simType',
    sim_number          String COMMENT 'simNumber',
    device_name         LowCardinality(String) COMMENT 'deviceName',
    imei                String COMMENT 'imei',
    authentication_type LowCardinality(String) COMMENT 'authenticationType: whose RADIUS answers',
    act_ip_address      String COMMENT 'actIpAddress',
    sby_ip_address      String COMMENT 'sbyIpAddress',
    roaming_ip_address  String COMMENT 'roamingIpAddress',
    authentication_id   String COMMENT 'authenticationId',
    note                String COMMENT 'note: the customer''s own remark',
    imei_option         LowCardinality(String) COMMENT 'imeiOption',
    data_share          Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group (call 10)',
    first_seen          DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen           DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    observed_at         DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, line_no)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a line, as last known (call 02)';

CREATE TABLE IF NOT EXISTS line_changes
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no     String COMMENT 'line number; personal data',
    field       LowCardinality(String) COMMENT 'column of table lines',
    old         String COMMENT 'value before',
    new         String COMMENT 'value after',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that first had the new value'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(observed_at)
ORDER BY (source, contract_id, line_no, observed_at, field)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a field of a line that changed';

CREATE TABLE IF NOT EXISTS data_share_members
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no     String COMMENT 'line number; personal data',
    status      Enum8('unknown' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3) COMMENT 'status: joining is reserved, done, or leaving is reserved',
    reserve_id  String COMMENT 'reserveId',
    member      Bool COMMENT 'false once the line has left the carrier''s list',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, line_no)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a line''s place in its contract''s share group (call 10)';

CREATE TABLE IF NOT EXISTS sweeps
(
    source      LowCardinality(String) COMMENT 'configured account',
    job         LowCardinality(String) COMMENT 'lines, traffic, data_share, session, authentications, sessions',
    started_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'kaisen''s clock',
    finished_at DateTime64(3, 'Asia/Tokyo') COMMENT 'kaisen''s clock',
    requests    UInt64 COMMENT 'requests sent for it',
    ok          UInt64 COMMENT 'items done',
    failed      UInt64 COMMENT 'items given up until the next run',
    throttled   UInt64 COMMENT 'answers 429, 503 and resultCode 2 met on the way',
    rows        UInt64 COMMENT 'rows handed to the store',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'equal to finished_at'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (source, job, started_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one run of one job';

CREATE TABLE IF NOT EXISTS dead_letters
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'as far as known',
    line_no     String COMMENT 'as far as known; personal data',
    operation   LowCardinality(String) COMMENT 'the call that was answered',
    reason      String COMMENT 'what was not understood',
    status      UInt16 COMMENT 'HTTP status',
    payload     String COMMENT 'the answer, whole' CODEC(ZSTD(3)),
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer''s Date header'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(observed_at)
ORDER BY (source, contract_id, line_no, operation, observed_at)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: one answer not understood, kept whole';

CREATE TABLE IF NOT EXISTS log_watermarks
(
    source      LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    log         LowCardinality(String) COMMENT 'authentications or session_events: the table that the log fills',
    watermark   DateTime('Asia/Tokyo') COMMENT 'every row before it is in that table',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when it moved; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, log)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: how far a log is safely read';
