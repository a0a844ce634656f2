package main

import (
	"math"
	"testing"
	"time"

	"kaisen/collector/schedule"
	"kaisen/internal/racetest"
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
)

// TestTrafficIsTheSimulators: the figures of the first model are byte for byte those that the simulator answers.
func TestTrafficIsTheSimulators(t *testing.T) {
	start := time.Date(2026, 11, 10, 0, 0, 0, 0, schedule.DefaultConfig().Zone)
	const lines = 200
	simulator := fleet.New(fleet.Config{Seed: 7, Contracts: []fleet.ContractSize{{ID: "N123456789", Lines: lines}},
		Start: start, Calendar: calendar.Calendar{Zone: start.Location()}, SessionPeriod: time.Hour, MaxRows: 1000})
	traffic, err := trafficOf("simulator", lines, 30, start, 7)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(traffic, lines, 30, start)
	for line, l := range simulator.Contracts()[0].Lines() {
		for n := range 60 {
			ms := int64(draw(1, uint64(line), uint64(n))%(30*86400)) * 1000
			want := l.Figures(start.Unix() + ms/1000)
			month, before := w.used(line, ms)
			if month != want.Months[0] || month-before != want.Days[0] {
				t.Fatalf("line %d after %d ms: month %d, today %d; the simulator has %d, %d", line, ms, month, month-before, want.Months[0], want.Days[0])
			}
			if want.Remaining != nil && *want.Remaining != remaining(w.volume(line), month) {
				t.Fatalf("line %d: remaining %d, the simulator has %d", line, remaining(w.volume(line), month), *want.Remaining)
			}
		}
	}
}

// TestPlannerBeatsTheRound on a small fleet, at the same budget, with every crossing seen by both.
func TestPlannerBeatsTheRound(t *testing.T) {
	racetest.Skip(t)
	start := time.Date(2026, 11, 10, 0, 0, 0, 0, schedule.DefaultConfig().Zone)
	traffic, _ := trafficOf("simulator", 1000, 6, start, 3)
	w := newWorld(traffic, 1000, 6, start)
	crossings := w.crossings(day)
	results := map[string]result{}
	for _, name := range []string{"round-robin", "kaisen"} {
		p, err := policyOf(name, w, crossings, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		results[name] = run(w, p, crossings, 0.5, 3)
	}
	round, planned := results["round-robin"], results["kaisen"]
	if len(planned.delays) != len(crossings) || len(crossings) < 100 || planned.requests > round.requests {
		t.Errorf("%d crossings, %d seen; %d requests, %d in turn", len(crossings), len(planned.delays), planned.requests, round.requests)
	}
	if got, want := planned.quantile(0.95), round.quantile(0.95)/5; got > want {
		t.Errorf("95 %% within %.0f s, want %.0f", got, want)
	}
}

// TestCrossingsAreWhereAnswersTurn: a millisecond earlier an answer does not show it.
func TestCrossingsAreWhereAnswersTurn(t *testing.T) {
	start := time.Date(2026, 11, 10, 0, 0, 0, 0, schedule.DefaultConfig().Zone)
	for _, model := range []string{"simulator", "bursts", "real", "alike"} {
		traffic, err := trafficOf(model, 100, 10, start, 5)
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(traffic, 100, 10, start)
		crossings := w.crossings(0)
		if len(crossings) < 20 {
			t.Errorf("%s: %d crossings", model, len(crossings))
		}
		for _, c := range crossings {
			if c.at%day > 0 && w.passed(int(c.line), c.at-1) >= w.passed(int(c.line), c.at) {
				t.Errorf("%s: nothing turns at %d", model, c.at)
			}
		}
	}
}

// TestUseOnlyGrows within a month, to the day's total by its end.
func TestUseOnlyGrows(t *testing.T) {
	start := time.Date(2026, 11, 10, 0, 0, 0, 0, schedule.DefaultConfig().Zone)
	for _, model := range []string{"simulator", "bursts", "real", "alike"} {
		traffic, _ := trafficOf(model, 100, 10, start, 5)
		w := newWorld(traffic, 100, 10, start)
		for line := range 100 {
			var last uint64
			for ms := int64(0); ms < 10*day; ms += hour / 2 {
				month, before := w.used(line, ms)
				if month < last || month < before {
					t.Fatalf("%s, line %d: %d after %d, %d by midnight", model, line, month, last, before)
				}
				last = month
			}
		}
	}
}

// TestUrgencyIsWhatPlansTell: the table that kaisen plan goes by is what the planner asks.
func TestUrgencyIsWhatPlansTell(t *testing.T) {
	racetest.Skip(t)
	var got [urgentDays]float64
	for seed := range uint64(4) {
		if err := urgent(&got, 15*time.Minute, 300, 2+seed); err != nil {
			t.Fatal(err)
		}
	}
	for d, want := range schedule.Urgency(15*time.Minute, 300) {
		if math.Abs(got[d]/4-want) > 0.0006 {
			t.Errorf("day %d: %.3f requests an hour and line, collector/schedule/urgent.csv has %.3f: make it anew", d+1, got[d]/4, want)
		}
	}
}
