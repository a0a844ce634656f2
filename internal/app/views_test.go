package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// The views are compared with what Go works out from the carrier's own record of its answers and from its truth. The
// definitions are those of schema/migrations/0005_views.sql; the code here shares nothing with the SQL.

// series is the answers on one line and scope, oldest first.
type series []simulator.ServedTraffic

// servedSeries takes the carrier's record apart.
func (r *fixture) servedSeries() map[string]series {
	all := map[string]series{}
	for _, s := range r.servedTraffic() {
		key := s.ContractID + "\t" + s.LineNo + "\t" + s.Scope
		all[key] = append(all[key], s)
	}
	for _, one := range all {
		slices.SortStableFunc(one, func(a, b simulator.ServedTraffic) int { return a.At.Compare(b.At) })
	}
	return all
}

// only leaves jobs out of the fixture's sweeps that a test has no use for.
func (r *fixture) only(jobs ...string) {
	for name, job := range r.cfg.Sources[0].Jobs {
		if !slices.Contains(jobs, name) {
			job.Interval = 0
			r.cfg.Sources[0].Jobs[name] = job
		}
	}
}

// capped is a line with a volume of its own that it has not used up, for a test to restrict.
func (r *fixture) capped(not ...string) simulator.LineTruth {
	r.t.Helper()
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		if t := l.Traffic[0]; l.Share == nil && t.RemainingBytes != nil && *t.RemainingBytes > 0 && t.Restriction == "none" && !slices.Contains(not, l.LineNo) {
			return l
		}
	}
	r.t.Fatal("no line with a volume")
	return simulator.LineTruth{}
}

// volume is what a line may use in a month.
func volume(l simulator.LineTruth) uint64 {
	return l.Traffic[0].MonthBytes + *l.Traffic[0].RemainingBytes
}

// At uneven times over a month's turn that the figures follow 40 minutes late, with answers whose figures are NULL here
// and there: the volume of one line is used up, another uses a lot for days until the carrier takes that back.
func TestViewsOfSamplesAreTheTruth(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) {
		c.Start = time.Date(2026, 5, 29, 21, 40, 7, 0, tokyo(t))
		c.TurnDelay = 40 * time.Minute
		c.Faults = "traffic+data_share_traffic.null:0.05"
	})
	r.only("lines", "traffic", "data_share")
	full := r.capped()
	busy := r.capped(full.LineNo)
	r.sweeping(func(sweep func()) {
		for _, step := range []time.Duration{7, 15, 15, 38, 61, 200, 15, 15, 600, 40, 20} {
			sweep()
			r.advance(step * time.Minute)
		}
		r.inject(
			simulator.Event{Type: "traffic", Contract: full.ContractID, Line: full.LineNo, Bytes: volume(full)},
			simulator.Event{Type: "day", Contract: busy.ContractID, Line: busy.LineNo, Day: "2026-05-29", Bytes: volume(busy) / 2})
		for _, step := range []time.Duration{15, 15, 120, 90} {
			sweep()
			r.advance(step * time.Minute)
		}
		r.inject(simulator.Event{Type: "day", Contract: busy.ContractID, Line: busy.LineNo, Day: "2026-05-29", Bytes: volume(busy) / 100})
		for _, step := range []time.Duration{15, 15, 120, 245, 15, 1000, 300, 15, 15, 15, 15, 15, 60, 200, 600, 30} {
			sweep()
			r.holdsHours() // also while the figures are still those of May
			r.advance(step * time.Minute)
		}
	})
	if month := r.sim.Now().Month(); month != time.June {
		t.Fatalf("it is %s: the month has not turned", month)
	}
	if r.holdsHours() == 0 {
		t.Error("no counter was ever corrected: the test proves less than it should")
	}
	r.holdsEpisodes(full, busy)
}

// Asked on each full hour, traffic_hourly is what the carrier knows each hour to have come to.
func TestTrafficHourlyIsTheTruth(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Start = time.Date(2026, 5, 31, 18, 0, 0, 0, tokyo(t)) })
	r.only("lines", "traffic", "data_share")
	var hours []time.Time
	r.sweeping(func(sweep func()) {
		for range 12 {
			sweep()
			hours = append(hours, r.sim.Now())
			r.advance(time.Hour)
		}
	})
	used := map[string][]uint64{}
	for _, at := range hours {
		for l := range r.sim.Truth(simulator.TruthQuery{At: at, Days: 1}) {
			for _, traffic := range l.Traffic {
				key := l.ContractID + "\t" + l.LineNo + "\t" + traffic.Scope
				used[key] = append(used[key], traffic.MonthBytes)
			}
		}
	}
	var want []string
	for key, heights := range used {
		for i, from := range hours[:len(hours)-1] {
			if to := hours[i+1]; to.Month() == from.Month() { // the month's last hour ends with its counter
				want = append(want, fmt.Sprintf("%s\t%d\t%d\t3600", key, from.Unix(), heights[i+1]-heights[i]))
			}
		}
	}
	r.same("traffic_hourly", selectHours, want)
}
