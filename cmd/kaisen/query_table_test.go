package main

import (
	"encoding/json"
	"testing"
)

func TestBytesForPeople(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.00 KiB", 10240: "10.0 KiB", 102400: "100 KiB",
		1<<20 - 1: "1.00 MiB", 1<<30 + 1<<29: "1.50 GiB", 999<<20 + 1<<19: "0.98 GiB", 1<<64 - 1: "16.0 EiB",
		10234: "9.99 KiB", 10235: "10.0 KiB",
	} {
		if got := humanBytes(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestCellsOfATable(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		exact       bool
		want        string
	}{
		{"month_bytes", `1536`, false, "1.50 KiB"},
		{"month_bytes", `"1536"`, false, "1.50 KiB"}, // quoted, as servers before 25.8 do
		{"month_bytes", `1536`, true, "1536"},
		{"bytes", `18446744073709551615`, false, "16.0 EiB"},
		{"month_bytes", `null`, false, "-"},
		{"month_bytes", `-5`, false, "-5"},
		{"ratio", `0.125`, false, "0.125"},
		{"note", `"a\nb\tc"`, false, "a⏎b c"},
		{"note", `"\u001b[2J\u202egnp\u0085\u007f"`, false, "␛[2J\ufffdgnp\ufffd\ufffd"},
		{"name", `"📷 מצלמה \"3\" \\ "`, false, "📷 מצלמה \"3\" \\ "},
		{"labels", `{"site":"渋谷","department":"a\u001bb"}`, false, "department=a␛b, site=渋谷"},
		{"labels", `{}`, false, ""},
		{"option_codes", `["T1","T2"]`, false, `["T1","T2"]`},
	} {
		q := queryFlags{exact: tt.exact}
		if got := q.cell(tt.name, json.RawMessage(tt.value)); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
}
