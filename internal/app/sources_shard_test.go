package app

import (
	"testing"

	"kaisen/internal/simulator"
)

// Three processes that know nothing of each other share a fleet: together they hold the truth, and no line was polled
// by two of them.
func TestPartsOfAFleetMakeTheWhole(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Lines, c.ShareLines = 60, 9 })
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		r.cfg.Collector.Shard = part
		r.sweep()
	}
	r.holdsTheTruth()
	r.heldWhatWasServed()
	served := map[[2]string]int{}
	for _, answer := range r.sim.Served().Traffic {
		served[[2]string{answer.LineNo, answer.Scope}]++
	}
	for of, times := range served {
		if times != 1 {
			t.Errorf("%s of line %s was polled %d times", of[1], of[0], times)
		}
	}
	want := 0
	for l := range r.sim.Truth(simulator.TruthQuery{Days: 1}) {
		want += len(l.Traffic) // its own, and its group's where it draws from one
	}
	if len(served) != want || want <= 60 {
		t.Errorf("%d lines and members were polled, want %d", len(served), want)
	}
}

// Where the carrier's list is cut, lines show themselves in their contract's log only, which another part may read.
func TestPartsFindTheirLinesInEachOthersLogs(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Lines, c.ShareLines, c.MaxRows = 60, 0, 20 })
	together := func() {
		for _, part := range []string{"1/3", "2/3", "3/3"} {
			r.cfg.Collector.Shard = part
			r.sweep()
		}
	}
	const hidden = `SELECT contract_id, line_no FROM (SELECT contract_id, line_no FROM authentications UNION DISTINCT SELECT contract_id, line_no FROM session_events) AS logged
WHERE (contract_id, line_no) NOT IN (SELECT contract_id, line_no FROM lines FINAL)`
	together()
	if n := len(r.query(hidden)); n < 5 {
		t.Fatalf("%d lines are hidden before any part can have looked into the others' logs; the test needs more", n)
	}
	together()
	if still := r.query(hidden); len(still) > 0 {
		t.Errorf("still hidden: %v", still)
	}
	together()
	polled := map[string]int{}
	for _, answer := range r.sim.Served().Traffic {
		polled[answer.LineNo]++
	}
	for line, times := range polled {
		if times > 3 {
			t.Errorf("line %s was polled %d times in three rounds", line, times)
		}
	}
	if known := len(r.query("SELECT line_no FROM lines FINAL")); len(polled) != known {
		t.Errorf("%d lines were polled of %d that are known", len(polled), known)
	}
}

// What an account allows is shared too.
func TestPartsShareTheRateLimit(t *testing.T) {
	r := newFixture(t, nil)
	limit := r.cfg.Sources[0].RateLimit
	limit.RequestsPerSecond, limit.Burst, limit.MaxInFlight = 10, 5, 8
	for part, want := range map[string][3]float64{"": {10, 5, 8}, "1/1": {10, 5, 8}, "2/4": {2.5, 1, 2}, "7/20": {0.5, 1, 1}} {
		r.cfg.Collector.Shard = part
		shard, err := shardOf(r.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := limit.Part(shard.Index, shard.Count); [3]float64{got.RequestsPerSecond, float64(got.Burst), float64(got.MaxInFlight)} != want {
			t.Errorf("%s: %+v, want %v", part, got, want)
		}
	}
}
