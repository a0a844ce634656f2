package chdb_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// refusal are the reasons why the engine refuses what somebody may not do, in contrast to what it does not understand.
// No working folder is that of all functions and formats that read files (see seal.go).
var refusal = regexp.MustCompile(`ACCESS_DENIED|QUOTA_EXCEEDED|AUTHENTICATION_FAILED|Authentication failed|INTO_OUTFILE_NOT_ALLOWED|getcwd failed|` +
	`SETTING_CONSTRAINT_VIOLATION|READONLY|SUPPORT_IS_DISABLED|Not enough privileges|should not be changed|has been exceeded|INTO OUTFILE is not allowed|` +
	`readonly mode|TOO_MANY_SIMULTANEOUS_QUERIES|Too many simultaneous queries|feature is disabled|not supported in clickhouse-local|'backups.allowed_path' configuration parameter is not set|must be defined in config file`)

// dark are statements that nobody may run, not even the service: they reach for files, programs, other machines, or the
// engine itself. {data} is the engine's folder, {beside} another one, {http} an address that answers.
func dark() []string {
	return []string{
		"SELECT file('{data}/kaisen.password')",
		"SELECT file('{data}/engine/users.xml', 'no')",
		"SELECT file('/proc/self/environ', NULL)",
		"SELECT file('/proc/self/fd/0')",
		"SELECT * FROM file('{data}/kaisen.password', LineAsString)",
		"SELECT * FROM file('/etc/passwd', LineAsString)",
		"DESCRIBE TABLE file('{data}/kaisen.password')",
		"INSERT INTO FUNCTION file('{beside}/x', 'CSV', 'a UInt8') SELECT 1",
		"INSERT INTO FUNCTION url('http://{http}/', 'CSV', 'a UInt8') SELECT 1",
		"SELECT * FROM url('http://{http}/', LineAsString)",
		"SELECT * FROM url('file:///{data}/kaisen.password', LineAsString)",
		"DESCRIBE TABLE url('http://{http}/ping')",
		"SELECT * FROM s3('http://{http}/bucket/x', 'CSV', 'a UInt8')",
		"SELECT * FROM azureBlobStorage('DefaultEndpointsProtocol=http;AccountName=a;AccountKey=eA==;BlobEndpoint=http://{http}/', 'c', 'x', 'CSV', 'auto', 'a UInt8')",
		"SELECT * FROM hdfs('hdfs://{http}/x', 'CSV', 'a UInt8')",
		"SELECT * FROM remote('{http}', system.one)",
		"SELECT * FROM remoteSecure('{http}', system.one)",
		"SELECT * FROM mysql('{http}', 'a', 'b', 'c', 'd')",
		"SELECT * FROM postgresql('{http}', 'a', 'b', 'c', 'd')",
		"SELECT * FROM mongodb('{http}', 'a', 'b', 'c', 'd', 'a UInt8')",
		"SELECT * FROM redis('{http}', 'k', 'k String, v String')",
		"SELECT * FROM sqlite('{data}/x.db', 't')",
		"SELECT * FROM odbc('DSN=x', 'a', 'b')",
		"SELECT * FROM jdbc('DSN=x', 'a', 'b')",
		"SELECT * FROM icebergLocal('{data}')",
		"SELECT * FROM deltaLakeLocal('{data}')",
		"SELECT * FROM filesystem('{data}')",
		"EXPLAIN TABLE OVERRIDE mysql('{http}', 'b', 'c', 'd', 'e') COLUMNS (a UInt8)",
		"CREATE TABLE kaisen.x (a UInt8) ENGINE = File(CSV)",
		"CREATE TABLE kaisen.x (a UInt8) ENGINE = URL('http://{http}/', CSV)",
		"CREATE TEMPORARY TABLE x (a UInt8) ENGINE = URL('http://{http}/', CSV)",
		"CREATE TABLE kaisen.x (a UInt8) ENGINE = Executable('x.sh', TSV)",
		"CREATE TABLE kaisen.x (a UInt8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '{beside}/')",
		"CREATE DATABASE x ENGINE = Filesystem('{data}')",
		"CREATE DATABASE x ENGINE = SQLite('{data}/x.db')",
		"CREATE DATABASE x ENGINE = MySQL('{http}', 'a', 'b', 'c')",
		"CREATE DICTIONARY kaisen.d (a UInt64) PRIMARY KEY a SOURCE(FILE(PATH '/etc/passwd' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
		"CREATE DICTIONARY kaisen.d (a UInt64) PRIMARY KEY a SOURCE(HTTP(URL 'http://{http}/' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
		"CREATE DICTIONARY kaisen.d (a UInt64) PRIMARY KEY a SOURCE(EXECUTABLE(COMMAND 'id' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
		"CREATE FUNCTION f AS x -> x + 1",
		"CREATE NAMED COLLECTION c AS url = 'http://{http}/'",
		"CREATE USER eve IDENTIFIED BY 'x'",
		"ALTER USER analyst SETTINGS readonly = 0",
		"CREATE ROLE r",
		"GRANT ALL ON *.* TO analyst",
		"EXECUTE AS kaisen SELECT 1",
		"BACKUP DATABASE kaisen TO File('{beside}/backup')",
		"RESTORE DATABASE kaisen FROM File('{beside}/backup')",
		"SYSTEM STOP LISTEN TCP",
		"SYSTEM STOP LISTEN HTTP",
		"SYSTEM START LISTEN TCP",
		"SYSTEM SHUTDOWN",
		"SYSTEM KILL",
		"SYSTEM RELOAD CONFIG",
		"SYSTEM ENABLE FAILPOINT x",
		"SELECT addressToSymbol(1) SETTINGS allow_introspection_functions = 1",
		"SELECT 1 FORMAT Template SETTINGS format_template_row = '{data}/kaisen.password'",
		"SELECT 1 FORMAT Template SETTINGS format_template_resultset = '{data}/kaisen.password'",
		"SELECT 1 FORMAT Protobuf SETTINGS format_schema = '{data}/kaisen.password:x'",
		"SELECT 1 AS a FORMAT Protobuf SETTINGS output_format_schema = '{beside}/x.proto'",
		"SELECT * FROM format(CSV, 'a UInt8', 'x\n1\n') SETTINGS input_format_allow_errors_num = 1, input_format_record_errors_file_path = '{beside}/x'",
		"SELECT * FROM format(AvroConfluent, 'a UInt8', '\\0\\0\\0\\0\\1x') SETTINGS format_avro_schema_registry_url = 'http://{http}/'",
		"SELECT 1 SETTINGS http_response_headers = {'a': 'b'}",
		"SELECT 1 SETTINGS add_http_cors_header = 1",
	}
}

