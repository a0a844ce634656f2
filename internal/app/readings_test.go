package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/ipoe"
	"kaisen/collector/serviceorder"
	"kaisen/collector/unom/readings"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/simulator"
	simulatorunom "kaisen/internal/simulator/unom"
	"kaisen/schema"
)

// setting is a switch of the simulator with one of its values; the zero setting is none.
type setting struct{ name, value string }

func (s setting) String() string {
	if s.name == "" {
		return "none"
	}
	return s.name + "=" + s.value
}

// switched is a carrier that has one of its switches on, or none, and the accounts with it.
type switched struct {
	*fixture
	setting
	began time.Time
	whole bool // there is an account of each API
}

// carriers are some carriers, each with a setting of its own, and one kaisen that has accounts with all of them.
type carriers struct {
	*fixture // of the kaisen: the first carrier's
	members  []*switched
	answers  map[string]map[string][]string // by statement and source, since the last sweep
}

// newCarriers makes a carrier for each setting, with what readings differ in: a share group whose volume is used up, lines that are
// at their caps, that have no volume, that roam, and an account of each API. Where the switch is one of UNO Mobile API's, to which
// the others' answers are the same as without, there is only that account: each costs the engine as much.
func newCarriers(t *testing.T, settings []setting, edit func(*simulator.Config, setting)) *carriers {
	t.Helper()
	c, dsn := &carriers{}, chdbtest.StartHTTPFrom(t, migrate)
	ofUNOMobile := (&simulatorunom.API{}).Switches()
	for i, s := range settings {
		r := newFixtureOn(t, dsn, func(cfg *simulator.Config) {
			cfg.Seed = 20 // one line of each contract, and one of the group, has no volume
			cfg.Orders, cfg.SessionPeriod, cfg.IPoESites = 4, 6*time.Hour, 6
			edit(cfg, s)
		})
		whole := !slices.ContainsFunc(ofUNOMobile, func(of simulator.Switch) bool { return of.Name == s.name })
		if whole {
			r.cfg.Sources = append(r.cfg.Sources, r.account(ipoe.Kind()), r.account(serviceorder.Kind()))
		}
		for l := range r.sim.Truth(simulator.TruthQuery{}) {
			if l.Share != nil && l.Share.Status == "registered" {
				r.inject(simulator.Event{Type: "traffic", Contract: l.ContractID, Line: l.LineNo, Bytes: 1 << 38})
				break
			}
		}
		if c.fixture == nil {
			c.fixture = &fixture{t: t, dsn: dsn, cfg: r.config()}
			c.cfg.Sources = nil
		}
		for j := range r.cfg.Sources {
			r.cfg.Sources[j].Name += fmt.Sprint(i + 1)
		}
		c.cfg.Sources = append(c.cfg.Sources, r.cfg.Sources...)
		r.answer = func(sql string) []string { return c.rowsOf(r, sql) }
		c.members = append(c.members, &switched{fixture: r, setting: s, began: r.sim.Now(), whole: whole})
	}
	return c
}

// rowsOf are the rows of a carrier's accounts, of a statement whose table or view has the rows of all. It is asked once for all of
// them until the next sweep.
func (c *carriers) rowsOf(r *fixture, sql string) []string {
	r.t.Helper()
	if c.answers[sql] == nil {
		distinct := ""
		columns, found := strings.CutPrefix(sql, "SELECT ")
		if rest, is := strings.CutPrefix(columns, "DISTINCT "); is {
			distinct, columns = "DISTINCT ", rest
		}
		if !found {
			r.t.Fatalf("no SELECT: %s", sql)
		}
		bySource := map[string][]string{}
		for _, row := range c.query("SELECT " + distinct + "source, " + columns) {
			source, rest, _ := strings.Cut(row, "\t")
			bySource[source] = append(bySource[source], rest)
		}
		c.answers[sql] = bySource
	}
	var rows []string
	for _, source := range r.cfg.Sources {
		rows = append(rows, c.answers[sql][source.Name]...)
	}
	return rows
}

// asked forgets what was answered before a sweep.
func (c *carriers) asked(sweeps []schema.Sweep, err error) ([]schema.Sweep, error) {
	c.answers = map[string]map[string][]string{}
	return sweeps, err
}

// later moves the clocks of all carriers.
func (c *carriers) later(d time.Duration) {
	for _, r := range c.members {
		r.advance(d)
	}
}

// each runs a test of every carrier.
func (c *carriers) each(when string, check func(r *switched)) {
	t := c.t.(*testing.T)
	for _, r := range c.members {
		t.Run(r.String()+", "+when, func(t *testing.T) {
			r.t = t
			check(r)
		})
	}
}

// carriersOfAKaisen is how many carriers one kaisen has accounts with: the engine is asked once for all of them.
const carriersOfAKaisen = 8

