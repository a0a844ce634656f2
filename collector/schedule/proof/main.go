// Command proof measures how long after a line has crossed a threshold somebody knows it, by whom the requests are
// spent on: one line after the other, the oldest first, the planner of package schedule, and an oracle that knows the future.
// It simulates fleets in virtual time, at the same budget for all.
//
//	go run ./collector/schedule/proof            a part of the table, within a minute
//	go run ./collector/schedule/proof -full      the whole of it: 10,000 and 100,000 lines, 30 days, three budgets
//
// The planner sees only what answers show.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"kaisen/collector/schedule"
)

func main() { os.Exit(command()) }

func command() int {
	seed := flag.Uint64("seed", 2, "of the fleets; the constants of the model were chosen on seed 1")
	full := flag.Bool("full", false, "all sizes and budgets, 30 days: about half an hour")
	lines := flag.Int("lines", 10_000, "lines of the fleet, without -full")
	days := flag.Int("days", 8, "days to simulate, without -full")
	rate := flag.Float64("rate", 5, "requests a second, without -full")
	models := flag.String("models", "simulator,bursts,real,alike", "traffic models")
	policies := flag.String("policies", "round-robin,oldest-first,kaisen,oracle", "policies")
	pictures := flag.String("pictures", "", "folder into which pictures of the table and of the model are drawn")
	urgency := flag.String("urgent", "", "intervals such as 5m,15m: print what urgency asks beyond them, as in collector/schedule/urgent.csv, and nothing else")
	flag.Parse()
	if *urgency != "" {
		return urgencies(*urgency, *seed)
	}

	sizes, rates := []int{*lines}, []float64{*rate}
	if *full {
		sizes, rates, *days = []int{10_000, 100_000}, []float64{1, 5, 20}, 30
	}
	var bars []bar
	heading(os.Stdout)
	for _, size := range sizes {
		for _, model := range strings.Split(*models, ",") {
			drawn, err := table(model, size, *days, rates, strings.Split(*policies, ","), *seed)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			bars = append(bars, drawn...)
		}
	}
	if *pictures != "" {
		caption := fmt.Sprintf("%d lines, %g requests a second", sizes[0], rates[0])
		if err := errors.Join(drawDelays(*pictures, bars, caption), drawModel(*pictures)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// urgencies prints a row for each interval.
func urgencies(intervals string, seed uint64) int {
	for _, text := range strings.Split(intervals, ",") {
		interval, err := time.ParseDuration(text)
		if err == nil {
			err = urgentRows(os.Stdout, interval, seed)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// table prints a row for each budget and policy, and returns those of the first budget as bars.
func table(model string, lines, days int, rates []float64, policies []string, seed uint64) (bars []bar, err error) {
	start := time.Date(2026, 11, 10, 0, 0, 0, 0, schedule.DefaultConfig().Zone)
	t, err := trafficOf(model, lines, days, start, seed)
	if err != nil {
		return nil, err
	}
	w := newWorld(t, lines, days, start)
	for _, rate := range rates {
		warm := max(day, int64(float64(lines)/rate*1000))
		crossings := w.crossings(warm)
		for _, name := range policies {
			p, err := policyOf(name, w, crossings, rate)
			if err != nil {
				return nil, err
			}
			r := run(w, p, crossings, rate, seed)
			row(os.Stdout, model, lines, rate, name, r)
			if rate == rates[0] {
				bars = append(bars, bar{model, name, r.quantile(0.5), r.quantile(0.95)})
			}
		}
	}
	return bars, nil
}

func trafficOf(model string, lines, days int, start time.Time, seed uint64) (traffic, error) {
	switch model {
	case "simulator":
		return newSimulated(seed, lines, int(start.Add(9*time.Hour).Unix()/86400)), nil
	case "bursts":
		return bursts{seed}, nil
	case "real":
		return newReal(seed, lines, start, days)
	case "alike":
		return alike{rhythm()}, nil
	default:
		return nil, fmt.Errorf("model %q: must be simulator, bursts, real or alike", model)
	}
}

func policyOf(name string, w *world, crossings []crossing, rate float64) (policy, error) {
	switch name {
	case "round-robin":
		return &roundRobin{lines: w.lines}, nil
	case "oldest-first":
		return newOldestFirst(w.lines), nil
	case "kaisen":
		return newKaisen(w, defaultInterval(w, rate), rate)
	case "oracle":
		return &oracle{oldestFirst: *newOldestFirst(w.lines), crossings: crossings}, nil
	default:
		return nil, fmt.Errorf("policy %q: must be round-robin, oldest-first, kaisen or oracle", name)
	}
}
