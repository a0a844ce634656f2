package chdb_test

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
)

// everyType is one column of each type that kaisen's tables use, and of some that analysts' queries return.
const everyType = `SELECT toUInt64(18446744073709551615) AS u, toNullable(toUInt64(5)) AS nu, CAST(NULL, 'Nullable(UInt64)') AS n,
	CAST('日本', 'LowCardinality(String)') AS lc, CAST('x', 'LowCardinality(Nullable(String))') AS lcn, CAST('b', 'Enum8(\'a\' = 1, \'b\' = 2)') AS e,
	toDateTime64('2026-01-02 03:04:05.678', 3, 'Asia/Tokyo') AS t3, toDateTime('2026-01-02 03:04:05', 'Asia/Tokyo') AS t0,
	['a', 'b', 'a']::Array(LowCardinality(String)) AS arr, CAST([], 'Array(LowCardinality(String))') AS none, true AS yes, CAST(false, 'Nullable(Bool)') AS no,
	toDate('2026-01-02') AS d, CAST('2026-01-02', 'Nullable(Date)') AS nd, map('k', 1) AS m, tuple(1, 'x') AS tp, toDecimal64(1.25, 2) AS dec,
	'a\n\'b\0' AS s, toFloat64(0.5) AS f, toIPv4('127.0.0.1') AS ip, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS id, toFixedString('ab', 3) AS fs`