// TestEveryReadingAndTrouble runs every job of every API under each value of each switch that the simulator has, and
// compares the tables with the truth.
func TestEveryReadingAndTrouble(t *testing.T) {
	t.Parallel() // with those that wait
	meant, troubles, stops := []setting{{}}, []setting{}, []setting{}
	for _, s := range simulator.Switches() {
		for _, value := range s.Values[1:] {
			switch of := (setting{s.Name, value}); {
			case s.Trouble:
				troubles = append(troubles, of)
			case s.Name == readings.StopTime:
				stops = append(stops, of)
			default:
				meant = append(meant, of)
			}
		}
	}
	for _, kind := range []struct {
		name     string
		settings []setting
		life     func(*testing.T, []setting)
	}{{"readings", meant, underReadings}, {"stop times", stops, underReadings}, {"troubles", troubles, underTroubles}} {
		for some := range slices.Chunk(kind.settings, carriersOfAKaisen) {
			t.Run(kind.name+" from "+some[0].String(), func(t *testing.T) {
				t.Parallel() // some wait for a carrier that does not answer
				kind.life(t, some)
			})
		}
	}
}

// underReadings is kaisen's life with carriers that mean their documents so: all is as true, and it finds out.
func underReadings(t *testing.T, settings []setting) {
	c := newCarriers(t, settings, func(cfg *simulator.Config, s setting) {
		if s.name != "" {
			cfg.Readings = map[string]string{s.name: s.value}
		}
	})
	steps := []time.Duration{0, time.Hour, 24 * time.Hour, 24 * time.Hour}
	if settings[0].name == readings.StopTime { // its second reading of the log is spread over the day
		steps = append(steps[:1], slices.Repeat([]time.Duration{3 * time.Hour}, 12)...)
	}
	for life := range slices.Chunk(steps, (len(steps)+1)/2) { // it goes on, and is restarted once
		c.during(func(sweep func(context.Context) ([]schema.Sweep, error)) {
			for _, later := range life {
				c.later(later)
				sweeps, err := c.asked(sweep(t.Context()))
				c.each(c.members[0].sim.Now().Format(time.DateTime), func(r *switched) {
					r.nothingFailed(sweeps, err)
					r.nothingIsWrong()
				})
			}
		})
	}
	c.each("in the end", func(r *switched) {
		r.nothingIsMissing()
		r.isFoundOut()
		if letters := r.query("SELECT DISTINCT operation, reason FROM dead_letters"); len(letters) > 0 {
			r.t.Errorf("answers were not understood: %q", letters)
		}
	})
}

// nothingFailed looks at the sweeps of the carrier's accounts.
func (r *switched) nothingFailed(sweeps []schema.Sweep, err error) {
	r.t.Helper()
	for _, s := range sweeps {
		mine := slices.ContainsFunc(r.cfg.Sources, func(source config.Source) bool { return source.Name == s.Source })
		// A 400 for a list that was never answered otherwise is a failure that is seen, and not an empty list.
		if mine && s.Failed > 0 && (r.value != readings.Empty400 || s.Job != "orders" && s.Job != "data_share") {
			r.t.Errorf("job %s of %s: %v", s.Job, s.Source, err)
		}
	}
}

// underTroubles is a day that begins well, has a trouble in it, and goes on without: nothing false is stored meanwhile, and
// in the end nothing is missing.
func underTroubles(t *testing.T, settings []setting) {
	c := newCarriers(t, settings, func(cfg *simulator.Config, s setting) {
		switch s.name {
		case "ipoe_empty":
			cfg.IPoESites = 0
		case "service_orders_empty":
			cfg.ServiceOrders = 0
		}
	})
	hour := func(n int, sweep func(context.Context) ([]schema.Sweep, error)) {
		c.later(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), troubled)
		defer cancel()
		_, _ = c.asked(sweep(ctx)) // as far as it goes: items fail, and a job may never end
		c.each(fmt.Sprintf("hour %d", n), (*switched).nothingIsWrong)
	}
	c.during(func(sweep func(context.Context) ([]schema.Sweep, error)) {
		if _, err := c.asked(sweep(t.Context())); err != nil {
			t.Fatalf("before: %v", err)
		}
		c.each("before", (*switched).nothingIsWrong)
		for _, r := range c.members {
			if err := r.sim.SetReadings(map[string]string{r.name: r.value}); err != nil {
				t.Fatal(err)
			}
		}
		hour(1, sweep)
	})
	hour(2, func(ctx context.Context) ([]schema.Sweep, error) { return c.app().sweep(ctx, nil) }) // of one that starts meanwhile
	for _, r := range c.members {
		if err := r.sim.SetReadings(nil); err != nil {
			t.Fatal(err)
		}
	}
	c.later(24 * time.Hour)
	if _, err := c.asked(c.app().sweep(t.Context(), nil)); err != nil {
		t.Fatalf("a day later: %v", err)
	}
	c.each("a day later", (*switched).nothingIsWrong)
	c.each("in the end", func(r *switched) {
		r.nothingIsMissing()
		if r.whole && r.name != "ipoe_empty" {
			r.ipoeAgrees()
		}
		if r.whole && r.name != "service_orders_empty" {
			r.detailsAgree()
		}
	})
}

// troubled is how long a sweep of some carriers goes on of which one may never answer.
const troubled = 20 * time.Second

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
	needless := slices.Contains([]string{"", "member_restriction", "log_start"}, r.name) // nothing of what kaisen does depends on it
	if !needless && !found {
		r.t.Errorf("kaisen has not found out that %s=%s", r.name, r.value)
	}
}
