package clickhouse_test

import (
	"strings"
	"testing"
)

// Each case is a line of its own, and its episodes were worked out by hand, by the definition in 0005_views.sql, which 0010 keeps.
func TestRestrictionEpisodes(t *testing.T) {
	const none, recent, monthly, both, unknown = "'none', NULL, NULL", "'recent', NULL, NULL", "'monthly', NULL, NULL", "'monthly_and_recent', NULL, NULL", "'unknown', NULL, NULL"
	sample := func(at, state string) string { return "('2026-05-" + at + "', " + state + ", 70, 30)" }
	tests := []struct {
		name    string
		samples []string
		want    []string // restriction, started_at, ended_at, duration_seconds, open
	}{
		{"never restricted", []string{sample("20 10:00:00", none), sample("20 10:15:00", none)}, nil},
		{"comes and goes", []string{sample("20 10:00:00", none), sample("20 10:15:00", monthly), sample("20 10:30:00", monthly), sample("20 11:00:00", none)},
			[]string{`monthly 2026-05-20 10:15:00.000 2026-05-20 11:00:00.000 2700 false`}},
		{"over days, from one midnight to another", []string{sample("18 10:00:00", none), sample("19 10:00:00", none), sample("20 00:00:00", recent), sample("20 23:45:00", recent), sample("21 12:00:00", recent), sample("23 12:00:00", recent), sample("24 00:00:00", none), sample("25 12:00:00", none)},
			[]string{`recent 2026-05-20 00:00:00.000 2026-05-24 00:00:00.000 345600 false`}},
		{"each day another kind", []string{sample("20 10:00:00", recent), sample("21 10:00:00", monthly), sample("22 10:00:00", both), sample("23 10:00:00", both), sample("24 10:00:00", none)},
			[]string{`recent 2026-05-20 10:00:00.000 2026-05-21 10:00:00.000 86400 false`, `monthly 2026-05-21 10:00:00.000 2026-05-22 10:00:00.000 86400 false`,
				`monthly_and_recent 2026-05-22 10:00:00.000 2026-05-24 10:00:00.000 172800 false`}},
		{"for a while each day", []string{sample("20 10:00:00", none), sample("20 11:00:00", recent), sample("20 12:00:00", none), sample("21 10:00:00", none), sample("21 11:00:00", recent), sample("21 12:00:00", none), sample("22 10:00:00", none)},
			[]string{`recent 2026-05-20 11:00:00.000 2026-05-20 12:00:00.000 3600 false`, `recent 2026-05-21 11:00:00.000 2026-05-21 12:00:00.000 3600 false`}},
		{"restricted before a month's silence, and free after it", []string{sample("01 10:00:00", none), sample("02 10:00:00", monthly), sample("31 10:00:00", none)},
			[]string{`monthly 2026-05-02 10:00:00.000 2026-05-31 10:00:00.000 2505600 false`}},
		{"from the first sample on", []string{sample("20 10:15:00", recent), sample("20 10:30:00", none)},
			[]string{`recent 2026-05-20 10:15:00.000 2026-05-20 10:30:00.000 900 false`}},
		{"one kind after another", []string{sample("20 10:00:00", recent), sample("20 11:00:00", both), sample("20 12:00:00", monthly), sample("20 13:00:00", none)},
			[]string{`recent 2026-05-20 10:00:00.000 2026-05-20 11:00:00.000 3600 false`, `monthly_and_recent 2026-05-20 11:00:00.000 2026-05-20 12:00:00.000 3600 false`,
				`monthly 2026-05-20 12:00:00.000 2026-05-20 13:00:00.000 3600 false`}},
		{"two of a kind", []string{sample("20 10:00:00", recent), sample("20 11:00:00", none), sample("20 12:00:00", recent), sample("20 13:00:00", none)},
			[]string{`recent 2026-05-20 10:00:00.000 2026-05-20 11:00:00.000 3600 false`, `recent 2026-05-20 12:00:00.000 2026-05-20 13:00:00.000 3600 false`}},
		{"unknown neither ends nor begins one", []string{sample("20 09:45:00", unknown), sample("20 10:00:00", recent), sample("20 10:15:00", unknown), sample("20 10:30:00", recent), sample("20 10:45:00", unknown), sample("20 11:00:00", none), sample("20 11:15:00", unknown)},
			[]string{`recent 2026-05-20 10:00:00.000 2026-05-20 11:00:00.000 3600 false`}},
		{"the carrier gives the start of the month's", []string{sample("20 10:00:00", none), sample("20 10:15:00", "'monthly', '2026-05-20 10:07:00', NULL"), sample("20 11:00:00", none)},
			[]string{`monthly 2026-05-20 10:07:00.000 2026-05-20 11:00:00.000 3180 false`}},
		{"the start it gives ends the one before", []string{sample("20 10:00:00", "'recent', NULL, '2026-05-20 00:00:00'"), sample("20 11:00:00", "'monthly_and_recent', '2026-05-20 10:07:00', '2026-05-20 00:00:00'"), sample("20 12:00:00", "'monthly', '2026-05-20 10:07:00', NULL"), sample("20 13:00:00", none)},
			[]string{`recent 2026-05-20 00:00:00.000 2026-05-20 10:07:00.000 36420 false`, `monthly_and_recent 2026-05-20 10:07:00.000 2026-05-20 12:00:00.000 6780 false`,
				`monthly 2026-05-20 12:00:00.000 2026-05-20 13:00:00.000 3600 false`}},
		{"of both the later start", []string{sample("20 10:00:00", none), sample("21 10:15:00", "'monthly_and_recent', '2026-05-20 21:00:00', '2026-05-21 00:00:00'"), sample("21 11:00:00", none)},
			[]string{`monthly_and_recent 2026-05-21 00:00:00.000 2026-05-21 11:00:00.000 39600 false`}},
		{"of both only one start", []string{sample("20 10:00:00", none), sample("21 10:15:00", "'monthly_and_recent', NULL, '2026-05-21 00:00:00'"), sample("21 11:00:00", none)},
			[]string{`monthly_and_recent 2026-05-21 10:15:00.000 2026-05-21 11:00:00.000 2700 false`}},
		{"a start in the future", []string{sample("20 10:15:00", "'monthly', '2026-05-20 10:16:00', NULL"), sample("20 11:00:00", none)},
			[]string{`monthly 2026-05-20 10:15:00.000 2026-05-20 11:00:00.000 2700 false`}},
		{"a start before the state before", []string{sample("20 10:00:00", none), sample("20 10:15:00", "'monthly', '2026-05-20 09:59:00', NULL"), sample("20 11:00:00", none)},
			[]string{`monthly 2026-05-20 10:15:00.000 2026-05-20 11:00:00.000 2700 false`}},
		{"a start of another year", []string{sample("20 10:15:00", "'recent', NULL, '2013-12-31 20:30:00'"), sample("20 11:00:00", none)},
			[]string{`recent 2026-05-20 10:15:00.000 2026-05-20 11:00:00.000 2700 false`}},
		{"two answers in one moment, and the later stored counts", []string{sample("20 10:00:00", none), sample("20 10:15:00", recent), sample("20 10:15:00", none)}, nil},
		{"figures that turned late showed none for a while", []string{sample("19 12:00:00", none), sample("20 00:30:00", none), sample("20 02:15:00", "'recent', NULL, '2026-05-20 00:00:00'"), sample("20 03:00:00", none)},
			[]string{`recent 2026-05-20 00:00:00.000 2026-05-20 03:00:00.000 10800 false`}},
	}
	db := migrated(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "line", "line_no": tt.name}, statesByHand, tt.samples...)
			sameRows(t, db, "SELECT restriction, started_at, ended_at, duration_seconds, open FROM restriction_episodes WHERE line_no = '"+strings.ReplaceAll(tt.name, "'", "''")+"' ORDER BY started_at", tt.want)
		})
	}
}

