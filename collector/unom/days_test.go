package unom

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaisen/schema"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// usage is a line's true history: what it used on each day, spread evenly over the day.
type usage map[schema.Date]uint64

// on is what the line had used of a day at a time.
func (u usage) on(day schema.Date, at time.Time) uint64 {
	switch today := schema.DateOf(at); {
	case day < today:
		return u[day]
	case day > today:
		return 0
	}
	y, m, d := at.Date()
	since := at.Sub(time.Date(y, m, d, 0, 0, 0, 0, at.Location()))
	return u[day] / 86400 * uint64(since/time.Second)
}

// answer is what a carrier answers at a time, whose figures turn late after midnight.
func (u usage) answer(at time.Time, late time.Duration) (days [31]schema.Opt[uint64], months [3]schema.Opt[uint64]) {
	seen := at
	first := schema.DateOf(at.Add(-late))
	if first < schema.DateOf(at) {
		y, m, d := at.Date()
		seen = time.Date(y, m, d, 0, 0, 0, 0, at.Location()).Add(-time.Second)
	}
	for ago := range days {
		days[ago] = schema.Some(u.on(first.AddDays(-ago), seen))
	}
	for ago := range months {
		month := first.AddMonths(-ago)
		var sum uint64
		for day := month; day.Month() == month; day++ {
			sum += u.on(day, seen)
		}
		months[ago] = schema.Some(sum)
	}
	return days, months
}

// Whatever a line uses, whenever it is asked and however late the figures turn, no byte is put on a wrong day or
// month, and once the grace is over nothing is missing.
func TestNoByteOnAWrongDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		late := time.Duration(rapid.IntRange(0, 170).Draw(t, "minutes late")) * time.Minute
		day0 := schema.DateOf(time.Date(2026, 1, rapid.IntRange(20, 31).Draw(t, "start"), 0, 0, 0, 0, time.UTC))
		amount := rapid.SampledFrom([]uint64{0, 0, 86400, 864000, 86400 * 7}) // many zeros and repetitions: the hard cases
		line := usage{}
		for day := day0.AddDays(-100); day < day0.AddDays(20); day++ {
			line[day] = amount.Draw(t, "bytes")
		}
		var days, months series
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, tokyo).AddDate(0, 0, int(day0-schema.DateOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))))
		for range rapid.IntRange(1, 60).Draw(t, "polls") {
			at = at.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "minutes")) * time.Minute)
			feed(t, &days, &months, line, at, late)
		}
		noon := time.Date(at.Year(), at.Month(), at.Day()+1, 12, 0, 0, 0, tokyo)
		feed(t, &days, &months, line, noon, late)
		whole(t, &days, &months, line, noon)
	})
}

func feed(t *rapid.T, days, months *series, line usage, at time.Time, late time.Duration) {
	d, m := line.answer(at, late)
	dayCandidates := dateDays(days, d[:], m[0], at)
	monthCandidates := dateMonths(months, m[:], d[:], dayCandidates, at)
	truth, trueMonths := line.answer(at, 0)
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
		if ago := monthIndex(schema.DateOf(at)) - period; ago >= 0 && ago < 3 && bytes > trueMonths[ago].V {
			t.Fatalf("%s: %d bytes in month %s, which had %d", at, bytes, monthStart(period), trueMonths[ago].V)
		}
	})
}

func whole(t *rapid.T, days, months *series, line usage, at time.Time) {
	d, m := line.answer(at, 0)
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

func figures(values ...int64) []schema.Opt[uint64] {
	out := make([]schema.Opt[uint64], len(values))
	for i, v := range values {
		if v >= 0 {
			out[i] = schema.Some(uint64(v))
		}
	}
	return out
}

func TestDateDays(t *testing.T) {
	day := func(d int) int { return int(schema.DateOf(time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC))) }
	clock := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, tokyo) }
	known := func(newest int, values ...uint64) series {
		var b series
		for i := len(values) - 1; i >= 0; i-- {
			b.set(newest-i, values[i])
		}
		return b
	}
	tests := []struct {
		name    string
		series  series
		figures []schema.Opt[uint64]
		month   schema.Opt[uint64]
		clock   time.Time
		want    []candidate
	}{
		{"noon, nothing known", series{}, figures(5, 4, 3), schema.Opt[uint64]{}, clock(15, 12, 0), []candidate{day(15)}},
		{"after midnight, turned", known(day(14), 9, 4, 3), figures(1, 9, 4), schema.Opt[uint64]{}, clock(15, 0, 5), []candidate{day(15)}},
		{"after midnight, not turned", known(day(14), 9, 4, 3), figures(10, 4, 3), schema.Opt[uint64]{}, clock(15, 0, 5), []candidate{day(14)}},
		{"not turned at noon: the figures are believed", known(day(14), 9, 4, 3), figures(12, 4, 3), schema.Opt[uint64]{}, clock(15, 12, 0), []candidate{day(14)}},
		{"two days stuck", known(day(14), 9, 4, 3), figures(9, 4, 3), schema.Opt[uint64]{}, clock(16, 12, 0), []candidate{day(14)}},
		{"after midnight, nothing to tell by", known(day(14), 0, 0, 0), figures(7, 0, 0), schema.Opt[uint64]{}, clock(15, 0, 5), []candidate{day(15), day(14)}},
		{"the same when the grace is over", known(day(14), 0, 0, 0), figures(7, 0, 0), schema.Opt[uint64]{}, clock(15, 3, 0), []candidate{day(15)}},
		{"first answer after midnight, dated by the month's sum", series{}, figures(1, 2, 3, 4), schema.Some(uint64(6)), clock(3, 0, 5), []candidate{day(3)}},
		{"first answer after midnight, not turned, dated by the month's sum", series{}, figures(1, 2, 3, 4), schema.Some(uint64(3)), clock(3, 0, 5), []candidate{day(2)}},
		{"a correction of one closed day", known(day(14), 9, 4, 3, 8), figures(1, 9, 5, 3), schema.Opt[uint64]{}, clock(15, 0, 5), []candidate{day(15)}},
		{"a figure is missing", known(day(14), 9, 4, 3), figures(1, 9, -1), schema.Opt[uint64]{}, clock(15, 0, 5), []candidate{day(15)}},
		{"a series that no figure agrees with", known(day(15), 16, 7, 11, 7), figures(9, 0, 4, 0), schema.Opt[uint64]{}, clock(15, 12, 0), []candidate{day(15)}},
		{"no Date header and a slow clock", known(day(15), 9, 4, 3), figures(1, 9, 4), schema.Opt[uint64]{}, clock(15, 23, 58), []candidate{day(16)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := dateDays(&tt.series, tt.figures, tt.month, tt.clock)
			if len(got) != len(tt.want) {
				t.Fatalf("candidates %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Fatalf("candidates %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestBookForgetsWhatIsTooOld(t *testing.T) {
	var b series
	if !b.set(100, 1) || b.set(100, 1) || !b.set(100, 2) {
		t.Error("a value is news when it is new or differs, and only then")
	}
	if b.set(100-seriesLen, 5) {
		t.Error("a period older than the series was taken in")
	}
	b.set(100+seriesLen-1, 3)
	if v, ok := b.at(100); !ok || v != 2 {
		t.Errorf("oldest period: %d, %v; want 2", v, ok)
	}
	b.set(100+3*seriesLen, 4)
	if _, ok := b.at(100 + seriesLen - 1); ok {
		t.Error("a period older than the series is still known")
	}
}
