-- Run each statement on every shard of {cluster} before the next one.

CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32 COMMENT 'number of the step',
    name       String COMMENT 'its file',
    applied_at DateTime64(3, 'Asia/Tokyo') DEFAULT now64(3) COMMENT 'when it was done'
)
ENGINE = ReplacingMergeTree
ORDER BY version
COMMENT 'One row: a step of the schema''s history that was taken';

-- 0001_tables.sql
CREATE TABLE IF NOT EXISTS traffic_samples_local
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

CREATE TABLE IF NOT EXISTS traffic_samples AS traffic_samples_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'traffic_samples_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: one traffic answer';

CREATE TABLE IF NOT EXISTS traffic_daily_local
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

CREATE TABLE IF NOT EXISTS traffic_daily AS traffic_daily_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'traffic_daily_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: what a line used on a day';

CREATE TABLE IF NOT EXISTS traffic_monthly_local
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

CREATE TABLE IF NOT EXISTS traffic_monthly AS traffic_monthly_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'traffic_monthly_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: what a line used in a month';

CREATE TABLE IF NOT EXISTS session_samples_local
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

CREATE TABLE IF NOT EXISTS session_samples AS session_samples_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'session_samples_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: one answer on a line''s connection (call 26)';

CREATE TABLE IF NOT EXISTS authentications_local
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

CREATE TABLE IF NOT EXISTS authentications AS authentications_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'authentications_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: one row of the RADIUS authentication log (call 04)';

CREATE TABLE IF NOT EXISTS session_events_local
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

CREATE TABLE IF NOT EXISTS session_events AS session_events_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'session_events_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: one row of the session log (call 05)';

CREATE TABLE IF NOT EXISTS lines_local
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

CREATE TABLE IF NOT EXISTS lines AS lines_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'lines_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: a line, as last known (call 02)';

CREATE TABLE IF NOT EXISTS line_changes_local
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

CREATE TABLE IF NOT EXISTS line_changes AS line_changes_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'line_changes_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: a field of a line that changed';

CREATE TABLE IF NOT EXISTS data_share_members_local
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

CREATE TABLE IF NOT EXISTS data_share_members AS data_share_members_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'data_share_members_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: a line''s place in its contract''s share group (call 10)';

CREATE TABLE IF NOT EXISTS sweeps_local
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

CREATE TABLE IF NOT EXISTS sweeps AS sweeps_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'sweeps_local', cityHash64(source, job, started_at))
COMMENT 'One row: one run of one job';

CREATE TABLE IF NOT EXISTS dead_letters_local
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

CREATE TABLE IF NOT EXISTS dead_letters AS dead_letters_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'dead_letters_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: one answer not understood, kept whole';

CREATE TABLE IF NOT EXISTS log_watermarks_local
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

CREATE TABLE IF NOT EXISTS log_watermarks AS log_watermarks_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'log_watermarks_local', cityHash64(source, contract_id))
COMMENT 'One row: how far a log is safely read';

INSERT INTO schema_migrations (version, name) SELECT 1, '0001_tables.sql';

-- 0002_latest.sql
CREATE TABLE IF NOT EXISTS traffic_latest_local AS traffic_samples_local
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY tuple()
ORDER BY (source, contract_id, line_no, scope)
COMMENT 'One row: the latest traffic sample of a line and scope';

CREATE TABLE IF NOT EXISTS traffic_latest AS traffic_latest_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'traffic_latest_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: the latest traffic sample of a line and scope';

CREATE MATERIALIZED VIEW IF NOT EXISTS traffic_latest_mv TO traffic_latest_local AS
SELECT * FROM traffic_samples_local;

CREATE TABLE IF NOT EXISTS session_latest_local AS session_samples_local
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY tuple()
ORDER BY (source, contract_id, line_no)
COMMENT 'One row: the latest session sample of a line';

CREATE TABLE IF NOT EXISTS session_latest AS session_latest_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'session_latest_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: the latest session sample of a line';

CREATE MATERIALIZED VIEW IF NOT EXISTS session_latest_mv TO session_latest_local AS
SELECT * FROM session_samples_local;

INSERT INTO schema_migrations (version, name) SELECT 2, '0002_latest.sql';

-- 0003_line_status.sql
INSERT INTO schema_migrations (version, name) SELECT 3, '0003_line_status.sql';

-- 0004_orders.sql
CREATE TABLE IF NOT EXISTS contracts_local
(
    source                LowCardinality(String) COMMENT 'configured account',
    contract_id           LowCardinality(String) COMMENT 'N123456789',
    domain_name           String COMMENT 'domainName: the name the service was applied for by',
    customer_name         String COMMENT 'contractCustomerName; personal data',
    customer_name_kana    String COMMENT 'contractCustomerNameKana; personal data',
    postal_number         String COMMENT 'contractPostalNumber; personal data',
    address               String COMMENT 'contractAddress; personal data',
    address_line1         String COMMENT 'contractAddressLine1; personal data',
    address_line2         String COMMENT 'contractAddressLine2; personal data',
    address_line3         String COMMENT 'contractAddressLine3; personal data',
    building_name1        String COMMENT 'contractBuildingName1; personal data',
    building_name2        String COMMENT 'contractBuildingName2; personal data',
    building_name3        String COMMENT 'contractBuildingName3; personal data',
    samakata              String COMMENT 'contractSamakata: in whose care; personal data',
    tech_person_name      String COMMENT 'techPersonName: who is in charge of technology; personal data',
    tech_phone_number     String COMMENT 'techPhoneNumber; personal data',
    tech_fax_number       String COMMENT 'techFaxNumber; personal data',
    tech_mail_address     String COMMENT 'techMailAddress; personal data',
    contact_dept_name     String COMMENT 'contactDeptName: the office in charge of the contract',
    contact_person_name   String COMMENT 'contactPersonName; personal data',
    contact_phone_number  String COMMENT 'contactPhoneNumber; personal data',
    contact_mail_address  String COMMENT 'contactMailAddress; personal data',
    billing_postal_number String COMMENT 'billingPostalNumber: where the bill goes; personal data',
    billing_address       String COMMENT 'billingAddress; personal data',
    billing_name_kana     String COMMENT 'billingNameKana; personal data',
    billing_person_name   String COMMENT 'billingPersonName; personal data',
    billing_phone_number  String COMMENT 'billingPhoneNumber; personal data',
    observed_at           DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a contract, as last known (call 01)';

CREATE TABLE IF NOT EXISTS contracts AS contracts_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'contracts_local', cityHash64(source, contract_id))
COMMENT 'One row: a contract, as last known (call 01)';

CREATE TABLE IF NOT EXISTS products_local
(
    source             LowCardinality(String) COMMENT 'configured account',
    contract_id        LowCardinality(String) COMMENT 'N123456789',
    product_code       String COMMENT 'productCode: T3001323, the plan_code of a line; the carrier may leave it out',
    product_name       String COMMENT 'productName',
    course_type_code   LowCardinality(String) COMMENT 'courseType, two digits',
    course_type        Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99) COMMENT 'what the code means',
    device_codes       Array(LowCardinality(String)) COMMENT 'deviceCode of each device that comes with it; the device columns are parallel',
    device_names       Array(LowCardinality(String)) COMMENT 'deviceName',
    device_short_names Array(LowCardinality(String)) COMMENT 'deviceShortName',
    device_types       Array(LowCardinality(String)) COMMENT 'deviceType: sim, device, device_and_sim, or the carrier''s code where it is another',
    sim_type_codes     Array(LowCardinality(String)) COMMENT 'simTypeCode: 1 standard, 2 micro, 3 nano',
    sim_types          Array(LowCardinality(String)) COMMENT 'simTypeName, as in lines.sim_type',
    device_access      Array(LowCardinality(String)) COMMENT 'accessType: 3g, lte, or the carrier''s code where it is another',
    option_codes       Array(LowCardinality(String)) COMMENT 'optionCode of each option it can have; the option columns are parallel',
    option_names       Array(LowCardinality(String)) COMMENT 'optionName',
    option_access      Array(LowCardinality(String)) COMMENT 'accessType: 3g, lte, or the carrier''s code where it is another',
    offered            Bool COMMENT 'false once it has left the carrier''s list',
    observed_at        DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, product_code, product_name)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: something that a contract can order, as last known (call 06)';

CREATE TABLE IF NOT EXISTS products AS products_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'products_local', cityHash64(source, contract_id))
COMMENT 'One row: something that a contract can order, as last known (call 06)';

CREATE TABLE IF NOT EXISTS orders_local
(
    source                      LowCardinality(String) COMMENT 'configured account',
    contract_id                 LowCardinality(String) COMMENT 'N123456789',
    order_id                    String COMMENT 'orderId: AGU1712080057782',
    number                      UInt16 COMMENT '0: the order itself (calls 07, 08); else its item of that number (call 11)',
    applied                     Nullable(Date) COMMENT 'serviceDateApply: the day of the order',
    requested                   Nullable(Date) COMMENT 'requestDate: the day that was asked for',
    scheduled                   Nullable(Date) COMMENT 'serviceDateStartScheduled: the day of opening, once it is known',
    status_code                 LowCardinality(String) COMMENT 'orderStatus, two digits',
    status                      Enum8('unknown' = 0, 'waiting' = 1, 'processing' = 2, 'processed' = 3, 'rejected' = 4, 'system_error' = 5, 'registered' = 10, 'cancelled' = 11, 'confirmed' = 15, 'under_way' = 16, 'completed' = 60) COMMENT 'what the code means; rejected: to be corrected and ordered anew',
    error_id                    LowCardinality(String) COMMENT 'messageId of checkErrorInfo: what is wrong with it; empty where nothing is',
    error_text                  String COMMENT 'message of checkErrorInfo; the carrier leaves it empty today',
    cancel_order_id             String COMMENT 'orderId of its cancellation, as far as call 30 told; so with all cancel columns',
    cancel_status_code          LowCardinality(String) COMMENT 'orderStatus of the cancellation, two digits',
    cancel_status               Enum8('none' = -1, 'unknown' = 0, 'waiting' = 1, 'processing' = 2, 'processed' = 3, 'rejected' = 4, 'system_error' = 5, 'registered' = 10, 'cancelled' = 11, 'confirmed' = 15, 'under_way' = 16, 'completed' = 60) COMMENT 'what that code means; none: call 30 told of no cancellation',
    cancel_error_id             LowCardinality(String) COMMENT 'messageId of checkErrorInfo: what is wrong with the cancellation',
    cancel_error_text           String COMMENT 'its message',
    cancel_reference_error_id   LowCardinality(String) COMMENT 'messageId of referenceErrorInfo: what is wrong with the question',
    cancel_reference_error_text String COMMENT 'its message',
    told_by                     Enum8('orders' = 7, 'completed_orders' = 8, 'order' = 11, 'cancellation' = 30) COMMENT 'the call that last told the status, by its number',
    gone                        Bool COMMENT 'the carrier no longer knows it: in no list, and 404 to calls 11 and 30; the status is the last known',
    first_seen                  DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew it',
    status_since                DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first saw it in this status; where it met it so, the day it was applied for',
    observed_at                 DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, contract_id, order_id, number)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: an order of a contract, or an item of one, as last known (calls 07, 08, 11 and 30)';

CREATE TABLE IF NOT EXISTS orders AS orders_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'orders_local', cityHash64(source, contract_id))
COMMENT 'One row: an order of a contract, or an item of one, as last known (calls 07, 08, 11 and 30)';

INSERT INTO schema_migrations (version, name) SELECT 4, '0004_orders.sql';

-- 0005_views.sql
CREATE OR REPLACE VIEW traffic_hourly
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
    told AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month,
            toUInt64(toUnixTimestamp64Milli(observed_at)) AS at, assumeNotNull(month_bytes) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR month_bytes = today_bytes)
        UNION ALL
        SELECT source, contract_id, line_no, scope, toLastDayOfMonth(observed_at) + 1 AS month,
            toUInt64(toUnixTimestamp(toDateTime(month, 'Asia/Tokyo'))) * 1000 AS at, toUInt64(0) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL
        GROUP BY source, contract_id, line_no, scope, month
    ),
    months AS
    (
        SELECT source, contract_id, line_no, scope, month,
            arraySort(groupArray((told.at, told.counter))) AS samples,
            tupleElement(samples, 1) AS times, tupleElement(samples, 2) AS counters,
            if(arrayMin(arrayDifference(counters)) >= 0, counters,
                arrayReduceInRanges('min', arrayZip(arrayEnumerate(counters), arrayWithConstant(length(counters), length(counters))), counters)) AS corrected
        FROM told
        GROUP BY source, contract_id, line_no, scope, month
    ),
    heights AS
    (
        SELECT source, contract_id, line_no, scope, month, times, intDiv(times[1], 3600000) AS first_hour,
            arrayFlatten(arrayMap((at, bytes, at_before, bytes_before) ->
                arrayMap(h -> bytes_before + toUInt64(intDiv(toUInt128(toUInt64(bytes - bytes_before)) * (h * 3600000 - at_before), at - at_before)),
                    range(intDiv(at_before, 3600000) + 1, intDiv(at, 3600000) + 1)),
                arrayPopFront(times), arrayPopFront(corrected), arrayPopBack(times), arrayPopBack(corrected))) AS at_full_hours,
            arrayPopFront(arrayDifference(arrayConcat([corrected[1]], at_full_hours, [corrected[-1]]))) AS used
        FROM months
    )
SELECT source, contract_id, line_no, scope,
    toDateTime((first_hour + n - 1) * 3600, 'Asia/Tokyo') AS hour,
    toUInt64(grown) AS bytes,
    toUInt32(intDiv(least(times[-1], (first_hour + n) * 3600000) - greatest(times[1], (first_hour + n - 1) * 3600000), 1000)) AS covered_seconds,
    month
FROM heights
ARRAY JOIN used AS grown, arrayEnumerate(used) AS n
WHERE covered_seconds > 0 OR bytes > 0
COMMENT 'One row: what a line used in an hour, from its samples';

INSERT INTO schema_migrations (version, name) SELECT 5, '0005_views.sql';

-- 0006_forecast.sql
INSERT INTO schema_migrations (version, name) SELECT 6, '0006_forecast.sql';

-- 0007_backend.sql
CREATE TABLE IF NOT EXISTS service_orders_local
(
    source            LowCardinality(String) COMMENT 'configured account',
    service           LowCardinality(String) COMMENT 'serviceName that was asked for: uno, ucaas, …',
    order_request_num String COMMENT 'orderRequestNum, which identifies the order',
    contract_id       String COMMENT 'contractId of the service; each order has its own',
    service_name      LowCardinality(String) COMMENT 'serviceName, in the carrier''s words',
    order_type_code   LowCardinality(String) COMMENT 'orderType',
    order_type        Enum8('unknown' = 0, 'new' = 1, 'change' = 2, 'cancel' = 3) COMMENT 'what the code means',
    offer_plan_date   Nullable(Date) COMMENT 'offerPlanDate: when the service is to be provided',
    status_code       LowCardinality(String) COMMENT 'orderStatus; empty where the carrier told none, which is how an order of mss is complete',
    status            Enum8('unknown' = 0, 'received' = 1, 'investigated' = 2, 'access_line_constructed' = 3, 'device_constructed' = 4, 'completed' = 5, 'in_progress' = 6) COMMENT 'what the code means of this service; unknown where the document does not say',
    listed            Bool COMMENT 'false once it has left the carrier''s list',
    first_seen        DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the order',
    status_since      DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew it in its status',
    observed_at       DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, service, order_request_num, contract_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: an order of a service, as last known';

CREATE TABLE IF NOT EXISTS service_orders AS service_orders_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'service_orders_local', cityHash64(source, service, order_request_num, contract_id))
COMMENT 'One row: an order of a service, as last known';

CREATE TABLE IF NOT EXISTS service_order_details_local
(
    source                                 LowCardinality(String) COMMENT 'configured account',
    web_entry_id                           String COMMENT 'webEntryId: WEB Entry ID',
    change_relation_num                    String COMMENT 'changeRelationNum: WEB Entry sub ID',
    main_back_identifier                   LowCardinality(String) COMMENT 'mainBackIdentifier: main or backup line',
    order_num                              String COMMENT 'orderNum: order number',
    contract_vpn_num                       String COMMENT 'contractVpnNum: VPN Group number',
    contract_line_num_appl                 String COMMENT 'contractLineNumAppl: contract line number (Application)',
    contract_line_num_distribut            String COMMENT 'contractLineNumDistribut: contract line number (Distribution)',
    dark_id                                String COMMENT 'darkId: dark fiber ID',
    quotation_group_id                     String COMMENT 'quotationGroupId: quotation group ID',
    appl_ymd                               Nullable(Date) COMMENT 'applYmd: application date',
    item_name                              String COMMENT 'itemName: project name; personal data',
    contractor_name                        String COMMENT 'contractorName: customer name; personal data',
    office_name                            String COMMENT 'officeName: customer office name; personal data',
    kind                                   LowCardinality(String) COMMENT 'kind: order type',
    product_name                           LowCardinality(String) COMMENT 'productName: product name',
    service_name                           LowCardinality(String) COMMENT 'serviceName: service name',
    accs_line_type_main                    LowCardinality(String) COMMENT 'accsLineTypeMain: main access line type',
    line_speed                             LowCardinality(String) COMMENT 'lineSpeed: line speed',
    put_place_zip_num                      String COMMENT 'putPlaceZipNum: postal code; personal data',
    put_place_add_prefectures              LowCardinality(String) COMMENT 'putPlaceAddPrefectures: prefecture',
    put_place_add                          String COMMENT 'putPlaceAdd: city and address1; personal data',
    put_place_building_name                String COMMENT 'putPlaceBuildingName: address2; personal data',
    put_place_floor                        String COMMENT 'putPlaceFloor: floor; personal data',
    put_place_tel                          String COMMENT 'putPlaceTel: phone number; personal data',
    sale_channel_code                      LowCardinality(String) COMMENT 'saleChannelCode: sales channel code',
    customer_department_name               String COMMENT 'customerDepartmentName: customer service department name; personal data',
    support_request_status                 LowCardinality(String) COMMENT 'supportRequestStatus: application status',
    support_request_action_ymd             Nullable(Date) COMMENT 'supportRequestActionYmd: application date',
    accs_const_presence                    LowCardinality(String) COMMENT 'accsConstPresence: access line installation flag',
    universal_one_terminal                 LowCardinality(String) COMMENT 'universalOneTerminal: Universal One Terminal',
    term_const_div                         LowCardinality(String) COMMENT 'termConstDiv: terminal installation type',
    holdout_schedule_ymd                   Nullable(Date) COMMENT 'holdoutScheduleYmd: desired date of service',
    recept_ymd                             Nullable(Date) COMMENT 'receptYmd: application date (First)',
    change_relation_recept_ymd             Nullable(Date) COMMENT 'changeRelationReceptYmd: application date (Change)',
    field_research_status                  LowCardinality(String) COMMENT 'fieldResearchStatus: site survey status',
    area_field_research_schedule_ymd       Nullable(Date) COMMENT 'areaFieldResearchScheduleYmd: preferred date of site survey for access line',
    area_field_research_time_zone          LowCardinality(String) COMMENT 'areaFieldResearchTimeZone: preferred time slot of site survey for access line',
    area_field_research_schedule_time_zone LowCardinality(String) COMMENT 'areaFieldResearchScheduleTimeZone: scheduled time slot of site survey for access line',
    area_field_research_worker             LowCardinality(String) COMMENT 'areaFieldResearchWorker: operator of site survey for access line',
    area_field_research_observer           String COMMENT 'areaFieldResearchObserver: witness of site survey for access line; personal data',
    area_field_research_action_ymd         Nullable(Date) COMMENT 'areaFieldResearchActionYmd: implementation date of site survey for access line',
    com_field_research_time_zone           LowCardinality(String) COMMENT 'comFieldResearchTimeZone: preferred time slot of site survey by NTT Communications',
    com_field_research_expected_day        Nullable(Date) COMMENT 'comFieldResearchExpectedDay: scheduled date of site survey by NTT Communications',
    com_field_research_expected_time_zone  LowCardinality(String) COMMENT 'comFieldResearchExpectedTimeZone: scheduled time slot of site survey by NTT Communications',
    com_field_research_worker              LowCardinality(String) COMMENT 'comFieldResearchWorker: operator of site survey by NTT Communications',
    com_field_research_observer            String COMMENT 'comFieldResearchObserver: witness of site survey by NTT Communications; personal data',
    com_field_research_action_ymd          Nullable(Date) COMMENT 'comFieldResearchActionYmd: implementation date of site survey by NTT Communications',
    ancillary_const_presence               LowCardinality(String) COMMENT 'ancillaryConstPresence: appurtenant installation flag',
    continuity_const_trial_status          LowCardinality(String) COMMENT 'continuityConstTrialStatus: connection test status',
    df_const_hope_ymd                      Nullable(Date) COMMENT 'dfConstHopeYmd: preferred date for connection installation',
    continuity_const_schedule_ymd          Nullable(Date) COMMENT 'continuityConstScheduleYmd: scheduled date for connection installation',
    continuity_const_schedule_time_zone    LowCardinality(String) COMMENT 'continuityConstScheduleTimeZone: scheduled time slot for connection installation',
    continuity_const_worker                LowCardinality(String) COMMENT 'continuityConstWorker: operator for connection installation',
    continuity_const_observer              String COMMENT 'continuityConstObserver: witness for connection installation; personal data',
    continuity_const_action_ymd            Nullable(Date) COMMENT 'continuityConstActionYmd: implementation date of connection installation',
    home_const_status                      LowCardinality(String) COMMENT 'homeConstStatus: access line installation status',
    accs_line_schedule_ymd                 Nullable(Date) COMMENT 'accsLineScheduleYmd: preferred date for access line installation',
    home_const_time_zone                   LowCardinality(String) COMMENT 'homeConstTimeZone: preferred time slot for access line installation',
    accs_line_schedule_time_zone           LowCardinality(String) COMMENT 'accsLineScheduleTimeZone: scheduled time slot for access line installation',
    home_const_worker                      LowCardinality(String) COMMENT 'homeConstWorker: operator for access line installation',
    home_const_observer                    String COMMENT 'homeConstObserver: witness for access line installation; personal data',
    accs_line_action_ymd                   Nullable(Date) COMMENT 'accsLineActionYmd: implementation date for access line installation',
    term_const_status                      LowCardinality(String) COMMENT 'termConstStatus: Customer Edge router status',
    term_const_schedule_ymd                Nullable(Date) COMMENT 'termConstScheduleYmd: preferred date of customer Edge router installation',
    term_const_hope_time_zone              LowCardinality(String) COMMENT 'termConstHopeTimeZone: preferred time slot of customer Edge router installation',
    term_const_schedule_time_zone          LowCardinality(String) COMMENT 'termConstScheduleTimeZone: scheduled time slot of customer Edge router installation',
    term_const_worker                      LowCardinality(String) COMMENT 'termConstWorker: operator for customer Edge router installation',
    term_const_observer                    String COMMENT 'termConstObserver: witness for customer Edge router installation; personal data',
    term_const_action_ymd                  Nullable(Date) COMMENT 'termConstActionYmd: implementation date of customer Edge router installation',
    withdraw_kbn                           LowCardinality(String) COMMENT 'withdrawKbn: withdraw flag',
    observed_at                            DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, web_entry_id, change_relation_num, main_back_identifier, order_num, contract_line_num_appl)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: everything about one order of one line, as last known';

