package clickhouse_test

import (
	"io"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

func TestQueryFormats(t *testing.T) {
	db := open(t, chdbtest.StartHTTP(t))
	tests := []struct{ name, sql, format, want string }{
		{"format given", "SELECT 1 AS a, 'x' AS b", "CSVWithNames", "\"a\",\"b\"\n1,\"x\"\n"},
		{"semicolon", "SELECT 1;\n", "TSV", "1\n"},
		{"own clause wins", "SELECT 1 AS a FORMAT JSONEachRow ;", "TSV", "{\"a\":1}\n"},
		{"a column named format", "SELECT 2 AS format ORDER BY format DESC", "TSV", "2\n"},
		{"line comment at the end", "SELECT 3 -- three", "TSV", "3\n"},
		{"SHOW", "SHOW DATABASES LIKE 'system'", "TSV", "system\n"},
		{"exact integers", "SELECT 18446744073709551615", "JSONCompactEachRow", "[18446744073709551615]\n"},
		{"many rows", "SELECT count() FROM (SELECT * FROM numbers(1000000))", "TSV", "1000000\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, err := db.Query(t.Context(), tt.sql, tt.format)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			if got, err := io.ReadAll(body); string(got) != tt.want || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestQueryErrors(t *testing.T) {
	db := open(t, chdbtest.StartHTTP(t))
	if _, err := db.Query(t.Context(), "SELECT * FROM nosuch", "TSV"); err == nil || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("at the start: %v", err)
	}
	body, err := db.Query(t.Context(), "SELECT throwIf(number = 3000000) FROM numbers(10000000)", "TSV")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if text, err := io.ReadAll(body); err == nil || !strings.Contains(err.Error(), "throwIf") || len(text) == 0 {
		t.Errorf("in the middle: %d bytes, %v", len(text), err)
	}
}
