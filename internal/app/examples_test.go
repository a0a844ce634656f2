package app

import (
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/schema"
)

// Every question of `kaisen query --examples` is asked of a fleet that was watched for some days, and has an answer.
func TestEveryExampleHasAnAnswer(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) {
		c.Start = time.Now().Add(-6 * 24 * time.Hour).Truncate(time.Second)
		c.Orders = 4
	})
	r.liveThrough()
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) < 20 {
		t.Errorf("%d examples, want 20", len(examples))
	}
	for i, e := range examples {
		rows := r.query(e.SQL)
		t.Logf("%2d. %-75s %3d rows", i+1, e.Question, len(rows))
		if len(rows) == 0 {
			t.Errorf("%d. %s: no answer\n%s", i+1, e.Question, e.SQL)
		}
	}
}

// liveThrough lets days pass in which everything happens that an analyst may ask for.
func (r *fixture) liveThrough() {
	r.t.Helper()
	contract := r.sim.Contracts()[0]
	var lines []string
	for l := range r.sim.Truth(simulator.TruthQuery{Contract: contract, Days: 1}) {
		lines = append(lines, l.LineNo)
	}
	now := r.sim.Now()
	r.inject( // one line doubled, one was not understood by the RADIUS server, one roams and flaps
		simulator.Event{Contract: contract, Log: "authentications", Count: 30, Lines: lines[4:5], Result: "ng", From: now, To: now.Add(time.Hour)},
	)
	for i := range 12 {
		at := now.Add(time.Duration(i) * 10 * time.Hour)
		r.inject(
			simulator.Event{Type: "traffic", Contract: contract, Line: lines[5], Bytes: 3 << 30, At: at},
			simulator.Event{Contract: contract, Log: "session_events", Count: 1, Lines: lines[6:7], SessionType: "roaming", Event: "start", From: at, To: at},
			simulator.Event{Contract: contract, Log: "session_events", Count: 1, Lines: lines[6:7], SessionType: "roaming", Event: "stop", From: at.Add(2 * time.Minute), To: at.Add(2 * time.Minute)},
		)
	}
	r.sweeping(func(sweep func()) {
		for range 11 {
			sweep()
			r.advance(10*time.Hour + 5*time.Minute)
		}
	})
	r.sweepWhole()
	r.advance(10*time.Hour + 5*time.Minute)
	r.query("INSERT INTO traffic_daily SELECT * REPLACE (0 AS bytes, now64(3) AS observed_at) FROM traffic_daily AS t WHERE line_no = '" + lines[3] + // it fell silent
		"' AND scope = 'line' AND day >= (SELECT max(day) FROM traffic_daily) - 8 SETTINGS prefer_column_name_to_alias = 1")
	// At the end of a month those that will run out have: the greediest of those that are not restricted has 1 MiB left.
	r.query(`INSERT INTO traffic_samples SELECT * REPLACE (observed_at + INTERVAL 1 SECOND AS observed_at, 1048576 AS remaining_bytes) FROM traffic_samples
		WHERE scope = 'line' AND remaining_bytes > 0 AND restriction = 'none' AND line_no NOT IN (SELECT line_no FROM lines FINAL WHERE data_share != 'none')
		ORDER BY toDate(observed_at) DESC, month_bytes DESC LIMIT 1 SETTINGS prefer_column_name_to_alias = 1`)
	r.query(`INSERT INTO line_forecasts (source, contract_id, line_no, day, month, month_bytes, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, observed_at)
		SELECT source, contract_id, line_no, month + 9, month, 0, 1, 30, bytes, bytes, bytes, now64(3) FROM traffic_monthly FINAL WHERE scope = 'line'`) // said in months that are over
	r.query("INSERT INTO session_samples (source, contract_id, line_no, observed_at, received_at, session_type, connected, result_code) SELECT 'hq', '" + contract + "', '" + lines[6] + "', now64(3), now64(3), 'roaming', true, 0")
	r.query("INSERT INTO orders (source, contract_id, order_id, status_code, status, status_since, observed_at) SELECT 'hq', '" + contract + "', 'AGU1', '15', 'confirmed', now64(3), now64(3)")
	r.query("INSERT INTO dead_letters (source, contract_id, operation, reason, status, payload, observed_at) SELECT 'hq', '" + contract + "', 'traffic', 'not JSON', 200, '<html>', now64(3)")
	r.query("INSERT INTO line_changes (source, contract_id, line_no, field, old, new, observed_at) SELECT 'hq', '" + contract + "', '" + lines[7] + "', 'imei', '1', '2', now64(3)")
}
