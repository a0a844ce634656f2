package days

import (
	"slices"
	"testing"
	"time"

	"kaisen/schema"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

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
	known := func(newest int, values ...uint64) Series {
		var b Series
		for i := len(values) - 1; i >= 0; i-- {
			b.Set(newest-i, values[i])
		}
		return b
	}
	tests := []struct {
		name    string
		series  Series
		figures []schema.Opt[uint64]
		month   schema.Opt[uint64]
		clock   time.Time
		want    []int
	}{
		{"noon, nothing known", Series{}, figures(5, 4, 3), schema.Opt[uint64]{}, clock(15, 12, 0), []int{day(15)}},
		{"after midnight, turned", known(day(14), 9, 4, 3), figures(1, 9, 4), schema.Opt[uint64]{}, clock(15, 0, 5), []int{day(15)}},
		{"after midnight, not turned", known(day(14), 9, 4, 3), figures(10, 4, 3), schema.Opt[uint64]{}, clock(15, 0, 5), []int{day(14)}},
		{"not turned at noon: the figures are believed", known(day(14), 9, 4, 3), figures(12, 4, 3), schema.Opt[uint64]{}, clock(15, 12, 0), []int{day(14)}},
		{"two days stuck", known(day(14), 9, 4, 3), figures(9, 4, 3), schema.Opt[uint64]{}, clock(16, 12, 0), []int{day(14)}},
		{"after midnight, nothing to tell by", known(day(14), 0, 0, 0), figures(7, 0, 0), schema.Opt[uint64]{}, clock(15, 0, 5), []int{day(15), day(14)}},
		{"the same when the grace is over", known(day(14), 0, 0, 0), figures(7, 0, 0), schema.Opt[uint64]{}, clock(15, 3, 0), []int{day(15)}},
		{"first answer after midnight, dated by the month's sum", Series{}, figures(1, 2, 3, 4), schema.Some(uint64(6)), clock(3, 0, 5), []int{day(3)}},
		{"first answer after midnight, not turned, dated by the month's sum", Series{}, figures(1, 2, 3, 4), schema.Some(uint64(3)), clock(3, 0, 5), []int{day(2)}},
		{"a correction of one closed day", known(day(14), 9, 4, 3, 8), figures(1, 9, 5, 3), schema.Opt[uint64]{}, clock(15, 0, 5), []int{day(15)}},
		{"a figure is missing", known(day(14), 9, 4, 3), figures(1, 9, -1), schema.Opt[uint64]{}, clock(15, 0, 5), []int{day(15)}},
		{"a series that no figure agrees with", known(day(15), 16, 7, 11, 7), figures(9, 0, 4, 0), schema.Opt[uint64]{}, clock(15, 12, 0), []int{day(15)}},
		{"no Date header and a slow clock", known(day(15), 9, 4, 3), figures(1, 9, 4), schema.Opt[uint64]{}, clock(15, 23, 58), []int{day(16)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := dateDays(&tt.series, tt.figures, tt.month, MonthSum{Holds: true}, tt.clock)
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

// In the first night of a month, where both months that are over were corrected, so that what is known contradicts the answer
// as of either month, the sum of the days shows which it is, as long as it is known to do so.
func TestDateMonths(t *testing.T) {
	day := int(schema.DateOf(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)))
	april := MonthIndex(schema.Date(day))
	clock := time.Date(2026, 4, 1, 1, 0, 0, 0, tokyo)
	var series Series
	for ago, bytes := range []uint64{500, 600, 700, 800} { // of March, when it went on
		series.Set(april-1-ago, bytes)
	}
	holds, both := MonthSum{Holds: true}, []int{april, april - 1}
	for _, tt := range []struct {
		name         string
		days, months []schema.Opt[uint64]
		sum          MonthSum
		want         []int
	}{
		{"both corrected", figures(5, 100, 300), figures(5, 490, 610), holds, []int{april}},
		{"nothing corrected", figures(5, 100, 400), figures(5, 500, 600), holds, []int{april}},
		{"months not turned", figures(5, 100, 400), figures(500, 600, 700), holds, []int{april - 1}},
		{"nothing used yet", figures(0, 100, 400), figures(0, 490, 610), holds, both},
		{"the month before used no more", figures(5, 9, 0), figures(5, 490, 610), holds, both},
		{"no sum is known to hold", figures(5, 100, 400), figures(5, 490, 610), MonthSum{}, both},
		{"MiB that may be rounded", figures(5, 100, 400), figures(5, 490, 610), MonthSum{Holds: true, Slack: 9}, both},
	} {
		got := dateMonths(&series, tt.days, tt.months, tt.sum, []int{day}, clock)
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(tt.want))) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// An answer that has stopped at yesterday noon says nothing of yesterday as a whole.
func TestAnOpenFigureIsNoClosedOne(t *testing.T) {
	var b Series
	for i, v := range []uint64{9, 4, 3} {
		b.Set(98+i, v)
	}
	b.Merge(figures(2, 9), []int{99}, func(period int, v uint64) { t.Errorf("period %d is %d now", period, v) })
	if v, _ := b.At(99); v != 4 {
		t.Errorf("the closed day is %d, want 4", v)
	}
}

func TestBookForgetsWhatIsTooOld(t *testing.T) {
	var b Series
	if !b.Set(100, 1) || b.Set(100, 1) || !b.Set(100, 2) {
		t.Error("a value is news when it is new or differs, and only then")
	}
	if b.Set(100-seriesLen, 5) {
		t.Error("a period older than the series was taken in")
	}
	b.Set(100+seriesLen-1, 3)
	if v, ok := b.At(100); !ok || v != 2 {
		t.Errorf("oldest period: %d, %v; want 2", v, ok)
	}
	b.Set(100+3*seriesLen, 4)
	if _, ok := b.At(100 + seriesLen - 1); ok {
		t.Error("a period older than the series is still known")
	}
}
