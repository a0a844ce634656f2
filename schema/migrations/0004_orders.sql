-- What a contract is, can order and has ordered. One row a thing, the latest known: the newest observed_at wins.

CREATE TABLE IF NOT EXISTS contracts
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

CREATE TABLE IF NOT EXISTS products
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

CREATE TABLE IF NOT EXISTS orders
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
