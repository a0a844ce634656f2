package chdb_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"kaisen/schema/chdb/chdbtest"
)

// server is the address and the database of a test, to be asked as curl would.
type server struct {
	t    *testing.T
	base string
	db   string
}

func newServer(t *testing.T) server {
	t.Helper()
	dsn, err := url.Parse(chdbtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	return server{t: t, base: "http://" + dsn.Host + "/", db: strings.TrimPrefix(dsn.Path, "/")}
}

// do sends one request and returns the answer with its body.
func (s server) do(method, args string, body io.Reader, header ...string) (*http.Response, string) {
	s.t.Helper()
	if !strings.Contains(args, "&database=") {
		args += "&database=" + s.db
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.base+"?"+args[1:], body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		text = fmt.Appendf(text, "<%v>", err)
	}
	return response, string(text)
}

// post runs one statement that has to succeed.
func (s server) post(sql string) string {
	s.t.Helper()
	response, text := s.do("POST", "", strings.NewReader(sql))
	if response.StatusCode != 200 {
		s.t.Fatalf("%s: %s: %s", sql, response.Status, text)
	}
	return text
}

func TestFormats(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	s.post("INSERT INTO t (a, b) VALUES (18446744073709551615, '日本\n''x'''), (1, '')")
	tests := []struct{ name, method, args, body, header, want, contentType string }{
		{name: "TSV by default", method: "POST", body: "SELECT * FROM t ORDER BY a", want: "1\t\n18446744073709551615\t日本\\n\\'x\\'\n", contentType: "text/tab-separated-values; charset=UTF-8"},
		{name: "CSV by clause", method: "POST", body: "SELECT a FROM t ORDER BY a FORMAT CSVWithNames", want: "\"a\"\n1\n18446744073709551615\n", contentType: "text/csv; charset=UTF-8"},
		{name: "JSON by argument", method: "GET", args: "&default_format=JSONEachRow&query=" + url.QueryEscape("SELECT b FROM t WHERE a > 1"), want: "{\"b\":\"日本\\n'x'\"}\n", contentType: "application/x-ndjson; charset=UTF-8"},
		{name: "format by header", method: "POST", header: "CSV", body: "SELECT 1", want: "1\n", contentType: "text/csv; charset=UTF-8"},
		{name: "query split over address and body", method: "POST", args: "&query=SELECT", body: "2", want: "2\n", contentType: "text/tab-separated-values; charset=UTF-8"},
		{name: "parameter", method: "GET", args: "&param_x=" + url.QueryEscape(`it's\ta\ntab`) + "&query=" + url.QueryEscape("SELECT {x:String} FORMAT JSONCompactEachRow"), want: "[\"it's\\ta\\ntab\"]\n", contentType: "application/json; charset=UTF-8"},
		{name: "setting", method: "GET", args: "&max_threads=3&query=" + url.QueryEscape("SELECT getSetting('max_threads'), getSetting('async_insert'), getSetting('compile_expressions'), getSetting('explain_query_plan_default')"), want: "3\tfalse\tfalse\tlegacy\n", contentType: "text/tab-separated-values; charset=UTF-8"},
		{name: "comment first, WITH", method: "POST", body: "-- count\nWITH 1 AS x SELECT x + 1;", want: "2\n", contentType: "text/tab-separated-values; charset=UTF-8"},
		{name: "SHOW", method: "POST", body: "SHOW TABLES", want: "t\n", contentType: "text/tab-separated-values; charset=UTF-8"},
		{name: "empty result has its frame", method: "POST", body: "SELECT a FROM t WHERE a = 7 FORMAT CSVWithNames", want: "\"a\"\n", contentType: "text/csv; charset=UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response, text := s.do(tt.method, tt.args, strings.NewReader(tt.body), "X-ClickHouse-Format", tt.header)
			if diff := cmp.Diff(tt.want, text); diff != "" || response.StatusCode != 200 {
				t.Errorf("%s %s", response.Status, diff)
			}
			if got := response.Header.Get("Content-Type"); got != tt.contentType {
				t.Errorf("content type %q, expected %q", got, tt.contentType)
			}
		})
	}
}

