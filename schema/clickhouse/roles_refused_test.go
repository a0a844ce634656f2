package clickhouse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaisen/schema"
)

// The codes of refusals.
const (
	denied     = 497  // ACCESS_DENIED
	noFiles    = 1001 // the embedded engine has no working folder, and fails before it asks for rights or looks for the file
	readOnly   = 164  // READONLY
	constraint = 452  // SETTING_CONSTRAINT_VIOLATION
)

func same(code int, statements ...string) []attempt {
	var all []attempt
	for _, sql := range statements {
		all = append(all, attempt{sql, code})
	}
	return all
}

// changes are what nobody may who only reads.
func changes() []attempt {
	return append(same(denied,
		"INSERT INTO lines (source) SELECT 'x'", "DELETE FROM lines WHERE 1", "TRUNCATE TABLE lines", "OPTIMIZE TABLE lines FINAL",
		"ALTER TABLE lines DELETE WHERE 1", "ALTER TABLE lines UPDATE note = '' WHERE 1", "ALTER TABLE lines ADD COLUMN x UInt8",
		"ALTER TABLE lines DROP COLUMN note", "ALTER TABLE lines FREEZE", "DROP TABLE lines", "DROP VIEW line_status", "DROP DATABASE kaisen",
		"RENAME TABLE lines TO x", "EXCHANGE TABLES lines AND orders", "DETACH TABLE lines", "ATTACH TABLE x (a UInt8) ENGINE = Memory",
		"CREATE TABLE x (a UInt8) ENGINE = Memory", "CREATE TABLE x (a String) ENGINE = File(TSV)", "CREATE TABLE x (a String) ENGINE = URL('http://127.0.0.1:1/', TSV)",
		"CREATE TABLE x (a String) ENGINE = Executable('x.sh', TSV)", "CREATE TABLE x (a String) ENGINE = SQLite('/tmp/x.db', 't')",
		"CREATE TABLE x (a String) ENGINE = Dictionary('d')", "CREATE VIEW x AS SELECT 1", "CREATE MATERIALIZED VIEW x ENGINE = Memory AS SELECT 1",
		"CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a SOURCE(CLICKHOUSE(TABLE 'lines')) LAYOUT(FLAT()) LIFETIME(0)",
		"CREATE DATABASE x", "CREATE FUNCTION f AS x -> x", "DROP FUNCTION file", "CREATE USER x", "CREATE ROLE x", "CREATE ROW POLICY x ON lines USING 1",
		"CREATE NAMED COLLECTION x AS a = 1", "GRANT SELECT ON lines TO grafana", "REVOKE SELECT ON lines FROM grafana",
		"BACKUP TABLE lines TO File('/tmp/x.zip')", "BACKUP TABLE lines TO Disk('default', 'x.zip')",
		"SYSTEM SHUTDOWN", "SYSTEM KILL", "SYSTEM FLUSH LOGS", "SYSTEM STOP MERGES lines", "SYSTEM STOP LISTEN HTTP", "SYSTEM START LISTEN TCP", "SYSTEM DROP MARK CACHE",
		"KILL QUERY WHERE user = 'kaisen'", "KILL QUERY WHERE 1", "KILL MUTATION WHERE 1",
	), attempt{"RESTORE TABLE lines FROM File('/tmp/x.zip')", 318}) // no folder of backups is configured
}

// outside are sources of data that are no table.
func outside() []attempt {
	all := same(denied,
		"SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
		"DESCRIBE url('http://127.0.0.1:1/x.csv')", "SELECT * FROM s3('http://127.0.0.1:1/bucket/k', 'CSV', 'a String')",
		"SELECT * FROM gcs('http://127.0.0.1:1/bucket/k', 'CSV', 'a String')", "SELECT * FROM iceberg('http://127.0.0.1:1/bucket/x')",
		"SELECT * FROM icebergLocal('/etc/')", "SELECT * FROM deltaLakeLocal('/etc/')", "SELECT * FROM filesystem('/etc')",
		"SELECT * FROM remote('127.0.0.1', system.one)", "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
		"SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')", "SELECT * FROM odbc('DSN=x', 't')", "SELECT * FROM jdbc('DSN=x', 't')",
		"SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a String')", "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String, v String')",
		"SELECT * FROM hdfs('hdfs://127.0.0.1:1/x', 'TSV', 'a String')", "SELECT * FROM azureBlobStorage('x', 'y', 'z')",
		"INSERT INTO FUNCTION url('http://127.0.0.1:1/', TSV, 'a UInt8') SELECT 1",
		"INSERT INTO FUNCTION remote('127.0.0.1', kaisen.lines) (source) SELECT 'x'",
		"SELECT addressToLine(1)", "SELECT demangle('x')",
	)
	return append(all,
		attempt{"SELECT * FROM sqlite('/tmp/x.db', 't')", noFiles},
		attempt{"SELECT * FROM python('x')", 46}, attempt{"SELECT * FROM Python('x')", 46}, // no such function
		attempt{"SELECT * FROM cluster('default', system.one)", 701}, attempt{"SELECT * FROM clusterAllReplicas('default', system.one)", 701}, // no clusters
		attempt{"SELECT dictGet('d', 'x', 1)", 36}, // and no dictionaries
		attempt{"SELECT file('/etc/passwd')", noFiles}, attempt{"SELECT * FROM file('/etc/passwd', LineAsString)", noFiles},
		attempt{"DESCRIBE file('/etc/passwd')", noFiles}, attempt{"INSERT INTO FUNCTION file('x.tsv', TSV, 'a UInt8') SELECT 1", noFiles})
}