// changes are statements that the service may run and nobody else.
func changes() []string {
	return []string{
		"DROP TABLE kaisen.t", "DROP DATABASE kaisen", "TRUNCATE TABLE kaisen.t", "INSERT INTO kaisen.t SELECT 1", "ALTER TABLE kaisen.t DELETE WHERE 1",
		"ALTER TABLE kaisen.t ADD COLUMN b UInt8", "RENAME TABLE kaisen.t TO kaisen.u", "DETACH TABLE kaisen.t", "OPTIMIZE TABLE kaisen.t", "DELETE FROM kaisen.t WHERE 1",
		"CREATE TABLE kaisen.x (a UInt8) ENGINE = MergeTree ORDER BY a", "CREATE VIEW kaisen.x AS SELECT 1", "CREATE DATABASE x",
		"KILL QUERY WHERE 1", "SELECT * FROM system.users", "SELECT * FROM system.processes", "SYSTEM FLUSH LOGS",
	}
}

// reading is what who has no password may not do.
func reading() []string {
	return []string{"SELECT * FROM kaisen.t", "SHOW TABLES FROM kaisen", "SELECT * FROM numbers(1)", "DESCRIBE TABLE kaisen.t", "EXISTS TABLE kaisen.t", "CREATE TEMPORARY TABLE x (a UInt8)"}
}

// TestAttacks is one engine under all attacks, one after the other.
func TestAttacks(t *testing.T) {
	t.Parallel()
	f := build(t)
	for name, attack := range map[string]func(*testing.T, attackedEngine){
		"statements": attackWithStatements, "into outfile": attackWithOutfile, "web pages": attackFromPages, "cross-origin requests": attackAcrossOrigins,
		"paths": attackWithPaths, "arguments": attackWithArguments, "credentials": attackWithCredentials,
	} {
		t.Run(name, func(t *testing.T) { attack(t, f) })
	}
	f.mustAnswer(t)
}

