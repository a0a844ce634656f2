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
	var crossed, hits, lasted, alarms float64
	for _, a := range asked {
		said := 0.
		if foretold(a) {
			said = 1
		}
		switch {
		case a.volume == 0:
		case a.truth > a.volume:
			crossed++
			hits += said
		default:
			lasted++
			alarms += said
		}
	}
	return fmt.Sprintf("%-20s used up %.0f: foretold %.1f %%; lasted %.0f: false alarms %.1f %%", name, crossed, 100*hits/crossed, lasted, 100*alarms/lasted)
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