// An open episode lasts until now; the bytes are those of the sample that showed it first; a group's is its own.
func TestRestrictionEpisodesThatAreOpen(t *testing.T) {
	db := migrated(t)
	for _, scope := range []string{"line", "data_share"} {
		byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": scope, "line_no": "1"}, statesByHand, "('2026-05-20 10:00:00', 'none', NULL, NULL, 60, 40)")
	}
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "data_share", "line_no": "1"}, statesByHand,
		"('2026-05-20 10:15:00', 'monthly', NULL, NULL, 100, 0)", "('2026-05-20 10:30:00', 'monthly', NULL, NULL, 101, NULL)")
	byHand(t, db, "traffic_samples", columns{"contract_id": "N000000001", "scope": "line", "line_no": "2"}, statesByHand, "('2126-05-20 10:00:00', 'recent', NULL, NULL, NULL, NULL)")
	sameRows(t, db, `SELECT line_no, scope, started_at, ended_at, open, month_bytes_at_start, remaining_bytes_at_start,
		duration_seconds >= if(now() < started_at, 0, dateDiff('second', started_at, now() - 60)) AND duration_seconds <= if(now() < started_at, 0, dateDiff('second', started_at, now() + 60))
		FROM restriction_episodes ORDER BY line_no`, []string{
		`1 data_share 2026-05-20 10:15:00.000 \N true 100 0 1`,
		`2 line 2126-05-20 10:00:00.000 \N true \N \N 1`,
	})
}
