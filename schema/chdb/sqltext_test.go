package chdb

import (
	"testing"
)

func TestSplitInsert(t *testing.T) {
	tests := []struct {
		name, sql, head, format, data string
		ok                            bool
	}{
		{"values", "INSERT INTO t VALUES (1)", "INSERT INTO t ", "Values", " (1)", true},
		{"format and line", "INSERT INTO t (a, b) FORMAT CSV\n1,2\n", "INSERT INTO t (a, b) ", "CSV", "1,2\n", true},
		{"data may begin with a blank line", "INSERT INTO t FORMAT TSV \r\n\n1", "INSERT INTO t ", "TSV", "\n1", true},
		{"data on the same line", "insert into t format JSONEachRow {}", "insert into t ", "JSONEachRow", "{}", true},
		{"settings", "INSERT INTO t SETTINGS a = 'FORMAT CSV' FORMAT Native\n\x01", "INSERT INTO t SETTINGS a = 'FORMAT CSV' ", "Native", "\x01", true},
		{"comments", "/* FORMAT x */ INSERT -- VALUES\nINTO t # SELECT\n VALUES (1)", "/* FORMAT x */ INSERT -- VALUES\nINTO t # SELECT\n ", "Values", " (1)", true},
		{"names like keywords", "INSERT INTO format.values (format, `values`) VALUES (1)", "INSERT INTO format.values (format, `values`) ", "Values", " (1)", true},
		{"quoted names", "INSERT INTO `a\\`b`.\"VALUES\" VALUES (1)", "INSERT INTO `a\\`b`.\"VALUES\" ", "Values", " (1)", true},
		{"function", "INSERT INTO FUNCTION remote('h', d.t) (a) VALUES (1)", "INSERT INTO FUNCTION remote('h', d.t) (a) ", "Values", " (1)", true},
		{"select", "INSERT INTO t SELECT 1 FORMAT CSV", "", "", "", false},
		{"from a file", "INSERT INTO t FROM INFILE 'x' FORMAT CSV", "", "", "", false},
		{"no data", "INSERT INTO t (a)", "", "", "", false},
		{"format without a name", "INSERT INTO t FORMAT", "", "", "", false},
		{"another statement", "SELECT 1 FORMAT CSV", "", "", "", false},
		{"empty", "", "", "", "", false},
		{"string without end", "INSERT INTO t 'VALUES", "", "", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := splitInsert(tt.sql)
			if ok != tt.ok {
				t.Fatalf("recognised: %v", ok)
			}
			if ok && (got.head != tt.head || got.format != tt.format || tt.sql[got.data:] != tt.data) {
				t.Errorf("head %q, format %q, data %q", got.head, got.format, tt.sql[got.data:])
			}
		})
	}
}

func TestOutputFormat(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1":                                      "",
		"SELECT 1 FORMAT JSON":                          "JSON",
		"SELECT 1 format CSV;":                          "CSV",
		"SELECT 1 FORMAT Native SETTINGS a = 1":         "Native",
		"SELECT format FROM t":                          "",
		"SELECT 1 AS format":                            "",
		"SELECT format FROM t ORDER BY format ASC":      "",
		"SELECT 'x FORMAT CSV'":                         "",
		"SELECT 1 -- FORMAT CSV":                        "",
		"SELECT * FROM (SELECT 1 AS x) FORMAT Vertical": "Vertical",
		"DESCRIBE TABLE t FORMAT TSV -- as text":        "TSV",
		"SELECT 'it''s' FORMAT TSV":                     "TSV",
	} {
		if got := outputFormat(sql); got != want {
			t.Errorf("%s: %q, expected %q", sql, got, want)
		}
	}
}

// FuzzSQL: reading just enough SQL must end, and must stay inside the text.
func FuzzSQL(f *testing.F) {
	f.Add("INSERT INTO t (a) FORMAT CSV\n1")
	f.Add("SELECT '\\")
	f.Add("/* # -- ` \" ' ) ) FORMAT x")
	f.Fuzz(func(t *testing.T, sql string) {
		if parts, ok := splitInsert(sql); ok && (len(parts.head) > parts.data || parts.data > len(sql)) {
			t.Errorf("head of %d bytes, data at %d of %d", len(parts.head), parts.data, len(sql))
		}
		outputFormat(sql)
		isSelect(sql)
	})
}
