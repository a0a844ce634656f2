package clickhouse

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
)

// Over the native protocol kaisen writes the formats itself, as ClickHouse does.
func TestRender(t *testing.T) {
	db, err := Open(t.Context(), Config{DSN: chdbtest.Start(t)}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const sql = `SELECT toUInt64(18446744073709551615) AS u, 'a\tb\n"c"' AS s, CAST(NULL, 'Nullable(UInt8)') AS n, toDateTime64('2026-01-02 03:04:05.678', 3, 'Asia/Tokyo') AS t, ['x'] AS l`
	for format, want := range map[string]string{
		"TSV":                         "18446744073709551615\ta\\tb\\n\"c\"\t\\N\t2026-01-02 03:04:05.678\t['x']\n",
		"TSVWithNames":                "u\ts\tn\tt\tl\n18446744073709551615\ta\\tb\\n\"c\"\t\\N\t2026-01-02 03:04:05.678\t['x']\n",
		"CSV":                         "18446744073709551615,\"a\tb\n\"\"c\"\"\",\\N,2026-01-02 03:04:05.678,['x']\n",
		"CSVWithNames":                "u,s,n,t,l\n18446744073709551615,\"a\tb\n\"\"c\"\"\",\\N,2026-01-02 03:04:05.678,['x']\n",
		"JSONEachRow":                 "{\"u\":18446744073709551615,\"s\":\"a\\tb\\n\\\"c\\\"\",\"n\":null,\"t\":\"2026-01-02 03:04:05.678\",\"l\":[\"x\"]}\n",
		"JSONCompactEachRowWithNames": "[\"u\",\"s\",\"n\",\"t\",\"l\"]\n[18446744073709551615,\"a\\tb\\n\\\"c\\\"\",null,\"2026-01-02 03:04:05.678\",[\"x\"]]\n",
		"PrettyCompact":               "u                     s        n     t                        l\n18446744073709551615  a b \"c\"  NULL  2026-01-02 03:04:05.678  ['x']\n",
	} {
		writer, err := renderer(format)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.conn.Query(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := render(&out, rows, writer); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v", format, out.String(), err)
		}
		rows.Close()
	}
	if _, err := renderer("Parquet"); err == nil || !strings.Contains(err.Error(), "http") {
		t.Errorf("Parquet: %v", err)
	}
}

func TestSupportedVersions(t *testing.T) {
	for version, ok := range map[string]bool{"26.7.2.1": true, "25.3.1": true, "24.8.14.39": true, "24.7.9.9": false, "23.12.1": false, "18.16.1": false} {
		if err := supported(version); (err == nil) != ok || !ok && !errors.Is(err, ErrTooOld) {
			t.Errorf("%s: %v", version, err)
		}
	}
	if err := supported("nightly"); err == nil || errors.Is(err, ErrTooOld) {
		t.Errorf("nightly: %v", err)
	}
}
