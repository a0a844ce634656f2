package clickhouse_test

import (
	"strings"
	"testing"
)

// Each case is a line of its own. What is expected was worked out by hand, by the definition in 0005_views.sql.
func TestTrafficHourly(t *testing.T) {
	tests := []struct {
		name    string
		samples []string // time, month_bytes, today_bytes
		want    []string // hour bytes covered_seconds month
	}{
		{"one sample has no difference", []string{"('2026-05-20 10:15:00', 100, 5)"}, nil},
		{"within an hour", []string{"('2026-05-20 10:15:00', 100, 5)", "('2026-05-20 10:45:00', 170, 75)"},
			[]string{"2026-05-20 10:00:00 70 1800 2026-05-01"}},
		{"over two hours by time", []string{"('2026-05-20 10:45:00', 100, 5)", "('2026-05-20 11:30:00', 190, 95)"},
			[]string{"2026-05-20 10:00:00 30 900 2026-05-01", "2026-05-20 11:00:00 60 1800 2026-05-01"}},
		{"a remainder is lost to no hour", []string{"('2026-05-20 10:30:00', 0, 0)", "('2026-05-20 13:30:00', 100, 100)"},
			[]string{"2026-05-20 10:00:00 16 1800 2026-05-01", "2026-05-20 11:00:00 34 3600 2026-05-01",
				"2026-05-20 12:00:00 33 3600 2026-05-01", "2026-05-20 13:00:00 17 1800 2026-05-01"}},
		{"on full hours", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 11:00:00', 170, 75)", "('2026-05-20 12:00:00', 171, 76)"},
			[]string{"2026-05-20 10:00:00 70 3600 2026-05-01", "2026-05-20 11:00:00 1 3600 2026-05-01"}},
		{"the largest numbers", []string{"('2026-05-01 04:30:00', 0, 0)", "('2026-05-01 05:30:00', 18446744073709551614, 0)"},
			[]string{"2026-05-01 04:00:00 9223372036854775807 1800 2026-05-01", "2026-05-01 05:00:00 9223372036854775807 1800 2026-05-01"}},
		{"NULL is passed over", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 10:15:00', NULL, 5)", "('2026-05-20 10:30:00', 130, 35)"},
			[]string{"2026-05-20 10:00:00 30 1800 2026-05-01"}},
		{"a correction takes bytes back", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 10:15:00', 150, 55)", "('2026-05-20 11:15:00', 120, 25)", "('2026-05-20 11:30:00', 140, 45)"},
			[]string{"2026-05-20 10:00:00 20 3600 2026-05-01", "2026-05-20 11:00:00 20 1800 2026-05-01"}},
		{"one wild answer", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 10:15:00', 18446744073709551615, 5)", "('2026-05-20 10:30:00', 120, 25)"},
			[]string{"2026-05-20 10:00:00 20 1800 2026-05-01"}},
		{"corrected to less than at first", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 10:30:00', 60, 5)", "('2026-05-20 10:45:00', 65, 10)"},
			[]string{"2026-05-20 10:00:00 5 2700 2026-05-01"}},
		{"a month's turn", []string{"('2026-05-31 23:30:00', 1000, 50)", "('2026-05-31 23:45:00', 1010, 60)", "('2026-06-01 00:15:00', 4, 4)", "('2026-06-01 00:30:00', 9, 9)"},
			[]string{"2026-05-31 23:00:00 10 900 2026-05-01", "2026-06-01 00:00:00 9 1800 2026-06-01"}},
		{"a turn seen late begins at midnight", []string{"('2026-05-30 12:00:00', 900, 10)", "('2026-05-30 13:00:00', 1000, 110)", "('2026-06-01 02:00:00', 80, 80)"},
			[]string{"2026-05-30 12:00:00 100 3600 2026-05-01", "2026-06-01 00:00:00 40 3600 2026-06-01", "2026-06-01 01:00:00 40 3600 2026-06-01"}},
		{"a turn to more than before", []string{"('2026-05-31 22:00:00', 3, 0)", "('2026-05-31 23:00:00', 3, 0)", "('2026-06-01 01:00:00', 50, 50)"},
			[]string{"2026-05-31 22:00:00 0 3600 2026-05-01", "2026-06-01 00:00:00 50 3600 2026-06-01"}},
		{"figures that turn late", []string{"('2026-05-31 23:30:00', 1000, 50)", "('2026-05-31 23:45:00', 1010, 60)", "('2026-06-01 00:15:00', 1015, 65)", "('2026-06-01 01:45:00', 1015, 65)", "('2026-06-01 02:00:00', 12, 12)"},
			[]string{"2026-05-31 23:00:00 10 900 2026-05-01", "2026-06-01 00:00:00 6 3600 2026-06-01", "2026-06-01 01:00:00 6 3600 2026-06-01"}},
		{"figures that have not turned yet", []string{"('2026-05-31 23:30:00', 1000, 50)", "('2026-05-31 23:45:00', 1010, 60)", "('2026-06-01 00:15:00', 1015, 65)"},
			[]string{"2026-05-31 23:00:00 10 900 2026-05-01"}},
		{"figures later than three hours", []string{"('2026-05-31 23:00:00', 1000, 50)", "('2026-06-01 03:15:00', 1015, 65)", "('2026-06-01 04:00:00', 8, 8)"},
			[]string{"2026-06-01 00:00:00 2 3600 2026-06-01", "2026-06-01 01:00:00 2 3600 2026-06-01", "2026-06-01 02:00:00 3 3600 2026-06-01", "2026-06-01 03:00:00 1 3600 2026-06-01"}},
		{"all of the month on its last day, and late", []string{"('2026-05-31 23:45:00', 60, 60)", "('2026-06-01 00:15:00', 65, 65)", "('2026-06-01 00:45:00', 0, 0)"},
			[]string{"2026-06-01 00:00:00 0 2700 2026-06-01"}},
		{"not watched the month before", []string{"('2026-03-31 23:00:00', 7, 7)", "('2026-05-02 10:00:00', 500, 5)", "('2026-05-02 10:30:00', 510, 15)"},
			[]string{"2026-05-02 10:00:00 10 1800 2026-05-01"}},
		{"two answers in one second", []string{"('2026-05-20 10:00:00', 100, 5)", "('2026-05-20 10:00:00.001', 110, 15)", "('2026-05-20 10:00:00.001', 112, 17)"},
			[]string{"2026-05-20 10:00:00 12 0 2026-05-01"}},
	}
	db := migrated(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "line", "line_no": tt.name}, samplesByHand, tt.samples...)
			sameRows(t, db, "SELECT hour, bytes, covered_seconds, month FROM traffic_hourly WHERE line_no = '"+strings.ReplaceAll(tt.name, "'", "''")+"' ORDER BY hour", tt.want)
		})
	}
}