CREATE TABLE IF NOT EXISTS service_order_details AS service_order_details_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'service_order_details_local', cityHash64(source, web_entry_id, change_relation_num, main_back_identifier, order_num, contract_line_num_appl))
COMMENT 'One row: everything about one order of one line, as last known';

CREATE TABLE IF NOT EXISTS ipoe_products_local
(
    source              LowCardinality(String) COMMENT 'configured account',
    product_code        String COMMENT 'productCode: 1-2-2-1-1',
    customer_product_id String COMMENT 'customerProductId',
    customer_code       LowCardinality(String) COMMENT 'customerCode: A10000105',
    product_name        String COMMENT 'productName',
    product_type        LowCardinality(String) COMMENT 'productType: 1 main product, 2 option',
    service             LowCardinality(String) COMMENT 'detail.service: 1 IPoE internet, 2 the same for housing; the details are empty of an option',
    course              LowCardinality(String) COMMENT 'detail.course: 1 fixed IP, 2 dynamic IP, 3 fixed IP (MF)',
    plan                LowCardinality(String) COMMENT 'detail.plan: 1 E, 2 S, 3 P',
    ip_address          LowCardinality(String) COMMENT 'detail.ipaddress: 0 dynamic, 1 IP1(D), 2 IP4, 5 IP1',
    cpe                 LowCardinality(String) COMMENT 'detail.cpe: 1 dedicated, 2 the partner''s, 3 the partner''s II',
    line                LowCardinality(String) COMMENT 'detail.line: 1 unbundled, 2 bundled',
    shortest_period     Nullable(UInt64) COMMENT 'shortestPeriod: leaving earlier costs a penalty; months in the examples',
    purchase_price_yen  Nullable(UInt64) COMMENT 'purchasePrice, once',
    monthly_price_yen   Nullable(UInt64) COMMENT 'monthlyPrice',
    measured_price_yen  Nullable(UInt64) COMMENT 'measuredPrice; the carrier leaves it empty today',
    dependencies        Array(String) COMMENT 'productDependencies: main products, one of which must be ordered with it',
    listed              Bool COMMENT 'false once it has left the carrier''s list',
    observed_at         DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, product_code, customer_product_id)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: what an IPoE customer may buy, as last known';

CREATE TABLE IF NOT EXISTS ipoe_products AS ipoe_products_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'ipoe_products_local', cityHash64(source, product_code, customer_product_id))
COMMENT 'One row: what an IPoE customer may buy, as last known';

CREATE TABLE IF NOT EXISTS ipoe_sites_local
(
    source                   LowCardinality(String) COMMENT 'configured account',
    customer_site_code       String COMMENT 'customerSiteCode, which identifies the site: int-12345678',
    customer_site_name       String COMMENT 'customerSiteName',
    customer_code            LowCardinality(String) COMMENT 'customerCode: A10000101',
    customer_type            LowCardinality(String) COMMENT 'customerType: 1 direct, 2 wholesaler',
    customer_name            String COMMENT 'customerName; personal data',
    status_code              LowCardinality(String) COMMENT 'status',
    status                   Enum8('unknown' = 0, 'in_use' = 1, 'ended' = 2) COMMENT 'what the code means',
    start_at                 Nullable(Date) COMMENT 'startAt: when the site came into use',
    end_at                   Nullable(Date) COMMENT 'endAt: when it ended',
    case_name                LowCardinality(String) COMMENT 'caseName, by which sites are grouped',
    line_bundle_type         LowCardinality(String) COMMENT 'lineBundleType: 1 the customer provides the access line, 2 the carrier does',
    line_type                LowCardinality(String) COMMENT 'lineType; the carrier leaves it empty today',
    line_id                  String COMMENT 'lineId of the access line: CAF1234567890',
    terminal_bundle_type     LowCardinality(String) COMMENT 'terminalBundleType: 1 a CPE of the carrier''s, 2 the customer''s',
    global_ip                String COMMENT 'globalIp: 1.1.1.0/27',
    ppone_gw_nodename        LowCardinality(String) COMMENT 'pponeGwNodename',
    pptwo_gw_nodename        LowCardinality(String) COMMENT 'pptwoGwNodename',
    vrf                      String COMMENT 'vrf',
    tunnel_if                String COMMENT 'tunnelIf',
    customer_site_number     String COMMENT 'customerSiteNumber; this and what follows is told by the details alone',
    cpe_model_name           LowCardinality(String) COMMENT 'cpeModelName: RTX830',
    east_or_west             LowCardinality(String) COMMENT 'eastOrWest',
    terminal_hostname        String COMMENT 'terminalHostname',
    terminal_domain          String COMMENT 'terminalDomain',
    ppone_gw_hostname        String COMMENT 'pponeGwHostname',
    ppone_gw_fqdn            String COMMENT 'pponeGwFqdn',
    ppone_gw_tep             String COMMENT 'pponeGwTep',
    ppone_gw_bgp             String COMMENT 'pponeGwBgp',
    pptwo_gw_hostname        String COMMENT 'pptwoGwHostname',
    pptwo_gw_fqdn            String COMMENT 'pptwoGwFqdn',
    pptwo_gw_tep             String COMMENT 'pptwoGwTep',
    pptwo_gw_bgp             String COMMENT 'pptwoGwBgp',
    lan_loopback             String COMMENT 'lanLoopback',
    contract_product_codes   Array(LowCardinality(String)) COMMENT 'productCode of each product bought for the site; the contract columns are parallel',
    contract_product_names   Array(LowCardinality(String)) COMMENT 'productName',
    contract_product_types   Array(LowCardinality(String)) COMMENT 'productType: 1 main product, 2 option',
    contract_start_dates     Array(Nullable(Date)) COMMENT 'startAt: billed from the month after',
    contract_end_dates       Array(Nullable(Date)) COMMENT 'endAt: NULL while it is billed',
    location_zip_code        String COMMENT 'customerSiteInstallationLocation.zipCode; personal data',
    location_prefectures     LowCardinality(String) COMMENT 'customerSiteInstallationLocation.prefectures',
    location_address         String COMMENT 'customerSiteInstallationLocation.address; personal data',
    location_company_name    String COMMENT 'customerSiteInstallationLocation.companyName; personal data',
    location_department_name String COMMENT 'customerSiteInstallationLocation.departmentName; personal data',
    location_client_name     String COMMENT 'customerSiteInstallationLocation.clientName: who is there; personal data',
    location_tel             String COMMENT 'customerSiteInstallationLocation.tel; personal data',
    lan_network_address      String COMMENT 'customerSiteLanAddress.lanNetworkAddress',
    lan_interface_address    String COMMENT 'customerSiteLanAddress.lanInterfaceAddress',
    dhcp_start_address       String COMMENT 'customerSiteDhcpServerFunction.startAddress',
    dhcp_end_address         String COMMENT 'customerSiteDhcpServerFunction.endAddress',
    dhcp_dns1                String COMMENT 'customerSiteDhcpServerFunction.dns1',
    dhcp_dns2                String COMMENT 'customerSiteDhcpServerFunction.dns2',
    ipip_cpe_ipv4_address    String COMMENT 'customerSiteIpipParam.cpeIpv4Address',
    ipip_cpe_ipv6_address    String COMMENT 'customerSiteIpipParam.cpeIpv6Address',
    ipip_tunnel_ipv6_address String COMMENT 'customerSiteIpipParam.tunnelIpv6Address',
    ipip_username            String COMMENT 'customerSiteIpipParam.username: at the update server',
    listed                   Bool COMMENT 'false once it has left the carrier''s list',
    first_seen               DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the site',
    detail_observed_at       Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'the carrier''s clock when it last told the details; NULL: not yet',
    detail_received_at       Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'kaisen''s clock then',
    observed_at              DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, customer_site_code)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a place that an IPoE customer has connected, as last known';

CREATE TABLE IF NOT EXISTS ipoe_sites AS ipoe_sites_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'ipoe_sites_local', cityHash64(source, customer_site_code))
COMMENT 'One row: a place that an IPoE customer has connected, as last known';

CREATE TABLE IF NOT EXISTS ipoe_orders_local
(
    source                      LowCardinality(String) COMMENT 'configured account',
    order_code                  String COMMENT 'orderCode, which identifies the order: A1000010100000001',
    order_type_code             LowCardinality(String) COMMENT 'orderType',
    order_type                  Enum8('unknown' = 0, 'new' = 1, 'change' = 2, 'cancel' = 3) COMMENT 'what the code means',
    change_type                 LowCardinality(String) COMMENT 'changeType: 1 adds products, 3 ends them',
    customer_site_code          String COMMENT 'customerSiteCode: the site it is about',
    customer_site_name          String COMMENT 'customerSiteName',
    status_code                 LowCardinality(String) COMMENT 'status',
    status                      Enum8('unknown' = 0, 'in_progress' = 1, 'completed' = 2, 'error' = 3, 'cancelled' = 4, 'error_in_part' = 5) COMMENT 'what the code means',
    application_date            Nullable(Date) COMMENT 'applicationDate',
    hope_to_start_at            Nullable(Date) COMMENT 'hopeToStartAt',
    hope_to_end_at              Nullable(Date) COMMENT 'hopeToEndAt',
    customer_code               LowCardinality(String) COMMENT 'customerCode; this and what follows is told by the details alone',
    overwrite_check_flag        LowCardinality(String) COMMENT 'overwriteCheckFlag: 0 no, 1 yes',
    case_name                   LowCardinality(String) COMMENT 'caseName',
    line_bundle_type            LowCardinality(String) COMMENT 'lineBundleType: 1 the customer provides the access line, 2 the carrier does',
    line_type                   LowCardinality(String) COMMENT 'lineType',
    line_id                     String COMMENT 'lineId of the access line',
    terminal_bundle_type        LowCardinality(String) COMMENT 'terminalBundleType: 1 a CPE of the carrier''s, 2 the customer''s',
    global_ip                   String COMMENT 'globalIp',
    contract_product_codes      Array(LowCardinality(String)) COMMENT 'productCode of each product of the order; the contract columns are parallel',
    contract_product_names      Array(LowCardinality(String)) COMMENT 'productName',
    contract_product_types      Array(LowCardinality(String)) COMMENT 'productType: 1 main product, 2 option',
    contract_statuses           Array(LowCardinality(String)) COMMENT 'status of each product, in the words of column status',
    contract_error_messages     Array(String) COMMENT 'errorMessage; empty where nothing is wrong',
    location_zip_code           String COMMENT 'installationLocation.zipCode; personal data',
    location_prefectures        LowCardinality(String) COMMENT 'installationLocation.prefectures',
    location_address            String COMMENT 'installationLocation.address; personal data',
    location_company_name       String COMMENT 'installationLocation.companyName; personal data',
    location_department_name    String COMMENT 'installationLocation.departmentName; personal data',
    location_client_name        String COMMENT 'installationLocation.clientName: who is there; personal data',
    location_tel                String COMMENT 'installationLocation.tel; personal data',
    destination_zip_code        String COMMENT 'terminalDestination.zipCode; personal data',
    destination_prefectures     LowCardinality(String) COMMENT 'terminalDestination.prefectures',
    destination_address         String COMMENT 'terminalDestination.address; personal data',
    destination_company_name    String COMMENT 'terminalDestination.companyName; personal data',
    destination_department_name String COMMENT 'terminalDestination.departmentName; personal data',
    destination_client_name     String COMMENT 'terminalDestination.clientName: who is there; personal data',
    destination_tel             String COMMENT 'terminalDestination.tel; personal data',
    destination_hope_to_at      Nullable(Date) COMMENT 'terminalDestination.hopeToAt: when the CPE should arrive',
    lan_network_address         String COMMENT 'lanAddress.lanNetworkAddress',
    lan_interface_address       String COMMENT 'lanAddress.lanInterfaceAddress',
    dhcp_start_address          String COMMENT 'dhcpServerFunction.startAddress',
    dhcp_end_address            String COMMENT 'dhcpServerFunction.endAddress',
    dhcp_dns1                   String COMMENT 'dhcpServerFunction.dns1',
    dhcp_dns2                   String COMMENT 'dhcpServerFunction.dns2',
    ipip_cpe_ipv4_address       String COMMENT 'ipipParam.cpeIpv4Address',
    ipip_cpe_ipv6_address       String COMMENT 'ipipParam.cpeIpv6Address',
    ipip_tunnel_ipv6_address    String COMMENT 'ipipParam.tunnelIpv6Address',
    ipip_username               String COMMENT 'ipipParam.username: at the update server',
    listed                      Bool COMMENT 'false once it has left the carrier''s list',
    first_seen                  DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the order',
    status_since                DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew it in its status; of an order met in progress, its day of application',
    detail_observed_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'the carrier''s clock when it last told the details; NULL: not yet',
    detail_received_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'kaisen''s clock then',
    observed_at                 DateTime64(3, 'Asia/Tokyo') COMMENT 'the answer that told it; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, order_code)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: an order of an IPoE customer, as last known';

CREATE TABLE IF NOT EXISTS ipoe_orders AS ipoe_orders_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'ipoe_orders_local', cityHash64(source, order_code))
COMMENT 'One row: an order of an IPoE customer, as last known';

ALTER TABLE log_watermarks_local COMMENT COLUMN log 'the table that the log fills: authentications, session_events or service_order_details';

ALTER TABLE log_watermarks COMMENT COLUMN log 'the table that the log fills: authentications, session_events or service_order_details';

ALTER TABLE sweeps_local COMMENT COLUMN job 'the job, as in the configuration';

ALTER TABLE sweeps COMMENT COLUMN job 'the job, as in the configuration';

INSERT INTO schema_migrations (version, name) SELECT 7, '0007_backend.sql';

-- 0008_codecs.sql
ALTER TABLE traffic_samples_local MODIFY COLUMN received_at CODEC(Delta, ZSTD(3));

ALTER TABLE traffic_samples_local MODIFY COLUMN observed_at CODEC(Delta, ZSTD(3));

ALTER TABLE traffic_samples_local MODIFY COLUMN month_bytes CODEC(Delta, T64, ZSTD(1));

ALTER TABLE traffic_samples_local MODIFY COLUMN today_bytes CODEC(Delta, T64, ZSTD(1));

ALTER TABLE traffic_samples_local MODIFY COLUMN remaining_bytes CODEC(ZSTD(3));

ALTER TABLE session_samples_local MODIFY COLUMN received_at CODEC(Delta, ZSTD(3));

ALTER TABLE session_samples_local MODIFY COLUMN observed_at CODEC(Delta, ZSTD(3));

INSERT INTO schema_migrations (version, name) SELECT 8, '0008_codecs.sql';

-- 0009_line_status_columns.sql
INSERT INTO schema_migrations (version, name) SELECT 9, '0009_line_status_columns.sql';

-- 0010_restriction_episodes.sql
INSERT INTO schema_migrations (version, name) SELECT 10, '0010_restriction_episodes.sql';

-- 0011_personal_data.sql
ALTER TABLE lines_local COMMENT COLUMN note 'note: the customer''s own remark; personal data';

ALTER TABLE lines COMMENT COLUMN note 'note: the customer''s own remark; personal data';

ALTER TABLE lines_local COMMENT COLUMN authentication_id 'authenticationId: the name it logs in by; personal data';

ALTER TABLE lines COMMENT COLUMN authentication_id 'authenticationId: the name it logs in by; personal data';

ALTER TABLE ipoe_sites_local COMMENT COLUMN customer_site_name 'customerSiteName; personal data';

ALTER TABLE ipoe_sites COMMENT COLUMN customer_site_name 'customerSiteName; personal data';

ALTER TABLE ipoe_sites_local COMMENT COLUMN case_name 'caseName, by which sites are grouped; personal data';

ALTER TABLE ipoe_sites COMMENT COLUMN case_name 'caseName, by which sites are grouped; personal data';

ALTER TABLE ipoe_orders_local COMMENT COLUMN customer_site_name 'customerSiteName; personal data';

ALTER TABLE ipoe_orders COMMENT COLUMN customer_site_name 'customerSiteName; personal data';

ALTER TABLE ipoe_orders_local COMMENT COLUMN case_name 'caseName; personal data';

ALTER TABLE ipoe_orders COMMENT COLUMN case_name 'caseName; personal data';

ALTER TABLE contracts_local COMMENT COLUMN domain_name 'domainName: the name the service was applied for by; personal data';

ALTER TABLE contracts COMMENT COLUMN domain_name 'domainName: the name the service was applied for by; personal data';

ALTER TABLE contracts_local COMMENT COLUMN contact_dept_name 'contactDeptName: the office in charge of the contract; personal data';

ALTER TABLE contracts COMMENT COLUMN contact_dept_name 'contactDeptName: the office in charge of the contract; personal data';

ALTER TABLE dead_letters_local COMMENT COLUMN payload 'the answer, whole; personal data';

ALTER TABLE dead_letters COMMENT COLUMN payload 'the answer, whole; personal data';

ALTER TABLE dead_letters_local COMMENT COLUMN reason 'what was not understood; personal data, because it may quote the answer';

ALTER TABLE dead_letters COMMENT COLUMN reason 'what was not understood; personal data, because it may quote the answer';

ALTER TABLE line_changes_local COMMENT COLUMN old 'value before; personal data where the field is';

ALTER TABLE line_changes COMMENT COLUMN old 'value before; personal data where the field is';

ALTER TABLE line_changes_local COMMENT COLUMN new 'value after; personal data where the field is';

ALTER TABLE line_changes COMMENT COLUMN new 'value after; personal data where the field is';

ALTER TABLE line_changes_local ADD COLUMN IF NOT EXISTS old_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', old) COMMENT 'old, but empty for fields that not everybody may read';

ALTER TABLE line_changes ADD COLUMN IF NOT EXISTS old_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', old) COMMENT 'old, but empty for fields that not everybody may read';

ALTER TABLE line_changes_local ADD COLUMN IF NOT EXISTS new_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', new) COMMENT 'new, but empty for fields that not everybody may read';

ALTER TABLE line_changes ADD COLUMN IF NOT EXISTS new_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', new) COMMENT 'new, but empty for fields that not everybody may read';

INSERT INTO schema_migrations (version, name) SELECT 11, '0011_personal_data.sql';

-- 0012_findings.sql
CREATE TABLE IF NOT EXISTS carrier_findings_local
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

CREATE TABLE IF NOT EXISTS carrier_findings AS carrier_findings_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'carrier_findings_local', cityHash64(source, contract_id))
COMMENT 'One row: a point of the carrier''s documents, and which reading of it holds for an account or a contract';

INSERT INTO schema_migrations (version, name) SELECT 12, '0012_findings.sql';

-- 0013_members.sql
CREATE OR REPLACE VIEW plan_volumes
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    plan_code LowCardinality(String) COMMENT 'planCode of lines, in whatever state',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of the plan; NULL: not known',
    has_volume Bool COMMENT 'a line of it with 0 bytes left has used up a volume; false: it has none'
)
AS
WITH
    courses AS
    (
        SELECT source, contract_id, product_code, argMax(course_type, (observed_at, product_name)) AS course
        FROM products FINAL
        WHERE product_code != '' AND course_type != 'unknown'
        GROUP BY source, contract_id, product_code
    ),
    plans AS
    (
        SELECT l.source AS source, l.contract_id AS contract_id, l.plan_code AS plan_code,
            max(ifNull(l.state = 'active' AND (t.remaining_bytes > 0 OR t.restriction IN ('recent', 'monthly', 'monthly_and_recent')), false)) AS shown
        FROM (SELECT source, contract_id, line_no, plan_code, state FROM lines FINAL) AS l
        LEFT JOIN (SELECT source, contract_id, line_no, remaining_bytes, restriction FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
        GROUP BY source, contract_id, plan_code
    )
SELECT p.source AS source, p.contract_id AS contract_id, p.plan_code AS plan_code, c.course AS course_type,
    CAST(multiIf(c.course IN ('zero', 'spare'), false, isNotNull(c.course), true, p.shown OR (p.source, p.contract_id, p.plan_code) GLOBAL IN
        (SELECT source, contract_id, toString(operation) FROM carrier_findings FINAL WHERE reading = 'plan_volume')) AS Bool) AS has_volume
FROM plans AS p
LEFT JOIN courses AS c
    ON c.source = p.source AND c.contract_id = p.contract_id AND c.product_code = p.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: a plan of a contract''s lines, and whether it has a volume';

CREATE OR REPLACE VIEW data_share_pools
(
    source               LowCardinality(String) COMMENT 'configured account',
    contract_id          LowCardinality(String) COMMENT 'N123456789',
    members              UInt64 COMMENT 'lines that draw from it',
    month_bytes          Nullable(UInt64) COMMENT 'used this month, by all of them',
    today_bytes          Nullable(UInt64) COMMENT 'used today, by all',
    remaining_bytes      Nullable(UInt64) COMMENT 'left of this month''s volume',
    quota_bytes          Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes',
    remaining_ratio      Nullable(Float64) COMMENT 'remaining_bytes / quota_bytes, 0 to 1',
    restriction          Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'of the group',
    disagreeing_members  UInt64 COMMENT 'members that were told something which time does not explain; 0 where each is told its own use',
    observed_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the carrier told the figures',
    own_volumes          Bool COMMENT 'each member is told what is left of a volume of its own; remaining_bytes is their sum then'
)
AS
WITH
    answers AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, t.observed_at AS observed_at,
            t.month_bytes AS month_bytes, t.today_bytes AS today_bytes, t.remaining_bytes AS remaining_bytes, t.restriction AS restriction
        FROM (SELECT source, contract_id, line_no FROM data_share_members FINAL WHERE member AND status IN ('registered', 'removal_reserved')) AS m
        LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
    ),
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    told_pools AS
    (
        SELECT source, contract_id, count() AS members,
            argMaxIf((answers.observed_at, answers.month_bytes, answers.today_bytes, answers.remaining_bytes, answers.restriction),
                (answers.observed_at, line_no), isNotNull(answers.observed_at)) AS newest,
            newest.1 AS observed_at, newest.2 AS newest_month_bytes, newest.3 AS newest_today_bytes, newest.4 AS remaining_bytes, newest.5 AS restriction,
            groupArray((answers.observed_at, answers.month_bytes, answers.month_bytes + answers.remaining_bytes, answers.today_bytes, answers.remaining_bytes)) AS told
        FROM answers
        GROUP BY source, contract_id
    ),
    pools AS
    (
        SELECT p.source AS source, p.contract_id AS contract_id, p.members AS members, p.observed_at AS observed_at,
            p.restriction AS restriction, p.told AS told, ifNull(c.by_line, false) AS by_line,
            arrayFilter(one -> isNotNull(one.2) AND toStartOfMonth(one.1) = toStartOfMonth(p.observed_at), p.told) AS this_month,
            arrayFilter(one -> isNotNull(one.4) AND toDate(one.1) = toDate(p.observed_at), p.told) AS today,
            multiIf(NOT by_line, p.newest_month_bytes, empty(this_month), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.2)), this_month), 18446744073709551615))) AS month_bytes,
            multiIf(NOT by_line, p.newest_today_bytes, empty(today), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.4)), today), 18446744073709551615))) AS today_bytes,
            arrayMap(one -> toInt64(least(assumeNotNull(one.5), 9223372036854775807)), arraySort(one -> one.1, arrayFilter(one -> isNotNull(one.5), this_month))) AS left,
            by_line AND arrayExists(more -> more > 67108864, arrayDifference(left)) AS own_volumes,
            if(own_volumes, toUInt64(arraySum(one -> toUInt128(one), left)), p.remaining_bytes) AS remaining_bytes,
            month_bytes + remaining_bytes AS quota_bytes
        FROM told_pools AS p
        LEFT JOIN readings AS c ON c.source = p.source AND c.contract_id = p.contract_id
    )
