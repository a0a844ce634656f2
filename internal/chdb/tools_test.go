package chdb_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// visitor is who a test's programs log in as, and where.
type visitor struct{ base, user, password, database string }

func visit(t *testing.T) visitor {
	t.Helper()
	dsn, err := url.Parse(chdbtest.StartHTTP(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := dsn.User.Password()
	return visitor{base: "http://" + dsn.Host, user: dsn.User.Username(), password: password, database: strings.TrimPrefix(dsn.Path, "/")}
}

// curl runs it with the body on its standard input.
func curl(t *testing.T, body string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "curl", append([]string{"--silent", "--show-error", "--max-time", "20"}, arguments...)...)
	command.Stdin = strings.NewReader(body)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("curl %q: %v: %s", arguments, err, out)
	}
	return string(out)
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl on this machine")
	}
	v := visit(t)
	who, at := v.user+":"+v.password, v.base+"/?database="+v.database
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	zip.Write([]byte("INSERT INTO t FORMAT TSV\n7\tzipped\n"))
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	in := url.QueryEscape
	tests := []struct {
		name, body string
		arguments  []string
		want       string
	}{
		{"nothing but the address", "", []string{v.base}, "Ok.\n"},
		{"ping", "", []string{v.base + "/ping"}, "Ok.\n"},
		{"table", "", []string{"--user", who, at, "--data-binary", "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"}, ""},
		{"values in the statement", "INSERT INTO t VALUES (18446744073709551615, '日本\\n''x'''), (1, '')", []string{"--user", who, at, "--data-binary", "@-"}, ""},
		{"rows in the body", "2,\"x\ny\"\n3,z\n", []string{"--user", who, at + "&query=" + in("INSERT INTO t FORMAT CSV"), "--data-binary", "@-"}, ""},
		{"rows in chunks", "{\"a\": 4}\n", []string{"--user", who, at + "&query=" + in("INSERT INTO t FORMAT JSONEachRow"), "--header", "Transfer-Encoding: chunked", "--data-binary", "@-"}, ""},
		{"zipped rows", zipped.String(), []string{"--user", who, at, "--header", "Content-Encoding: gzip", "--data-binary", "@-"}, ""},
		{"TSV by default", "SELECT * FROM t WHERE a > 7", []string{"--user", who, at, "--data-binary", "@-"}, "18446744073709551615\t日本\\n\\'x\\'\n"},
		{"GET", "", []string{"--user", who, at + "&query=" + in("SELECT a FROM t ORDER BY a")}, "1\n2\n3\n4\n7\n18446744073709551615\n"},
		{"GET reads only", "", []string{"--user", who, at + "&query=" + in("DROP TABLE t")}, "READONLY"},
		{"FORMAT", "", []string{"--user", who, at, "--data-binary", "SELECT a, b FROM t WHERE a = 2 FORMAT CSVWithNames"}, "\"a\",\"b\"\n2,\"x\ny\"\n"},
		{"default_format", "", []string{"--user", who, at + "&default_format=JSONEachRow", "--data-binary", "SELECT b FROM t WHERE a > 7"}, "{\"b\":\"日本\\n'x'\"}\n"},
		{"format by header", "", []string{"--user", who, "--header", "X-ClickHouse-Format: CSV", at, "--data-binary", "SELECT 1"}, "1\n"},
		{"Parquet", "", []string{"--user", who, at, "--data-binary", "SELECT a FROM t FORMAT Parquet", "--output", os.DevNull, "--write-out", "%{content_type}"}, "application/octet-stream"},
		{"an empty answer has its frame", "", []string{"--user", who, at, "--data-binary", "SELECT a FROM t WHERE a = 8 FORMAT CSVWithNames"}, "\"a\"\n"},
		{"statement in two places", "2", []string{"--user", who, at + "&query=SELECT", "--data-binary", "@-"}, "2\n"},
		{"parameter", "", []string{"--user", who, at + "&param_x=" + in(`it's\ta\ttab`) + "&query=" + in("SELECT {x:String} FORMAT JSONCompactEachRow")}, "[\"it's\\ta\\ttab\"]\n"},
		{"setting", "", []string{"--user", who, at + "&max_threads=3&query=" + in("SELECT getSetting('max_threads'), getSetting('async_insert'), getSetting('compile_expressions'), getSetting('http_send_timeout')")}, "3\tfalse\tfalse\t3600\n"},
		{"zipped answer", "", []string{"--user", who, "--compressed", at + "&enable_http_compression=1", "--data-binary", "SELECT sum(number) FROM numbers(1000)", "--write-out", "%header{content-encoding}"}, "499500\n"},
		{"X-ClickHouse headers", "", []string{"--header", "X-ClickHouse-User: " + v.user, "--header", "X-ClickHouse-Key: " + v.password, "--header", "X-ClickHouse-Database: " + v.database, v.base, "--data-binary", "SELECT currentUser(), currentDatabase()"}, v.user + "\t" + v.database + "\n"},
		{"who, in the address", "", []string{at + "&user=" + v.user + "&password=" + v.password, "--data-binary", "SELECT currentUser()"}, v.user + "\n"},
		{"nobody", "", []string{at, "--data-binary", "SELECT a FROM t"}, "ACCESS_DENIED"},
		{"syntax", "", []string{"--user", who, at, "--data-binary", "SELEC 1", "--write-out", "%{http_code}"}, "(SYNTAX_ERROR)"},
		{"unknown table", "", []string{"--user", who, at, "--data-binary", "SELECT * FROM nosuch", "--write-out", "%{http_code}"}, "404"},
		{"wrong row", "1,x\nx,y\n", []string{"--user", who, at + "&query=" + in("INSERT INTO t FORMAT CSV"), "--data-binary", "@-", "--write-out", "%{http_code}"}, "400"},
		{"late error", "", []string{"--user", who, at + "&wait_end_of_query=1", "--data-binary", "SELECT throwIf(number = 3000000) FROM numbers(10000000)", "--write-out", "%{http_code}"}, "500"},
		{"two statements", "", []string{"--user", who, at, "--data-binary", "SELECT 1; SELECT 2"}, "Multi-statements are not allowed"},
		{"refused rows are none", "", []string{"--user", who, at, "--data-binary", "SELECT count() FROM t"}, "6\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := curl(t, tt.body, tt.arguments...)
			if whole := strings.HasSuffix(tt.want, "\n") || tt.want == ""; whole && got != tt.want && tt.name != "zipped answer" || !strings.Contains(got, tt.want) {
				t.Errorf("%q, expected %q", got, tt.want)
			}
		})
	}
}

