package exporter

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

const dash = `<span class="dim">—</span>`

// TestNothingIsZeroInAnOutage that has lasted until no answer holds: of what was known, kaisen says that it no longer is.
func TestNothingIsZeroInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fleet.New(fleet.DefaultConfig())
		open, spent := fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeLine)
		open.Restriction, spent.Restriction, spent.RemainingBytes = schema.RestrictionNone, schema.RestrictionMonthly, schema.Some[uint64](0)
		f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory("1", schema.LineActive), fleettest.Inventory("2", schema.LineActive)}, Traffic: []schema.TrafficSample{open, spent},
			Authentications: []schema.Authentication{{LineKey: open.LineKey, Result: schema.AuthNG, EventTime: time.Now(), ObservedAt: time.Now()}}})
		time.Sleep(46 * time.Minute)

		pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
		pages.expect("/", 200, []string{`<dt>Abroad now</dt><dd>` + dash, "the last answers are too old"}, []string{"No line&#39;s remaining volume is known yet"})
		pages.expect("/line?source=hq&contract=N123456789&line=2", 200, []string{`<dd class="dim">used up</dd>`}, []string{"no forecast yet"})
		registry := prometheus.NewRegistry()
		registry.MustRegister(registration{f})
		want := "# HELP kaisen_lines_by_condition " + conditionsHelp(t, registry) + "\n# TYPE kaisen_lines_by_condition gauge\n" +
			`kaisen_lines_by_condition{condition="silent",contract_id="N123456789",source="hq"} 2` + "\n" +
			`kaisen_lines_by_condition{condition="unknown",contract_id="N123456789",source="hq"} 2` + "\n"
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "kaisen_lines_by_condition"); err != nil {
			t.Error(err)
		}

		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine)))
		pages.expect("/", 200, []string{`<dt>Abroad now</dt><dd>` + dash}, nil) // traffic says nothing of sessions
	})
}

func conditionsHelp(t *testing.T, registry *prometheus.Registry) string {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "kaisen_lines_by_condition" {
			return family.GetHelp()
		}
	}
	return ""
}

// TestListsThatThereAreNot are refused, and the answer says which there are.
func TestListsThatThereAreNot(t *testing.T) {
	pages := pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	for _, path := range []string{"/lines?list=bogus", "/lines.csv?list=bogus"} {
		pages.expect(path, 400, []string{"bogus", "restricted, near, out"}, []string{"09000000001"})
	}
}

// TestASearchWithoutNames does not speak of names.
func TestASearchWithoutNames(t *testing.T) {
	for names, has := range map[fleet.Names]string{fleet.NamesNone: "in its number, plan", fleet.NamesFile: "in its number, name, plan"} {
		_, pages := namedPages(t, func(c *fleet.Config) { c.Names = names })
		pages.expect("/lines?q=nowhere", 200, []string{has}, nil)
	}
}

// TestOwnThresholdsAreSaid where a line that is near its cap has one.
func TestOwnThresholdsAreSaid(t *testing.T) {
	_, pages := namedPages(t, func(*fleet.Config) {})
	pages.expect("/", 200, []string{"1 line has less than its own threshold", "or than their own threshold, not restricted"}, []string{"has less than 20 %"})
	pages.expect("/?lang=ja", 200, []string{"独自のしきい値"}, nil)
	pages = pagesOf(t, aFleet(t), prometheus.NewRegistry(), Health{})
	pages.expect("/", 200, []string{"have less than 20 % of their volume left."}, []string{"own threshold"})
}