SELECT source, contract_id, members, month_bytes, today_bytes, remaining_bytes, quota_bytes,
    remaining_bytes / nullIf(toFloat64(remaining_bytes) + month_bytes, 0) AS remaining_ratio,
    restriction,
    arrayCount(one -> NOT by_line AND one.1 >= toDateTime64(toStartOfMonth(observed_at), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND (
        ifNull(one.2 > month_bytes, false) OR ifNull(one.3 > quota_bytes, false)
        OR one.1 = observed_at AND (ifNull(one.2 != month_bytes, false) OR ifNull(one.3 != quota_bytes, false))), told) AS disagreeing_members,
    observed_at, CAST(own_volumes AS Bool) AS own_volumes
FROM pools
SETTINGS join_use_nulls = 1
COMMENT 'One row: a contract''s share group';

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
    days AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, min(restriction) AS lowest, max(restriction) AS highest
        FROM traffic_samples
        WHERE restriction != 'unknown'
        GROUP BY source, contract_id, line_no, scope, day
    ),
    turning AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT *, lagInFrame(lowest) OVER line AS lowest_before, lagInFrame(highest) OVER line AS highest_before
            FROM days
            WINDOW line AS (PARTITION BY source, contract_id, line_no, scope ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE lowest != highest OR lowest != lowest_before OR highest != highest_before
    ),
    shown AS
    (
        SELECT s.*, lagInFrame(restriction) OVER (PARTITION BY source, contract_id, line_no, scope ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS restriction_before
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, observed_at, month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start
            FROM traffic_samples FINAL
            WHERE restriction != 'unknown'
        ) AS s
        INNER JOIN turning AS t
            ON t.source = s.source AND t.contract_id = s.contract_id AND t.line_no = s.line_no AND t.scope = s.scope AND t.day = s.day
    ),
    runs AS
    (
        SELECT source, contract_id, line_no, scope, restriction, observed_at, month_bytes, remaining_bytes,
            multiIf(
                restriction = 'monthly', monthly_limit_start,
                restriction = 'recent', daily_limit_start,
                restriction = 'none' OR isNull(monthly_limit_start) OR isNull(daily_limit_start), NULL,
                greatest(monthly_limit_start, daily_limit_start)) AS told,
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

INSERT INTO schema_migrations (version, name) SELECT 13, '0013_members.sql';

-- 0014_session_durations.sql
CREATE OR REPLACE VIEW session_durations
(
    source           LowCardinality(String) COMMENT 'configured account',
    contract_id      LowCardinality(String) COMMENT 'N123456789',
    line_no          String COMMENT 'line number; personal data',
    session_type     Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType of both rows',
    started_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'event_time of the start; NULL for lost_start',
    stopped_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'when it had ended; NULL for open and lost_stop, and where that is not known',
    duration_seconds Nullable(UInt64) COMMENT 'from start to stop, or until now where it is open; NULL where either is lost or not known',
    outcome          Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'what became of it in the log',
    stopped_by       Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4) COMMENT 'what stopped_at is from: the row''s own time, call 26, when the row was first seen, the next start; none: it is NULL',
    stopped_after    Nullable(DateTime('Asia/Tokyo')) COMMENT 'the last time at which it had not ended; that of stopped_at where the log tells the end'
)
AS
WITH
    by_start AS
    (
        SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'session_stop_time' AND value = 'start'
    ),
    seconds AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts, countIf(event = 'stop') AS stops
        FROM session_events FINAL
        WHERE event != 'unknown' AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    entered AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops,
            argMaxIf(starts > stops, event_time, starts != stops) OVER (PARTITION BY source, contract_id, line_no, session_type
                ORDER BY event_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was_open
        FROM seconds
    ),
    events AS
    (
        SELECT source, contract_id, line_no, session_type, event_time,
            arrayJoin(arrayConcat(
                arrayMap(n -> (2 * n + was_open, 'start'), range(starts)),
                arrayMap(n -> (2 * n + NOT was_open, 'stop'), range(stops)))) AS placed,
            placed.1 AS place, placed.2 AS event
        FROM entered
    ),
    neighbours AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, event,
            lagInFrame(event) OVER (in_order ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS event_before,
            leadInFrame(event) OVER (in_order ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS event_after,
            leadInFrame(event_time) OVER (in_order ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS time_after
        FROM events
        WINDOW in_order AS (PARTITION BY source, contract_id, line_no, session_type ORDER BY event_time, place)
    ),
    begun AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts,
            arraySort(groupArrayIf(observed_at, event = 'stop')) AS stops, minIf(toNullable(observed_at), event = 'start') AS seen
        FROM session_events FINAL
        WHERE event != 'unknown' AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    followed AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen,
            leadInFrame(toNullable(event_time)) OVER (PARTITION BY source, contract_id, line_no, session_type ORDER BY event_time
                ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS following
        FROM begun
    ),
    sampled AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following,
            toDateTime64(event_time, 3, 'Asia/Tokyo') AS at, 0 AS sample, CAST(NULL AS Nullable(Bool)) AS connected
        FROM followed
        UNION ALL
        SELECT source, contract_id, line_no, session_type, toDateTime(observed_at) AS event_time, 0 AS starts,
            CAST([] AS Array(DateTime64(3, 'Asia/Tokyo'))) AS stops, CAST(NULL AS Nullable(DateTime64(3, 'Asia/Tokyo'))) AS seen,
            CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))) AS following, observed_at AS at, 1 AS sample, connected
        FROM session_samples FINAL
        WHERE isNotNull(connected) AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
    ),
    connections AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, at, sample, connected,
            maxIf(toNullable(at), connected) OVER (PARTITION BY source, contract_id, line_no ORDER BY at, sample
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_connected
        FROM sampled
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, sample,
            minIf(toNullable(at), NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cut_at,
            argMinIf(last_connected, at, NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until,
            maxIf(toNullable(at), connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS connected_last
        FROM connections
        WINDOW backwards AS (PARTITION BY source, contract_id, line_no ORDER BY at DESC, sample DESC)
    ),
    sessions AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, seen,
            arrayJoin(range(1, toUInt64(greatest(starts, length(stops))) + 1)) AS nth,
            nth < greatest(starts, length(stops)) AS at_once,
            nth <= length(stops) AS has_stop,
            if(has_stop, toNullable(stops[nth]), NULL) AS found,
            following,
            if(held_until > event_time OR cut_at <= event_time + INTERVAL 1 HOUR, cut_at, NULL) AS cut,
            if(held_until > event_time, held_until, NULL) AS held,
            connected_last
        FROM cut
        WHERE sample = 0
    ),
    bounded AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, has_stop, at_once, following,
            multiIf(cut <= ifNull(following, cut) AND (cut <= found OR NOT has_stop AND isNull(following) AND cut > ifNull(connected_last, event_time)), cut, NULL) AS by_session,
            if(has_stop AND (found > seen OR found <= event_time + INTERVAL 1 HOUR), found, NULL) AS by_log,
            multiIf(
                has_stop AND at_once, tuple('log', toNullable(event_time), toNullable(event_time)),
                isNotNull(by_session), tuple('session', toDateTime(by_session), toDateTime(ifNull(held, event_time))),
                isNull(by_log), tuple('none', CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))), CAST(NULL AS Nullable(DateTime('Asia/Tokyo')))),
                following < by_log, tuple('next_start', following, if(seen < following, toDateTime(greatest(seen, event_time)), event_time)),
                tuple('first_seen', toDateTime(by_log), if(seen < by_log, toDateTime(greatest(seen, event_time)), event_time))) AS stop
        FROM sessions
    )
SELECT source, contract_id, line_no, session_type,
    if(event = 'start', event_time, NULL) AS started_at,
    multiIf(event = 'stop', event_time, event_after = 'stop', time_after, NULL) AS stopped_at,
    toUInt64(dateDiff('second', started_at, if(event_after = '', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(event = 'stop', 'lost_start', event_after = 'stop', 'complete', event_after = 'start', 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(if(isNull(stopped_at), 'none', 'log') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM neighbours
WHERE event = 'start' OR event_before != 'start'
UNION ALL
SELECT source, contract_id, line_no, session_type,
    toNullable(event_time) AS started_at,
    stop.2 AS stopped_at,
    toUInt64(dateDiff('second', event_time, if(outcome = 'open', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(has_stop OR isNotNull(stop.2), 'complete', at_once OR isNotNull(following), 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(stop.1 AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stop.3 AS stopped_after
FROM bounded
COMMENT 'One row: a session of a line, as far as its start and stop are in the log';

INSERT INTO schema_migrations (version, name) SELECT 14, '0014_session_durations.sql';

-- 0015_line_names.sql
CREATE TABLE IF NOT EXISTS line_names_local
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

CREATE TABLE IF NOT EXISTS line_names AS line_names_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'line_names_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: what the customer calls a line (labels_file)';

INSERT INTO schema_migrations (version, name) SELECT 15, '0015_line_names.sql';

-- 0016_forecast_plans.sql
CREATE OR REPLACE VIEW line_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, as the newest answer told',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up; NULL: it has none',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band: one month in ten ends below',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band: one month in ten ends above',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up; NULL: not in this month',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little: the low end of the band'
)
AS
WITH
    (SELECT groupArray((source, contract_id, plan_code)) FROM plan_volumes WHERE NOT has_volume) AS without_volume,
    assumeNotNull((SELECT toStartOfMonth(toDate(max(observed_at)) - 57) FROM traffic_latest WHERE scope = 'line')) AS first_day,
    latest AS
    (
        SELECT
            t.source AS source,
            t.contract_id AS contract_id,
            t.line_no AS line_no,
            t.observed_at AS observed_at,
            assumeNotNull(t.month_bytes) AS month_bytes,
            t.remaining_bytes AS remaining_bytes,
            if(isNull(t.remaining_bytes) OR l.data_share IN ('registered', 'removal_reserved') OR NOT has_volume, inf,
                toFloat64(assumeNotNull(t.remaining_bytes))) AS left,
            l.start_date AS start_date,
            NOT (ifNull(t.remaining_bytes = 0, false) AND has(without_volume, (l.source, l.contract_id, l.plan_code))) AS has_volume
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
            ON l.source = t.source AND l.contract_id = t.contract_id AND l.line_no = t.line_no
    ),
    history AS
    (
        SELECT source, contract_id, line_no, groupArrayInsertAt(-1., 92)(toFloat64(bytes), toUInt32(day - first_day)) AS told
        FROM traffic_daily FINAL
        WHERE scope = 'line' AND day >= first_day
        GROUP BY source, contract_id, line_no
    ),
    dated AS
    (
        SELECT
            latest.*,
            arrayResize(h.told, 92, -1.) AS told,
            toDate(observed_at) AS clock_day,
            first_day + (arrayLastIndex(x -> x >= 0, told) - 1) AS newest_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest
        LEFT JOIN history AS h
            ON h.source = latest.source AND h.contract_id = latest.contract_id AND h.line_no = latest.line_no
    ),
    opened AS
    (
        SELECT
            *,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(observed_at) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, figures_day, figures_day + 1) AS open_day,
            if(elapsed < 1, elapsed, 0) AS passed
        FROM dated
    ),
    placed AS
    (
        SELECT
            *,
            toInt32(open_day - first_day) + 1 AS open,
            if(open BETWEEN 1 AND 92, greatest(told[open], 0), 0) AS open_bytes,
            greatest(open - 56, if(isNull(start_date), arrayFirstIndex(x -> x > 0, told), toInt32(assumeNotNull(start_date) - first_day) + 1)) AS since,
            arrayEnumerate(told) AS position,
            arrayMap(x -> greatest(x, 0), told) AS bytes,
            toInt32(addMonths(first_day, 1) - first_day) AS first_month,
            toInt32(addMonths(first_day, 2) - first_day) AS second_month,
            0.98 * (month_bytes + left) AS volume
        FROM opened
    ),
    summed AS
    (
        SELECT
            *,
            arraySum(arraySlice(bytes, 1, first_month)) AS before_second,
            arraySum(arraySlice(bytes, 1, second_month)) AS before_third,
            arrayMap((s, i) -> s - multiIf(i > second_month, before_third, i > first_month, before_second, 0), arrayCumSum(bytes), position) AS month_sum
        FROM placed
    ),
    days AS
    (
        SELECT
            *,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, told, month_sum, position) AS free,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, told, month_sum, position) AS slowed
        FROM summed
    ),
    trimmed AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, bytes, free))[2] AS most,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), bytes, free) AS used,
            arraySum(free) AS known
        FROM days
    ),
    weekdays AS
    (
        SELECT
            *,
            if(known > 0, arraySum(used) / known, 0) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w, free, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_bytes
        FROM trimmed
    ),
    noises AS
    (
        SELECT
            *,
            arraySum(x -> x * x, used) - arraySum((n, b) -> if(n > 0, b * b / n, 0), weekday_days, weekday_bytes) AS within,
            (if(mean > 0, greatest(within, 0) / (mean * mean), 0) + 4 * 0.25) / (arraySum(n -> greatest(n - 1, 0), weekday_days) + 4) AS noise
        FROM weekdays
    ),
    contracts AS
    (
        SELECT
            *,
            sumForEach(arrayMap(b -> if(mean > 0, b / mean / noise, 0), weekday_bytes)) OVER contract AS contract_bytes,
            sumForEach(arrayMap(n -> if(mean > 0, n / noise, 0), weekday_days)) OVER contract AS contract_days,
            sum(if(mean > 0, arraySum((x, s) -> if(s, x, 0), bytes, slowed) / mean, 0)) OVER contract AS slowed_bytes,
            sum(if(mean > 0, arraySum(slowed), 0)) OVER contract AS slowed_days
        FROM noises
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    factors AS
    (
        SELECT
            *,
            least((slowed_bytes + 1) / (slowed_days + 1), 1) AS slow_rate,
            arrayMap((b, n) -> (b + 20) / (n + 20), contract_bytes, contract_days) AS contract_factors,
            if(mean > 0, arrayMap((b, n, c) -> (b / mean + noise / 0.09 * c) / (n + noise / 0.09), weekday_bytes, weekday_days, contract_factors), contract_factors) AS weekday_factors
        FROM contracts
    ),
    weights AS
    (
        SELECT
            *,
            arrayFlatten(arrayWithConstant(18, weekday_factors)) AS day_factors,
            arraySlice(day_factors, 1, 92) AS past_factors,
            day_factors[positiveModulo(open - 1, 7) + 1] AS open_factor,
            arrayMap((f, i) -> if(f, exp2((i - open) / 14), 0), free, position) AS long_weights,
            arrayMap((f, i) -> if(f, exp2((i - open) / 5), 0), free, position) AS short_weights,
            arrayMap((f, g) -> f AND g, arrayPopBack(free), arrayPopFront(free)) AS neighbours
        FROM factors
    ),
    averages AS
    (
        SELECT
            *,
            multiIf(
                known > 0, arraySum((w, x) -> w * x, long_weights, used) / arraySum((w, p) -> w * p, long_weights, past_factors),
                month_bytes < volume, open_bytes / greatest(passed, 0.25) / open_factor,
                0) AS long_level,
            if(known > 0, arraySum((w, x) -> w * x, short_weights, used) / arraySum((w, p) -> w * p, short_weights, past_factors), long_level) AS short_level,
            if(known > 0, pow(arraySum(long_weights), 2) / arraySum(w -> w * w, long_weights), 1) AS long_rest,
            if(known > 0, pow(arraySum(short_weights), 2) / arraySum(w -> w * w, short_weights), 1) AS short_rest
        FROM weights
    ),
    trends AS
    (
        SELECT
            *,
            arrayMap((x, p) -> x - long_level * p, used, past_factors) AS long_misses,
            (arraySum((a, b, f) -> if(f, (a - b) * (a - b) / 2, 0), arrayPopBack(long_misses), arrayPopFront(long_misses), neighbours) + 4 * 0.25 * mean * mean)
                / (arraySum(neighbours) + 4) AS day_variance,
            if(short_level = long_level, 0, greatest(1 - 2 * day_variance * (1 / short_rest - 1 / long_rest) / pow(short_level - long_level, 2), 0)) AS trend
        FROM averages
    ),
    levels AS
    (
        SELECT
            *,
            long_level + trend * (short_level - long_level) AS level,
            long_rest + trend * (short_rest - long_rest) AS rest
        FROM trends
    ),
    misses AS
    (
        SELECT
            *,
            arrayMap((x, p, f) -> if(f, x - level * p, 0), used, past_factors, free) AS misses
        FROM levels
    ),
    spreads AS
    (
        SELECT
            *,
            arraySum(e -> e * e, misses) + 4 * 0.25 * level * level AS squares,
            arraySum((a, b) -> a * b, arrayPopBack(misses), arrayPopFront(misses)) AS products
        FROM misses
    ),
    variances AS
    (
        SELECT
            *,
            if(squares > 0, least(greatest(products / squares, 0), 0.6), 0) AS correlation,
            squares / (arraySum((p, f) -> if(f, p, 0), past_factors, free) + 4) * (1 + correlation) / (1 - correlation) AS variance,
            if(known > 0, arraySum((x, f) -> f AND x = 0, bytes, free) / known, 0) AS idle
        FROM spreads
    ),
    ahead AS
    (
        SELECT
            *,
            range(toUInt32(greatest(addMonths(month, 1) - open_day, 0))) AS days_on,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, length(days_on)) AS next_factors,
            arrayCumSum((p, d) -> if(d = 0, p * (1 - passed), p), next_factors, days_on) AS typical,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p), next_factors, days_on) AS expected
        FROM variances
    ),
    bands AS
    (
        SELECT
            *,
            arrayMap((m, g) -> if(m > 0, sqrt(variance * (g + g * g / rest) + pow(0.02 * level, 2) * g * g * g / 3) / m / 3, 0), expected, typical) AS widths
        FROM ahead
    ),
    paths AS
    (
        SELECT
            *,
            [
                expected,
                arrayMap((m, s, d) -> if(pow(idle, d + 1 - passed) < 0.1, m * pow(greatest(1 - s * s - 1.2816 * s, 0), 3), 0), expected, widths, days_on),
                arrayMap((m, s) -> m * greatest(pow(greatest(1 - s * s + 1.2816 * s, 0), 3), 1), expected, widths)
            ] AS paths,
            toFloat64(toUnixTimestamp(toDateTime(open_day, 'Asia/Tokyo'))) AS open_at
        FROM bands
    ),
    ends AS
    (
        SELECT
            *,
            if(passed > 0, toFloat64(observed_at), open_at) AS begin,
            arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths) AS crossed,
            arrayMap((p, i) -> multiIf(
                left = 0, toFloat64(observed_at),
                i = 0, -1,
                i = 1, begin + (open_at + 86400 - begin) * left / p[1],
                open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1]))), paths, crossed) AS instants,
            arrayMap((p, rate) -> p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS more
        FROM paths
    )
SELECT
    source,
    contract_id,
    line_no,
    month,
    month_bytes,
    remaining_bytes,
    if(isNull(remaining_bytes) OR NOT has_volume, NULL, month_bytes + least(assumeNotNull(remaining_bytes), bitNot(month_bytes))) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    month_bytes + least(toUInt64(round(least(more[1], 1e19))), bitNot(month_bytes)) AS month_end_bytes,
    month_bytes + least(toUInt64(round(least(more[2], 1e19))), bitNot(month_bytes)) AS month_end_bytes_low,
    month_bytes + least(toUInt64(round(least(more[3], 1e19))), bitNot(month_bytes)) AS month_end_bytes_high,
    if(instants[1] < 0, NULL, toDateTime(instants[1], 'Asia/Tokyo')) AS exhaustion_at,
    if(instants[3] < 0, NULL, toDateTime(instants[3], 'Asia/Tokyo')) AS exhaustion_at_early,
    if(instants[2] < 0, NULL, toDateTime(instants[2], 'Asia/Tokyo')) AS exhaustion_at_late
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a line''s month will end, and when its volume will be used up';

INSERT INTO schema_migrations (version, name) SELECT 16, '0016_forecast_plans.sql';

-- 0017_names.sql
INSERT INTO schema_migrations (version, name) SELECT 17, '0017_names.sql';

-- 0018_line_months.sql
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

INSERT INTO schema_migrations (version, name) SELECT 18, '0018_line_months.sql';

-- 0019_line_forecasts.sql
CREATE TABLE IF NOT EXISTS line_forecasts_local
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

CREATE TABLE IF NOT EXISTS line_forecasts AS line_forecasts_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'line_forecasts_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: what was expected of a line''s month on a day';

INSERT INTO schema_migrations (version, name) SELECT 19, '0019_line_forecasts.sql';

