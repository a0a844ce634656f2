package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"kaisen/collector/ipoe"
	"kaisen/collector/serviceorder"
	"kaisen/collector/unom/readings"
	"kaisen/internal/simulator"
)

// switched is a fixture whose carrier has one of its switches on, or none.
type switched struct {
	*fixture
	name, value string
	began       time.Time
}

// newSwitched makes a carrier with what readings differ in: a share group whose volume is used up, lines that are at their
// caps, that have no volume, that roam, and an account of each API.
func newSwitched(t *testing.T, name, value string, edit func(*simulator.Config)) *switched {
	t.Helper()
	r := newFixture(t, func(c *simulator.Config) {
		c.Seed = 20 // one line of each contract, and one of the group, has no volume
		c.Orders, c.SessionPeriod, c.IPoESites = 4, 6*time.Hour, 6
		edit(c)
	})
	r.cfg.Sources = append(r.cfg.Sources, r.account(ipoe.Kind()), r.account(serviceorder.Kind()))
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		if l.Share != nil && l.Share.Status == "registered" {
			r.inject(simulator.Event{Type: "traffic", Contract: l.ContractID, Line: l.LineNo, Bytes: 1 << 38})
			break
		}
	}
	return &switched{fixture: r, name: name, value: value, began: r.sim.Now()}
}

// TestEveryReadingAndTrouble runs every job of every API under each value of each switch that the simulator has, and
// compares the tables with the truth.
func TestEveryReadingAndTrouble(t *testing.T) {
	t.Parallel() // with those that wait
	t.Run("none", func(t *testing.T) { underReading(t, "", "") })
	for _, s := range simulator.Switches() {
		for _, value := range s.Values[1:] {
			t.Run(s.Name+"="+value, func(t *testing.T) {
				t.Parallel() // some wait for a carrier that does not answer
				if s.Trouble {
					underTrouble(t, s.Name, value)
				} else {
					underReading(t, s.Name, value)
				}
			})
		}
	}
}

// underReading is kaisen's life with a carrier that means its documents so: all is as true, and it finds out.
func underReading(t *testing.T, name, value string) {
	r := newSwitched(t, name, value, func(c *simulator.Config) {
		if name != "" {
			c.Readings = map[string]string{name: value}
		}
	})
	steps := []time.Duration{0, time.Hour, 24 * time.Hour, 24 * time.Hour}
	if name == readings.StopTime { // its second reading of the log is spread over the day
		steps = append(steps[:1], slices.Repeat([]time.Duration{3 * time.Hour}, 12)...)
	}
	for _, later := range steps {
		r.advance(later)
		sweeps, err := r.app().Sweep(t.Context())
		for _, s := range sweeps {
			// A 400 for a list that was never answered otherwise is a failure that is seen, and not an empty list.
			if s.Failed > 0 && (value != readings.Empty400 || s.Job != "orders" && s.Job != "data_share") {
				t.Errorf("%s later, job %s: %v", later, s.Job, err)
			}
		}
		r.nothingIsWrong()
	}
	r.nothingIsMissing()
	r.isFoundOut()
	if letters := r.query("SELECT DISTINCT operation, reason FROM dead_letters"); len(letters) > 0 {
		t.Errorf("answers were not understood: %q", letters)
	}
}

// underTrouble is a day that begins well, has a trouble in it, and goes on without: nothing false is stored meanwhile, and
// in the end nothing is missing.
func underTrouble(t *testing.T, name, value string) {
	r := newSwitched(t, name, value, func(c *simulator.Config) {
		switch name {
		case "ipoe_empty":
			c.IPoESites = 0
		case "service_orders_empty":
			c.ServiceOrders = 0
		}
	})
	r.sweep()
	r.nothingIsWrong()
	if err := r.sim.SetReadings(map[string]string{name: value}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r.advance(time.Hour)
		r.sweepAsFarAsItGoes()
		r.nothingIsWrong()
	}
	if err := r.sim.SetReadings(nil); err != nil {
		t.Fatal(err)
	}
	r.advance(24 * time.Hour)
	r.sweep()
	r.nothingIsWrong()
	r.nothingIsMissing()
	if name != "ipoe_empty" {
		r.ipoeAgrees()
	}
	if name != "service_orders_empty" {
		r.detailsAgree()
	}
}

// sweepAsFarAsItGoes is sweep where items fail, and a job may never end.
func (r *switched) sweepAsFarAsItGoes() {
	ctx, cancel := context.WithTimeout(r.t.Context(), 6*time.Second)
	defer cancel()
	_, _ = r.app().Sweep(ctx)
}

// isFoundOut compares what kaisen has found out with what the carrier does: the reading that is set, where it is one that
// answers can show, and of no other anything else than its first value.
func (r *switched) isFoundOut() {
	r.t.Helper()
	first := map[string]string{}
	for _, s := range simulator.Switches() {
		first[s.Name] = s.Values[0]
	}
	found := false
	for _, row := range r.query("SELECT reading, value, operation, evidence FROM carrier_findings FINAL") {
		f := fields(row)
		switch want := first[f[0]]; {
		case f[0] == r.name && f[1] == r.value:
			found = true
		case f[0] == readings.EmptyAnswer && f[2] == "data_share" && f[1] == readings.Empty404: // a contract without a group, in the document's words
		case f[0] == r.name && f[0] != readings.EmptyAnswer || f[1] != want:
			r.t.Errorf("kaisen has found %s=%s of %q, because %s", f[0], f[1], f[2], f[3])
		}
	}
	if r.name != "" && r.name != "member_restriction" && !found {
		r.t.Errorf("kaisen has not found out that %s=%s", r.name, r.value)
	}
}