// TestClickHouseGo is the client that kaisen itself uses, over both ports.
func TestClickHouseGo(t *testing.T) {
	methods := []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD}
	for port, dsn := range map[string]string{"native": chdbtest.Start(t), "HTTP": chdbtest.StartHTTP(t)} {
		mine := methods
		if port == "HTTP" {
			mine = append(mine, clickhouse.CompressionGZIP, clickhouse.CompressionDeflate, clickhouse.CompressionBrotli)
		}
		for _, method := range mine {
			t.Run(port+" "+method.String(), func(t *testing.T) {
				options, err := clickhouse.ParseDSN(dsn)
				if err != nil {
					t.Fatal(err)
				}
				options.Compression = &clickhouse.Compression{Method: method, Level: 1}
				conn, err := clickhouse.Open(options)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				checkTypes(t, conn)
				checkBlocks(t, conn)
				checkBatch(t, conn, method.String())
				checkCancel(t, conn)
			})
		}
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
	cells := make([]any, len(rows.Columns()))
	for i, column := range rows.ColumnTypes() {
		cells[i] = reflect.New(column.ScanType()).Interface()
	}
	if err := rows.Scan(cells...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, cell := range cells {
		got = append(got, show(reflect.ValueOf(cell).Elem()))
	}
	want := []string{"18446744073709551615", "5", "<nil>", "日本", "x", "b", "2026-01-02 03:04:05.678 +0900 JST", "2026-01-02 03:04:05 +0900 JST",
		"[a b a]", "[]", "true", "false", "2026-01-02 00:00:00 +0900 JST", "2026-01-02 00:00:00 +0900 JST", "map[k:1]", "[1 x]", "1.25",
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

// checkBlocks reads many blocks, and an error after the first ones.
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
	rows, err = conn.Query(t.Context(), "SELECT throwIf(number = 200000), toString(cityHash64(number)) FROM numbers(300000) SETTINGS max_threads = 1")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	if err == nil {
		t.Error("an error in the middle passes for the end")
	}
}

// checkBatch inserts a batch, and one that is broken off.
func checkBatch(t *testing.T, conn clickhouse.Conn, name string) {
	t.Helper()
	if err := conn.Exec(t.Context(), "CREATE TABLE "+name+" (a UInt64, b LowCardinality(String), c Nullable(DateTime64(3)), d Array(String)) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	for _, send := range []bool{true, false} {
		batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO "+name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range uint64(10_000) {
			if err := batch.Append(i, "x", time.UnixMilli(int64(i)), []string{"a", "日本"}); err != nil {
				t.Fatal(err)
			}
		}
		if send {
			err = batch.Send()
		} else {
			err = batch.Abort()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var count, sum uint64
	if err := conn.QueryRow(t.Context(), "SELECT count(), sum(a) FROM "+name+" WHERE d[2] = '日本'").Scan(&count, &sum); err != nil || count != 10_000 || sum != 9_999*5_000 {
		t.Errorf("%d rows, sum %d, %v", count, sum, err)
	}
}

// checkCancel: who does not wait any more has the connection's next question answered.
func checkCancel(t *testing.T, conn clickhouse.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	rows, err := conn.Query(ctx, "SELECT sleepEachRow(0.05) FROM numbers(20) SETTINGS max_block_size = 1")
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	var one uint8
	if next := conn.QueryRow(t.Context(), "SELECT 1").Scan(&one); err == nil || next != nil || one != 1 || time.Since(started) > 4*time.Second {
		t.Errorf("cancelled: %v, next: %d, %v, after %s", err, one, next, time.Since(started))
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	for port, dsn := range map[string]string{"native": chdbtest.Start(t), "HTTP": chdbtest.StartHTTP(t)} {
		options, err := clickhouse.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		options.MaxOpenConns, options.MaxIdleConns = 16, 16
		conn, err := clickhouse.Open(options)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Exec(t.Context(), "CREATE TABLE t (client UInt8, n UInt32) ENGINE = MergeTree ORDER BY (client, n)"); err != nil {
			t.Fatal(err)
		}
		var clients sync.WaitGroup
		for client := range 16 {
			clients.Go(func() {
				for n := range 10 {
					if err := conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO t VALUES (%d, %d)", client, n)); err != nil {
						t.Errorf("%s: %v", port, err)
					}
				}
			})
		}
		clients.Wait()
		var count, different uint64
		if err := conn.QueryRow(t.Context(), "SELECT count(), uniqExact(client, n) FROM t").Scan(&count, &different); err != nil || count != 160 || different != 160 {
			t.Errorf("%s: %d rows, %d of them different, %v", port, count, different, err)
		}
	}
}

// A temporary table lives as long as its session, and is nobody else's; the analyst has such tables too.
func TestSessionsHaveTemporaryTables(t *testing.T) {
	t.Parallel()
	f := build(t)
	for _, who := range []string{"service", "analyst"} {
		session := "/?session_id=mine-" + who
		for _, tt := range []struct{ target, sql, want string }{
			{session, "CREATE TEMPORARY TABLE mine (a UInt64)", ""},
			{session, "INSERT INTO mine SELECT a + 1 FROM kaisen.t", ""},
			{session, "SELECT a FROM mine", "43\n"},
			{session + "&session_check=1", "SET max_threads = 1", ""},
			{session, "SELECT getSetting('max_threads')", "1\n"},
			{"/", "SELECT a FROM mine", "UNKNOWN_TABLE"},
			{"/?session_id=nosuch&session_check=1", "SELECT 1", "SESSION_NOT_FOUND"},
		} {
			if _, text := do(t, f.request(t.Context(), who, "POST", tt.target, tt.sql)); text != tt.want && (tt.want == "" || !strings.Contains(text, tt.want)) {
				t.Errorf("%s: %s: %s", who, tt.sql, text)
			}
		}
		conn := f.open(t, who) // one connection is one session
		for _, sql := range []string{"CREATE TEMPORARY TABLE mine (a UInt64)", "INSERT INTO mine SELECT 7"} {
			if err := conn.Exec(t.Context(), sql); err != nil {
				t.Errorf("%s: %s: %v", who, sql, err)
			}
		}
		var a uint64
		if err := conn.QueryRow(t.Context(), "SELECT a FROM mine").Scan(&a); a != 7 || err != nil {
			t.Errorf("%s: %d, %v", who, a, err)
		}
	}
	if _, text := do(t, f.request(t.Context(), "analyst", "POST", "/?session_id=mine-service", "SELECT a FROM mine")); !strings.Contains(text, "UNKNOWN_TABLE") {
		t.Errorf("the service's session: %s", text)
	}
}