func TestErrorsHaveCodeAndStatus(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	tests := []struct {
		name, method, args, body string
		status, code             int
		text                     string
	}{
		{"syntax", "POST", "", "SELEC 1", 400, 62, "Syntax error"},
		{"unknown table", "POST", "", "SELECT * FROM nosuch", 404, 60, "nosuch"},
		{"unknown database", "POST", "&database=nosuch", "SELECT 1", 404, 81, "nosuch"},
		{"unknown setting", "POST", "&nosuch_setting=1", "SELECT 1", 404, 115, "nosuch_setting"},
		{"a setting cannot smuggle SQL", "POST", "&max_threads=" + url.QueryEscape("1', readonly='0"), "SELECT 1", 400, 27, ""},
		{"GET reads only", "GET", "&query=" + url.QueryEscape("INSERT INTO t VALUES (1)"), "", 403, 164, "readonly"},
		{"GET cannot lift that", "GET", "&readonly=0&query=" + url.QueryEscape("DROP TABLE t"), "", 403, 164, "readonly"},
		{"missing parameter", "POST", "", "SELECT {x:UInt8}", 400, 456, "x"},
		{"nothing to do", "POST", "", " \n", 400, 62, "no statement"},
		{"two statements", "POST", "", "SELECT 1; SELECT 2", 400, 62, "Multi-statements"},
		{"bad row", "POST", "&query=" + url.QueryEscape("INSERT INTO t FORMAT CSV"), "1\nx\n", 400, 117, "row 2"},
		{"insert into no table", "POST", "&query=" + url.QueryEscape("INSERT INTO nosuch FORMAT CSV"), strings.Repeat("1\n", 3<<20), 404, 60, "nosuch"},
		{"late error", "POST", "&wait_end_of_query=1", "SELECT throwIf(number = 3000000) FROM numbers(10000000)", 500, 395, "throwIf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response, text := s.do(tt.method, tt.args, strings.NewReader(tt.body))
			if response.StatusCode != tt.status || response.Header.Get("X-ClickHouse-Exception-Code") != strconv.Itoa(tt.code) || !strings.Contains(text, tt.text) {
				t.Errorf("%s, code %s: %s", response.Status, response.Header.Get("X-ClickHouse-Exception-Code"), text)
			}
		})
	}
	if got := s.post("SELECT count() FROM t"); got != "0\n" {
		t.Errorf("%s rows after refused inserts", got)
	}
}

func TestErrorInTheMiddleBreaksTheAnswerOff(t *testing.T) {
	s := newServer(t)
	response, text := s.do("POST", "", strings.NewReader("SELECT throwIf(number = 3000000) FROM numbers(10000000)"))
	tag := response.Header.Get("X-ClickHouse-Exception-Tag")
	if response.StatusCode != 200 || !strings.Contains(text, "\r\n__exception__\r\n"+tag+"\r\nCode: 395.") || !strings.HasSuffix(text, "<unexpected EOF>") {
		t.Errorf("%s, tag %q, ends %q", response.Status, tag, text[max(0, len(text)-300):])
	}
}

func TestGzipBothWays(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	fmt.Fprint(zip, "INSERT INTO t FORMAT TSV\n1\n2\n")
	zip.Close()
	if response, text := s.do("POST", "", &body, "Content-Encoding", "gzip"); response.StatusCode != 200 {
		t.Fatal(response.Status, text)
	}
	response, text := s.do("POST", "", strings.NewReader("SELECT a FROM t ORDER BY a"), "Accept-Encoding", "gzip, br")
	if got := response.Header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding %q", got)
	}
	unzip, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(unzip); string(plain) != "1\n2\n" || err != nil {
		t.Errorf("%q, %v", plain, err)
	}
}

func TestInsertForms(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE `values` (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	for _, sql := range []string{
		"INSERT INTO values VALUES (1, 'a\nb;'), (2, 'VALUES (')",
		"insert into table values (a, b) settings max_threads = 1 format CSV\n3,\"x\ny\"\n4,z\n",
		"INSERT INTO " + s.db + ".values (a) /* FORMAT CSV */ FORMAT JSONEachRow {\"a\": 5}\n{\"a\": 6}",
		"INSERT INTO values SELECT 7, 'selected'",
	} {
		s.post(sql)
	}
	want := "1,\"a\nb;\"\n2,\"VALUES (\"\n3,\"x\ny\"\n4,\"z\"\n5,\"\"\n6,\"\"\n7,\"selected\"\n"
	if diff := cmp.Diff(want, s.post("SELECT * FROM `values` ORDER BY a FORMAT CSV")); diff != "" {
		t.Error(diff)
	}
}

// A client that dies in the middle of an insert hangs up. This one listens on, and so hears what came of it.
func TestInsertThatBreaksOffWritesNothing(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	few, many := "1\n2\n3\n", strings.Repeat("1\n2\n3\n", 400_000)
	for name, framing := range map[string]string{
		"few by length":  "Content-Length: 1000\r\n\r\n" + few,
		"few in chunks":  fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(few), few),
		"many by length": "Content-Length: 5000000\r\n\r\n" + many,
		"many in chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(many), many),
	} {
		t.Run(name, func(t *testing.T) {
			host := strings.Trim(strings.TrimPrefix(s.base, "http://"), "/")
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /?database=%s&query=INSERT+INTO+t+FORMAT+TSV HTTP/1.1\r\nHost: %s\r\n%s", s.db, host, framing)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if err != nil || strings.Contains(string(answer), " 200 OK") {
				t.Errorf("%q, %v", answer, err)
			}
			if got := s.post("SELECT count() FROM t"); got != "0\n" {
				t.Errorf("%s rows of an insert that broke off", got)
			}
		})
	}
}

