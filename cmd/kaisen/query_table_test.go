package main

import (
	"encoding/json"
	"testing"
)

func TestCellsOfATable(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		exact       bool
		want        string
	}{
		{"month_bytes", `1536`, false, "1.50 KB"},
		{"month_bytes", `"1536"`, false, "1.50 KB"}, // quoted, as servers before 25.8 do
		{"month_bytes", `1536`, true, "1536"},
		{"bytes", `18446744073709551615`, false, "16.0 EB"},
		{"month_bytes", `null`, false, "-"},
		{"month_bytes", `-1610612736`, false, "-1.50 GB"},
		{"average_bytes", `1610612736.25`, false, "1.50 GB"},
		{"month_bytes", `"a"`, false, "a"},
		{"month_bytes", `1e300`, false, "1e300"},
		{"sum(month_bytes)", `1610612736`, false, "1.50 GB"},
		{"count(bytes)", `1610612736`, false, "1610612736"},
		{"ratio", `0.125`, false, "12.5 %"},
		{"cap_remaining_ratio", `0.48291736281`, false, "48.3 %"},
		{"cap_remaining_ratio", `0.48291736281`, true, "0.48291736281"},
		{"near_cap_ratio", `1`, false, "100.0 %"},
		{"median", `12.3456789`, false, "12.346"},
		{"median", `-0.00001234`, false, "-1.23e-05"},
		{"lines", `1234567`, false, "1234567"},
		{"contract", `"0.48291736"`, false, "0.48291736"},
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
