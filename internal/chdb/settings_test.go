package chdb_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/internal/chdb/chdbtest"
)

// today() and a DateTime without a zone go by the configured zone, over both protocols, whatever the machine's is.
func TestTimeZone(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago"} { // a day and an hour apart
		cfg := chdbtest.ChildConfig(t.TempDir())
		cfg.TimeZone = zone
		engine := chdbtest.StartWith(t, cfg)
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		const sql = "SELECT toString(today()) || ' ' || timezone() || ' ' || toString(toUnixTimestamp('2026-01-02 03:04:05'))"
		there := time.Date(2026, 1, 2, 3, 4, 5, 0, location).Unix()
		want := func() string {
			return time.Now().In(location).Format(time.DateOnly) + " " + zone + " " + strconv.FormatInt(there, 10)
		}
		before := want()
		got := strings.TrimSpace(asking(t, engine)(sql))
		if got != before && got != want() {
			t.Errorf("over HTTP %q, expected %q", got, want())
		}
		var native string
		if err := connect(t, engine.Database(t)).QueryRow(t.Context(), sql).Scan(&native); err != nil || native != before && native != want() {
			t.Errorf("natively %q, %v, expected %q", native, err, want())
		}
	}
}

// A question that would take more memory than the engine may have fails, and nothing else does.
func TestMemoryBound(t *testing.T) {
	t.Parallel()
	cfg := chdbtest.ChildConfig(t.TempDir())
	cfg.Memory = 700 << 20
	engine := chdbtest.StartWith(t, cfg)
	conn, pid := connect(t, engine.Database(t)), engine.Supervisor.PID()
	if err := conn.Exec(t.Context(), "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	greedy := make(chan error, 1)
	go func() {
		greedy <- conn.Exec(context.WithoutCancel(t.Context()), "SELECT groupArray(toString(number)) FROM numbers(1000000000) FORMAT Null")
	}()
	inserted := uint64(0)
	for done := false; !done; {
		select {
		case err := <-greedy:
			if err == nil || !strings.Contains(err.Error(), "code: 241") {
				t.Errorf("the greedy question: %v", err)
			}
			done = true
		default:
			if err := conn.Exec(t.Context(), "INSERT INTO t SELECT 1"); err == nil {
				inserted++
			} else if !strings.Contains(err.Error(), "code: 241") {
				t.Fatal(err)
			}
		}
	}
	var rows uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM t").Scan(&rows); err != nil || rows != inserted {
		t.Errorf("%d rows of %d, %v", rows, inserted, err)
	}
	if now := engine.Supervisor.PID(); now != pid {
		t.Errorf("process %d was replaced by %d", pid, now)
	}
}

// connect is a native connection, closed at the end of the test.
func connect(t *testing.T, dsn string) clickhouse.Conn {
	t.Helper()
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
