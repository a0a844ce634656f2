package exporter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestCap: lines beyond the cap are counted, and move up in the order in which they came.
func TestCap(t *testing.T) {
	f := fleet.New(fleet.Config{MaxLines: 70, StaleAfter: func(string, string) time.Duration { return time.Hour }})
	registry := prometheus.NewRegistry()
	registry.MustRegister(registration{f})
	var lines []schema.Line
	for i := range 75 {
		lines = append(lines, fleettest.Inventory(fmt.Sprintf("0900000%04d", i), schema.LineActive))
	}
	f.Write(schema.Batch{Lines: lines})
	expect := func(when string, exported, left int, inside, outside string) {
		t.Helper()
		got := shown(t, f)
		want := fmt.Sprintf("# HELP kaisen_lines_not_exported Lines that have no series on /metrics because the cap on exported lines is reached.\n"+
			"# TYPE kaisen_lines_not_exported gauge\nkaisen_lines_not_exported %d\n", left)
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "kaisen_lines_not_exported"); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		if len(got) != exported {
			t.Errorf("%s: %d lines exported, want %d", when, len(got), exported)
		}
		for key := range got {
			if strings.Contains(key, outside) {
				t.Errorf("%s: %s is exported", when, outside)
			}
		}
		if !strings.Contains(fmt.Sprint(got), inside) {
			t.Errorf("%s: %s is not exported", when, inside)
		}
	}
	set := func(i int, state schema.LineState) {
		line := lines[i]
		line.State, line.ObservedAt = state, time.Now()
		f.Write(schema.Batch{Lines: []schema.Line{line}})
	}
	expect("full", 70, 5, "09000000069", "09000000070")
	set(3, schema.LineRemoved)
	expect("one left", 70, 4, "09000000070", "09000000003")
	set(71, schema.LineNotFound)
	expect("one that waited left", 70, 3, "09000000070", "09000000071")
	set(3, schema.LineActive)
	expect("one came back, last in line", 70, 4, "09000000070", "09000000003")
	for i := 4; i < 20; i++ {
		set(i, schema.LineRemoved)
	}
	expect("many left", 58, 0, "09000000003", "09000000004")
}