-- 0020_pool_forecast.sql
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
    dated AS
    (
        SELECT
            latest.*,
            arrayResize(h.told, 92, -1.) AS told,
            toDate(observed_at) AS clock_day,
            first_day + (arrayLastIndex(x -> x >= 0, told) - 1) AS newest_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest
        LEFT JOIN history AS h
            ON h.source = latest.source AND h.contract_id = latest.contract_id AND h.line_no = latest.line_no
    ),
    opened AS
    (
        SELECT
            *,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(observed_at) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, figures_day, figures_day + 1) AS open_day,
            if(elapsed < 1, elapsed, 0) AS passed
        FROM dated
    ),
    placed AS
    (
        SELECT
            *,
            toInt32(open_day - first_day) + 1 AS open,
            if(open BETWEEN 1 AND 92, greatest(told[open], 0), 0) AS open_bytes,
            greatest(open - 56, if(isNull(start_date), arrayFirstIndex(x -> x > 0, told), toInt32(assumeNotNull(start_date) - first_day) + 1)) AS since,
            arrayEnumerate(told) AS position,
            arrayMap(x -> greatest(x, 0), told) AS bytes,
            toInt32(addMonths(first_day, 1) - first_day) AS first_month,
            toInt32(addMonths(first_day, 2) - first_day) AS second_month,
            0.98 * (month_bytes + left) AS volume
        FROM opened
    ),
    summed AS
    (
        SELECT
            *,
            arraySum(arraySlice(bytes, 1, first_month)) AS before_second,
            arraySum(arraySlice(bytes, 1, second_month)) AS before_third,
            arrayMap((s, i) -> s - multiIf(i > second_month, before_third, i > first_month, before_second, 0), arrayCumSum(bytes), position) AS month_sum
        FROM placed
    ),
    days AS
    (
        SELECT
            *,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, told, month_sum, position) AS free,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, told, month_sum, position) AS slowed
        FROM summed
    ),
    trimmed AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, bytes, free))[2] AS most,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), bytes, free) AS used,
            arraySum(free) AS known
        FROM days
    ),
    weekdays AS
    (
        SELECT
            *,
            if(known > 0, arraySum(used) / known, 0) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w, free, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, position), [1, 2, 3, 4, 5, 6, 0]) AS weekday_bytes
        FROM trimmed
    ),
    noises AS
    (
        SELECT
            *,
            arraySum(x -> x * x, used) - arraySum((n, b) -> if(n > 0, b * b / n, 0), weekday_days, weekday_bytes) AS within,
            (if(mean > 0, greatest(within, 0) / (mean * mean), 0) + 4 * 0.25) / (arraySum(n -> greatest(n - 1, 0), weekday_days) + 4) AS noise
        FROM weekdays
    ),
    contracts AS
    (
        SELECT
            *,
            sumForEach(arrayMap(b -> if(mean > 0, b / mean / noise, 0), weekday_bytes)) OVER contract AS contract_bytes,
            sumForEach(arrayMap(n -> if(mean > 0, n / noise, 0), weekday_days)) OVER contract AS contract_days,
            sum(if(mean > 0, arraySum((x, s) -> if(s, x, 0), bytes, slowed) / mean, 0)) OVER contract AS slowed_bytes,
            sum(if(mean > 0, arraySum(slowed), 0)) OVER contract AS slowed_days
        FROM noises
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    factors AS
    (
        SELECT
            *,
            least((slowed_bytes + 1) / (slowed_days + 1), 1) AS slow_rate,
            arrayMap((b, n) -> (b + 20) / (n + 20), contract_bytes, contract_days) AS contract_factors,
            if(mean > 0, arrayMap((b, n, c) -> (b / mean + noise / 0.09 * c) / (n + noise / 0.09), weekday_bytes, weekday_days, contract_factors), contract_factors) AS weekday_factors
        FROM contracts
    ),
    weights AS
    (
        SELECT
            *,
            arrayFlatten(arrayWithConstant(18, weekday_factors)) AS day_factors,
            arraySlice(day_factors, 1, 92) AS past_factors,
            day_factors[positiveModulo(open - 1, 7) + 1] AS open_factor,
            arrayMap((f, i) -> if(f, exp2((i - open) / 14), 0), free, position) AS long_weights,
            arrayMap((f, i) -> if(f, exp2((i - open) / 5), 0), free, position) AS short_weights,
            arrayMap((f, g) -> f AND g, arrayPopBack(free), arrayPopFront(free)) AS neighbours
        FROM factors
    ),
    averages AS
    (
        SELECT
            *,
            multiIf(
                known > 0, arraySum((w, x) -> w * x, long_weights, used) / arraySum((w, p) -> w * p, long_weights, past_factors),
                month_bytes < volume, open_bytes / greatest(passed, 0.25) / open_factor,
                0) AS long_level,
            if(known > 0, arraySum((w, x) -> w * x, short_weights, used) / arraySum((w, p) -> w * p, short_weights, past_factors), long_level) AS short_level,
            if(known > 0, pow(arraySum(long_weights), 2) / arraySum(w -> w * w, long_weights), 1) AS long_rest,
            if(known > 0, pow(arraySum(short_weights), 2) / arraySum(w -> w * w, short_weights), 1) AS short_rest
        FROM weights
    ),
    trends AS
    (
        SELECT
            *,
            arrayMap((x, p) -> x - long_level * p, used, past_factors) AS long_misses,
            (arraySum((a, b, f) -> if(f, (a - b) * (a - b) / 2, 0), arrayPopBack(long_misses), arrayPopFront(long_misses), neighbours) + 4 * 0.25 * mean * mean)
                / (arraySum(neighbours) + 4) AS day_variance,
            if(short_level = long_level, 0, greatest(1 - 2 * day_variance * (1 / short_rest - 1 / long_rest) / pow(short_level - long_level, 2), 0)) AS trend
        FROM averages
    ),
    levels AS
    (
        SELECT
            *,
            long_level + trend * (short_level - long_level) AS level,
            long_rest + trend * (short_rest - long_rest) AS rest
        FROM trends
    ),
    misses AS
    (
        SELECT
            *,
            arrayMap((x, p, f) -> if(f, x - level * p, 0), used, past_factors, free) AS misses
        FROM levels
    ),
    spreads AS
    (
        SELECT
            *,
            arraySum(e -> e * e, misses) + 4 * 0.25 * level * level AS squares,
            arraySum((a, b) -> a * b, arrayPopBack(misses), arrayPopFront(misses)) AS products
        FROM misses
    ),
    variances AS
    (
        SELECT
            *,
            if(squares > 0, least(greatest(products / squares, 0), 0.6), 0) AS correlation,
            squares / (arraySum((p, f) -> if(f, p, 0), past_factors, free) + 4) * (1 + correlation) / (1 - correlation) AS variance,
            if(known > 0, arraySum((x, f) -> f AND x = 0, bytes, free) / known, 0) AS idle
        FROM spreads
    ),
    ahead AS
    (
        SELECT
            *,
            range(toUInt32(greatest(addMonths(month, 1) - open_day, 0))) AS days_on,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, length(days_on)) AS next_factors,
            arrayCumSum((p, d) -> if(d = 0, p * (1 - passed), p), next_factors, days_on) AS typical,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p), next_factors, days_on) AS expected
        FROM variances
    ),
    bands AS
    (
        SELECT
            *,
            arrayMap((m, g) -> if(m > 0, sqrt(variance * (g + g * g / rest) + pow(0.02 * level, 2) * g * g * g / 3) / m / 3, 0), expected, typical) AS widths
        FROM ahead
    ),
    paths AS
    (
        SELECT
            *,
            [
                expected,
                arrayMap((m, s, d) -> if(pow(idle, d + 1 - passed) < 0.1, m * pow(greatest(1 - s * s - 1.2816 * s, 0), 3), 0), expected, widths, days_on),
                arrayMap((m, s) -> m * greatest(pow(greatest(1 - s * s + 1.2816 * s, 0), 3), 1), expected, widths)
            ] AS paths,
            toFloat64(toUnixTimestamp(toDateTime(open_day, 'Asia/Tokyo'))) AS open_at
        FROM bands
    ),
    ends AS
    (
        SELECT
            *,
            if(passed > 0, toFloat64(observed_at), open_at) AS begin,
            arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths) AS crossed,
            arrayMap((p, i) -> multiIf(
                left = 0, toFloat64(observed_at),
                i = 0, -1,
                i = 1, begin + (open_at + 86400 - begin) * left / p[1],
                open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1]))), paths, crossed) AS instants,
            arrayMap((p, rate) -> p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS more
        FROM paths
    )
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

INSERT INTO schema_migrations (version, name) SELECT 20, '0020_pool_forecast.sql';

-- 0021_conditions.sql
CREATE TABLE IF NOT EXISTS stale_after_local
(
    source      LowCardinality(String) COMMENT 'configured account',
    job         LowCardinality(String) COMMENT 'traffic, data_share, session or lines',
    seconds     UInt64 COMMENT 'how long after it arrived an answer of the job still says what holds; 0: for ever',
    observed_at DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen last started with that; the newest wins'
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (source, job)
SETTINGS non_replicated_deduplication_window = 1000
COMMENT 'One row: a job, and for how long its answers count (exporter.stale_after, or three intervals)';

CREATE TABLE IF NOT EXISTS stale_after AS stale_after_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'stale_after_local', cityHash64(source, job))
COMMENT 'One row: a job, and for how long its answers count (exporter.stale_after, or three intervals)';

CREATE OR REPLACE VIEW data_share_pools
(
    source               LowCardinality(String) COMMENT 'configured account',
    contract_id          LowCardinality(String) COMMENT 'N123456789',
    members              UInt64 COMMENT 'lines that draw from it',
    month_bytes          Nullable(UInt64) COMMENT 'used this month, by all of them',
    today_bytes          Nullable(UInt64) COMMENT 'used today, by all',
    remaining_bytes      Nullable(UInt64) COMMENT 'left of this month''s volume',
    quota_bytes          Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes',
    remaining_ratio      Nullable(Float64) COMMENT 'remaining_bytes / quota_bytes, 0 to 1',
    restriction          Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'of the group',
    disagreeing_members  UInt64 COMMENT 'members that were told something which time does not explain; 0 where each is told its own use',
    observed_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the carrier told the figures',
    own_volumes          Bool COMMENT 'each member is told what is left of a volume of its own; remaining_bytes is their sum then',
    received_at          Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when that answer arrived: kaisen''s clock'
)
AS
WITH
    answers AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, t.observed_at AS observed_at, t.received_at AS received_at,
            t.month_bytes AS month_bytes, t.today_bytes AS today_bytes, t.remaining_bytes AS remaining_bytes, t.restriction AS restriction
        FROM (SELECT source, contract_id, line_no FROM data_share_members FINAL WHERE member AND status IN ('registered', 'removal_reserved')) AS m
        LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
    ),
    readings AS
    (
        SELECT source, contract_id, argMax(value, observed_at) = 'line' AS by_line
        FROM carrier_findings FINAL
        WHERE reading = 'share_figures'
        GROUP BY source, contract_id
    ),
    told_pools AS
    (
        SELECT source, contract_id, count() AS members,
            argMaxIf((answers.observed_at, answers.month_bytes, answers.today_bytes, answers.remaining_bytes, answers.restriction, answers.received_at),
                (answers.observed_at, line_no), isNotNull(answers.observed_at)) AS newest,
            newest.1 AS observed_at, newest.2 AS newest_month_bytes, newest.3 AS newest_today_bytes, newest.4 AS remaining_bytes, newest.5 AS restriction, newest.6 AS received_at,
            groupArray((answers.observed_at, answers.month_bytes, answers.month_bytes + answers.remaining_bytes, answers.today_bytes, answers.remaining_bytes)) AS told
        FROM answers
        GROUP BY source, contract_id
    ),
    pools AS
    (
        SELECT p.source AS source, p.contract_id AS contract_id, p.members AS members, p.observed_at AS observed_at, p.received_at AS received_at,
            p.restriction AS restriction, p.told AS told, ifNull(c.by_line, false) AS by_line,
            arrayFilter(one -> isNotNull(one.2) AND toStartOfMonth(one.1) = toStartOfMonth(p.observed_at), p.told) AS this_month,
            arrayFilter(one -> isNotNull(one.4) AND toDate(one.1) = toDate(p.observed_at), p.told) AS today,
            multiIf(NOT by_line, p.newest_month_bytes, empty(this_month), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.2)), this_month), 18446744073709551615))) AS month_bytes,
            multiIf(NOT by_line, p.newest_today_bytes, empty(today), NULL,
                toUInt64(least(arraySum(one -> toUInt128(assumeNotNull(one.4)), today), 18446744073709551615))) AS today_bytes,
            arrayMap(one -> toInt64(least(assumeNotNull(one.5), 9223372036854775807)), arraySort(one -> one.1, arrayFilter(one -> isNotNull(one.5), this_month))) AS left,
            by_line AND arrayExists(more -> more > 67108864, arrayDifference(left)) AS own_volumes,
            if(own_volumes, toUInt64(arraySum(one -> toUInt128(one), left)), p.remaining_bytes) AS remaining_bytes,
            month_bytes + remaining_bytes AS quota_bytes
        FROM told_pools AS p
        LEFT JOIN readings AS c ON c.source = p.source AND c.contract_id = p.contract_id
    )
