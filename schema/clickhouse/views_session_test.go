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

// Where the row of a stop has the time of its session's start, the end is known from elsewhere, or not known. Each case is
// a line of its own, worked out by hand, by the definition in 0014_session_durations.sql.
func TestSessionDurationsOfStopsDatedByTheirStart(t *testing.T) {
	const structure = `event_time DateTime('Asia/Tokyo'), event String, ordinal UInt16, observed_at DateTime64(3, 'Asia/Tokyo')`
	row := func(at, kind, ordinal, seen string) string {
		return "('2026-05-20 " + at + "', '" + kind + "', " + ordinal + ", '2026-05-" + seen + "')"
	}
	sample := func(at, connected string) string { return "('2026-05-" + at + "', " + connected + ")" }
	tests := []struct {
		name    string
		events  []string
		samples []string
		want    []string // started_at, stopped_at, duration_seconds, outcome, stopped_by, stopped_after
	}{
		{"found by an overlap", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "stop", "0", "20 11:35:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-20 11:35:00 5700 complete first_seen 2026-05-20 10:05:00"}},
		{"short", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "stop", "0", "20 10:05:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-20 10:05:00 300 complete first_seen 2026-05-20 10:00:00"}},
		{"found by a second reading", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "stop", "0", "22 07:00:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-22 07:00:00 162000 complete first_seen 2026-05-20 10:05:00"}},
		{"found by a first reading", []string{row("10:00:00", "start", "0", "24 10:05:00"), row("10:00:00", "stop", "0", "24 10:05:00")}, nil,
			[]string{`2026-05-20 10:00:00 \N \N complete none \N`}},
		{"cut off by the samples", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "stop", "0", "22 07:00:00")},
			[]string{sample("20 09:50:00", "false"), sample("20 10:10:00", "true"), sample("20 20:10:00", "true"), sample("20 20:25:00", "false"), sample("21 08:00:00", "false")},
			[]string{"2026-05-20 10:00:00 2026-05-20 20:25:00 37500 complete session 2026-05-20 20:10:00"}},
		{"the samples began later", []string{row("10:00:00", "start", "0", "24 10:05:00"), row("10:00:00", "stop", "0", "24 10:05:00")},
			[]string{sample("24 10:04:00", "false")},
			[]string{`2026-05-20 10:00:00 \N \N complete none \N`}},
		{"back before the stop was seen", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "stop", "0", "22 07:00:00"), row("23:00:00", "start", "0", "20 23:05:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-20 23:00:00 46800 complete next_start 2026-05-20 10:05:00", `2026-05-20 23:00:00 \N open open none \N`}},
		{"cut off, the stop not seen yet", []string{row("10:00:00", "start", "0", "20 10:05:00")},
			[]string{sample("20 10:10:00", "true"), sample("20 20:25:00", "false")},
			[]string{"2026-05-20 10:00:00 2026-05-20 20:25:00 37500 complete session 2026-05-20 10:10:00"}},
		{"not cut off after all", []string{row("10:00:00", "start", "0", "20 10:05:00")},
			[]string{sample("20 10:10:00", "true"), sample("20 20:25:00", "false"), sample("20 20:40:00", "true")},
			[]string{`2026-05-20 10:00:00 \N open open none \N`}},
		{"the stop is lost", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("12:00:00", "start", "0", "20 12:05:00")}, nil,
			[]string{`2026-05-20 10:00:00 \N \N lost_stop none \N`, `2026-05-20 12:00:00 \N open open none \N`}},
		{"the start is lost", []string{row("10:00:00", "stop", "0", "20 10:20:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-20 10:20:00 1200 complete first_seen 2026-05-20 10:00:00"}},
		{"three in one second", []string{row("10:00:00", "start", "0", "20 10:05:00"), row("10:00:00", "start", "1", "20 10:05:00"), row("10:00:00", "start", "2", "20 10:05:00"),
			row("10:00:00", "stop", "0", "20 10:05:00"), row("10:00:00", "stop", "1", "20 10:05:00"), row("10:00:00", "stop", "2", "20 12:00:00")}, nil,
			[]string{"2026-05-20 10:00:00 2026-05-20 10:00:00 0 complete log 2026-05-20 10:00:00", "2026-05-20 10:00:00 2026-05-20 10:00:00 0 complete log 2026-05-20 10:00:00",
				"2026-05-20 10:00:00 2026-05-20 12:00:00 7200 complete first_seen 2026-05-20 10:05:00"}},
	}
	db := migrated(t)
	query(t, db, `INSERT INTO carrier_findings (source, contract_id, operation, reading, value) VALUES
('hq', 'N000000001', 'sessions', 'session_stop_time', 'start'), ('hq', 'N000000002', 'sessions', 'session_stop_time', 'stop')`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, contract := range []string{"N000000001", "N000000002"} {
				alike := columns{"contract_id": contract, "line_no": tt.name, "session_type": "domestic"}
				byHand(t, db, "session_events", alike, structure, tt.events...)
				if len(tt.samples) > 0 {
					delete(alike, "session_type")
					byHand(t, db, "session_samples", alike, `observed_at DateTime64(3, 'Asia/Tokyo'), connected Bool`, tt.samples...)
				}
			}
			sameRows(t, db, "SELECT started_at, stopped_at, if(outcome = 'open', 'open', toString(duration_seconds)), outcome, stopped_by, stopped_after FROM session_durations WHERE contract_id = 'N000000001' AND line_no = '"+tt.name+
				"' ORDER BY started_at, duration_seconds", tt.want)
			sameRows(t, db, "SELECT countIf(stopped_at != started_at OR stopped_by = 'session') FROM session_durations WHERE contract_id = 'N000000002' AND line_no = '"+tt.name+"'", []string{"0"})
		})
	}
}