func attackWithStatements(t *testing.T, f attackedEngine) {
	fill := strings.NewReplacer("{data}", f.folder, "{beside}", f.beside, "{http}", f.http)
	tests := map[string][]string{
		"nobody": append(append(dark(), changes()...), reading()...), "default": append(append(dark(), changes()...), reading()...),
		"wrong password": append(append(dark(), changes()...), reading()...), "analyst": append(dark(), changes()...), "service": dark(),
	}
	for who, statements := range tests {
		conn := f.open(t, who)
		for _, statement := range statements {
			sql := fill.Replace(statement)
			if text, err := f.ask(t.Context(), who, sql); err == nil || !refusal.MatchString(err.Error()) {
				t.Errorf("%s over HTTP: %s: %.200q, %v", who, statement, text, err)
			}
			if strings.Contains(statement, " FORMAT ") && strings.HasPrefix(statement, "SELECT 1") {
				continue // clients of the native protocol write formats themselves
			}
			if err := conn.Exec(t.Context(), sql); err == nil || !refusal.MatchString(err.Error()) {
				t.Errorf("%s over the native protocol: %s: %v", who, statement, err)
			}
		}
	}
	if entries, err := os.ReadDir(f.beside); err != nil || len(entries) > 0 {
		t.Errorf("files beside the data: %v, %v", entries, err)
	}
}

// In the demo everybody reads the made-up tables, and nothing else.
func TestAttacksOnTheDemo(t *testing.T) {
	t.Parallel()
	cfg := chdbtest.ChildConfig(filepath.Join(t.TempDir(), "data"))
	cfg.Open = true
	f := buildAs(t, cfg)
	if got, err := f.ask(t.Context(), "nobody", "SELECT a FROM kaisen.t"); got != "42\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	fill := strings.NewReplacer("{data}", f.folder, "{beside}", f.beside, "{http}", f.http)
	for _, statement := range append(dark(), changes()...) {
		if strings.Contains(statement, " LISTEN ") {
			continue // the one right that the engine's own session needs, and so whoever reaches the demo
		}
		if text, err := f.ask(t.Context(), "nobody", fill.Replace(statement)); err == nil || !refusal.MatchString(err.Error()) {
			t.Errorf("%s: %.200q, %v", statement, text, err)
		}
	}
	if response, _ := f.send(t, "GET /?query=SELECT+7 HTTP/1.1", "Host: {http}", "Sec-Fetch-Site: cross-site"); response.StatusCode != 403 {
		t.Errorf("a foreign page: %s", response.Status)
	}
	f.mustAnswer(t)
}

// Over HTTP the engine would write the file itself; over the native protocol that is the client's to do.
func attackWithOutfile(t *testing.T, f attackedEngine) {
	target := filepath.Join(t.TempDir(), "rc")
	if err := os.WriteFile(target, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for who := range f.accounts {
		for _, sql := range []string{"SELECT 1 INTO OUTFILE '" + target + "' APPEND", "SELECT 1 INTO OUTFILE '" + target + "' TRUNCATE", "SELECT 1 INTO OUTFILE '" + f.folder + "/new'"} {
			if _, err := f.ask(t.Context(), who, sql); err == nil || !refusal.MatchString(err.Error()) {
				t.Errorf("%s: %s: %v", who, sql, err)
			}
			f.open(t, who).Exec(t.Context(), sql) // answers, and leaves the file to its client
		}
	}
	if content, err := os.ReadFile(target); string(content) != "before\n" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	if _, err := os.Stat(filepath.Join(f.folder, "new")); !os.IsNotExist(err) {
		t.Errorf("a new file: %v", err)
	}
}

// A client that dies in the middle of an insert hangs up, and writes nothing. This one listens on, and so hears what
// came of it.
func TestInsertThatBreaksOffWritesNothing(t *testing.T) {
	t.Parallel()
	f := build(t)
	few, many := "1\n2\n3\n", strings.Repeat("1\n2\n3\n", 400_000)
	credentials := f.request(t.Context(), "service", "POST", "/", "").Header.Get("Authorization")
	for name, framing := range map[string]string{
		"few by length":  "Content-Length: 1000\r\n\r\n" + few,
		"few in chunks":  fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(few), few),
		"many by length": "Content-Length: 5000000\r\n\r\n" + many,
		"many in chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(many), many),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", f.http)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /?query=INSERT+INTO+kaisen.t+FORMAT+TSV HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n%s", f.http, credentials, framing)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if answer, err := io.ReadAll(conn); err != nil || strings.Contains(string(answer), " 200 OK") {
				t.Errorf("%.300q, %v", answer, err)
			}
			f.mustAnswer(t) // with the one row that was there before
		})
	}
}