SELECT source, contract_id, members, month_bytes, today_bytes, remaining_bytes, quota_bytes,
    remaining_bytes / nullIf(toFloat64(remaining_bytes) + month_bytes, 0) AS remaining_ratio,
    restriction,
    arrayCount(one -> NOT by_line AND one.1 >= toDateTime64(toStartOfMonth(observed_at), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND (
        ifNull(one.2 > month_bytes, false) OR ifNull(one.3 > quota_bytes, false)
        OR one.1 = observed_at AND (ifNull(one.2 != month_bytes, false) OR ifNull(one.3 != quota_bytes, false))), told) AS disagreeing_members,
    observed_at, CAST(own_volumes AS Bool) AS own_volumes, received_at
FROM pools
SETTINGS join_use_nulls = 1
COMMENT 'One row: a contract''s share group';

CREATE OR REPLACE VIEW line_status
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    state Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active: polled; not_found: the carrier answered 404; removed: left the list',
    plan_code LowCardinality(String) COMMENT 'planCode',
    access LowCardinality(String) COMMENT '3g, lte, or the carrier''s code where it is another',
    sim_type LowCardinality(String) COMMENT 'simType',
    device_name LowCardinality(String) COMMENT 'deviceName',
    data_share Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group',
    month_bytes Nullable(UInt64) COMMENT 'used this month',
    today_bytes Nullable(UInt64) COMMENT 'used today',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as call 03 told; of no meaning for members of a share group',
    remaining_ratio Nullable(Float64) COMMENT 'remaining_bytes / (month_bytes + remaining_bytes), as told',
    restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'whether it is throttled, by the figures that decide (cap_scope); NULL: nobody told yet',
    limit_status1 Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2 Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    share_month_bytes Nullable(UInt64) COMMENT 'trafficThisMonth of call 09: its group''s, or its own (carrier_findings, share_figures)',
    share_today_bytes Nullable(UInt64) COMMENT 'the same for today',
    share_remaining_bytes Nullable(UInt64) COMMENT 'left of the group''s volume',
    share_remaining_ratio Nullable(Float64) COMMENT 'the ratio of these two',
    share_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the group''s, as this line was told',
    connected Nullable(Bool) COMMENT 'whether it was connected when last asked',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    line_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'as call 03 told of the line itself; of no meaning for members of a share group',
    cap_scope Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose figures decide: data_share for lines that draw on their share group',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of its plan; NULL: not known',
    has_volume Nullable(Bool) COMMENT 'whether what decides is a volume at all; NULL: nobody told what is left',
    cap_month_bytes Nullable(UInt64) COMMENT 'used of the volume that decides: by the line, or by its group',
    cap_remaining_bytes Nullable(UInt64) COMMENT 'left of it',
    cap_remaining_ratio Nullable(Float64) COMMENT 'the part that is left of it, 0 to 1; NULL where there is no volume',
    cap_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the figures that decide were told',
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at',
    name String COMMENT 'what the customer calls the line, by labels_file',
    labels Map(String, String) COMMENT 'what labels_file says in its further columns; labels[''department'']',
    near_cap_ratio Float64 COMMENT 'cap_remaining_ratio below which it is near its cap: near_cap_percent of labels_file, else 0.2',
    silent Bool COMMENT 'active, and the last answer on its own traffic is stale (table stale_after), or there is none',
    unknown Bool COMMENT 'active, and nobody can say whether it is restricted: the answer that decides is stale, or there is none, or it tells no known state',
    restricted Bool COMMENT 'active, and the carrier throttles it now',
    near_cap Bool COMMENT 'active and not restricted, and cap_remaining_ratio is below near_cap_ratio'
)
AS
WITH
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'traffic') AS own_holds,
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'data_share') AS share_holds,
    own_holds[toString(l.source)] AS own_seconds,
    share_holds[toString(l.source)] AS share_seconds,
    ifNull(own_seconds = 0 AND isNotNull(t.observed_at) OR t.received_at + toIntervalSecond(own_seconds) >= now64(3), false) AS own_fresh,
    ifNull(share_seconds = 0 AND isNotNull(s.observed_at) OR s.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS share_fresh,
    ifNull(share_seconds = 0 AND isNotNull(p.observed_at) OR p.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS pool_fresh,
    multiIf(NOT l.pooled, own_fresh, isNull(p.observed_at), share_fresh, pool_fresh) AS fresh,
    isNull(p.observed_at) OR p.own_volumes AND share_fresh AS cap_of_member
SELECT
    l.source AS source,
    l.contract_id AS contract_id,
    l.line_no AS line_no,
    l.state AS state,
    l.plan_code AS plan_code,
    l.access AS access,
    l.sim_type AS sim_type,
    l.device_name AS device_name,
    l.data_share AS data_share,
    t.month_bytes AS month_bytes,
    t.today_bytes AS today_bytes,
    t.remaining_bytes AS remaining_bytes,
    t.remaining_bytes / nullIf(toFloat64(t.remaining_bytes) + t.month_bytes, 0) AS remaining_ratio,
    multiIf(NOT l.pooled, t.restriction, share_fresh OR isNull(p.observed_at), s.restriction, p.restriction) AS restriction,
    t.limit_status1 AS limit_status1,
    t.limit_status2 AS limit_status2,
    s.month_bytes AS share_month_bytes,
    s.today_bytes AS share_today_bytes,
    s.remaining_bytes AS share_remaining_bytes,
    s.remaining_bytes / nullIf(toFloat64(s.remaining_bytes) + s.month_bytes, 0) AS share_remaining_ratio,
    s.restriction AS share_restriction,
    c.connected AS connected,
    if(isNull(c.connected), NULL, c.session_type) AS session_type,
    t.observed_at AS observed_at,
    s.observed_at AS share_observed_at,
    c.observed_at AS session_observed_at,
    dateDiff('second', t.observed_at, now64(3)) AS age_seconds,
    dateDiff('second', s.observed_at, now64(3)) AS share_age_seconds,
    dateDiff('second', c.observed_at, now64(3)) AS session_age_seconds,
    l.first_seen AS first_seen,
    l.last_seen AS last_seen,
    t.restriction AS line_restriction,
    CAST(if(l.pooled, 'data_share', 'line') AS Enum8('line' = 1, 'data_share' = 2)) AS cap_scope,
    v.course_type AS course_type,
    CAST(multiIf(isNull(cap_remaining_bytes), NULL, l.pooled OR cap_remaining_bytes > 0, true, ifNull(v.has_volume, true)) AS Nullable(Bool)) AS has_volume,
    multiIf(NOT l.pooled, t.month_bytes, cap_of_member, s.month_bytes, p.month_bytes) AS cap_month_bytes,
    multiIf(NOT l.pooled, t.remaining_bytes, cap_of_member, s.remaining_bytes, p.remaining_bytes) AS cap_remaining_bytes,
    if(has_volume, cap_remaining_bytes / nullIf(toFloat64(cap_remaining_bytes) + cap_month_bytes, 0), NULL) AS cap_remaining_ratio,
    multiIf(NOT l.pooled, t.observed_at, cap_of_member, s.observed_at, p.observed_at) AS cap_observed_at,
    dateDiff('second', cap_observed_at, now64(3)) AS cap_age_seconds,
    ifNull(n.name, '') AS name,
    mapFilter((column, value) -> value != '',
        CAST((n.label_columns, arrayResize(n.label_values, length(n.label_columns))), 'Map(String, String)')) AS labels,
    if(toFloat64OrNull(labels['near_cap_percent']) BETWEEN 0 AND 100, assumeNotNull(toFloat64OrNull(labels['near_cap_percent'])) / 100, 0.2) AS near_cap_ratio,
    CAST(l.state = 'active' AND NOT own_fresh AS Bool) AS silent,
    CAST(l.state = 'active' AND (NOT fresh OR ifNull(restriction = 'unknown', true)) AS Bool) AS unknown,
    CAST(l.state = 'active' AND fresh AND ifNull(restriction IN ('recent', 'monthly', 'monthly_and_recent'), false) AS Bool) AS restricted,
    CAST(l.state = 'active' AND fresh AND NOT restricted AND ifNull(cap_remaining_ratio < near_cap_ratio, false) AS Bool) AS near_cap
FROM (SELECT *, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS s
    ON s.source = l.source AND s.contract_id = l.contract_id AND s.line_no = l.line_no
LEFT JOIN (SELECT * FROM session_latest FINAL) AS c
    ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
LEFT JOIN data_share_pools AS p
    ON p.source = l.source AND p.contract_id = l.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
LEFT JOIN (SELECT source, contract_id, line_no, name, label_columns, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';

CREATE OR REPLACE VIEW run_out_lines
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    name String COMMENT 'what the customer calls the line, by labels_file',
    plan_code LowCardinality(String) COMMENT 'planCode',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'used and left: the volume',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little; NULL: it may last'
)
AS
SELECT f.source AS source, f.contract_id AS contract_id, f.line_no AS line_no, s.name AS name, s.plan_code AS plan_code, f.remaining_bytes AS remaining_bytes,
    f.quota_bytes AS quota_bytes, f.days_of_history AS days_of_history, f.month_end_bytes AS month_end_bytes, f.month_end_bytes_low AS month_end_bytes_low,
    f.month_end_bytes_high AS month_end_bytes_high, f.exhaustion_at AS exhaustion_at, f.exhaustion_at_early AS exhaustion_at_early,
    f.exhaustion_at_late AS exhaustion_at_late
FROM (SELECT * FROM line_forecast WHERE isNotNull(exhaustion_at) AND remaining_bytes > 0) AS f
INNER JOIN (SELECT source, contract_id, line_no, name, plan_code FROM line_status WHERE state = 'active' AND cap_scope = 'line' AND NOT silent AND NOT restricted) AS s
    ON s.source = f.source AND s.contract_id = f.contract_id AND s.line_no = f.line_no
COMMENT 'One row: a line that will run out of volume before the month ends, and has not yet';

INSERT INTO schema_migrations (version, name) SELECT 21, '0021_conditions.sql';

-- 0022_line_connections.sql
CREATE OR REPLACE VIEW line_connections
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    connected    Nullable(Bool) COMMENT 'whether it has a session; NULL: the answer did not say',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'of the session that it has, else of the one that call 26 told of last',
    observed_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'for when that is known: the answer of call 26, or up to when the log is read',
    told_by      Enum8('call_26' = 0, 'log' = 1) COMMENT 'what it is from',
    answered_at  DateTime64(3, 'Asia/Tokyo') COMMENT 'the last answer of call 26: the carrier''s clock'
)
AS
WITH
    read_logs AS
    (
        SELECT w.source AS source, w.contract_id AS contract_id, w.watermark AS watermark
        FROM (SELECT source, contract_id, watermark FROM log_watermarks FINAL WHERE log = 'session_events') AS w
        INNER JOIN (SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'session_state' AND value = 'log') AS f
            ON f.source = w.source AND f.contract_id = w.contract_id
    ),
    answers AS
    (
        SELECT a.source AS source, a.contract_id AS contract_id, a.line_no AS line_no, a.connected AS connected, a.session_type AS session_type,
            a.observed_at AS observed_at, toUnixTimestamp(a.observed_at) AS answered, w.watermark AS watermark,
            ifNull(a.connected AND a.session_type = 'domestic', false) AS was_home, ifNull(a.connected AND a.session_type = 'roaming', false) AS was_abroad,
            isNotNull(a.connected) AND (NOT assumeNotNull(a.connected) OR a.session_type != 'unknown')
                AND w.watermark > a.observed_at AND w.watermark <= a.observed_at + INTERVAL 36 HOUR AS followed
        FROM (SELECT source, contract_id, line_no, connected, session_type, observed_at FROM session_latest FINAL) AS a
        LEFT JOIN read_logs AS w ON w.source = a.source AND w.contract_id = a.contract_id
    ),
    seconds AS
    (
        SELECT source, contract_id, line_no, session_type, event_time,
            countIf(event = 'start') > 0 AS starts, countIf(event = 'stop') > 0 AS stops, session_type = 'unknown' OR countIf(event = 'unknown') > 0 AS odd
        FROM session_events
        WHERE event_time >= (SELECT minIf(observed_at, followed) FROM answers) - INTERVAL 61 SECOND
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    traces AS
    (
        SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, max(s.odd) AS odd,
            toUnixTimestamp(maxIf(s.event_time, session_type = 'domestic' AND (s.starts OR s.stops))) AS home_at,
            argMaxIf((s.starts, s.stops), s.event_time, session_type = 'domestic' AND (s.starts OR s.stops)) AS home_last,
            toUnixTimestamp(maxIf(s.event_time, session_type = 'roaming' AND (s.starts OR s.stops))) AS abroad_at,
            argMaxIf((s.starts, s.stops), s.event_time, session_type = 'roaming' AND (s.starts OR s.stops)) AS abroad_last
        FROM (SELECT source, contract_id, line_no, session_type, event_time, starts, stops, odd FROM seconds) AS s
        INNER JOIN (SELECT source, contract_id, line_no, answered FROM answers WHERE followed) AS a
            ON a.source = s.source AND a.contract_id = s.contract_id AND a.line_no = s.line_no
        WHERE toInt64(toUnixTimestamp(s.event_time)) >= toInt64(a.answered) - 60
        GROUP BY source, contract_id, line_no
    ),
    states AS
    (
        SELECT a.source AS source, a.contract_id AS contract_id, a.line_no AS line_no, a.connected AS connected, a.session_type AS session_type,
            a.observed_at AS observed_at, a.watermark AS watermark,
            multiIf(t.home_at = 0, toNullable(a.was_home),
                t.home_last.1 = t.home_last.2 OR t.home_at < a.answered AND t.home_last.1 != a.was_home, NULL, t.home_last.1) AS home,
            multiIf(t.abroad_at = 0, toNullable(a.was_abroad),
                t.abroad_last.1 = t.abroad_last.2 OR t.abroad_at < a.answered AND t.abroad_last.1 != a.was_abroad, NULL, t.abroad_last.1) AS abroad,
            a.followed AND NOT t.odd AND isNotNull(home) AND isNotNull(abroad) AND NOT ifNull(home AND abroad, true) AS told
        FROM answers AS a
        LEFT JOIN traces AS t ON t.source = a.source AND t.contract_id = a.contract_id AND t.line_no = a.line_no
    )
SELECT source, contract_id, line_no,
    CAST(if(told, home OR abroad, states.connected) AS Nullable(Bool)) AS connected,
    CAST(multiIf(told AND abroad, 'roaming', told AND home, 'domestic', toString(states.session_type)) AS Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) AS session_type,
    if(told, toDateTime64(states.watermark, 3, 'Asia/Tokyo'), states.observed_at) AS observed_at,
    CAST(if(told, 'log', 'call_26') AS Enum8('call_26' = 0, 'log' = 1)) AS told_by,
    states.observed_at AS answered_at
FROM states
SETTINGS join_use_nulls = 0
COMMENT 'One row: whether a line is connected, as far as call 26 or the session log has told';

CREATE OR REPLACE VIEW line_status
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    state Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active: polled; not_found: the carrier answered 404; removed: left the list',
    plan_code LowCardinality(String) COMMENT 'planCode',
    access LowCardinality(String) COMMENT '3g, lte, or the carrier''s code where it is another',
    sim_type LowCardinality(String) COMMENT 'simType',
    device_name LowCardinality(String) COMMENT 'deviceName',
    data_share Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group',
    month_bytes Nullable(UInt64) COMMENT 'used this month',
    today_bytes Nullable(UInt64) COMMENT 'used today',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as call 03 told; of no meaning for members of a share group',
    remaining_ratio Nullable(Float64) COMMENT 'remaining_bytes / (month_bytes + remaining_bytes), as told',
    restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'whether it is throttled, by the figures that decide (cap_scope); NULL: nobody told yet',
    limit_status1 Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2 Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    share_month_bytes Nullable(UInt64) COMMENT 'trafficThisMonth of call 09: its group''s, or its own (carrier_findings, share_figures)',
    share_today_bytes Nullable(UInt64) COMMENT 'the same for today',
    share_remaining_bytes Nullable(UInt64) COMMENT 'left of the group''s volume',
    share_remaining_ratio Nullable(Float64) COMMENT 'the ratio of these two',
    share_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the group''s, as this line was told',
    connected Nullable(Bool) COMMENT 'whether it is connected, by call 26 or by the session log: line_connections',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was: the answer of call 26, or up to when the session log is read',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    line_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'as call 03 told of the line itself; of no meaning for members of a share group',
    cap_scope Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose figures decide: data_share for lines that draw on their share group',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of its plan; NULL: not known',
    has_volume Nullable(Bool) COMMENT 'whether what decides is a volume at all; NULL: nobody told what is left',
    cap_month_bytes Nullable(UInt64) COMMENT 'used of the volume that decides: by the line, or by its group',
    cap_remaining_bytes Nullable(UInt64) COMMENT 'left of it',
    cap_remaining_ratio Nullable(Float64) COMMENT 'the part that is left of it, 0 to 1; NULL where there is no volume',
    cap_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the figures that decide were told',
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at',
    name String COMMENT 'what the customer calls the line, by labels_file',
    labels Map(String, String) COMMENT 'what labels_file says in its further columns; labels[''department'']',
    near_cap_ratio Float64 COMMENT 'cap_remaining_ratio below which it is near its cap: near_cap_percent of labels_file, else 0.2',
    silent Bool COMMENT 'active, and the last answer on its own traffic is stale (table stale_after; four hours later for members of a share group), or there is none',
    unknown Bool COMMENT 'active, and nobody can say whether it is restricted: the answer that decides is stale, or there is none, or it tells no known state',
    restricted Bool COMMENT 'active, and the carrier throttles it now',
    near_cap Bool COMMENT 'active and not restricted, and cap_remaining_ratio is below near_cap_ratio'
)
AS
WITH
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'traffic') AS own_holds,
    (SELECT mapFromArrays(groupArray(toString(source)), groupArray(seconds)) FROM stale_after FINAL WHERE job = 'data_share') AS share_holds,
    own_holds[toString(l.source)] + if(l.pooled AND own_holds[toString(l.source)] > 0, 4 * 3600, 0) AS own_seconds,
    share_holds[toString(l.source)] AS share_seconds,
    ifNull(own_seconds = 0 AND isNotNull(t.observed_at) OR t.received_at + toIntervalSecond(own_seconds) >= now64(3), false) AS own_fresh,
    ifNull(share_seconds = 0 AND isNotNull(s.observed_at) OR s.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS share_fresh,
    ifNull(share_seconds = 0 AND isNotNull(p.observed_at) OR p.received_at + toIntervalSecond(share_seconds) >= now64(3), false) AS pool_fresh,
    multiIf(NOT l.pooled, own_fresh, isNull(p.observed_at), share_fresh, pool_fresh) AS fresh,
    isNull(p.observed_at) OR p.own_volumes AND share_fresh AS cap_of_member
SELECT
    l.source AS source,
    l.contract_id AS contract_id,
    l.line_no AS line_no,
    l.state AS state,
    l.plan_code AS plan_code,
    l.access AS access,
    l.sim_type AS sim_type,
    l.device_name AS device_name,
    l.data_share AS data_share,
    t.month_bytes AS month_bytes,
    t.today_bytes AS today_bytes,
    t.remaining_bytes AS remaining_bytes,
    t.remaining_bytes / nullIf(toFloat64(t.remaining_bytes) + t.month_bytes, 0) AS remaining_ratio,
    multiIf(NOT l.pooled, t.restriction, share_fresh OR isNull(p.observed_at), s.restriction, p.restriction) AS restriction,
    t.limit_status1 AS limit_status1,
    t.limit_status2 AS limit_status2,
    s.month_bytes AS share_month_bytes,
    s.today_bytes AS share_today_bytes,
    s.remaining_bytes AS share_remaining_bytes,
    s.remaining_bytes / nullIf(toFloat64(s.remaining_bytes) + s.month_bytes, 0) AS share_remaining_ratio,
    s.restriction AS share_restriction,
    c.connected AS connected,
    if(isNull(c.connected), NULL, c.session_type) AS session_type,
    t.observed_at AS observed_at,
    s.observed_at AS share_observed_at,
    c.observed_at AS session_observed_at,
    dateDiff('second', t.observed_at, now64(3)) AS age_seconds,
    dateDiff('second', s.observed_at, now64(3)) AS share_age_seconds,
    dateDiff('second', c.observed_at, now64(3)) AS session_age_seconds,
    l.first_seen AS first_seen,
    l.last_seen AS last_seen,
    t.restriction AS line_restriction,
    CAST(if(l.pooled, 'data_share', 'line') AS Enum8('line' = 1, 'data_share' = 2)) AS cap_scope,
    v.course_type AS course_type,
    CAST(multiIf(isNull(cap_remaining_bytes), NULL, l.pooled OR cap_remaining_bytes > 0, true, ifNull(v.has_volume, true)) AS Nullable(Bool)) AS has_volume,
    multiIf(NOT l.pooled, t.month_bytes, cap_of_member, s.month_bytes, p.month_bytes) AS cap_month_bytes,
    multiIf(NOT l.pooled, t.remaining_bytes, cap_of_member, s.remaining_bytes, p.remaining_bytes) AS cap_remaining_bytes,
    if(has_volume, cap_remaining_bytes / nullIf(toFloat64(cap_remaining_bytes) + cap_month_bytes, 0), NULL) AS cap_remaining_ratio,
    multiIf(NOT l.pooled, t.observed_at, cap_of_member, s.observed_at, p.observed_at) AS cap_observed_at,
    dateDiff('second', cap_observed_at, now64(3)) AS cap_age_seconds,
    ifNull(n.name, '') AS name,
    mapFilter((column, value) -> value != '',
        CAST((n.label_columns, arrayResize(n.label_values, length(n.label_columns))), 'Map(String, String)')) AS labels,
    if(toFloat64OrNull(labels['near_cap_percent']) BETWEEN 0 AND 100, assumeNotNull(toFloat64OrNull(labels['near_cap_percent'])) / 100, 0.2) AS near_cap_ratio,
    CAST(l.state = 'active' AND NOT own_fresh AS Bool) AS silent,
    CAST(l.state = 'active' AND (NOT fresh OR ifNull(restriction = 'unknown', true)) AS Bool) AS unknown,
    CAST(l.state = 'active' AND fresh AND ifNull(restriction IN ('recent', 'monthly', 'monthly_and_recent'), false) AS Bool) AS restricted,
    CAST(l.state = 'active' AND fresh AND NOT restricted AND ifNull(cap_remaining_ratio < near_cap_ratio, false) AS Bool) AS near_cap
FROM (SELECT *, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'line') AS t
    ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
LEFT JOIN (SELECT * FROM traffic_latest FINAL WHERE scope = 'data_share') AS s
    ON s.source = l.source AND s.contract_id = l.contract_id AND s.line_no = l.line_no
LEFT JOIN line_connections AS c
    ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
LEFT JOIN data_share_pools AS p
    ON p.source = l.source AND p.contract_id = l.contract_id
LEFT JOIN plan_volumes AS v
    ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
LEFT JOIN (SELECT source, contract_id, line_no, name, label_columns, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
SETTINGS join_use_nulls = 1
COMMENT 'One row: a line of the inventory, with what is known of it now';

INSERT INTO schema_migrations (version, name) SELECT 22, '0022_line_connections.sql';

-- 0023_month_known.sql
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
    if(pooled, NULL, coalesce(nullIf(c.quota, 0), if(ifNull(v.has_volume, true), nullIf(c.used_up, 0), NULL))) AS quota_bytes,
    m.bytes / quota_bytes AS used_ratio,
    if(pooled, c.share_first, c.line_first) AS first_sample,
    if(isNull(first_sample), NULL, ifNull(if(pooled, r.share_seconds, r.line_seconds), 0)) AS restricted_seconds,
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
LEFT JOIN restricted AS r
    ON r.source = m.source AND r.contract_id = m.contract_id AND r.line_no = m.line_no AND r.month = m.month
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

CREATE OR REPLACE VIEW near_cap_lines
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    state Enum8('active' = 1, 'not_found' = 2, 'removed' = 3) COMMENT 'active',
    plan_code LowCardinality(String) COMMENT 'planCode',
    access LowCardinality(String) COMMENT '3g, lte, or the carrier''s code where it is another',
    sim_type LowCardinality(String) COMMENT 'simType',
    device_name LowCardinality(String) COMMENT 'deviceName',
    data_share Enum8('none' = 0, 'reserved' = 1, 'registered' = 2, 'removal_reserved' = 3, 'unknown' = 4) COMMENT 'place in the share group',
    month_bytes Nullable(UInt64) COMMENT 'used this month',
    today_bytes Nullable(UInt64) COMMENT 'used today',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as call 03 told; of no meaning for members of a share group',
    remaining_ratio Nullable(Float64) COMMENT 'remaining_bytes / (month_bytes + remaining_bytes), as told',
    restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'whether it is throttled, by the figures that decide (cap_scope); NULL: nobody told yet',
    limit_status1 Nullable(UInt8) COMMENT 'limitStatus1, 0..3',
    limit_status2 Nullable(UInt8) COMMENT 'limitStatus2, 0..1',
    share_month_bytes Nullable(UInt64) COMMENT 'trafficThisMonth of call 09: its group''s, or its own (carrier_findings, share_figures)',
    share_today_bytes Nullable(UInt64) COMMENT 'the same for today',
    share_remaining_bytes Nullable(UInt64) COMMENT 'left of the group''s volume',
    share_remaining_ratio Nullable(Float64) COMMENT 'the ratio of these two',
    share_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'the group''s, as this line was told',
    connected Nullable(Bool) COMMENT 'whether it was connected when last asked',
    session_type Nullable(Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2)) COMMENT 'sessionType of that',
    observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the line''s figures were told: the carrier''s clock',
    share_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the group''s were',
    session_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the connection was',
    age_seconds Nullable(Int64) COMMENT 'seconds since observed_at',
    share_age_seconds Nullable(Int64) COMMENT 'seconds since share_observed_at',
    session_age_seconds Nullable(Int64) COMMENT 'seconds since session_observed_at',
    first_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'when kaisen first knew the line',
    last_seen DateTime64(3, 'Asia/Tokyo') COMMENT 'the last inventory that had it',
    quota_bytes Nullable(UInt64) COMMENT 'cap_month_bytes + cap_remaining_bytes: the volume that decides, until it is used up',
    used_ratio Nullable(Float64) COMMENT 'part of quota_bytes that is used, 0 to 1',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the rest is expected to be used up, from line_forecast, or of its group from pool_forecast (cap_scope); NULL: not in this month, or not known',
    line_restriction Nullable(Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) COMMENT 'as call 03 told of the line itself; of no meaning for members of a share group',
    cap_scope Enum8('line' = 1, 'data_share' = 2) COMMENT 'whose figures decide: data_share for lines that draw on their share group',
    course_type Nullable(Enum8('unknown' = 0, 'zero' = 1, 'basic' = 2, 'traffic' = 3, 'individual' = 4, 'spare' = 99)) COMMENT 'courseType of its plan; NULL: not known',
    has_volume Nullable(Bool) COMMENT 'whether what decides is a volume at all; NULL: nobody told what is left',
    cap_month_bytes Nullable(UInt64) COMMENT 'used of the volume that decides: by the line, or by its group',
    cap_remaining_bytes Nullable(UInt64) COMMENT 'left of it',
    cap_remaining_ratio Nullable(Float64) COMMENT 'the part that is left of it, 0 to 1; NULL where there is no volume',
    cap_observed_at Nullable(DateTime64(3, 'Asia/Tokyo')) COMMENT 'when the figures that decide were told',
    cap_age_seconds Nullable(Int64) COMMENT 'seconds since cap_observed_at',
    name String COMMENT 'what the customer calls the line, by labels_file',
    labels Map(String, String) COMMENT 'what labels_file says in its further columns; labels[''department'']',
    near_cap_ratio Float64 COMMENT 'cap_remaining_ratio below which it is near its cap: near_cap_percent of labels_file, else 0.2',
    silent Bool COMMENT 'active, and the last answer on its own traffic is stale (table stale_after), or there is none',
    unknown Bool COMMENT 'active, and nobody can say whether it is restricted: the answer that decides is stale, or there is none, or it tells no known state',
    restricted Bool COMMENT 'active, and the carrier throttles it now',
    near_cap Bool COMMENT 'active and not restricted, and cap_remaining_ratio is below near_cap_ratio'
)
AS
SELECT
    s.source AS source,
    s.contract_id AS contract_id,
    s.line_no AS line_no,
    s.state AS state,
    s.plan_code AS plan_code,
    s.access AS access,
    s.sim_type AS sim_type,
    s.device_name AS device_name,
    s.data_share AS data_share,
    s.month_bytes AS month_bytes,
    s.today_bytes AS today_bytes,
    s.remaining_bytes AS remaining_bytes,
    s.remaining_ratio AS remaining_ratio,
    s.restriction AS restriction,
    s.limit_status1 AS limit_status1,
    s.limit_status2 AS limit_status2,
    s.share_month_bytes AS share_month_bytes,
    s.share_today_bytes AS share_today_bytes,
    s.share_remaining_bytes AS share_remaining_bytes,
    s.share_remaining_ratio AS share_remaining_ratio,
    s.share_restriction AS share_restriction,
    s.connected AS connected,
    s.session_type AS session_type,
    s.observed_at AS observed_at,
    s.share_observed_at AS share_observed_at,
    s.session_observed_at AS session_observed_at,
    s.age_seconds AS age_seconds,
    s.share_age_seconds AS share_age_seconds,
    s.session_age_seconds AS session_age_seconds,
    s.first_seen AS first_seen,
    s.last_seen AS last_seen,
    if(s.has_volume, s.cap_month_bytes + least(assumeNotNull(s.cap_remaining_bytes), bitNot(s.cap_month_bytes)), NULL) AS quota_bytes,
    1 - s.cap_remaining_ratio AS used_ratio,
    if(s.cap_scope = 'data_share', p.exhaustion_at, f.exhaustion_at) AS exhaustion_at,
    s.line_restriction AS line_restriction,
    s.cap_scope AS cap_scope,
    s.course_type AS course_type,
    s.has_volume AS has_volume,
    s.cap_month_bytes AS cap_month_bytes,
    s.cap_remaining_bytes AS cap_remaining_bytes,
    s.cap_remaining_ratio AS cap_remaining_ratio,
    s.cap_observed_at AS cap_observed_at,
    s.cap_age_seconds AS cap_age_seconds,
    s.name AS name,
    s.labels AS labels,
    s.near_cap_ratio AS near_cap_ratio,
    s.silent AS silent,
    s.unknown AS unknown,
    s.restricted AS restricted,
    s.near_cap AS near_cap
FROM (SELECT * FROM line_status WHERE near_cap OR restricted) AS s
LEFT JOIN (SELECT source, contract_id, line_no, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
LEFT JOIN (SELECT source, contract_id, exhaustion_at FROM pool_forecast WHERE NOT own_volumes) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id
COMMENT 'One row: a line near its cap, or restricted';

INSERT INTO schema_migrations (version, name) SELECT 23, '0023_month_known.sql';

-- 0024_forecast.sql
INSERT INTO schema_migrations (version, name) SELECT 24, '0024_forecast.sql';

-- 0025_closed_months.sql
CREATE TABLE IF NOT EXISTS month_fills_local
(
    month     Date COMMENT 'first day of the month',
    event     Enum8('changed' = 1, 'filled' = 2) COMMENT 'changed: samples of it were written after it had ended; filled: it was copied',
    filled_at DateTime64(3, 'Asia/Tokyo') COMMENT 'filled: the fill of the rows that hold',
    at        DateTime64(3, 'Asia/Tokyo') COMMENT 'when that was; of a fill, when it began'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (month, event)
COMMENT 'One row: the last time at which a month was copied, or changed';

CREATE TABLE IF NOT EXISTS month_fills AS month_fills_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'month_fills_local', cityHash64(month, event))
COMMENT 'One row: the last time at which a month was copied, or changed';

CREATE MATERIALIZED VIEW IF NOT EXISTS month_fills_mv TO month_fills_local AS
SELECT arrayJoin([toStartOfMonth(observed_at), toLastDayOfMonth(observed_at) + 1]) AS month, 'changed' AS event, toDateTime64(0, 3, 'Asia/Tokyo') AS filled_at, max(toDateTime64(nowInBlock('Asia/Tokyo'), 3, 'Asia/Tokyo')) AS at
FROM traffic_samples_local
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

CREATE TABLE IF NOT EXISTS traffic_hours_local
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

CREATE TABLE IF NOT EXISTS traffic_hours AS traffic_hours_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'traffic_hours_local', cityHash64(source, contract_id, line_no))
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
    told AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month,
            toUInt64(toUnixTimestamp64Milli(observed_at)) AS at, assumeNotNull(month_bytes) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR month_bytes = today_bytes)
        UNION ALL
        SELECT source, contract_id, line_no, scope, toLastDayOfMonth(observed_at) + 1 AS month,
            toUInt64(toUnixTimestamp(toDateTime(month, 'Asia/Tokyo'))) * 1000 AS at, toUInt64(0) AS counter
        FROM traffic_samples
        WHERE month_bytes IS NOT NULL
        GROUP BY source, contract_id, line_no, scope, month
    ),
    months AS
    (
        SELECT source, contract_id, line_no, scope, month,
            arraySort(groupArray((told.at, told.counter))) AS samples,
            tupleElement(samples, 1) AS times, tupleElement(samples, 2) AS counters,
            if(arrayMin(arrayDifference(counters)) >= 0, counters,
                arrayReduceInRanges('min', arrayZip(arrayEnumerate(counters), arrayWithConstant(length(counters), length(counters))), counters)) AS corrected
        FROM told
        GROUP BY source, contract_id, line_no, scope, month
    ),
    heights AS
    (
        SELECT source, contract_id, line_no, scope, month, times, intDiv(times[1], 3600000) AS first_hour,
            arrayFlatten(arrayMap((at, bytes, at_before, bytes_before) ->
                arrayMap(h -> bytes_before + toUInt64(intDiv(toUInt128(toUInt64(bytes - bytes_before)) * (h * 3600000 - at_before), at - at_before)),
                    range(intDiv(at_before, 3600000) + 1, intDiv(at, 3600000) + 1)),
                arrayPopFront(times), arrayPopFront(corrected), arrayPopBack(times), arrayPopBack(corrected))) AS at_full_hours,
            arrayPopFront(arrayDifference(arrayConcat([corrected[1]], at_full_hours, [corrected[-1]]))) AS used
        FROM months
    )
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

CREATE TABLE IF NOT EXISTS restriction_turns_local
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

CREATE TABLE IF NOT EXISTS restriction_turns AS restriction_turns_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'restriction_turns_local', cityHash64(source, contract_id, line_no))
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

CREATE TABLE IF NOT EXISTS line_month_counts_local
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

CREATE TABLE IF NOT EXISTS line_month_counts AS line_month_counts_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'line_month_counts_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: what the samples of a line say of a closed month; read line_months';

CREATE TABLE IF NOT EXISTS pool_month_counts_local
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

CREATE TABLE IF NOT EXISTS pool_month_counts AS pool_month_counts_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'pool_month_counts_local', cityHash64(source, contract_id))
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
    if(ifNull(c.shown, 0), c.seconds, NULL) AS restricted_seconds,
    toUInt8(ifNull(c.watched, 0)) AS watched_days