// inside are the tables of the system about other people, and about the machine.
func inside() []attempt {
	var all []attempt
	for _, table := range []string{"users", "grants", "roles", "quotas", "processes", "server_settings", "asynchronous_inserts",
		"metrics", "events", "mutations", "merges", "disks", "clusters", "macros", "errors", "warnings", "stack_trace", "query_cache", "parts_columns",
		"projection_parts", "detached_parts", "remote_data_paths", "dictionaries", "named_collections", "row_policies", "settings_profiles"} {
		all = append(all, attempt{"SELECT count() FROM system." + table, denied})
	}
	return append(all, same(denied, "SHOW PROCESSLIST", "SHOW USERS", "SHOW ACCESS", "SHOW CREATE USER kaisen", "SHOW PROFILES", "SHOW POLICIES")...)
}

// bounds are attempts to shake them off. seconds is the most that may be chosen.
func bounds(seconds int) []attempt {
	all := same(constraint, "SET max_memory_usage = 0", "SET max_execution_time = 0", "SELECT 1 SETTINGS max_memory_usage = 100000000000",
		"SELECT 1 SETTINGS max_memory_usage_for_user = 0", "SELECT 1 SETTINGS max_untracked_memory = 100000000000",
		"SELECT 1 SETTINGS max_temporary_data_on_disk_size_for_user = 0", "SELECT 1 SETTINGS format_schema = 'x:y'",
		"SELECT line_no FROM lines SETTINGS additional_table_filters = {'kaisen.lines': 'note = 1'}", "SELECT line_no FROM lines SETTINGS parallel_replicas_custom_key = 'note'",
		"SELECT 1 FORMAT Template SETTINGS format_template_row = '/etc/hostname'", fmt.Sprintf("SET max_execution_time = %d", seconds+1))
	all = append(all, same(readOnly, "SET readonly = 0", "SELECT 1 SETTINGS readonly = 0")...)
	all = append(all, same(0, "SELECT 1 SETTINGS max_execution_time = 1", fmt.Sprintf("SELECT 1 SETTINGS max_execution_time = %d", seconds),
		"SELECT 1 SETTINGS max_threads = 2, final = 0")...)
	// Another profile keeps the bounds: it may add to them.
	return append(all, attempt{"SET profile = 'default'", 0}, attempt{"SELECT 1 SETTINGS max_memory_usage = 100000000000", constraint}, attempt{"SET max_execution_time = 0", constraint})
}

// TestReadersAreRefused: whatever is no question to kaisen's tables.
func TestReadersAreRefused(t *testing.T) {
	r := openRoles(t)
	for _, user := range []string{"analyst", "grafana", schema.RoleAnalyst, schema.RoleGrafana} {
		seconds := 70
		if strings.HasSuffix(user, "analyst") {
			seconds = 610
		}
		for _, attempts := range [][]attempt{changes(), outside(), inside(), bounds(seconds)} {
			r.try(t, user, attempts)
		}
	}
	t.Run("files", func(t *testing.T) { r.filesAreClosed(t) })
}

// filesAreClosed: nobody who only reads sees a file of the data folder, where passwords are and the columns as they lie
// on the disk.
func (r *roleDatabase) filesAreClosed(t *testing.T) {
	secret := filepath.Join(r.engine.Folder(), "kaisen.password")
	if _, err := os.Stat(secret); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(r.engine.Folder(), "user_scripts", "x.sh")
	if err := os.MkdirAll(filepath.Dir(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho here\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	attempts := append(same(noFiles, "SELECT file('"+secret+"')", "SELECT * APPLY(file) FROM (SELECT '"+secret+"' AS s)",
		"SELECT arrayMap(file, ['"+secret+"'])", "SELECT file('"+secret+"') SETTINGS allow_experimental_analyzer = 0",
		"SELECT 1 SETTINGS additional_result_filter = 'file(\\'"+secret+"\\') = 1'"),
		same(denied, "INSERT INTO FUNCTION null('a String') FROM INFILE '"+secret+"' FORMAT TSV",
			"INSERT INTO lines FROM INFILE '"+secret+"' FORMAT TSV", "SELECT * FROM executable('x.sh', TSV, 'a String')",
			"CREATE TEMPORARY TABLE x (a String) ENGINE = Memory")...)
	// Who comes without a password is "default", and may do nothing, but a SELECT without a table.
	nobody := r.connectTo(t, "http://default:@"+r.http+"/default")
	for sql, want := range map[string]int{"SELECT 1": 0, "SELECT file('" + secret + "')": noFiles, "SELECT 1 FORMAT Template SETTINGS format_template_row = '" + secret + "'": constraint,
		"SELECT * FROM kaisen.traffic_latest": denied, "INSERT INTO FUNCTION null('a String') FROM INFILE '" + secret + "' FORMAT TSV": 201} {
		if got := code(t, nobody, sql); got != want {
			t.Errorf("default: code %d, want %d: %s", got, want, sql)
		}
	}
	for _, user := range []string{"analyst", "grafana"} {
		r.try(t, user, attempts)
		// With the native protocol the words are the client's, and the server passes over them.
		out := filepath.Join(t.TempDir(), "out.tsv")
		for protocol, want := range map[string]int{"clickhouse": 0, "http": 358} {
			if got := code(t, r.connect(t, protocol, user), "SELECT 1 INTO OUTFILE '"+out+"'"); got != want {
				t.Errorf("%s: code %d, want %d: INTO OUTFILE", protocol, got, want)
			}
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("INTO OUTFILE wrote a file")
		}
	}
}