// An error after the first rows is no end of the answer: it is in the text, and the connection breaks off.
func TestCurlNoticesALateError(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl on this machine")
	}
	v := visit(t)
	out, err := exec.CommandContext(t.Context(), "curl", "--silent", "--user", v.user+":"+v.password, v.base, "--data-binary", "SELECT throwIf(number = 3000000) FROM numbers(10000000)").Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 18 && exit.ExitCode() != 56 || !bytes.Contains(out, []byte("__exception__")) {
		t.Errorf("%v, ends %q", err, out[max(0, len(out)-200):])
	}
}

// TestNodeClient is npm's @clickhouse/client, at the version and with the checksum of testdata/nodeclient/package-lock.json.
func TestNodeClient(t *testing.T) {
	modules := nodeModules(t)
	v := visit(t)
	work := t.TempDir()
	script, err := os.ReadFile("testdata/nodeclient/client.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(work, "client.mjs"), script, 0o600), os.Symlink(modules, filepath.Join(work, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "client.mjs")
	node.Dir = work
	node.Env = append(os.Environ(), "CLICKHOUSE_URL="+v.base, "CLICKHOUSE_USER="+v.user, "CLICKHOUSE_PASSWORD="+v.password, "CLICKHOUSE_DATABASE="+v.database)
	out, err := node.CombinedOutput()
	if want := "ping\nquery\ninsert\nsession\nstream\ncompression\nerrors\nabort\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s", err, out)
	}
}

// nodeModules is the folder with the client, which npm brings once into the user's cache.
func nodeModules(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile("testdata/nodeclient/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "kaisen", "tools", fmt.Sprintf("nodeclient-%x", sha256.Sum256(lock))[:20])
	modules := filepath.Join(folder, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	draft, err := os.MkdirTemp(filepath.Dir(folder), "nodeclient-") // beside its destination: another run meets all of it, or nothing
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(draft)
	if err := os.CopyFS(draft, os.DirFS("testdata/nodeclient")); err != nil {
		t.Fatal(err)
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = draft
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm brings @clickhouse/client once, and could not: %v: %s", err, out)
	}
	if err := os.Rename(draft, folder); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, missing := os.Stat(modules); missing != nil {
			t.Fatal(err)
		}
	}
	return modules
}
