package days

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaisen/collector/unom/days/daystest"
	"kaisen/schema"
)

// known is what is known of the month's figure: nothing, or how it is.
func known(u daystest.Usage, found bool) MonthSum {
	if !found || u.Without {
		return MonthSum{}
	}
	return MonthSum{Holds: true, Slack: u.Unit - 1}
}

// Whatever a line uses, at home and abroad, whenever it is asked, however late the figures turn, in bytes or in whole MiB,
// with roaming in the month's figure or without, and whether that is known: no byte is put on a wrong day or month, and
// once the grace is over nothing is missing.
func TestNoByteOnAWrongDay(t *testing.T) {
	for name, carrier := range map[string]daystest.Usage{
		"bytes with roaming": {Unit: 1}, "bytes without roaming": {Unit: 1, Without: true},
		"MiB with roaming": {Unit: Mebibyte}, "MiB without roaming": {Unit: Mebibyte, Without: true},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				late := time.Duration(rapid.IntRange(0, 170).Draw(t, "minutes late")) * time.Minute
				line := carrier
				line.Days, line.Roaming = map[schema.Date]uint64{}, map[schema.Date]bool{}
				line.ByMonth = time.Duration(rapid.IntRange(0, 170-int(late/time.Minute)).Draw(t, "minutes later the month")) * time.Minute
				first := time.Date(2026, 1, rapid.IntRange(20, 31).Draw(t, "start"), 0, 0, 0, 0, time.UTC)
				// many zeros and repetitions, and less than a MiB: the hard cases
				amount := rapid.SampledFrom([]uint64{0, 0, 86400, 864000, 86400 * 7, 86400 * 12, 86400 * 40})
				abroad := rapid.SampledFrom([]bool{false, false, true})
				for day := schema.DateOf(first).AddDays(-100); day < schema.DateOf(first).AddDays(60); day++ {
					line.Days[day], line.Roaming[day] = amount.Draw(t, "bytes"), abroad.Draw(t, "abroad")
				}
				sum := known(line, rapid.Bool().Draw(t, "it is known how"))
				var is Known
				at := time.Date(2026, 1, first.Day(), 0, 0, 0, 0, tokyo)
				for range rapid.IntRange(1, 60).Draw(t, "polls") {
					at = at.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "minutes")) * time.Minute)
					feed(t, &is, line, sum, at, late)
				}
				noon := time.Date(at.Year(), at.Month(), at.Day()+1, 12, 0, 0, 0, tokyo)
				feed(t, &is, line, sum, noon, late)
				whole(t, &is, line, noon)
			})
		})
	}
}

func feed(t *rapid.T, is *Known, line daystest.Usage, sum MonthSum, at time.Time, late time.Duration) {
	d, m := line.Answer(at, late)
	dates := is.Date(d[:], m[:], sum, at)
	truth, trueMonths := answerNow(line, at)
	is.Days.Merge(d[:], dates.Days, func(period int, bytes uint64) {
		ago := int(schema.DateOf(at)) - period
		if ago < 0 || ago > 30 {
			return
		}
		if ago > 0 && bytes > truth[ago].V || ago == 0 && bytes > truth[0].V {
			t.Fatalf("%s: %d bytes on %s, which had %d", at, bytes, schema.Date(period), truth[ago].V)
		}
		if ago > 1 && bytes != truth[ago].V {
			t.Fatalf("%s: %d bytes on closed day %s, which had %d", at, bytes, schema.Date(period), truth[ago].V)
		}
	})
	is.Months.Merge(m[:], dates.Months, func(period int, bytes uint64) {
		ago := MonthIndex(schema.DateOf(at)) - period
		if ago >= 0 && ago < 3 && bytes > trueMonths[ago].V {
			t.Fatalf("%s: %d bytes in month %s, which had %d", at, bytes, MonthStart(period), trueMonths[ago].V)
		}
		if ago == 2 && bytes != trueMonths[ago].V {
			t.Fatalf("%s: %d bytes in closed month %s, which had %d", at, bytes, MonthStart(period), trueMonths[ago].V)
		}
	})
}

// answerNow is the answer of a carrier whose figures turn at midnight.
func answerNow(u daystest.Usage, at time.Time) (days [31]schema.Opt[uint64], months [3]schema.Opt[uint64]) {
	u.ByMonth = 0
	return u.Answer(at, 0)
}

func whole(t *rapid.T, is *Known, line daystest.Usage, at time.Time) {
	d, m := answerNow(line, at)
	for ago, want := range d {
		if got, ok := is.Days.At(int(schema.DateOf(at)) - ago); !ok || got != want.V {
			t.Fatalf("%d days ago: %d bytes (known %v), want %d", ago, got, ok, want.V)
		}
	}
	for ago, want := range m {
		if got, ok := is.Months.At(MonthIndex(schema.DateOf(at)) - ago); !ok || got != want.V {
			t.Fatalf("%d months ago: %d bytes (known %v), want %d", ago, got, ok, want.V)
		}
	}
}
