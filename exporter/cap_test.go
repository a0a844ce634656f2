package exporter

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/schema"
)

// TestCap: lines beyond the cap are counted, and move up in the order in which they came.
func TestCap(t *testing.T) {
	f := NewFleet(FleetConfig{MaxLines: 70, StaleAfter: func(string, string) time.Duration { return time.Hour }})
	registry := prometheus.NewRegistry()
	registry.MustRegister(newRegistration(f))
	var lines []schema.Line
	for i := range 75 {
		lines = append(lines, inventory(fmt.Sprintf("0900000%04d", i), schema.LineActive))
	}
	f.Write(schema.Batch{Lines: lines})
	expect := func(when string, exported, left int, inside, outside string) {
		t.Helper()
		got := shown(t, f)
		want := fmt.Sprintf("# HELP kaisen_lines_not_exported Lines that have no series on /metrics because the cap on exported lines is reached.\n"+
			"# TYPE kaisen_lines_not_exported gauge\nkaisen_lines_not_exported %d\n", left)
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
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

// TestCapIsStable: after a restart the same lines are exported as before, in whatever order the store tells of them.
func TestCapIsStable(t *testing.T) {
	seen := time.Now().Add(-24 * time.Hour)
	var rows []schema.Line
	for i := range 20 {
		row := inventory(fmt.Sprintf("0900000%04d", 19-i), schema.LineActive) // the later, the smaller the number
		row.FirstSeen = seen.Add(time.Duration(i/2) * time.Minute)            // two at a time
		rows = append(rows, row)
	}
	exported := func(rows []schema.Line) string {
		f := NewFleet(FleetConfig{MaxLines: 7, StaleAfter: func(string, string) time.Duration { return 0 }})
		f.Restore(schema.State{Lines: rows})
		return strings.Join(slices.Sorted(maps.Keys(shown(t, f))), "\n")
	}
	want := exported(rows)
	if !strings.Contains(want, "09000000019") || !strings.Contains(want, "09000000012") || strings.Contains(want, "09000000013") {
		t.Errorf("not the seven that were first seen first: %s", want)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if got := exported(rows); got != want {
		t.Errorf("in another order: %s, want %s", got, want)
	}
}
