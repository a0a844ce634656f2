package collector

import (
	"testing"
	"time"
)

func TestDoubt(t *testing.T) {
	type told struct {
		after          time.Duration
		known, missing int
		want           bool
	}
	const hour = time.Hour
	for name, tells := range map[string][]told{
		"a few":                      {{0, 10, 0, true}, {hour, 10, 5, true}, {hour, 5, 0, true}},
		"most, told for a day":       {{0, 10, 9, false}, {12 * hour, 10, 9, false}, {11 * hour, 10, 9, false}, {hour, 10, 9, true}, {hour, 10, 9, true}},
		"most, told twice in a day":  {{0, 10, 9, false}, {24 * hour, 10, 9, false}, {hour, 10, 9, true}},
		"all of one":                 {{0, 1, 1, false}},
		"none of none":               {{0, 0, 0, true}},
		"most, bit by bit":           {{0, 10, 3, true}, {hour, 7, 2, true}, {hour, 5, 2, false}, {hour, 5, 0, true}},
		"most, bit by bit over days": {{0, 10, 3, true}, {25 * hour, 7, 2, true}, {25 * hour, 5, 2, true}},
		"back in between":            {{0, 10, 10, false}, {12 * hour, 10, 0, true}, {hour, 10, 10, false}, {12 * hour, 10, 10, false}, {hour, 10, 10, false}},
		"one that is always missing": {{0, 10, 1, true}, {hour, 10, 1, true}, {hour, 10, 1, true}, {hour, 10, 1, true}, {hour, 10, 1, true}},
	} {
		t.Run(name, func(t *testing.T) {
			var d Doubt
			now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
			for i, tell := range tells {
				now = now.Add(tell.after)
				if got := d.Believes(tell.known, tell.missing, now); got != tell.want {
					t.Errorf("answer %d: believed %v, want %v", i+1, got, tell.want)
				}
			}
		})
	}
}
