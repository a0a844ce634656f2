package clickhouse

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
)

// rendered is what kaisen writes over the native protocol.
func rendered(t *testing.T, db *DB, sql, format string) string {
	t.Helper()
	answer, err := db.Query(t.Context(), sql, format)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	out, err := io.ReadAll(answer)
	if err != nil {
		t.Fatalf("%s as %s: %v", sql, format, err)
	}
	return string(out)
}

// TestRender: over the native protocol kaisen writes the formats itself, as the same engine does over HTTP.
func TestRender(t *testing.T) {
	dsn := chdbtest.Start(t)
	db, err := Open(t.Context(), Config{DSN: dsn}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const odd = `'a\tb\n"c" \\ \'d\' \0 \b \f \r / <&> 回線'`
	for _, value := range []string{
		odd, "[" + odd + "]", "tuple(" + odd + ", 1)", "map(" + odd + ", " + odd + ")", "''", "toFixedString('a', 3)",
		"NULL", "CAST(NULL, 'Nullable(String)')", "[1, NULL]", "[CAST(NULL, 'Nullable(String)'), 'x']", "(1, NULL, CAST('x', 'Nullable(String)'))",
		"groupArray((toUInt64(5037511985), '07030000002'))", "map('x', CAST(1, 'Nullable(UInt8)'), 'a', NULL)", "map('department', 'bus', 'area', '')",
		"map(2, toDate('2026-01-02'), 10, toDate('2026-01-03'))", "[map('a', 'b', 'c', 'd')]", "map('k', map('z', [1]))",
		"CAST((1, 'b', ('c', NULL)), 'Tuple(a UInt8, b String, c Tuple(d String, e Nullable(Int8)))')",
		"[CAST((1, 'b'), 'Tuple(a UInt8, `from` LowCardinality(String))')]", "tuple(1)", "(1, [2, 3], map('a', [4]), [CAST((5, NULL), 'Tuple(a UInt8, b Nullable(String))')])",
		"toDate('2026-01-02')", "toDate32('1950-01-02')", "[toDate('2026-01-02')]", "toDateTime('2026-01-02 03:04:05')",
		"(1, toDateTime('2026-01-02 03:04:05', 'Asia/Tokyo'), toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC'), toDate('2026-01-02'))",
		"[toDateTime64('2026-01-02 03:04:05.678', 6, 'Asia/Tokyo')]", "map(toDate('2026-01-02'), [toDateTime64('2026-01-02 03:04:05', 0)])",
		"CAST(toDateTime('2026-01-02 03:04:05', 'Asia/Tokyo'), 'Nullable(DateTime(\\'Asia/Tokyo\\'))')",
		"CAST('a, (b', 'Enum8(\\'a, (b\\' = 1)')", "[CAST('a', 'Enum16(\\'a\\' = 1)')]", "map(CAST('a', 'LowCardinality(String)'), CAST('a', 'Enum8(\\'a\\' = 1)'))",
		"toDecimal64(1.50, 3)", "[toDecimal64(-1.5, 3), 100]", "toDecimal128(0, 2)", "true", "[true, false]", "(1, true)",
		"nan", "-inf", "[inf, 0.5]", "1e21", "1e20", "1e-7", "1.5e-6", "-0.", "toFloat32(0.1)", "1 / 3", "-2.5e-11", "1.7976931348623157e308",
		"toUInt64(18446744073709551615)", "toInt128(-5)", "[toUInt256(7)]", "toInt8(-1)",
		"toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "[toIPv4('1.2.3.4')]", "toIPv6('2001:db8::1')", "toIntervalDay(3)", "[toIntervalHour(3)]", "(1., 2.)::Point",
		"[]::Array(String)", "map()::Map(String, String)", "[[], [1]]", "[[('a', 1)]]",
	} {
		for _, format := range []string{"TSV", "TSVWithNames", "CSV", "CSVWithNames", "JSONEachRow", "JSONCompactEachRowWithNames"} {
			sql := "SELECT " + strings.ReplaceAll(value, `\\'`, `\'`) + " AS `a\"/b`, 1 AS n"
			want, err := chdbtest.Ask(t, dsn, sql+" FORMAT "+format)
			if err != nil {
				t.Fatal(err)
			}
			if got := rendered(t, db, sql, format); got != want {
				t.Errorf("%s as %s:\n%q, the engine\n%q", value, format, got, want)
			}
		}
		sql := "SELECT " + strings.ReplaceAll(value, `\\'`, `\'`) + " AS v"
		want, err := chdbtest.Ask(t, dsn, sql+" FORMAT TSVRaw")
		if err != nil {
			t.Fatal(err)
		}
		want = "v\n" + strings.NewReplacer("\t", " ", "\n", " ", "\f", " ", `\N`, "NULL").Replace(strings.TrimSuffix(want, "\n")) + "\n"
		if got := rendered(t, db, sql, "PrettyCompact"); got != want {
			t.Errorf("%s as PrettyCompact:\n%q, want\n%q", value, got, want)
		}
	}
}

// TestRenderNoRows: names come without a row, too, and a statement that answers nothing writes nothing.
func TestRenderNoRows(t *testing.T) {
	dsn := chdbtest.Start(t)
	db, err := Open(t.Context(), Config{DSN: dsn}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, format := range []string{"TSV", "TSVWithNames", "CSV", "CSVWithNames", "JSONEachRow", "JSONCompactEachRowWithNames"} {
		const sql = "SELECT (1, 2) AS a, 'x' AS b WHERE 0"
		want, err := chdbtest.Ask(t, dsn, sql+" FORMAT "+format)
		if err != nil {
			t.Fatal(err)
		}
		if got := rendered(t, db, sql, format); got != want {
			t.Errorf("%s: %q, the engine %q", format, got, want)
		}
		if got := rendered(t, db, "CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = Memory", format); got != "" {
			t.Errorf("%s: %q of a statement without an answer", format, got)
		}
	}
}

// TestRenderWhatTheDriverCannot: the error says the way out.
func TestRenderWhatTheDriverCannot(t *testing.T) {
	dsn := chdbtest.Start(t)
	for _, dsn := range []string{dsn, chdbtest.HTTP(t, dsn)} {
		db, err := Open(t.Context(), Config{DSN: dsn}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		answer, err := db.Query(t.Context(), "SELECT (1, (2, 3))", "TSV")
		if err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(answer)
		answer.Close()
		if strings.HasPrefix(dsn, "http:") && (err != nil || string(out) != "(1,(2,3))\n") || err != nil && !strings.Contains(err.Error(), "with http://") {
			t.Errorf("%s: %q, %v", dsn[:4], out, err)
		}
	}
}

// TestRenderOtherFormats: the error says which there are, and that HTTP has all, which it has.
func TestRenderOtherFormats(t *testing.T) {
	dsn := chdbtest.Start(t)
	_, err := renderer("Parquet")
	for _, part := range []string{"http://", "all", "TSV,", "JSONEachRow", "JSONCompactEachRowWithNames", "PrettyCompact"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("Parquet: %v, without %q", err, part)
		}
	}
	db, err := Open(t.Context(), Config{DSN: chdbtest.HTTP(t, dsn)}, NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for format, part := range map[string]string{"Parquet": "PAR1", "Markdown": "| n |", "XML": "<n>1</n>", "Vertical": "n: 1", "Native": "UInt8"} {
		if got := rendered(t, db, "SELECT 1 AS n", format); !strings.Contains(got, part) {
			t.Errorf("%s over HTTP: %q", format, got)
		}
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
