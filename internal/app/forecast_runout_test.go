package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// showRunOuts prints how good everybody was at telling whether a plan would be used up.
func showRunOuts(b *testing.B, asked []askedMonth) {
	for _, name := range slices.Sorted(maps.Keys(asked[0].said)) {
		b.Log(runOuts(name, asked, func(a askedMonth) bool { return a.said[name] > a.volume }))
	}
	said := func(a askedMonth) bool { return a.runsOut }
	b.Log(runOuts("exhaustion_at", asked, said))
	foretold, alarms := runOutShares(asked, said)
	b.ReportMetric(foretold, "%foretold")
	b.ReportMetric(alarms, "%false-alarms")
	for _, day := range forecastDays() {
		of := slices.DeleteFunc(slices.Clone(asked), func(a askedMonth) bool { return a.day != day })
		b.Log(runOuts(fmt.Sprint("  on day ", day), of, said))
	}
	b.Log(runOuts("exhaustion_at_early", asked, func(a askedMonth) bool { return a.early }))
	b.Log(runOuts("exhaustion_at_late", asked, func(a askedMonth) bool { return a.late }))
	b.Log(sureness(asked))
}

// runOuts says how often a plan that was used up was foretold to be, and how often one that was not.
func runOuts(name string, asked []askedMonth, foretold func(askedMonth) bool) string {
	hits, alarms := runOutShares(asked, foretold)
	return fmt.Sprintf("%-20s used up and foretold %.1f %%; lasted and foretold not to %.1f %%", name, hits, alarms)
}

// runOutShares counts, per cent, what was foretold of the plans that were used up, and of those that lasted.
func runOutShares(asked []askedMonth, foretold func(askedMonth) bool) (hits, alarms float64) {
	var all, said [2]float64
	for _, a := range asked {
		if a.volume == 0 {
			continue
		}
		outcome := 0
		if a.truth <= a.volume {
			outcome = 1
		}
		all[outcome]++
		if foretold(a) {
			said[outcome]++
		}
	}
	return 100 * said[0] / all[0], 100 * said[1] / all[1]
}

// sureness says how often plans that lasted are said to be used up, if one asks for as much certainty as foretells some of those that were.
func sureness(asked []askedMonth) string {
	var crossed, lasted []float64
	for _, a := range asked {
		switch {
		case a.volume == 0:
		case a.truth > a.volume:
			crossed = append(crossed, a.sure)
		default:
			lasted = append(lasted, a.sure)
		}
	}
	slices.Sort(crossed)
	slices.Sort(lasted)
	var said []string
	for _, hits := range []float64{0.5, 0.6, 0.7, 0.76, 0.8, 0.9} {
		least := crossed[int(float64(len(crossed))*(1-hits))]
		first, _ := slices.BinarySearch(lasted, least)
		said = append(said, fmt.Sprintf("%.0f: %.1f", 100*hits, 100*float64(len(lasted)-first)/float64(len(lasted))))
	}
	least := lasted[len(lasted)-1-len(lasted)/25]
	first, _ := slices.BinarySearch(crossed, least)
	return fmt.Sprintf("per cent foretold, and of false alarms: %s; with 4 %% of false alarms %.1f are foretold", strings.Join(said, ", "),
		100*float64(len(crossed)-first)/float64(len(crossed)))
}