FROM months AS m
LEFT JOIN counted AS c ON c.source = m.source AND c.contract_id = m.contract_id AND c.month = m.month
LEFT JOIN readings AS f ON f.source = m.source AND f.contract_id = m.contract_id
LEFT JOIN latest AS t ON t.source = m.source AND t.contract_id = m.contract_id
SETTINGS join_use_nulls = 1
COMMENT 'One row: a month of a contract''s share group';

ALTER TABLE traffic_samples_local MODIFY COLUMN received_at CODEC(GCD, Delta, T64, ZSTD(1));

ALTER TABLE traffic_samples_local MODIFY COLUMN observed_at CODEC(GCD, Delta, T64, ZSTD(1));

ALTER TABLE session_samples_local MODIFY COLUMN received_at CODEC(GCD, Delta, T64, ZSTD(1));

ALTER TABLE session_samples_local MODIFY COLUMN observed_at CODEC(GCD, Delta, T64, ZSTD(1));

INSERT INTO schema_migrations (version, name) SELECT 25, '0025_closed_months.sql';

-- 0026_days.sql
ALTER TABLE traffic_samples_local MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE traffic_samples_local ADD PROJECTION IF NOT EXISTS days
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

INSERT INTO schema_migrations (version, name) SELECT 26, '0026_days.sql';

-- 0027_forecast_planning.sql
INSERT INTO schema_migrations (version, name) SELECT 27, '0027_forecast_planning.sql';

-- 0028_untold_days.sql
INSERT INTO schema_migrations (version, name) SELECT 28, '0028_untold_days.sql';

-- 0029_forecast_band.sql
CREATE OR REPLACE VIEW line_forecast
(
    source LowCardinality(String) COMMENT 'configured account',
    contract_id LowCardinality(String) COMMENT 'N123456789',
    line_no String COMMENT 'line number; personal data',
    month Date COMMENT 'first day of the month that the figures are of',
    month_bytes UInt64 COMMENT 'used in it so far, as the newest answer told',
    remaining_bytes Nullable(UInt64) COMMENT 'left of the volume, as the newest answer told',
    quota_bytes Nullable(UInt64) COMMENT 'month_bytes + remaining_bytes: the volume, until it is used up; NULL: it has none',
    days_of_history UInt16 COMMENT 'how many past days taught, 0 to 56; with few of them the band is wide',
    month_end_bytes UInt64 COMMENT 'expected use of the whole month',
    month_end_bytes_low UInt64 COMMENT 'low end of its 80 % band: one month in ten ends below',
    month_end_bytes_high UInt64 COMMENT 'high end of its 80 % band: one month in ten ends above',
    exhaustion_at Nullable(DateTime('Asia/Tokyo')) COMMENT 'when the volume is expected to be used up; NULL: not in this month',
    exhaustion_at_early Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses much: the high end of the band',
    exhaustion_at_late Nullable(DateTime('Asia/Tokyo')) COMMENT 'the same if the line uses little: the low end of the band'
)
AS
WITH
    (SELECT groupArray((source, contract_id, plan_code)) FROM plan_volumes WHERE NOT has_volume) AS without_volume,
    assumeNotNull((SELECT toStartOfMonth(toDate(max(observed_at)) - 57) FROM traffic_latest WHERE scope = 'line')) AS first_day,
    latest AS
    (
        SELECT
            t.source AS source,
            t.contract_id AS contract_id,
            t.line_no AS line_no,
            t.observed_at AS observed_at,
            assumeNotNull(t.month_bytes) AS month_bytes,
            t.remaining_bytes AS remaining_bytes,
            NOT (ifNull(t.remaining_bytes = 0, false) AND has(without_volume, (l.source, l.contract_id, l.plan_code))) AS has_volume,
            if(isNull(t.remaining_bytes) OR l.data_share IN ('registered', 'removal_reserved') OR NOT has_volume, inf,
                toFloat64(assumeNotNull(t.remaining_bytes))) AS left,
            l.start_date AS start_date,
            false AS own_volumes
        FROM
        (
            SELECT source, contract_id, line_no, observed_at, month_bytes, remaining_bytes
            FROM traffic_latest FINAL
            WHERE scope = 'line' AND isNotNull(month_bytes) AND (month_bytes > 0 OR isNotNull(remaining_bytes))
        ) AS t
        INNER JOIN (SELECT source, contract_id, line_no, plan_code, start_date, data_share FROM lines FINAL WHERE state = 'active') AS l
            ON l.source = t.source AND l.contract_id = t.contract_id AND l.line_no = t.line_no
    ),
    history AS
    (
        SELECT source, contract_id, line_no, groupArrayInsertAt(-1., 92)(toFloat64(bytes), toUInt32(day - first_day)) AS days
        FROM traffic_daily FINAL
        WHERE scope = 'line' AND day >= first_day
        GROUP BY source, contract_id, line_no
    ),
    dated AS
    (
        SELECT
            l.source AS source,
            l.contract_id AS contract_id,
            (l.line_no, l.observed_at, l.month_bytes, l.remaining_bytes, l.has_volume, l.own_volumes) AS told,
            l.left AS left,
            l.start_date AS start_date,
            materialize(first_day) AS first,
            arrayResize(h.days, 92, -1.) AS days,
            first + (arrayLastIndex(x -> x >= 0, days) - 1) AS newest_day,
            toDate(l.observed_at) AS clock_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest AS l
        LEFT JOIN history AS h
            ON h.source = l.source AND h.contract_id = l.contract_id AND h.line_no = l.line_no
    ),
    opened AS
    (
        SELECT
            source, contract_id, told, left, start_date, first, days,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(told.2) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, elapsed, 0) AS passed,
            toInt32(figures_day - first) + 1 + (elapsed >= 1) AS open
        FROM dated
    )
    ,
    placed AS
    (
        SELECT
            source, contract_id, told, left, start_date, days, month, passed, open,
            toUInt32(greatest(addMonths(month, 1) - first + 1 - open, 0)) AS days_left,
            if(open BETWEEN 1 AND 92, greatest(days[open], 0), 0) AS open_bytes,
            greatest(open - 56, ifNull(toInt32(start_date - first) + 1, arrayFirstIndex(x -> x > 0, days))) AS since,
            0.98 * (told.3 + left) AS volume,
            range(1, 93) AS position,
            greatest(toInt32(month - first), toInt32(ifNull(start_date, month) - first)) + 1 AS month_begin,
            toDayOfMonth(toLastDayOfMonth(first)) AS first_month,
            toDayOfMonth(toLastDayOfMonth(addMonths(first, 1))) AS second_month,
            arrayFlatten(arrayMap((i, n) -> arrayCumSum(x -> greatest(x, 0), arraySlice(days, i, n)),
                [1, first_month + 1, first_month + second_month + 1], [first_month, second_month, 92])) AS month_sum,
            greatest(told.3 - month_sum[addMonths(month, 1) - first], 0) AS untold_bytes
        FROM opened
    ),
    separated AS
    (
        SELECT
            source, contract_id, told, left, days, month, passed, open, days_left, open_bytes, untold_bytes,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, days, month_sum, position) AS free,
            arrayFilter((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, days, month_sum, position) AS slowed,
            arrayMap((x, i) -> x < 0 AND i >= month_begin AND i < open AND (untold_bytes > 0 OR isNotNull(start_date)),
                days, position) AS untold
        FROM placed
        WHERE left = 0 OR month_begin < open OR arrayExists(x -> x >= 0, days)
    )
    ,
    limited AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, days, free))[2] AS most
        FROM separated
    ),
    trimmed AS
    (
        SELECT
            * EXCEPT (days, most),
            arraySum(free) AS known,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), days, free) AS used
        FROM limited
    ),
    weekdays AS
    (
        SELECT
            *,
            arraySum(used) / greatest(known, 1) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w AND mean > 0, free, range(1, 93)), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, range(1, 93)) / greatest(mean, 0.001), [1, 2, 3, 4, 5, 6, 0]) AS weekday_means
        FROM trimmed
    )
    ,
    contracts AS
    (
        SELECT
            source, contract_id, told, left, month, passed, open, days_left, open_bytes, untold_bytes, untold, free, known, used, mean,
            sumForEach(weekday_means) OVER contract AS contract_means,
            sumForEach(weekday_days) OVER contract AS contract_days,
            (sumIf(arraySum(slowed) / mean, mean > 0) OVER contract + 1) / (sumIf(length(slowed), mean > 0) OVER contract + 1) AS slow_rate,
            arrayMap((b, n, c, m) -> (b + (c + 20) / (m + 20)) / (n + 1), weekday_means, weekday_days, contract_means, contract_days) AS factors
        FROM weekdays
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    rooted AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, untold_bytes, known, mean, slow_rate,
            arrayFlatten(arrayWithConstant(18, factors)) AS day_factors,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, greatest(days_left, 1)) AS next_factors,
            arrayResize(day_factors, 92) AS past_factors,
            arraySum((u, p) -> if(u, p, 0), untold, past_factors) AS untold_days,
            arrayMap(
                days -> arrayMap((x, p, n) -> if(p > 0, x / sqrt(p * n), 0),
                    arrayCumSum((x, p, i) -> sqrt(x * p) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((x, p, i) -> if(x > 0, p, 0) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((f, p, i) -> if(f, p, 0) * exp2(i / days), free, past_factors, range(1, 93))),
                [2, 14]) AS roots,
            arrayCumSum(used) AS used_sums,
            arrayCumSum(past_factors) AS factor_sums,
            arrayCumSum(free) AS free_sums
        FROM contracts
    )
    ,
    tried AS
    (
        SELECT
            * EXCEPT (day_factors, past_factors, free_sums),
            greatest(least(days_left, 14), 1) AS trial,
            arrayMap(
                r -> 0.4 + arraySum((l, a, b, x, y, p, q) -> if(a >= 14 AND b - a = trial, abs(y - x - l * l * (q - p)) / greatest(y - x + l * l * (q - p), 1), 0),
                    r, free_sums, arrayShiftLeft(free_sums, trial), used_sums, arrayShiftLeft(used_sums, trial), factor_sums, arrayShiftLeft(factor_sums, trial)),
                roots) AS misses,
            arrayMap((a, b) -> a >= 14 AND b - a = 7, free_sums, arrayShiftLeft(free_sums, 7)) AS weeks
        FROM rooted
    )
    ,
    chosen AS
    (
        SELECT
            * EXCEPT (roots, trial, misses),
            1 / (1 + pow(misses[1] / misses[2], 4)) AS fast_share,
            arrayMap((a, b) -> pow(fast_share * a + (1 - fast_share) * b, 2), roots[1], roots[2]) AS levels,
            log((pow(roots[1][92], 2) + 0.02 * mean + 1) / (pow(roots[2][92], 2) + 0.02 * mean + 1)) AS apart
        FROM tried
    ),
    missed AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, apart,
            if(known + untold_days > 0,
                (levels[92] * known + if(untold_days > 0, untold_bytes, 0)) / (known + untold_days),
                open_bytes / greatest(pow(passed, 1.9), 0.1) / next_factors[1]) AS level,
            arraySum(weeks) / sqrt(7) AS week_count,
            arraySum((w, l, x, y, p, q) -> if(w, abs(log((y - x + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1))), 0),
                weeks, levels, used_sums, arrayShiftLeft(used_sums, 7), factor_sums, arrayShiftLeft(factor_sums, 7)) / sqrt(7) AS week_misses
        FROM chosen
    ),
    spreads AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, level,
            (sum(week_misses) OVER contract + 4) / (sum(week_count) OVER contract + 20) AS contract_miss,
            (week_misses + 2 * contract_miss) / (week_count + 2) AS miss,
            sqrt((miss * miss + 0.3 * apart * apart) * sqrt(greatest(days_left / 7, 1)) + 0.2 / pow(1 + known, 2)) AS spread
        FROM missed
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    ahead AS
    (
        SELECT
            source, contract_id, told, left, month, known, least(slow_rate, 1) AS slow_rate,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p),
                arrayResize(next_factors, days_left), range(days_left)) AS expected,
            arrayMap(m -> arrayMap(x -> x * m, expected), [1, exp(-1.5 * spread), exp(1.5 * spread)]) AS paths,
            toFloat64(toUnixTimestamp(toDateTime(addMonths(month, 1) - days_left, 'Asia/Tokyo'))) AS open_at,
            if(passed > 0, toFloat64(told.2), open_at) AS begin
        FROM spreads
    ),
    ends AS
    (
        SELECT
            source, contract_id, told, month, known,
            arrayMap((p, rate) -> told.3 + least(toUInt64(round(least(p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), 1e19))), bitNot(told.3)),
                paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS bytes,
            arrayMap((p, i) -> multiIf(
                left = 0, toDateTime(told.2, 'Asia/Tokyo'),
                i = 0, NULL,
                i = 1, toDateTime(begin + (open_at + 86400 - begin) * left / p[1], 'Asia/Tokyo'),
                toDateTime(open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1])), 'Asia/Tokyo')),
                paths, arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths)) AS instants
        FROM ahead
    )
SELECT
    source,
    contract_id,
    told.1 AS line_no,
    month,
    told.3 AS month_bytes,
    told.4 AS remaining_bytes,
    if(told.5 AND isNotNull(told.4), told.3 + least(assumeNotNull(told.4), bitNot(told.3)), NULL) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    bytes[1] AS month_end_bytes,
    bytes[2] AS month_end_bytes_low,
    bytes[3] AS month_end_bytes_high,
    instants[1] AS exhaustion_at,
    instants[3] AS exhaustion_at_early,
    instants[2] AS exhaustion_at_late
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a line''s month will end, and when its volume will be used up';

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
        SELECT source, contract_id, '' AS line_no, groupArrayInsertAt(-1., 92)(bytes, toUInt32(day - first_day)) AS days
        FROM told_days
        GROUP BY source, contract_id
    )
    ,
    dated AS
    (
        SELECT
            l.source AS source,
            l.contract_id AS contract_id,
            (l.line_no, l.observed_at, l.month_bytes, l.remaining_bytes, l.has_volume, l.own_volumes) AS told,
            l.left AS left,
            l.start_date AS start_date,
            materialize(first_day) AS first,
            arrayResize(h.days, 92, -1.) AS days,
            first + (arrayLastIndex(x -> x >= 0, days) - 1) AS newest_day,
            toDate(l.observed_at) AS clock_day,
            if(newest_day BETWEEN clock_day - 3 AND clock_day + 1, newest_day, clock_day) AS figures_day
        FROM latest AS l
        LEFT JOIN history AS h
            ON h.source = l.source AND h.contract_id = l.contract_id AND h.line_no = l.line_no
    ),
    opened AS
    (
        SELECT
            source, contract_id, told, left, start_date, first, days,
            toStartOfMonth(figures_day) AS month,
            greatest(toFloat64(told.2) - toUnixTimestamp(toDateTime(figures_day, 'Asia/Tokyo')), 0) / 86400 AS elapsed,
            if(elapsed < 1, elapsed, 0) AS passed,
            toInt32(figures_day - first) + 1 + (elapsed >= 1) AS open
        FROM dated
    )
    ,
    placed AS
    (
        SELECT
            source, contract_id, told, left, start_date, days, month, passed, open,
            toUInt32(greatest(addMonths(month, 1) - first + 1 - open, 0)) AS days_left,
            if(open BETWEEN 1 AND 92, greatest(days[open], 0), 0) AS open_bytes,
            greatest(open - 56, ifNull(toInt32(start_date - first) + 1, arrayFirstIndex(x -> x > 0, days))) AS since,
            0.98 * (told.3 + left) AS volume,
            range(1, 93) AS position,
            greatest(toInt32(month - first), toInt32(ifNull(start_date, month) - first)) + 1 AS month_begin,
            toDayOfMonth(toLastDayOfMonth(first)) AS first_month,
            toDayOfMonth(toLastDayOfMonth(addMonths(first, 1))) AS second_month,
            arrayFlatten(arrayMap((i, n) -> arrayCumSum(x -> greatest(x, 0), arraySlice(days, i, n)),
                [1, first_month + 1, first_month + second_month + 1], [first_month, second_month, 92])) AS month_sum,
            greatest(told.3 - month_sum[addMonths(month, 1) - first], 0) AS untold_bytes
        FROM opened
    ),
    separated AS
    (
        SELECT
            source, contract_id, told, left, days, month, passed, open, days_left, open_bytes, untold_bytes,
            arrayMap((x, s, i) -> x >= 0 AND i >= since AND i < open AND s < volume, days, month_sum, position) AS free,
            arrayFilter((x, s, i) -> x >= 0 AND i >= since AND i < open AND s - x >= volume, days, month_sum, position) AS slowed,
            arrayMap((x, i) -> x < 0 AND i >= month_begin AND i < open AND (untold_bytes > 0 OR isNotNull(start_date)),
                days, position) AS untold
        FROM placed
        WHERE left = 0 OR month_begin < open OR arrayExists(x -> x >= 0, days)
    )
    ,
    limited AS
    (
        SELECT
            *,
            2 * arrayReverseSort(arrayFilter((x, f) -> f, days, free))[2] AS most
        FROM separated
    ),
    trimmed AS
    (
        SELECT
            * EXCEPT (days, most),
            arraySum(free) AS known,
            arrayMap((x, f) -> multiIf(NOT f, 0, most > 0, least(x, most), x), days, free) AS used
        FROM limited
    ),
    weekdays AS
    (
        SELECT
            *,
            arraySum(used) / greatest(known, 1) AS mean,
            arrayMap(w -> arraySum((f, i) -> f AND i % 7 = w AND mean > 0, free, range(1, 93)), [1, 2, 3, 4, 5, 6, 0]) AS weekday_days,
            arrayMap(w -> arraySum((x, i) -> if(i % 7 = w, x, 0), used, range(1, 93)) / greatest(mean, 0.001), [1, 2, 3, 4, 5, 6, 0]) AS weekday_means
        FROM trimmed
    )
    ,
    contracts AS
    (
        SELECT
            source, contract_id, told, left, month, passed, open, days_left, open_bytes, untold_bytes, untold, free, known, used, mean,
            sumForEach(weekday_means) OVER contract AS contract_means,
            sumForEach(weekday_days) OVER contract AS contract_days,
            (sumIf(arraySum(slowed) / mean, mean > 0) OVER contract + 1) / (sumIf(length(slowed), mean > 0) OVER contract + 1) AS slow_rate,
            arrayMap((b, n, c, m) -> (b + (c + 20) / (m + 20)) / (n + 1), weekday_means, weekday_days, contract_means, contract_days) AS factors
        FROM weekdays
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    rooted AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, untold_bytes, known, mean, slow_rate,
            arrayFlatten(arrayWithConstant(18, factors)) AS day_factors,
            arraySlice(day_factors, positiveModulo(open - 1, 7) + 1, greatest(days_left, 1)) AS next_factors,
            arrayResize(day_factors, 92) AS past_factors,
            arraySum((u, p) -> if(u, p, 0), untold, past_factors) AS untold_days,
            arrayMap(
                days -> arrayMap((x, p, n) -> if(p > 0, x / sqrt(p * n), 0),
                    arrayCumSum((x, p, i) -> sqrt(x * p) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((x, p, i) -> if(x > 0, p, 0) * exp2(i / days), used, past_factors, range(1, 93)),
                    arrayCumSum((f, p, i) -> if(f, p, 0) * exp2(i / days), free, past_factors, range(1, 93))),
                [2, 14]) AS roots,
            arrayCumSum(used) AS used_sums,
            arrayCumSum(past_factors) AS factor_sums,
            arrayCumSum(free) AS free_sums
        FROM contracts
    )
    ,
    tried AS
    (
        SELECT
            * EXCEPT (day_factors, past_factors, free_sums),
            greatest(least(days_left, 14), 1) AS trial,
            arrayMap(
                r -> 0.4 + arraySum((l, a, b, x, y, p, q) -> if(a >= 14 AND b - a = trial, abs(y - x - l * l * (q - p)) / greatest(y - x + l * l * (q - p), 1), 0),
                    r, free_sums, arrayShiftLeft(free_sums, trial), used_sums, arrayShiftLeft(used_sums, trial), factor_sums, arrayShiftLeft(factor_sums, trial)),
                roots) AS misses,
            arrayMap((a, b) -> a >= 14 AND b - a = 7, free_sums, arrayShiftLeft(free_sums, 7)) AS weeks
        FROM rooted
    )
    ,
    chosen AS
    (
        SELECT
            * EXCEPT (roots, trial, misses),
            1 / (1 + pow(misses[1] / misses[2], 4)) AS fast_share,
            arrayMap((a, b) -> pow(fast_share * a + (1 - fast_share) * b, 2), roots[1], roots[2]) AS levels,
            log((pow(roots[1][92], 2) + 0.02 * mean + 1) / (pow(roots[2][92], 2) + 0.02 * mean + 1)) AS apart
        FROM tried
    ),
    missed AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, apart,
            if(known + untold_days > 0,
                (levels[92] * known + if(untold_days > 0, untold_bytes, 0)) / (known + untold_days),
                open_bytes / greatest(pow(passed, 1.9), 0.1) / next_factors[1]) AS level,
            arraySum(weeks) / sqrt(7) AS week_count,
            arraySum((w, l, x, y, p, q) -> if(w, abs(log((y - x + 0.14 * mean + 1) / (l * (q - p) + 0.14 * mean + 1))), 0),
                weeks, levels, used_sums, arrayShiftLeft(used_sums, 7), factor_sums, arrayShiftLeft(factor_sums, 7)) / sqrt(7) AS week_misses
        FROM chosen
    ),
    spreads AS
    (
        SELECT
            source, contract_id, told, left, month, passed, days_left, open_bytes, known, slow_rate, next_factors, level,
            (sum(week_misses) OVER contract + 4) / (sum(week_count) OVER contract + 20) AS contract_miss,
            (week_misses + 2 * contract_miss) / (week_count + 2) AS miss,
            sqrt((miss * miss + 0.3 * apart * apart) * sqrt(greatest(days_left / 7, 1)) + 0.2 / pow(1 + known, 2)) AS spread
        FROM missed
        WINDOW contract AS (PARTITION BY source, contract_id)
    ),
    ahead AS
    (
        SELECT
            source, contract_id, told, left, month, known, least(slow_rate, 1) AS slow_rate,
            arrayCumSum((p, d) -> if(d = 0, (1 - passed) * (greatest(level * p - open_bytes, 0) + passed * level * p), level * p),
                arrayResize(next_factors, days_left), range(days_left)) AS expected,
            arrayMap(m -> arrayMap(x -> x * m, expected), [1, exp(-1.5 * spread), exp(1.5 * spread)]) AS paths,
            toFloat64(toUnixTimestamp(toDateTime(addMonths(month, 1) - days_left, 'Asia/Tokyo'))) AS open_at,
            if(passed > 0, toFloat64(told.2), open_at) AS begin
        FROM spreads
    )
    ,
    ends AS
    (
        SELECT
            source, contract_id, told, month, known,
            arrayMap((p, rate) -> told.3 + least(toUInt64(round(least(p[-1] - (1 - least(rate, 1)) * greatest(p[-1] - left, 0), 1e19))), bitNot(told.3)),
                paths, [slow_rate, slow_rate / 2, slow_rate * 2]) AS bytes,
            arrayMap((p, i) -> multiIf(
                left = 0, toDateTime(told.2, 'Asia/Tokyo'),
                i = 0, NULL,
                i = 1, toDateTime(begin + (open_at + 86400 - begin) * left / p[1], 'Asia/Tokyo'),
                toDateTime(open_at + 86400 * (i - 1 + (left - p[i - 1]) / (p[i] - p[i - 1])), 'Asia/Tokyo')),
                paths, arrayMap(p -> arrayFirstIndex(x -> x >= left, p), paths)) AS instants
        FROM ahead
    )
