package app

import (
	"fmt"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// What was said on a day stays as it was said: one row a line and day, whoever says it again, and once the month has ended
// the tables tell what became of it.
func TestForecastsAreKept(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Start = time.Date(2026, 4, 20, 4, 0, 0, 0, tokyo(t)) })
	r.only(unom.JobLines, unom.JobDataShare, unom.JobTraffic)
	r.sweepWhole()
	said := r.query("SELECT line_no, '2026-04-20', month, month_bytes, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at, exhaustion_at_early, exhaustion_at_late FROM line_forecast")
	if len(said) < 25 {
		t.Fatalf("%d forecasts prove little", len(said))
	}
	r.advance(10 * time.Hour)
	r.sweepWhole() // it foresees something else by now
	const kept = `SELECT line_no, day, month, month_bytes, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at, exhaustion_at_early, exhaustion_at_late
FROM line_forecasts WHERE day = '2026-04-20'` // no FINAL: nothing is there twice
	r.same("line_forecasts", kept, said)
	r.advance(24 * time.Hour)
	r.sweepWhole()
	r.same("line_forecasts", kept, said)
	if days := r.query("SELECT day, count() FROM line_forecasts GROUP BY day ORDER BY day"); len(days) != 2 || days[1] != fmt.Sprintf("2026-04-21\t%d", len(said)) {
		t.Errorf("after two days: %v", days)
	}
	if rows := r.query("SELECT count() FROM forecast_results"); rows[0] != "0" {
		t.Errorf("%s results of a month that has not ended", rows[0])
	}
	r.advance(12 * 24 * time.Hour)
	r.sweepWhole()
	same := r.query(`SELECT count(), countIf(day = '2026-04-20' AND days_left = 10 OR day = '2026-04-21' AND days_left = 9), countIf(within_band) > count() / 2, countIf(said_to_run_out) > 0
FROM forecast_results WHERE month = '2026-04-01'`)
	if want := fmt.Sprintf("%[1]d\t%[1]d\t1\t1", 2*len(said)); same[0] != want {
		t.Errorf("results of April: %s, want %s", same[0], want)
	}
	var want []string
	for l := range r.sim.Truth(simulator.TruthQuery{Days: 45}) {
		var used uint64
		for _, day := range l.Traffic[0].Daily {
			if day.Date >= "2026-04-01" && day.Date < "2026-05-01" {
				used += day.Bytes
			}
		}
		want = append(want, fmt.Sprintf("%s\t%d", l.LineNo, used))
	}
	r.same("forecast_results", "SELECT line_no, bytes FROM forecast_results WHERE day = '2026-04-20'", want)
}

// The service waits until the figures of the day before have gone, and a second one writes nothing anew.
func TestTheServiceKeepsTheFirstForecastOfADay(t *testing.T) {
	t.Parallel() // it waits for the first forecasts
	r := newFixture(t, func(c *simulator.Config) { c.Start = time.Date(2026, 5, 20, 3, 30, 0, 0, tokyo(t)) })
	r.forecasts = true
	r.only(unom.JobLines, unom.JobDataShare, unom.JobTraffic)
	kept := func() bool {
		rows, err := ask(r.dsn, "SELECT count() FROM line_forecasts")
		return err == nil && rows[0] != "0" // the table is made meanwhile
	}
	run(t, r.app())
	r.eventually("the day's forecast", kept)
	before := r.query("SELECT line_no, observed_at FROM line_forecasts ORDER BY line_no")
	r.advance(time.Hour)
	if _, err := r.appWith(Options{Kinds: kinds.All(), Once: true}).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.same("line_forecasts", "SELECT line_no, observed_at FROM line_forecasts", before)
	k := r.app().kept
	for hour, turned := range map[int]bool{0: false, 2: false, 3: true, 23: true} {
		if k.turned(time.Date(2026, 5, 20, hour, 59, 0, 0, tokyo(t))) != turned {
			t.Errorf("%d:59", hour)
		}
	}
}