func TestWebPagesAreRefused(t *testing.T) {
	s := newServer(t)
	if response, _ := s.do("POST", "", strings.NewReader("SELECT 1"), "Origin", "https://example.com"); response.StatusCode != 403 {
		t.Errorf("another origin: %s", response.Status)
	}
	request, _ := http.NewRequest("GET", s.base+"?query=SELECT+1", nil)
	request.Host = "rebound.example.com:8123"
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 403 {
		t.Errorf("a foreign name: %s", response.Status)
	}
}

// everyType is one column of each type that kaisen's tables use, and of some that analysts' queries return.
const everyType = `SELECT toUInt64(18446744073709551615) AS u, toNullable(toUInt64(5)) AS nu, CAST(NULL, 'Nullable(UInt64)') AS n,
	CAST('日本', 'LowCardinality(String)') AS lc, CAST('x', 'LowCardinality(Nullable(String))') AS lcn, CAST('b', 'Enum8(\'a\' = 1, \'b\' = 2)') AS e,
	toDateTime64('2026-01-02 03:04:05.678', 3, 'Asia/Tokyo') AS t3, toDateTime('2026-01-02 03:04:05', 'Asia/Tokyo') AS t0,
	['a', 'b', 'a']::Array(LowCardinality(String)) AS arr, CAST([], 'Array(LowCardinality(String))') AS none, true AS yes, CAST(false, 'Nullable(Bool)') AS no,
	toDate('2026-01-02') AS d, CAST('2026-01-02', 'Nullable(Date)') AS nd, map('k', 1) AS m, tuple(1, 'x') AS tp, toDecimal64(1.25, 2) AS dec,
	'a\n\'b\0' AS s, toFloat64(0.5) AS f, toIPv4('127.0.0.1') AS ip, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS id, toFixedString('ab', 3) AS fs`

func TestNativeForDrivers(t *testing.T) {
	dsn := chdbtest.Start(t)
	for _, compression := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		t.Run(compression.String(), func(t *testing.T) {
			options, err := clickhouse.ParseDSN(dsn)
			if err != nil {
				t.Fatal(err)
			}
			options.Compression = &clickhouse.Compression{Method: compression, Level: 1}
			conn, err := clickhouse.Open(options)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			checkTypes(t, conn)
			checkBlocks(t, conn)
		})
	}
}

func checkTypes(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	rows, err := conn.Query(t.Context(), everyType)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal("no row", rows.Err())
	}
	var got []string
	cells := make([]any, len(rows.Columns()))
	for i, column := range rows.ColumnTypes() {
		cells[i] = reflect.New(column.ScanType()).Interface()
	}
	if err := rows.Scan(cells...); err != nil {
		t.Fatal(err)
	}
	for _, cell := range cells {
		got = append(got, show(reflect.ValueOf(cell).Elem()))
	}
	// The engine names the zone of a DateTime in no Native block of revision 0: the instant is right, the zone UTC.
	want := []string{"18446744073709551615", "5", "<nil>", "日本", "x", "b", "2026-01-02 03:04:05.678 +0900 JST", "2026-01-01 18:04:05 +0000 UTC",
		"[a b a]", "[]", "true", "false", "2026-01-02 00:00:00 +0000 UTC", "2026-01-02 00:00:00 +0000 UTC", "map[k:1]", "[1 x]", "1.25",
		"a\n'b\x00", "0.5", "127.0.0.1", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "ab\x00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// show prints a value that may be behind a pointer.
func show(v reflect.Value) string {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return fmt.Sprint(v.Interface())
}

// checkBlocks reads many blocks, an empty answer, and an error after the first blocks.
func checkBlocks(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT number, toString(number) FROM numbers(200000)")
	if err != nil {
		t.Fatal(err)
	}
	var count, sum uint64
	for rows.Next() {
		var n uint64
		var text string
		if err := rows.Scan(&n, &text); err != nil || strconv.FormatUint(n, 10) != text {
			t.Fatal(n, text, err)
		}
		count++
		sum += n
	}
	if rows.Close(); rows.Err() != nil || count != 200000 || sum != 199999*100000 {
		t.Errorf("%d rows, sum %d, %v", count, sum, rows.Err())
	}
	rows, err = conn.Query(t.Context(), "SELECT throwIf(number = 200000), toString(cityHash64(number)) FROM numbers(300000)")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "throwIf") {
		t.Errorf("error in the middle: %v", err)
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	s := newServer(t)
	s.post("CREATE TABLE t (client UInt8, n UInt32) ENGINE = MergeTree ORDER BY (client, n)")
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for n := range 25 {
				response, text := s.do("POST", "&query="+url.QueryEscape("INSERT INTO t FORMAT CSV"), strings.NewReader(fmt.Sprintf("%d,%d\n", client, n)))
				if response.StatusCode != 200 {
					t.Errorf("%s: %s", response.Status, text)
				}
			}
		})
	}
	clients.Wait()
	if got := s.post("SELECT count(), uniqExact(client, n) FROM t"); got != "200\t200\n" {
		t.Errorf("got %s", got)
	}
}
