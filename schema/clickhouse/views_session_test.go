package clickhouse_test

import "testing"

// Each case is a line of its own, and its sessions were worked out by hand, by the definition in 0005_views.sql.
func TestSessionDurations(t *testing.T) {
	event := func(at, kind, ordinal string) string {
		return "('2026-05-20 " + at + "', 'domestic', '" + kind + "', " + ordinal + ")"
	}
	tests := []struct {
		name   string
		events []string
		want   []string // session_type, started_at, stopped_at, duration_seconds, outcome
	}{
		{"complete", []string{event("10:00:00", "start", "0"), event("10:20:30", "stop", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 10:20:30 1230 complete"}},
		{"one after another", []string{event("10:00:00", "start", "0"), event("10:20:00", "stop", "0"), event("10:20:01", "start", "0"), event("10:30:00", "stop", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 10:20:00 1200 complete", "domestic 2026-05-20 10:20:01 2026-05-20 10:30:00 599 complete"}},
		{"lost stop", []string{event("10:00:00", "start", "0"), event("11:00:00", "start", "0"), event("11:30:00", "stop", "0")},
			[]string{`domestic 2026-05-20 10:00:00 \N \N lost_stop`, "domestic 2026-05-20 11:00:00 2026-05-20 11:30:00 1800 complete"}},
		{"lost start", []string{event("10:00:00", "stop", "0"), event("11:00:00", "start", "0"), event("11:30:00", "stop", "0"), event("12:00:00", "stop", "0")},
			[]string{`domestic \N 2026-05-20 10:00:00 \N lost_start`, "domestic 2026-05-20 11:00:00 2026-05-20 11:30:00 1800 complete", `domestic \N 2026-05-20 12:00:00 \N lost_start`}},
		{"shorter than a second", []string{event("10:00:00", "start", "0"), event("10:00:00", "stop", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 10:00:00 0 complete"}},
		{"reconnected within a second", []string{event("10:00:00", "start", "0"), event("11:00:00", "start", "0"), event("11:00:00", "stop", "0"), event("12:00:00", "stop", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 11:00:00 3600 complete", "domestic 2026-05-20 11:00:00 2026-05-20 12:00:00 3600 complete"}},
		{"reconnected twice within a second", []string{event("10:00:00", "start", "0"), event("11:00:00", "start", "0"), event("11:00:00", "start", "1"), event("11:00:00", "stop", "0"), event("11:00:00", "stop", "1"), event("12:00:00", "stop", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 11:00:00 3600 complete", "domestic 2026-05-20 11:00:00 2026-05-20 11:00:00 0 complete", "domestic 2026-05-20 11:00:00 2026-05-20 12:00:00 3600 complete"}},
		{"identical rows are real", []string{event("10:00:00", "start", "0"), event("10:00:00", "start", "1"), event("10:30:00", "stop", "0"), event("10:30:00", "stop", "1")},
			[]string{`domestic 2026-05-20 10:00:00 \N \N lost_stop`, "domestic 2026-05-20 10:00:00 2026-05-20 10:30:00 1800 complete", `domestic \N 2026-05-20 10:30:00 \N lost_start`}},
		{"closed by a balanced second", []string{event("09:00:00", "stop", "0"), event("10:00:00", "start", "0"), event("10:00:00", "stop", "0"), event("10:00:01", "start", "0"), event("10:00:01", "stop", "0")},
			[]string{`domestic \N 2026-05-20 09:00:00 \N lost_start`, "domestic 2026-05-20 10:00:00 2026-05-20 10:00:00 0 complete", "domestic 2026-05-20 10:00:01 2026-05-20 10:00:01 0 complete"}},
		{"unknown events are passed over", []string{event("10:00:00", "start", "0"), event("10:10:00", "unknown", "0"), event("10:20:00", "stop", "0"), event("10:30:00", "unknown", "0")},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 10:20:00 1200 complete"}},
		{"home and abroad are apart", []string{event("10:00:00", "start", "0"), "('2026-05-20 10:10:00', 'roaming', 'start', 0)", event("10:20:00", "stop", "0"), "('2026-05-20 10:40:00', 'roaming', 'stop', 0)"},
			[]string{"domestic 2026-05-20 10:00:00 2026-05-20 10:20:00 1200 complete", "roaming 2026-05-20 10:10:00 2026-05-20 10:40:00 1800 complete"}},
	}
	db := migrated(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			byHand(t, db, "session_events", columns{"contract_id": "N000000001", "line_no": tt.name}, eventsByHand, tt.events...)
			sameRows(t, db, "SELECT session_type, started_at, stopped_at, duration_seconds, outcome FROM session_durations WHERE line_no = '"+tt.name+
				"' ORDER BY ifNull(started_at, stopped_at), stopped_at NULLS FIRST, duration_seconds DESC", tt.want)
		})
	}
}

// A session that is open lasts until now, and not less than nothing where the clocks differ.
func TestSessionDurationsThatAreOpen(t *testing.T) {
	db := migrated(t)
	for line, at := range map[string]string{"1": "2026-05-20", "2": "2105-05-20"} {
		byHand(t, db, "session_events", columns{"contract_id": "N000000001", "line_no": line}, eventsByHand, "('"+at+" 10:00:00', 'roaming', 'start', 0)")
	}
	sameRows(t, db, `SELECT line_no, session_type, started_at, stopped_at, outcome,
		duration_seconds BETWEEN if(now() < started_at, 0, dateDiff('second', started_at, now() - 60)) AND if(now() < started_at, 0, dateDiff('second', started_at, now() + 60))
		FROM session_durations ORDER BY line_no`, []string{
		`1 roaming 2026-05-20 10:00:00 \N open 1`,
		`2 roaming 2105-05-20 10:00:00 \N open 1`,
	})
}
