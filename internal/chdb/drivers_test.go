package chdb_test

import (
	"net/url"
	"strings"
	"testing"
)

// What the drivers of DBeaver and Metabase send when a person connects and opens the tree of tables. Both build on
// clickhouse-java, whose old and new drivers ask differently; learned from the sources of ClickHouse/clickhouse-java,
// dbeaver/dbeaver and ClickHouse/metabase-clickhouse-driver.
func driverStatements() map[string]string { // with a part of the answer
	return map[string]string{
		// clickhouse-java, at connecting
		"SELECT currentUser() AS user, timezone() AS timezone, version() AS version LIMIT 1": "analyst\tAsia/Tokyo\t2",
		"select timezone(), version()": "Asia/Tokyo\t2",
		"SELECT currentUser(), timezone(), version(), getSetting('readonly') AS readonly": "analyst",
		"SELECT version() as server_version":                                              "2",
		"SELECT 1":                                                                        "1\n",
		"SELECT name, value FROM system.settings WHERE name IN ('readonly', 'max_execution_time')": "readonly\t2",
		"SELECT name AS TABLE_SCHEM, '' AS TABLE_CATALOG FROM system.databases ORDER BY name":      "kaisen",
		"SELECT name, case_insensitive, alias_to FROM system.data_type_families ORDER BY name":     "UInt64",
		"SELECT name FROM system.functions WHERE NOT is_aggregate ORDER BY name":                   "toStartOfDay",
		"SELECT engine AS TABLE_TYPE FROM system.tables WHERE database = 'kaisen' GROUP BY engine": "MergeTree",
		"SELECT arrayJoin(['TABLE', 'VIEW', 'SYSTEM TABLE']) AS TABLE_TYPE ORDER BY TABLE_TYPE":    "VIEW",
		// its tables with their comments
		`SELECT '' AS TABLE_CAT, t.database AS TABLE_SCHEM, t.name AS TABLE_NAME, if(t.is_temporary = 1, concat('Temporary', t.engine), t.engine) AS TABLE_TYPE,
			t.comment AS REMARKS, d.engine AS TYPE_SCHEM FROM system.tables t JOIN system.databases d ON system.tables.database = system.databases.name
			WHERE t.database LIKE '%' AND t.name LIKE '%' AND (t.engine NOT LIKE 'System%' AND t.is_temporary = 0)`: "kaisen\tt\tMergeTree",
		// the columns of one
		`SELECT database AS TABLE_SCHEM, table AS TABLE_NAME, name AS COLUMN_NAME, type AS TYPE_NAME,
			toInt32(multiIf(character_octet_length IS NOT NULL, character_octet_length, numeric_precision IS NOT NULL, numeric_precision, 0)) AS COLUMN_SIZE,
			toInt32(IF (numeric_scale == 0, NULL, numeric_scale)) AS DECIMAL_DIGITS, toInt32(numeric_precision_radix) AS NUM_PREC_RADIX,
			toInt32(position(type, 'Nullable(') >= 1 ? 1 : 0) AS NULLABLE, system.columns.comment AS REMARKS, system.columns.default_expression AS COLUMN_DEF,
			character_octet_length::Nullable(Int32) AS CHAR_OCTET_LENGTH, toInt32(system.columns.position) AS ORDINAL_POSITION
			FROM system.columns WHERE database LIKE 'kaisen' AND table LIKE '%' AND name LIKE '%' ORDER BY TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION`: "kaisen\tt\ta\tUInt64",
		// its primary key
		`SELECT system.tables.database AS TABLE_SCHEM, system.tables.name AS TABLE_NAME, trim(c.1) AS COLUMN_NAME, CAST(c.2 AS Int16) AS KEY_SEQ
			FROM system.tables ARRAY JOIN arrayZip(splitByChar(',', primary_key), arrayEnumerate(splitByChar(',', primary_key))) AS c
			WHERE system.tables.primary_key <> '' AND system.tables.database ILIKE 'kaisen' AND system.tables.name ILIKE '%' ORDER BY COLUMN_NAME`: "kaisen\tt\ta\t1",
		// DBeaver
		"SELECT name FROM system.table_engines": "MergeTree",
		"SHOW CREATE TABLE kaisen.t":            "CREATE TABLE kaisen.t",
		"SELECT database()":                     "kaisen",
		"SHOW DATABASES":                        "kaisen",
		"SHOW TABLES FROM kaisen":               "t\n",
		"SELECT x.* FROM kaisen.t x LIMIT 200":  "42\n",
		"EXPLAIN SELECT * FROM kaisen.t":        "ReadFromMergeTree",
		// Metabase
		"WITH s AS (SELECT version() AS ver, splitByChar('.', ver) AS verSplit) SELECT s.ver, toInt32(verSplit[1]), toInt32(verSplit[2]) FROM s": "\t",
		"SELECT formatDateTime(now(), '%F %R.%S')":                  ":",
		"SELECT timezone()":                                         "Asia/Tokyo",
		"SELECT TRUE AS `_` FROM `kaisen`.`t` WHERE 1 <> 1 LIMIT 0": "",
		"-- Metabase:: userID: 1 queryType: MBQL\nSELECT toStartOfDay(toDateTime(`source`.`a`)) AS `day`, count(*) AS `count` FROM (SELECT `a` FROM `kaisen`.`t`) AS `source` GROUP BY `day`": "\t1\n",
	}
}

func TestStatementsOfDrivers(t *testing.T) {
	t.Parallel()
	f := build(t)
	// Their settings come along: what they send with each statement must not be refused to a reader.
	settings := url.Values{"async_insert": {"0"}, "wait_end_of_query": {"1"}, "max_result_rows": {"0"}, "extremes": {"0"}, "select_sequential_consistency": {"1"},
		"date_time_input_format": {"best_effort"}, "client_protocol_version": {"54468"}, "max_execution_time": {"30"}, "http_headers_progress_interval_ms": {"100"}}
	for sql, want := range driverStatements() {
		for _, format := range []string{"TabSeparated", "RowBinaryWithNamesAndTypes", "JSONCompact"} {
			settings.Set("default_format", format)
			response, text := do(t, f.request(t.Context(), "analyst", "POST", "/?database=kaisen&"+settings.Encode(), sql))
			if response.StatusCode != 200 || format == "TabSeparated" && !strings.Contains(text, want) {
				t.Errorf("%s\n%d: %.300s", sql, response.StatusCode, text)
			}
		}
	}
	f.mustAnswer(t)
}