// Lines and scopes are apart, and a condition on the month changes nothing about its rows.
func TestTrafficHourlyKeepsLinesApart(t *testing.T) {
	db := migrated(t)
	for line, scope := range map[string]string{"1": "line", "2": "line", "3": "data_share"} {
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": scope, "line_no": line}, samplesByHand, "('2026-05-31 23:00:00', "+line+"00, 0)", "('2026-05-31 23:30:00', "+line+"05, 5)", "('2026-06-01 00:30:00', "+line+", "+line+")")
	}
	const sql = "SELECT line_no, scope, hour, bytes FROM traffic_hourly"
	may := []string{"1 line 2026-05-31 23:00:00 5", "2 line 2026-05-31 23:00:00 5", "3 data_share 2026-05-31 23:00:00 5"}
	june := []string{"1 line 2026-06-01 00:00:00 1", "2 line 2026-06-01 00:00:00 2", "3 data_share 2026-06-01 00:00:00 3"}
	sameRows(t, db, sql+" ORDER BY hour, line_no", append(append([]string{}, may...), june...))
	sameRows(t, db, sql+" WHERE month = '2026-05-01' ORDER BY line_no", may)
	sameRows(t, db, sql+" WHERE month = '2026-06-01' ORDER BY line_no", june)
	sameRows(t, db, sql+" WHERE month = '2026-06-01' AND source = 'hq' AND contract_id = 'N000000001' AND line_no = '2'", june[1:2])
}