SELECT
    source,
    contract_id,
    month,
    told.3 AS month_bytes,
    told.4 AS remaining_bytes,
    if(told.5 AND isNotNull(told.4), told.3 + least(assumeNotNull(told.4), bitNot(told.3)), NULL) AS quota_bytes,
    toUInt16(known) AS days_of_history,
    bytes[1] AS month_end_bytes,
    bytes[2] AS month_end_bytes_low,
    bytes[3] AS month_end_bytes_high,
    instants[1] AS exhaustion_at,
    instants[3] AS exhaustion_at_early,
    instants[2] AS exhaustion_at_late,
    told.2 AS observed_at,
    told.6 AS own_volumes
FROM ends
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: how a share group''s month will end, and when its volume will be used up';

INSERT INTO schema_migrations (version, name) SELECT 29, '0029_forecast_band.sql';

-- 0030_years.sql
ALTER TABLE month_fills_local MODIFY COLUMN event Enum8('changed' = 1, 'filled' = 2, 'sessions_changed' = 3, 'sessions_filled' = 4) COMMENT 'changed: samples of it were written after it had ended; filled: what they say was copied; sessions_…: likewise of the session log';

ALTER TABLE month_fills MODIFY COLUMN event Enum8('changed' = 1, 'filled' = 2, 'sessions_changed' = 3, 'sessions_filled' = 4) COMMENT 'changed: samples of it were written after it had ended; filled: what they say was copied; sessions_…: likewise of the session log';

CREATE MATERIALIZED VIEW IF NOT EXISTS session_month_fills_mv TO month_fills_local AS
SELECT toStartOfMonth(event_time) AS month, 'sessions_changed' AS event, toDateTime64(0, 3, 'Asia/Tokyo') AS filled_at, max(toDateTime64(nowInBlock('Asia/Tokyo'), 3, 'Asia/Tokyo')) AS at
FROM session_events_local
WHERE event_time < toStartOfMonth(now('Asia/Tokyo'))
GROUP BY month;

CREATE OR REPLACE VIEW closed_session_months
(
    month     Date COMMENT 'first day of the month',
    filled_at DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill of its rows; no other month has the same'
)
AS
SELECT month, argMaxIf(filled_at, at, event = 'sessions_filled') AS filled_at
FROM month_fills
GROUP BY month
HAVING maxIf(at, event = 'sessions_filled') > maxIf(at, event = 'sessions_changed') + INTERVAL 10 MINUTE
COMMENT 'One row: a month whose sessions are copied';

CREATE TABLE IF NOT EXISTS paired_sessions_local
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    started_at   DateTime('Asia/Tokyo') COMMENT 'event_time of the start' CODEC(DoubleDelta, ZSTD(1)),
    seconds      UInt32 COMMENT 'from start to stop; 0 where that is lost' CODEC(T64, ZSTD(1)),
    outcome      Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'complete or lost_stop',
    filled_at    DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (source, contract_id, line_no, session_type, started_at)
COMMENT 'One row: a session of a closed month, as its rows of the session log say; read session_durations';

CREATE TABLE IF NOT EXISTS paired_sessions AS paired_sessions_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'paired_sessions_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: a session of a closed month, as its rows of the session log say; read session_durations';

CREATE TABLE IF NOT EXISTS border_events_local
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime' CODEC(DoubleDelta, ZSTD(1)),
    event        Enum8('unknown' = 0, 'start' = 1, 'stop' = 2) COMMENT 'eventType, never unknown',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0',
    paired       Bool COMMENT 'its session is in paired_sessions: here for the rows after it',
    filled_at    DateTime64(3, 'Asia/Tokyo') COMMENT 'the fill that it is of: when that began' CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(event_time)
ORDER BY (source, contract_id, line_no, session_type, event_time, event, ordinal)
COMMENT 'One row: a row of the session log of a closed month that may belong to one of another month; read session_durations';

CREATE TABLE IF NOT EXISTS border_events AS border_events_local
ENGINE = Distributed('{cluster}', currentDatabase(), 'border_events_local', cityHash64(source, contract_id, line_no))
COMMENT 'One row: a row of the session log of a closed month that may belong to one of another month; read session_durations';

CREATE OR REPLACE VIEW border_events_from_log
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    event_time   DateTime('Asia/Tokyo') COMMENT 'sessionTime',
    event        Enum8('unknown' = 0, 'start' = 1, 'stop' = 2) COMMENT 'eventType, never unknown',
    ordinal      UInt16 COMMENT 'counts rows alike in every other field, from 0',
    paired       Bool COMMENT 'its session is in paired_sessions_from_log: here for the rows after it',
    month        Date COMMENT 'first day of the month'
)
AS
WITH
    month_logs AS
    (
        SELECT source, contract_id, line_no, session_type, toStartOfMonth(event_time) AS month,
            arrayCompact(arraySort(groupArray(bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1)))) AS rows
        FROM session_events
        WHERE event != 'unknown'
        GROUP BY source, contract_id, line_no, session_type, month
        SETTINGS final = 0
    ),
    month_placed AS
    (
        SELECT *,
            arraySplit((row, before) -> bitShiftRight(row, 19) != bitShiftRight(before, 19), rows, arrayPushFront(arrayPopBack(rows), 0)) AS seconds,
            arrayMap(second -> arraySum(row -> if(bitTest(row, 17), 1, -1), second), seconds) AS more_starts,
            arrayFlatten(arrayMap((second, was_open) -> if(length(second) = 1, second,
                arraySort((row, nth) -> 2 * nth + ((was_open > 0) = bitTest(row, 17)), second, arrayEnumerateUniq(arrayMap(row -> bitShiftRight(row, 17), second)))),
                seconds, arrayPushFront(arrayPopBack(arrayFill(more -> more != 0, more_starts)), 0))) AS events
        FROM month_logs
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, month, events,
            arrayFirstIndex(more -> more != 0, more_starts) AS first,
            first > 0 AND first < length(seconds) AS settles,
            if(settles, length(arrayFlatten(arraySlice(seconds, 1, first))), length(events)) AS head
        FROM month_placed
    )
SELECT source, contract_id, line_no, session_type,
    toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo') AS event_time,
    CAST(bitAnd(bitShiftRight(row, 17), 3) AS Enum8('unknown' = 0, 'start' = 1, 'stop' = 2)) AS event,
    toUInt16(bitAnd(bitShiftRight(row, 1), 65535)) AS ordinal,
    CAST(if(bitTest(row, 17), settles AND place = head, place > head AND NOT bitTest(before, 18)) AS Bool) AS paired,
    month
FROM cut
ARRAY JOIN events AS row, arrayPushFront(arrayPopBack(events), 0) AS before, arrayPushBack(arrayPopFront(events), 0) AS after, arrayEnumerate(events) AS place
WHERE place <= head OR after = 0 OR bitTest(row, 18) AND (bitTest(before, 18) OR bitTest(after, 18))
COMMENT 'One row: a row of the session log that may belong to one of another month, from the log: border_events, slowly';

CREATE OR REPLACE VIEW paired_sessions_from_log
(
    source       LowCardinality(String) COMMENT 'configured account',
    contract_id  LowCardinality(String) COMMENT 'N123456789',
    line_no      String COMMENT 'line number; personal data',
    session_type Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType',
    started_at   DateTime('Asia/Tokyo') COMMENT 'event_time of the start',
    seconds      UInt32 COMMENT 'from start to stop; 0 where that is lost',
    outcome      Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'complete or lost_stop',
    month        Date COMMENT 'first day of the month'
)
AS
WITH
    month_logs AS
    (
        SELECT source, contract_id, line_no, session_type, toStartOfMonth(event_time) AS month,
            arrayCompact(arraySort(groupArray(bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1)))) AS rows
        FROM session_events
        WHERE event != 'unknown'
        GROUP BY source, contract_id, line_no, session_type, month
        SETTINGS final = 0
    ),
    month_placed AS
    (
        SELECT *,
            arraySplit((row, before) -> bitShiftRight(row, 19) != bitShiftRight(before, 19), rows, arrayPushFront(arrayPopBack(rows), 0)) AS seconds,
            arrayMap(second -> arraySum(row -> if(bitTest(row, 17), 1, -1), second), seconds) AS more_starts,
            arrayFlatten(arrayMap((second, was_open) -> if(length(second) = 1, second,
                arraySort((row, nth) -> 2 * nth + ((was_open > 0) = bitTest(row, 17)), second, arrayEnumerateUniq(arrayMap(row -> bitShiftRight(row, 17), second)))),
                seconds, arrayPushFront(arrayPopBack(arrayFill(more -> more != 0, more_starts)), 0))) AS events
        FROM month_logs
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, month, events,
            arrayFirstIndex(more -> more != 0, more_starts) AS first,
            first > 0 AND first < length(seconds) AS settles,
            if(settles, length(arrayFlatten(arraySlice(seconds, 1, first))), length(events)) AS head
        FROM month_placed
    )
SELECT source, contract_id, line_no, session_type,
    toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo') AS started_at,
    toUInt32(if(bitTest(after, 18), bitShiftRight(after, 19) - bitShiftRight(row, 19), 0)) AS seconds,
    CAST(if(bitTest(after, 18), 'complete', 'lost_stop') AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    month
FROM (SELECT * FROM cut WHERE settles)
ARRAY JOIN events AS row, arrayPushBack(arrayPopFront(events), 0) AS after, arrayEnumerate(events) AS place
WHERE bitTest(row, 17) AND place >= head AND after != 0
COMMENT 'One row: a session as the rows of its month say, from the session log: paired_sessions, slowly';

CREATE OR REPLACE VIEW session_durations
(
    source           LowCardinality(String) COMMENT 'configured account',
    contract_id      LowCardinality(String) COMMENT 'N123456789',
    line_no          String COMMENT 'line number; personal data',
    session_type     Enum8('domestic' = 0, 'roaming' = 1, 'unknown' = 2) COMMENT 'sessionType of both rows',
    started_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'event_time of the start; NULL for lost_start',
    stopped_at       Nullable(DateTime('Asia/Tokyo')) COMMENT 'when it had ended; NULL for open and lost_stop, and where that is not known',
    duration_seconds Nullable(UInt64) COMMENT 'from start to stop, or until now where it is open; NULL where either is lost or not known',
    outcome          Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4) COMMENT 'what became of it in the log',
    stopped_by       Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4) COMMENT 'what stopped_at is from: the row''s own time, call 26, when the row was first seen, the next start; none: it is NULL',
    stopped_after    Nullable(DateTime('Asia/Tokyo')) COMMENT 'the last time at which it had not ended; that of stopped_at where the log tells the end'
)
AS
WITH
    by_start AS
    (
        SELECT source, contract_id FROM carrier_findings FINAL WHERE reading = 'session_stop_time' AND value = 'start'
    ),
    told AS
    (
        SELECT source, contract_id, line_no, session_type,
            bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1) AS row
        FROM session_events
        WHERE event != 'unknown' AND toStartOfMonth(event_time) GLOBAL NOT IN (SELECT month FROM closed_session_months)
            AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, session_type,
            bitShiftLeft(toUInt64(toUnixTimestamp(event_time)), 19) + bitShiftLeft(toUInt64(event), 17) + bitShiftLeft(toUInt64(ordinal), 1) + toUInt64(paired) AS row
        FROM border_events
        WHERE filled_at GLOBAL IN (SELECT filled_at FROM closed_session_months)
            AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
    ),
    month_logs AS
    (
        SELECT source, contract_id, line_no, session_type, arrayCompact(arraySort(groupArray(row))) AS rows
        FROM told
        GROUP BY source, contract_id, line_no, session_type
    ),
    month_placed AS
    (
        SELECT *,
            arraySplit((row, before) -> bitShiftRight(row, 19) != bitShiftRight(before, 19), rows, arrayPushFront(arrayPopBack(rows), 0)) AS seconds,
            arrayMap(second -> arraySum(row -> if(bitTest(row, 17), 1, -1), second), seconds) AS more_starts,
            arrayFlatten(arrayMap((second, was_open) -> if(length(second) = 1, second,
                arraySort((row, nth) -> 2 * nth + ((was_open > 0) = bitTest(row, 17)), second, arrayEnumerateUniq(arrayMap(row -> bitShiftRight(row, 17), second)))),
                seconds, arrayPushFront(arrayPopBack(arrayFill(more -> more != 0, more_starts)), 0))) AS events
        FROM month_logs
    )
    ,
    begun AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, countIf(event = 'start') AS starts,
            arraySort(groupArrayIf(observed_at, event = 'stop')) AS stops, minIf(toNullable(observed_at), event = 'start') AS seen
        FROM session_events FINAL
        WHERE event != 'unknown' AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
        GROUP BY source, contract_id, line_no, session_type, event_time
    ),
    followed AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen,
            leadInFrame(toNullable(event_time)) OVER (PARTITION BY source, contract_id, line_no, session_type ORDER BY event_time
                ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS following
        FROM begun
    ),
    sampled AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following,
            toDateTime64(event_time, 3, 'Asia/Tokyo') AS at, 0 AS sample, CAST(NULL AS Nullable(Bool)) AS connected
        FROM followed
        UNION ALL
        SELECT source, contract_id, line_no, session_type, toDateTime(observed_at) AS event_time, 0 AS starts,
            CAST([] AS Array(DateTime64(3, 'Asia/Tokyo'))) AS stops, CAST(NULL AS Nullable(DateTime64(3, 'Asia/Tokyo'))) AS seen,
            CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))) AS following, observed_at AS at, 1 AS sample, connected
        FROM session_samples FINAL
        WHERE isNotNull(connected) AND (source, contract_id) GLOBAL IN (SELECT source, contract_id FROM by_start)
    ),
    connections AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, at, sample, connected,
            maxIf(toNullable(at), connected) OVER (PARTITION BY source, contract_id, line_no ORDER BY at, sample
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_connected
        FROM sampled
    ),
    cut AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, starts, stops, seen, following, sample,
            minIf(toNullable(at), NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cut_at,
            argMinIf(last_connected, at, NOT connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until,
            maxIf(toNullable(at), connected) OVER (backwards ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS connected_last
        FROM connections
        WINDOW backwards AS (PARTITION BY source, contract_id, line_no ORDER BY at DESC, sample DESC)
    ),
    sessions AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, seen,
            arrayJoin(range(1, toUInt64(greatest(starts, length(stops))) + 1)) AS nth,
            nth < greatest(starts, length(stops)) AS at_once,
            nth <= length(stops) AS has_stop,
            if(has_stop, toNullable(stops[nth]), NULL) AS found,
            following,
            if(held_until > event_time OR cut_at <= event_time + INTERVAL 1 HOUR, cut_at, NULL) AS cut,
            if(held_until > event_time, held_until, NULL) AS held,
            connected_last
        FROM cut
        WHERE sample = 0
    ),
    bounded AS
    (
        SELECT source, contract_id, line_no, session_type, event_time, has_stop, at_once, following,
            multiIf(cut <= ifNull(following, cut) AND (cut <= found OR NOT has_stop AND isNull(following) AND cut > ifNull(connected_last, event_time)), cut, NULL) AS by_session,
            if(has_stop AND (found > seen OR found <= event_time + INTERVAL 1 HOUR), found, NULL) AS by_log,
            multiIf(
                has_stop AND at_once, tuple('log', toNullable(event_time), toNullable(event_time)),
                isNotNull(by_session), tuple('session', toDateTime(by_session), toDateTime(ifNull(held, event_time))),
                isNull(by_log), tuple('none', CAST(NULL AS Nullable(DateTime('Asia/Tokyo'))), CAST(NULL AS Nullable(DateTime('Asia/Tokyo')))),
                following < by_log, tuple('next_start', following, if(seen < following, toDateTime(greatest(seen, event_time)), event_time)),
                tuple('first_seen', toDateTime(by_log), if(seen < by_log, toDateTime(greatest(seen, event_time)), event_time))) AS stop
        FROM sessions
    )
SELECT source, contract_id, line_no, session_type,
    if(bitTest(row, 17), toNullable(toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo')), NULL) AS started_at,
    multiIf(bitTest(row, 18), toNullable(toDateTime(bitShiftRight(row, 19), 'Asia/Tokyo')), bitTest(after, 18), toNullable(toDateTime(bitShiftRight(after, 19), 'Asia/Tokyo')), NULL) AS stopped_at,
    toUInt64(dateDiff('second', started_at, if(after = 0, greatest(started_at, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(bitTest(row, 18), 'lost_start', bitTest(after, 18), 'complete', after != 0, 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(if(isNull(stopped_at), 'none', 'log') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM month_placed
ARRAY JOIN events AS row, arrayPushFront(arrayPopBack(events), 0) AS before, arrayPushBack(arrayPopFront(events), 0) AS after
WHERE NOT bitTest(row, 0) AND (bitTest(row, 17) OR NOT bitTest(before, 17))
UNION ALL
SELECT source, contract_id, line_no, session_type,
    toNullable(p.started_at) AS started_at,
    if(outcome = 'complete', toNullable(p.started_at + seconds), NULL) AS stopped_at,
    if(outcome = 'complete', toNullable(toUInt64(seconds)), NULL) AS duration_seconds,
    outcome,
    CAST(if(outcome = 'complete', 'log', 'none') AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stopped_at AS stopped_after
FROM paired_sessions AS p
WHERE filled_at GLOBAL IN (SELECT filled_at FROM closed_session_months)
    AND (source, contract_id) GLOBAL NOT IN (SELECT source, contract_id FROM by_start)
UNION ALL
SELECT source, contract_id, line_no, session_type,
    toNullable(event_time) AS started_at,
    stop.2 AS stopped_at,
    toUInt64(dateDiff('second', event_time, if(outcome = 'open', greatest(event_time, now()), stopped_at))) AS duration_seconds,
    CAST(multiIf(has_stop OR isNotNull(stop.2), 'complete', at_once OR isNotNull(following), 'lost_stop', 'open')
        AS Enum8('complete' = 1, 'open' = 2, 'lost_stop' = 3, 'lost_start' = 4)) AS outcome,
    CAST(stop.1 AS Enum8('none' = 0, 'log' = 1, 'session' = 2, 'first_seen' = 3, 'next_start' = 4)) AS stopped_by,
    stop.3 AS stopped_after
FROM bounded
COMMENT 'One row: a session of a line, as far as its start and stop are in the log';

INSERT INTO schema_migrations (version, name) SELECT 30, '0030_years.sql';

-- 0031_views.sql
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
    months AS
    (
        SELECT source, contract_id, line_no, month, bytes, observed_at,
            leadInFrame(month, 1) OVER line AS month_1, leadInFrame(observed_at, 1) OVER line AS observed_1,
            leadInFrame(month, 2) OVER line AS month_2, leadInFrame(observed_at, 2) OVER line AS observed_2
        FROM (SELECT source, contract_id, line_no, month, bytes, observed_at FROM traffic_monthly FINAL WHERE scope = 'line') AS m
        WINDOW line AS (PARTITION BY source, contract_id, line_no ORDER BY month ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
    )
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
        FROM (SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day FROM traffic_samples GROUP BY source, contract_id, line_no, scope, day SETTINGS final = 0)
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
SETTINGS join_use_nulls = 0, do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a forecast of a day, and what became of it';

ALTER TABLE traffic_samples_local MODIFY SETTING min_compress_block_size = 262144;

INSERT INTO schema_migrations (version, name) SELECT 31, '0031_views.sql';

-- 0032_year_views.sql
ALTER TABLE line_forecasts_local ADD COLUMN IF NOT EXISTS line_month FixedString(16) MATERIALIZED sipHash128(source, contract_id, line_no, month) COMMENT 'stands for source, contract_id, line_no and month: forecast_results looks up by it';

ALTER TABLE line_forecasts ADD COLUMN IF NOT EXISTS line_month FixedString(16) MATERIALIZED sipHash128(source, contract_id, line_no, month) COMMENT 'stands for source, contract_id, line_no and month: forecast_results looks up by it';

ALTER TABLE line_forecasts_local MATERIALIZE COLUMN line_month;

ALTER TABLE line_forecasts_local MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

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
    (SELECT toStartOfMonth(max(at) - INTERVAL 3 HOUR) FROM (SELECT max(observed_at) AS at FROM traffic_monthly UNION ALL SELECT max(observed_at) AS at FROM traffic_latest)) AS first_open,
    told AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, bytes, observed_at))) AS runs,
            tupleElement(runs, 1) AS of_months, tupleElement(runs, 2) AS used, tupleElement(runs, 3) AS told_at
        FROM traffic_monthly FINAL
        WHERE scope = 'line'
        GROUP BY source, contract_id, line_no
    ),
    shares AS
    (
        SELECT source, contract_id, line_no, groupArray(counted) AS counted_months, groupArray(shared) AS shared
        FROM
        (
            SELECT source, contract_id, line_no, month AS counted, toUInt8(shared) AS shared
            FROM line_month_counts
            WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, counted, max(scope = 'data_share') AS shared
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS counted
                FROM traffic_samples
                WHERE counted < toStartOfMonth(now('Asia/Tokyo')) AND counted GLOBAL NOT IN (SELECT month FROM closed_months)
                GROUP BY source, contract_id, line_no, scope, counted
                SETTINGS final = 0
            )
            GROUP BY source, contract_id, line_no, counted
        )
        GROUP BY source, contract_id, line_no
    ),
    months AS
    (
        SELECT m.source AS source, m.contract_id AS contract_id, m.line_no AS line_no, m.of_months AS of_months, m.used AS used,
            arrayMap((of_month, at, next, next_at, second, second_at) ->
                greatest(at,
                    if(next > of_month AND next <= addMonths(of_month, 2), next_at, at),
                    if(second > of_month AND second <= addMonths(of_month, 2), second_at, at),
                    if(toStartOfMonth(t.observed_at) BETWEEN of_month AND addMonths(of_month, 2), t.observed_at, at))
                    >= toDateTime64(addMonths(of_month, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR,
                m.of_months, m.told_at, arrayShiftLeft(m.of_months, 1), arrayShiftLeft(m.told_at, 1), arrayShiftLeft(m.of_months, 2), arrayShiftLeft(m.told_at, 2)) AS complete,
            arrayMap(of_month -> if(has(c.counted_months, of_month), c.shared[indexOf(c.counted_months, of_month)], l.pooled), m.of_months) AS of_group
        FROM told AS m
        LEFT JOIN (SELECT source, contract_id, line_no, observed_at FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = m.source AND t.contract_id = m.contract_id AND t.line_no = m.line_no
        LEFT JOIN shares AS c
            ON c.source = m.source AND c.contract_id = m.contract_id AND c.line_no = m.line_no
        LEFT JOIN (SELECT source, contract_id, line_no, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL) AS l
            ON l.source = m.source AND l.contract_id = m.contract_id AND l.line_no = m.line_no
    ),
    ended AS
    (
        SELECT sipHash128(source, contract_id, line_no, month) AS line_month, bytes, pooled
        FROM months
        ARRAY JOIN of_months AS month, used AS bytes, complete AS is_complete, of_group AS pooled
        WHERE is_complete
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
    SELECT line_month, source, contract_id, line_no, day, month, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at
    FROM line_forecasts FINAL
    WHERE toStartOfMonth(observed_at) < first_open
        OR toStartOfMonth(observed_at) GLOBAL IN (SELECT toStartOfMonth(observed_at) FROM line_forecasts WHERE toStartOfMonth(observed_at) >= first_open AND month < first_open)
) AS f
INNER JOIN ended AS m ON m.line_month = f.line_month
SETTINGS join_use_nulls = 0, do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a forecast of a day, and what became of it';

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
    told AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, bytes, observed_at))) AS runs,
            tupleElement(runs, 1) AS of_months, tupleElement(runs, 2) AS used, tupleElement(runs, 3) AS told_at
        FROM traffic_monthly FINAL
        WHERE scope = 'line' AND month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4)
        GROUP BY source, contract_id, line_no
    ),
    volumes AS
    (
        SELECT source, contract_id, line_no, arraySort(groupArray((month, shared, quota, used_up))) AS counted
        FROM
        (
            SELECT source, contract_id, line_no, month, toUInt8(shared) AS shared, quota, used_up
            FROM line_month_counts
            WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4) AND (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, month, max(scope = 'data_share') AS shared, max(with_some).2 AS quota, ifNull(min(without), 0) AS used_up
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month,
                    maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
                        scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                        AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS with_some,
                    minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                        AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS without
                FROM traffic_samples
                WHERE month >= addMonths(toStartOfMonth(now('Asia/Tokyo')), -4) AND month GLOBAL NOT IN (SELECT month FROM closed_months)
                GROUP BY source, contract_id, line_no, scope, month
                SETTINGS final = 0
            )
            GROUP BY source, contract_id, line_no, month
        )
        GROUP BY source, contract_id, line_no
    ),
    judged AS
    (
        SELECT l.source AS source, l.contract_id AS contract_id, l.line_no AS line_no, l.plan_code AS plan_code, l.pooled AS pooled,
            NOT pooled AND ifNull(t.remaining_bytes = 0, false) AND NOT ifNull(v.has_volume, true) AS no_volume,
            arraySlice(arrayReverse(arrayFilter((one, next, next_at, second, second_at) ->
                greatest(one.3,
                    if(next > one.1 AND next <= addMonths(one.1, 2), next_at, one.3),
                    if(second > one.1 AND second <= addMonths(one.1, 2), second_at, one.3),
                    if(isNotNull(t.observed_at) AND toStartOfMonth(assumeNotNull(t.observed_at)) BETWEEN one.1 AND addMonths(one.1, 2), assumeNotNull(t.observed_at), one.3))
                    >= toDateTime64(addMonths(one.1, 1), 3, 'Asia/Tokyo') + INTERVAL 3 HOUR AND one.1 < this_month AND ifNull(l.start_date, one.1) <= one.1,
                m.runs, arrayShiftLeft(m.of_months, 1), arrayShiftLeft(m.told_at, 1), arrayShiftLeft(m.of_months, 2), arrayShiftLeft(m.told_at, 2))), 1, 3) AS whole,
            arrayLast(bytes -> bytes > 0, arrayMap(one -> multiIf(one.2 OR NOT has(m.of_months, one.1), 0, one.3 > 0, one.3, ifNull(v.has_volume, true), one.4, 0), c.counted)) AS volume
        FROM (SELECT source, contract_id, line_no, plan_code, start_date, data_share IN ('registered', 'removal_reserved') AS pooled FROM lines FINAL WHERE state = 'active') AS l
        LEFT JOIN told AS m
            ON m.source = l.source AND m.contract_id = l.contract_id AND m.line_no = l.line_no
        LEFT JOIN volumes AS c
            ON c.source = l.source AND c.contract_id = l.contract_id AND c.line_no = l.line_no
        LEFT JOIN (SELECT source, contract_id, line_no, observed_at, remaining_bytes FROM traffic_latest FINAL WHERE scope = 'line') AS t
            ON t.source = l.source AND t.contract_id = l.contract_id AND t.line_no = l.line_no
        LEFT JOIN plan_volumes AS v
            ON v.source = l.source AND v.contract_id = l.contract_id AND v.plan_code = l.plan_code
    )
SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.plan_code AS plan_code, ifNull(p.name, '') AS plan_name,
    CAST(multiIf(
        length(s.whole) < 3, 'unknown',
        largest_bytes < 10000000, 'unused',
        s.pooled, 'pooled',
        s.no_volume, 'no_volume',
        isNull(quota_bytes), 'unknown',
        arrayCount(bytes -> bytes >= assumeNotNull(quota_bytes), months_bytes) >= 2, 'too_small',
        largest_bytes < 0.3 * quota_bytes, 'too_large',
        'fits') AS Enum8('unknown' = 0, 'unused' = 1, 'pooled' = 2, 'no_volume' = 3, 'too_small' = 4, 'too_large' = 5, 'fits' = 6)) AS verdict,
    tupleElement(s.whole, 1) AS months,
    tupleElement(s.whole, 2) AS months_bytes,
    arrayMax(months_bytes) AS largest_bytes,
    if(empty(months_bytes), 0, toUInt64(arrayAvg(months_bytes))) AS average_bytes,
    if(s.pooled OR s.volume = 0, NULL, s.volume) AS quota_bytes,
    largest_bytes / quota_bytes AS used_ratio
FROM judged AS s
LEFT JOIN
(
    SELECT source, contract_id, product_code, argMax(product_name, (observed_at, product_name)) AS name
    FROM products FINAL
    GROUP BY source, contract_id, product_code
) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id AND p.product_code = s.plan_code
SETTINGS join_use_nulls = 1
COMMENT 'One row: an active line, and whether its plan fits what it uses';

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
    restricted_days AS
    (
        SELECT cityHash64(line_no, toDate(observed_at)) AS line_day
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line_day
        SETTINGS final = 0
    ),
    mixed_days AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last
            FROM traffic_samples
            WHERE restriction != 'unknown' AND cityHash64(line_no, toDate(observed_at)) GLOBAL IN (SELECT line_day FROM restricted_days)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
        HAVING count() > 1 AND arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(arraySort(groupArray((first, last))), 1)), arrayPopBack(tupleElement(arraySort(groupArray((first, last))), 2)))
    ),
    restricted_lines AS
    (
        SELECT cityHash64(line_no) AS line
        FROM restriction_turns
        WHERE restriction != 'none'
        GROUP BY line
        UNION ALL
        SELECT cityHash64(line_no) AS line
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line
        SETTINGS final = 0
    ),
    shown AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS at,
            argMin(tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start), observed_at) AS figures
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, day, restriction
        SETTINGS final = 0
    )
    ,
    freed AS
    (
        SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS at
        FROM traffic_samples
        WHERE restriction = 'none' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months) AND cityHash64(line_no) GLOBAL IN (SELECT line FROM restricted_lines)
        GROUP BY source, contract_id, line_no, scope, day, restriction
        SETTINGS final = 0
    ),
    told AS
    (
        SELECT source, contract_id, line_no, scope, toUInt64(toUnixTimestamp64Milli(at)) * 8 + toUInt64(restriction) AS key, ifNull(month_bytes, 0) AS used, ifNull(remaining_bytes, 0) AS remaining,
            ifNull(toUInt32(since), 0) AS told_since, toUInt8(isNull(month_bytes) + 2 * isNull(remaining_bytes)) AS nothing
        FROM
        (
            SELECT source, contract_id, line_no, scope, observed_at AS at, restriction, month_bytes, remaining_bytes, told AS since
            FROM restriction_turns
            WHERE (toStartOfMonth(observed_at), filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
            UNION ALL
            SELECT source, contract_id, line_no, scope, at, restriction, NULL AS month_bytes, NULL AS remaining_bytes, NULL AS since
            FROM freed
            UNION ALL
            SELECT source, contract_id, line_no, scope, at, restriction, figures.1 AS month_bytes, figures.2 AS remaining_bytes,
                multiIf(
                    restriction = 'monthly', figures.3,
                    restriction = 'recent', figures.4,
                    restriction = 'none' OR isNull(figures.3) OR isNull(figures.4), NULL,
                    greatest(figures.3, figures.4)) AS since
            FROM
            (
                SELECT source, contract_id, line_no, scope, at, restriction, figures
                FROM shown
                UNION ALL
                SELECT source, contract_id, line_no, scope, observed_at AS at, restriction, tuple(month_bytes, remaining_bytes, monthly_limit_start, daily_limit_start) AS figures
                FROM traffic_samples FINAL
                WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
            )
        )
    ),
    runs AS
    (
        SELECT source, contract_id, line_no, scope, groupArray(key) AS told_keys, arraySort(told_keys) AS keys,
            arrayMap((key, before) -> bitAnd(key, 7) != bitAnd(before, 7), keys, arrayPushFront(arrayPopBack(keys), 0)) AS turned,
            arrayFilter((key, is) -> is, keys, turned) AS turns,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(used), told_keys), turned) AS used,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(remaining), told_keys), turned) AS remaining,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(told_since), told_keys), turned) AS told_since,
            arrayFilter((one, is) -> is, arraySort((one, key) -> key, groupArray(nothing), told_keys), turned) AS nothing
        FROM told
        GROUP BY source, contract_id, line_no, scope
        HAVING max(bitAnd(key, 7)) > 1
    ),
    dated AS
    (
        SELECT source, contract_id, line_no, scope, turns, used, remaining, nothing,
            arrayMap((turn, since, before) -> if(toUInt64(since) * 1000 > intDiv(before, 8) AND toUInt64(since) * 1000 <= intDiv(turn, 8) AND toUInt64(since + 31 * 86400) * 1000 >= intDiv(turn, 8), toUInt64(since) * 1000, intDiv(turn, 8)),
                turns, told_since, arrayPushFront(arrayPopBack(turns), 0)) AS begins
        FROM runs
    )
