package unom

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaisen/schema"
)

// usage is a line's true history: what it used on each day, spread evenly over the day, how much of it was roaming, and how
// the carrier writes it.
type usage struct {
	days    map[schema.Date]uint64
	roaming map[schema.Date]bool // the day's use was abroad
	unit    uint64               // figures are whole multiples of it
	without bool                 // the month's figure has no roaming
	byMonth time.Duration        // how much later than the days the months turn
}

// on is what the line had used of a day at a time.
func (u usage) on(day schema.Date, at time.Time) uint64 {
	switch today := schema.DateOf(at); {
	case day < today:
		return u.days[day]
	case day > today:
		return 0
	}
	y, m, d := at.Date()
	since := at.Sub(time.Date(y, m, d, 0, 0, 0, 0, at.Location()))
	return u.days[day] / 86400 * uint64(since/time.Second)
}

func (u usage) rounded(bytes uint64) schema.Opt[uint64] {
	return schema.Some((bytes + u.unit/2) / u.unit * u.unit)
}

// turned is the day that figures are of, and how far they are, at a carrier where they turn late.
func turned(at time.Time, late time.Duration) (schema.Date, time.Time) {
	first := schema.DateOf(at.Add(-late))
	if first == schema.DateOf(at) {
		return first, at
	}
	y, m, d := at.Date()
	return first, time.Date(y, m, d, 0, 0, 0, 0, at.Location()).Add(-time.Second)
}

// answer is what a carrier answers at a time, whose figures turn late after midnight.
func (u usage) answer(at time.Time, late time.Duration) (days [31]schema.Opt[uint64], months [3]schema.Opt[uint64]) {
	first, seen := turned(at, late)
	for ago := range days {
		days[ago] = u.rounded(u.on(first.AddDays(-ago), seen))
	}
	first, seen = turned(at, late+u.byMonth)
	for ago := range months {
		month := first.Month().AddMonths(-ago)
		var sum uint64
		for day := month; day.Month() == month; day++ {
			if !u.without || !u.roaming[day] {
				sum += u.on(day, seen)
			}
		}
		months[ago] = u.rounded(sum)
	}
	return days, months
}

// known is what is known of the month's figure: nothing, or how it is.
func (u usage) known(found bool) monthSum {
	if !found || u.without {
		return monthSum{}
	}
	return monthSum{holds: true, slack: u.unit - 1}
}

// Whatever a line uses, at home and abroad, whenever it is asked, however late the figures turn, in bytes or in whole MiB,
// with roaming in the month's figure or without, and whether that is known: no byte is put on a wrong day or month, and
// once the grace is over nothing is missing.
func TestNoByteOnAWrongDay(t *testing.T) {
	for name, carrier := range map[string]usage{
		"bytes with roaming": {unit: 1}, "bytes without roaming": {unit: 1, without: true},
		"MiB with roaming": {unit: mebibyte}, "MiB without roaming": {unit: mebibyte, without: true},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				late := time.Duration(rapid.IntRange(0, 170).Draw(t, "minutes late")) * time.Minute
				line := carrier
				line.days, line.roaming = map[schema.Date]uint64{}, map[schema.Date]bool{}
				line.byMonth = time.Duration(rapid.IntRange(0, 170-int(late/time.Minute)).Draw(t, "minutes later the month")) * time.Minute
				first := time.Date(2026, 1, rapid.IntRange(20, 31).Draw(t, "start"), 0, 0, 0, 0, time.UTC)
				// many zeros and repetitions, and less than a MiB: the hard cases
				amount := rapid.SampledFrom([]uint64{0, 0, 86400, 864000, 86400 * 7, 86400 * 12, 86400 * 40})
				abroad := rapid.SampledFrom([]bool{false, false, true})
				for day := schema.DateOf(first).AddDays(-100); day < schema.DateOf(first).AddDays(60); day++ {
					line.days[day], line.roaming[day] = amount.Draw(t, "bytes"), abroad.Draw(t, "abroad")
				}
				sum := line.known(rapid.Bool().Draw(t, "it is known how"))
				var days, months series
				at := time.Date(2026, 1, first.Day(), 0, 0, 0, 0, tokyo)
				for range rapid.IntRange(1, 60).Draw(t, "polls") {
					at = at.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "minutes")) * time.Minute)
					feed(t, &days, &months, line, sum, at, late)
				}
				noon := time.Date(at.Year(), at.Month(), at.Day()+1, 12, 0, 0, 0, tokyo)
				feed(t, &days, &months, line, sum, noon, late)
				whole(t, &days, &months, line, noon)
			})
		})
	}
}

func feed(t *rapid.T, days, months *series, line usage, sum monthSum, at time.Time, late time.Duration) {
	d, m := line.answer(at, late)
	dayCandidates := dateDays(days, d[:], m[0], sum, at)
	monthCandidates := dateMonths(months, m[:], dayCandidates, at)
	truth, trueMonths := line.answerNow(at)
	days.merge(d[:], dayCandidates, func(period int, bytes uint64) {
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
	months.merge(m[:], monthCandidates, func(period int, bytes uint64) {
		ago := monthIndex(schema.DateOf(at)) - period
		if ago >= 0 && ago < 3 && bytes > trueMonths[ago].V {
			t.Fatalf("%s: %d bytes in month %s, which had %d", at, bytes, monthStart(period), trueMonths[ago].V)
		}
		if ago == 2 && bytes != trueMonths[ago].V {
			t.Fatalf("%s: %d bytes in closed month %s, which had %d", at, bytes, monthStart(period), trueMonths[ago].V)
		}
	})
}

// answerNow is the answer of a carrier whose figures turn at midnight.
func (u usage) answerNow(at time.Time) (days [31]schema.Opt[uint64], months [3]schema.Opt[uint64]) {
	u.byMonth = 0
	return u.answer(at, 0)
}

func whole(t *rapid.T, days, months *series, line usage, at time.Time) {
	d, m := line.answerNow(at)
	for ago, want := range d {
		if got, ok := days.at(int(schema.DateOf(at)) - ago); !ok || got != want.V {
			t.Fatalf("%d days ago: %d bytes (known %v), want %d", ago, got, ok, want.V)
		}
	}
	for ago, want := range m {
		if got, ok := months.at(monthIndex(schema.DateOf(at)) - ago); !ok || got != want.V {
			t.Fatalf("%d months ago: %d bytes (known %v), want %d", ago, got, ok, want.V)
		}
	}
}