SELECT source, contract_id, line_no, scope,
    CAST(bitAnd(turn, 7) AS Enum8('unknown' = 0, 'none' = 1, 'recent' = 2, 'monthly' = 3, 'monthly_and_recent' = 4)) AS restriction,
    fromUnixTimestamp64Milli(toInt64(begin), 'Asia/Tokyo') AS started_at,
    if(end = 0, NULL, fromUnixTimestamp64Milli(toInt64(end), 'Asia/Tokyo')) AS ended_at,
    toUInt64(dateDiff('second', started_at, ifNull(ended_at, greatest(started_at, now64(3))))) AS duration_seconds,
    CAST(end = 0 AS Bool) AS open,
    if(bitTest(nothing_told, 0), NULL, bytes) AS month_bytes_at_start,
    if(bitTest(nothing_told, 1), NULL, bytes_left) AS remaining_bytes_at_start,
    decides
FROM
(
    SELECT e.source AS source, e.contract_id AS contract_id, e.line_no AS line_no, e.scope AS scope, e.turns AS turns, e.begins AS begins, e.used AS used, e.remaining AS remaining, e.nothing AS nothing,
        CAST((e.scope = 'data_share') = (l.data_share IN ('registered', 'removal_reserved')) AS Bool) AS decides
    FROM dated AS e
    LEFT JOIN (SELECT source, contract_id, line_no, data_share FROM lines FINAL) AS l
        ON l.source = e.source AND l.contract_id = e.contract_id AND l.line_no = e.line_no
)
ARRAY JOIN turns AS turn, begins AS begin, arrayPushBack(arrayPopFront(begins), 0) AS end, used AS bytes, remaining AS bytes_left, nothing AS nothing_told
WHERE bitAnd(turn, 7) > 1
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'One row: a time in which a line or its group was restricted in one way';

INSERT INTO schema_migrations (version, name) SELECT 32, '0032_year_views.sql';

-- 0033_line_months.sql
ALTER TABLE line_month_counts_local ADD COLUMN IF NOT EXISTS apart_seconds Nullable(UInt64) COMMENT 'how long they showed the line itself throttled before it joined its group in the month, or after it left; NULL: not counted' AFTER share_seconds;

ALTER TABLE line_month_counts ADD COLUMN IF NOT EXISTS apart_seconds Nullable(UInt64) COMMENT 'how long they showed the line itself throttled before it joined its group in the month, or after it left; NULL: not counted' AFTER share_seconds;

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
    share_seconds   UInt64 COMMENT 'how long they showed its group throttled',
    apart_seconds   Nullable(UInt64) COMMENT 'how long they showed the line itself throttled before it joined its group in the month, or after it left'
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
    )
    ,
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
    )
    ,
    apart AS
    (
        WITH
            intDiv(intDiv(line_ats[1], 2) + 32400000, 86400000) < intDiv(share_from + 32400000, 86400000) AS joined,
            intDiv(intDiv(line_ats[-1], 2) + 32400000, 86400000) > intDiv(share_until + 32400000, 86400000) AS has_left
        SELECT source, contract_id, line_no, month,
            toUInt64(intDiv(arraySum((one, next) -> bitAnd(one, 1)
                * (if(joined, least(intDiv(next, 2), share_from) - least(intDiv(one, 2), share_from), 0) + if(has_left, greatest(intDiv(next, 2), share_until) - greatest(intDiv(one, 2), share_until), 0)),
                line_ats, arrayPopFront(arrayPushBack(line_ats, line_ats[-1]))), 1000)) AS seconds
        FROM
        (
            SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.month AS month,
                arraySort(groupArrayIf(2 * s.seen_at + s.slowed, s.scope = 'line')) AS line_ats,
                minIf(s.seen_at, s.scope = 'data_share') AS share_from, maxIf(s.seen_at, s.scope = 'data_share') AS share_until
            FROM
            (
                SELECT source, contract_id, line_no, scope, toStartOfMonth(observed_at) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) AS seen_at, restriction != 'none' AS slowed
                FROM traffic_samples
                WHERE restriction != 'unknown'
            ) AS s
            INNER JOIN
            (
                SELECT source, contract_id, line_no, toStartOfMonth(observed_at) AS month
                FROM traffic_samples
                WHERE restriction != 'unknown'
                GROUP BY source, contract_id, line_no, month
                HAVING countIf(scope = 'data_share') > 0 AND countIf(scope = 'line' AND restriction != 'none') > 0
            ) AS r
                ON r.source = s.source AND r.contract_id = s.contract_id AND r.line_no = s.line_no AND r.month = s.month
            GROUP BY source, contract_id, line_no, month
        )
    )
SELECT c.source AS source, c.contract_id AS contract_id, c.line_no AS line_no, c.month AS month, c.watched AS watched, ifNull(c.quota, 0) AS quota, c.used_up AS used_up,
    CAST(c.shared AS Bool) AS shared, c.line_first AS line_first, c.share_first AS share_first, r.line_seconds AS line_seconds, r.share_seconds AS share_seconds,
    toNullable(a.seconds) AS apart_seconds
FROM counted AS c
LEFT JOIN restricted AS r
    ON r.source = c.source AND r.contract_id = c.contract_id AND r.line_no = c.line_no AND r.month = c.month
LEFT JOIN apart AS a
    ON a.source = c.source AND a.contract_id = c.contract_id AND a.line_no = c.line_no AND a.month = c.month
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
    restricted_days AS
    (
        SELECT cityHash64(line_no, toDate(observed_at)) AS line_day
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line_day
        SETTINGS final = 0
    ),
    mixed_days AS
    (
        SELECT source, contract_id, line_no, scope, day
        FROM
        (
            SELECT source, contract_id, line_no, scope, toDate(observed_at) AS day, restriction, min(observed_at) AS first, max(observed_at) AS last
            FROM traffic_samples
            WHERE restriction != 'unknown' AND cityHash64(line_no, toDate(observed_at)) GLOBAL IN (SELECT line_day FROM restricted_days)
            GROUP BY source, contract_id, line_no, scope, day, restriction
            SETTINGS final = 0
        )
        GROUP BY source, contract_id, line_no, scope, day
        HAVING count() > 1 AND arrayExists((first, last_before) -> first <= last_before, arrayPopFront(tupleElement(arraySort(groupArray((first, last))), 1)), arrayPopBack(tupleElement(arraySort(groupArray((first, last))), 2)))
    )
    ,
    restricted_lines AS
    (
        SELECT cityHash64(line_no) AS line
        FROM traffic_samples
        WHERE restriction NOT IN ('unknown', 'none') AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY line
        SETTINGS final = 0
    ),
    seen AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month, toUInt64(toUnixTimestamp64Milli(min(observed_at))) * 2 + (restriction != 'none') AS at
        FROM traffic_samples
        WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            AND cityHash64(line_no) GLOBAL IN (SELECT line FROM restricted_lines)
        GROUP BY source, contract_id, line_no, scope, toDate(observed_at), restriction
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS month, toUInt64(toUnixTimestamp64Milli(observed_at)) * 2 + (restriction != 'none') AS at
        FROM traffic_samples FINAL
        WHERE restriction != 'unknown' AND (source, contract_id, line_no, scope, toDate(observed_at)) GLOBAL IN (SELECT source, contract_id, line_no, scope, day FROM mixed_days)
    ),
    said AS
    (
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS of_month, toUInt32(0) AS day_bit, CAST(NULL AS Nullable(Date)) AS first, toUInt64(0) AS first_at, toUInt64(0) AS last, toUInt64(0) AS at,
            maxIf(tuple(observed_at, assumeNotNull(month_bytes) + least(assumeNotNull(remaining_bytes), bitNot(assumeNotNull(month_bytes)))),
                scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes > 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))).2 AS volume,
            minOrNullIf(assumeNotNull(month_bytes), scope = 'line' AND isNotNull(month_bytes) AND remaining_bytes = 0
                AND (toDayOfMonth(observed_at) > 1 OR toHour(observed_at) >= 3 OR ifNull(month_bytes = today_bytes, false))) AS without
        FROM traffic_samples
        WHERE toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, of_month
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, 'line' AS scope, toStartOfMonth(day) AS of_month, bitShiftLeft(toUInt32(1), toDayOfMonth(day) - 1) AS day_bit, NULL AS first, 0 AS first_at, 0 AS last, 0 AS at, 0 AS volume, NULL AS without
        FROM
        (
            SELECT source, contract_id, line_no, toDate(observed_at) AS day
            FROM traffic_samples
            WHERE toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
            GROUP BY source, contract_id, line_no, day
            SETTINGS final = 0
        )
        UNION ALL
        SELECT source, contract_id, line_no, scope, toStartOfMonth(toDate(observed_at)) AS of_month, 0 AS day_bit, toDate(min(observed_at)) AS first, toUInt64(toUnixTimestamp64Milli(min(observed_at))) AS first_at,
            toUInt64(toUnixTimestamp64Milli(max(observed_at))) AS last, 0 AS at, 0 AS volume, NULL AS without
        FROM traffic_samples
        WHERE restriction != 'unknown' AND toStartOfMonth(toDate(observed_at)) GLOBAL NOT IN (SELECT month FROM closed_months)
        GROUP BY source, contract_id, line_no, scope, of_month
        SETTINGS final = 0
        UNION ALL
        SELECT source, contract_id, line_no, scope, month AS of_month, 0 AS day_bit, NULL AS first, 0 AS first_at, 0 AS last, at, 0 AS volume, NULL AS without
        FROM seen
    ),
    counted AS
    (
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first, line_seconds, share_seconds, apart_seconds
        FROM line_month_counts
        WHERE (month, filled_at) GLOBAL IN (SELECT month, filled_at FROM closed_months)
        UNION ALL
        WITH
            share_last > 0 AND intDiv(line_from + 32400000, 86400000) < intDiv(share_from + 32400000, 86400000) AS joined,
            share_last > 0 AND intDiv(line_last + 32400000, 86400000) > intDiv(share_last + 32400000, 86400000) AS has_left
        SELECT source, contract_id, line_no, month, watched, quota, used_up, shared, line_first, share_first,
            toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1) * (intDiv(until, 2) - intDiv(at, 2)), line_ats, arrayPopFront(arrayPushBack(line_ats, 2 * line_last))), 1000)) AS line_seconds,
            toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1) * (intDiv(until, 2) - intDiv(at, 2)), share_ats, arrayPopFront(arrayPushBack(share_ats, 2 * share_last))), 1000)) AS share_seconds,
            toNullable(toUInt64(intDiv(arraySum((at, until) -> bitAnd(at, 1)
                * (if(joined, least(intDiv(until, 2), share_from) - least(intDiv(at, 2), share_from), 0) + if(has_left, greatest(intDiv(until, 2), share_last) - greatest(intDiv(at, 2), share_last), 0)),
                line_ats, arrayPopFront(arrayPushBack(line_ats, 2 * line_last))), 1000))) AS apart_seconds
        FROM
        (
            SELECT source, contract_id, line_no, of_month AS month, bitCount(groupBitOr(day_bit)) AS watched, max(volume) AS quota, ifNull(min(without), 0) AS used_up,
                CAST(max(scope = 'data_share') AS Bool) AS shared, minIf(first, scope = 'line') AS line_first, minIf(first, scope = 'data_share') AS share_first,
                minIf(first_at, scope = 'line' AND first_at > 0) AS line_from, minIf(first_at, scope = 'data_share' AND first_at > 0) AS share_from,
                maxIf(last, scope = 'line') AS line_last, maxIf(last, scope = 'data_share') AS share_last,
                arraySort(groupArrayIf(at, scope = 'line' AND at > 0)) AS line_ats, arraySort(groupArrayIf(at, scope = 'data_share' AND at > 0)) AS share_ats
            FROM said
            GROUP BY source, contract_id, line_no, of_month
        )
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
    if(pooled, NULL, coalesce(nullIf(c.quota, 0), if(ifNull(v.has_volume, true), nullIf(c.used_up, 0), NULL))) AS quota_bytes,
    m.bytes / quota_bytes AS used_ratio,
    if(pooled, c.share_first, c.line_first) AS first_sample,
    if(isNull(first_sample), NULL, if(pooled, c.share_seconds + ifNull(c.apart_seconds, 0), c.line_seconds)) AS restricted_seconds,
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

INSERT INTO schema_migrations (version, name) SELECT 33, '0033_line_months.sql';

-- how long rows are kept
ALTER TABLE traffic_samples_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE traffic_samples_local MODIFY TTL toDateTime(observed_at) + toIntervalSecond(34560000);

ALTER TABLE session_samples_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE session_samples_local MODIFY TTL toDateTime(observed_at) + toIntervalSecond(34560000);

ALTER TABLE line_forecasts_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE line_forecasts_local MODIFY TTL toDateTime(observed_at) + toIntervalSecond(34560000);

ALTER TABLE authentications_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE authentications_local MODIFY TTL toDateTime(event_time) + toIntervalSecond(86400);

ALTER TABLE session_events_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE session_events_local MODIFY TTL toDateTime(event_time) + toIntervalSecond(86400);

ALTER TABLE paired_sessions_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE paired_sessions_local MODIFY TTL toDateTime(started_at) + toIntervalSecond(86400);

ALTER TABLE border_events_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE border_events_local MODIFY TTL toDateTime(event_time) + toIntervalSecond(86400);

ALTER TABLE sweeps_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE sweeps_local MODIFY TTL toDateTime(started_at) + toIntervalSecond(86400);

ALTER TABLE dead_letters_local MODIFY SETTING ttl_only_drop_parts = 1;

ALTER TABLE dead_letters_local MODIFY TTL toDateTime(observed_at) + toIntervalSecond(86400);

