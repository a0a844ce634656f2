package clickhouse_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/schema"
)

// forecast is a row of line_forecast.
type forecast struct {
	month                   string
	days                    int
	end, low, high          float64
	at, early, late         string // \N: none
	used, volume, remaining string
}

// past is a line with a history that was made up so that its forecast can be worked out by hand.
type past struct {
	bytes     func(day schema.Date) uint64 // of a closed day
	days      int                          // how many closed days are known
	start     schema.Opt[schema.Date]
	now       time.Time
	undated   bool // traffic_daily has nothing of now's day yet
	today     uint64
	month     schema.Opt[uint64]
	remaining schema.Opt[uint64]
	share     schema.Opt[schema.ShareStatus]
	slowed    bool // the carrier restricts it for the month's volume
}

// forecastsOf stores lines, each alone in its source, and reads their forecasts; nil: there is no row.
func forecastsOf(t *testing.T, pasts ...past) []*forecast {
	t.Helper()
	db := migrated(t)
	var b schema.Batch
	for i, p := range pasts {
		b.Append(p.rows(schema.LineKey{Source: strconv.Itoa(i), ContractID: "N123456789", LineNo: "09012345678"}))
	}
	if err := db.Insert(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	text := query(t, db, `SELECT source, month, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high,
	exhaustion_at, exhaustion_at_early, exhaustion_at_late, month_bytes, quota_bytes, remaining_bytes FROM line_forecast`)
	all := make([]*forecast, len(pasts))
	for row := range strings.Lines(strings.ReplaceAll(text, " ", "T")) { // so that Sscan sees a time as a word
		var i int
		var f forecast
		if _, err := fmt.Sscan(row, &i, &f.month, &f.days, &f.end, &f.low, &f.high, &f.at, &f.early, &f.late, &f.used, &f.volume, &f.remaining); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		all[i] = &f
	}
	return all
}

// rows is what the store has of the line.
func (p past) rows(k schema.LineKey) schema.Batch {
	today, restriction := schema.DateOf(p.now), schema.RestrictionNone
	if p.slowed {
		restriction = schema.RestrictionMonthly
	}
	b := schema.Batch{
		Lines: []schema.Line{{LineKey: k, State: schema.LineActive, Origin: schema.OriginList, StartDate: p.start,
			DataShare: p.share, FirstSeen: p.now, LastSeen: p.now, ObservedAt: p.now}},
		Traffic: []schema.TrafficSample{{LineKey: k, Scope: schema.ScopeLine, ObservedAt: p.now, ReceivedAt: p.now, MonthBytes: p.month,
			TodayBytes: schema.Some(p.today), RemainingBytes: p.remaining, Restriction: restriction}},
	}
	for ago := 1; ago <= p.days; ago++ {
		day := today.AddDays(-ago)
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: k, Scope: schema.ScopeLine, Day: day, Bytes: p.bytes(day), ObservedAt: p.now})
	}
	if !p.undated {
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: k, Scope: schema.ScopeLine, Day: today, Bytes: p.today, ObservedAt: p.now})
	}
	return b
}

// always is the history of a line that uses the same every day.
func always(bytes uint64) func(schema.Date) uint64 { return func(schema.Date) uint64 { return bytes } }

// may is a time of May 2026, whose 11th is a Monday.
func may(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, tokyo) }

// near reports whether a figure is within a part of what it should be.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s is %.0f, expected %.0f within %g", what, got, want, tolerance)
	}
}

const (
	none  = `\N`
	clock = "2006-01-02T15:04:05"
	mb    = 1_000_000
)

// 100 MB a day, half of today's 100 by noon: 31 days of 100 MB. The volume of 2.05 GB lasts for 9.5 days from midnight.
func TestForecastOfConstantUse(t *testing.T) {
	free := past{bytes: always(100 * mb), days: 70, now: may(11, 12), today: 50 * mb, month: schema.Some[uint64](1050 * mb)}
	capped := free
	capped.remaining = schema.Some[uint64](1000 * mb)
	got := forecastsOf(t, free, capped)

	f := got[0]
	if f.month != "2026-05-01" || f.days != 56 || f.used != "1050000000" {
		t.Errorf("%+v", f)
	}
	near(t, "the month's end", f.end, 3100*mb, 1e-6)
	// No week was missed: of 36 that overlap, 36 / √7 count. Three weeks are ahead.
	weeks := 36 / math.Sqrt(7)
	miss := 2 * 4 / (weeks + 20) / (weeks + 2)
	spread := math.Sqrt(miss*miss*math.Sqrt(21./7) + 0.2/57/57)
	near(t, "the low end", f.low, 1050*mb+2050*mb*math.Exp(-1.5*spread), 1e-6)
	near(t, "the high end", f.high, 1050*mb+2050*mb*math.Exp(1.5*spread), 1e-6)
	if f.at != none || f.early != none || f.late != none || f.volume != none || f.remaining != none {
		t.Errorf("a line without a volume has none to use up: %+v", f)
	}

	f = got[1]
	near(t, "the month's end", f.end, 3100*mb, 1e-6) // last month went on as fast beyond the volume: it will again
	at, err := time.ParseInLocation(clock, f.at, tokyo)
	if off := at.Sub(may(21, 12)); err != nil || off.Abs() > time.Second {
		t.Errorf("used up at %s, expected 2026-05-21 12:00:00 (%v)", f.at, err)
	}
	if f.early >= f.at || f.late <= f.at || f.early < "2026-05-19" || f.late > "2026-05-24" {
		t.Errorf("between %s and %s", f.early, f.late)
	}
	if f.volume != "2050000000" || f.remaining != "1000000000" {
		t.Errorf("%s left of %s", f.remaining, f.volume)
	}
}

// 1 GB on each weekend day: four were this month, six are to come. A straight line would say 11.8 GB.
func TestForecastKnowsTheWeek(t *testing.T) {
	f := forecastsOf(t, past{days: 70, now: may(11, 12), month: schema.Some[uint64](4000 * mb), bytes: func(d schema.Date) uint64 {
		if w := d.Time().Weekday(); w == time.Saturday || w == time.Sunday {
			return 1000 * mb
		}
		return 0
	}})[0]
	near(t, "the month's end", f.end, 10_000*mb, 0.01)
}

// Nothing for 14 days, after 100 MB a day: at noon of the 25th, 100 MB × 6.5 days would be too much.
func TestForecastOfALineThatStopped(t *testing.T) {
	stopped := schema.DateOf(may(11, 0))
	f := forecastsOf(t, past{days: 70, now: may(25, 12), month: schema.Some[uint64](1000 * mb), bytes: func(d schema.Date) uint64 {
		if d >= stopped {
			return 0
		}
		return 100 * mb
	}})[0]
	// The root that halves in 2 days has all but forgotten it, that of 14 days has the half; the first would have known better since.
	if more := f.end - 1000*mb; more < 20*mb || more > 120*mb {
		t.Errorf("%.0f are to come, expected a tenth of what was usual", more)
	}
	if f.low > 1000*mb+0.03*650*mb {
		t.Errorf("the low end is %.0f, more than there is", f.low)
	}
}

// 100 MB a day, and three times as much on two days: if those were the last, the line may be changing, and its band is wider.
func TestForecastIsLessSureOfALineThatChanges(t *testing.T) {
	burst := func(last schema.Date) past {
		return past{days: 70, now: may(11, 12), today: 50 * mb, month: schema.Some[uint64](1050 * mb), bytes: func(d schema.Date) uint64 {
			if d > last-2 && d <= last {
				return 300 * mb
			}
			return 100 * mb
		}}
	}
	yesterday := schema.DateOf(may(10, 0))
	got := forecastsOf(t, burst(yesterday), burst(yesterday.AddDays(-21)))
	now, then := (got[0].high-1050*mb)/(got[0].low-1050*mb), (got[1].high-1050*mb)/(got[1].low-1050*mb)
	if now < 1.2*then {
		t.Errorf("the high end of what comes is %.2f times the low end, of a line that was so three weeks ago %.2f", now, then)
	}
}

// 100 MB a day but for the 1st, which brought 5 GB: it counts as 200 MB.
func TestForecastMakesLittleOfOneFreakDay(t *testing.T) {
	freak := schema.DateOf(may(1, 0))
	f := forecastsOf(t, past{days: 70, now: may(11, 12), today: 50 * mb, month: schema.Some[uint64](5950 * mb), bytes: func(d schema.Date) uint64 {
		if d == freak {
			return 5000 * mb
		}
		return 100 * mb
	}})[0]
	// Its root is 1.4 times the others', with a thirtieth of the slow root's weights and none of the fast one's.
	near(t, "what comes yet", f.end-5950*mb, 20.5*100*mb*(1+1./30), 0.02)
}

// The carrier gives 31 days of every line; those before it began are no history.
func TestForecastOfANewLine(t *testing.T) {
	now := may(11, 12)
	begun := schema.DateOf(now).AddDays(-2)
	started := past{days: 30, now: now, today: 50 * mb, start: schema.Some(begun), month: schema.Some[uint64](250 * mb), bytes: func(d schema.Date) uint64 {
		if d < begun {
			return 0
		}
		return 100 * mb
	}}
	unstarted := started // then it begins with its first day with traffic
	unstarted.start = schema.Opt[schema.Date]{}
	born := past{days: 30, now: now, today: 50 * mb, start: schema.Some(schema.DateOf(now)), month: schema.Some[uint64](50 * mb), bytes: always(0)}
	got := forecastsOf(t, started, unstarted, born)

	near(t, "the month's end", got[0].end, 2300*mb, 1e-6) // 2 days, this one, and 20 more
	if f := got[0]; f.days != 2 || f.high-f.low < 500*mb {
		t.Errorf("two days do not make certain: %+v", f)
	}
	if *got[0] != *got[1] {
		t.Errorf("%+v, with its start known %+v", got[1], got[0])
	}
	day := 50 * mb / math.Pow(0.5, 1.9) // half of its first day brought 50 MB, and most of a day's use is to come then
	near(t, "the month's end", got[2].end, 50*mb+(day-50*mb+day/2)/2+20*day, 1e-6)
	if got[2].days != 0 {
		t.Errorf("%d days of history", got[2].days)
	}
}

// 100 MB a day until the volume of 2 GB is used up, after 20 days of each month; 2 MB a day from then on.
func TestForecastOfASlowedLine(t *testing.T) {
	slowed := func(d schema.Date) uint64 {
		if d.Time().Day() > 20 {
			return 2 * mb
		}
		return 100 * mb
	}
	got := forecastsOf(t,
		past{bytes: slowed, days: 90, now: may(11, 0), month: schema.Some[uint64](1000 * mb), remaining: schema.Some[uint64](1000 * mb)},
		past{bytes: slowed, days: 90, now: may(25, 12), today: mb, month: schema.Some[uint64](2009 * mb), remaining: schema.Some[uint64](0), slowed: true})

	f := got[0]
	if f.at < "2026-05-20T23:59:00" || f.at > "2026-05-21T00:01:00" {
		t.Errorf("used up at %s, expected midnight after the 20th", f.at)
	}
	// The 56 days before hold 21 slowed ones, the ends of March and April: 0.02 on each, and 1 on one more.
	near(t, "the month's end", f.end, 2000*mb+11*100*mb*(21*0.02+1)/22, 0.001)

	f = got[1]
	if want := may(25, 12).Format(clock); f.at != want || f.early != want || f.late != want {
		t.Errorf("nothing is left, and it is used up at %s, between %s and %s; expected %s", f.at, f.early, f.late, want)
	}
	// Since 30 March 16 days were slow. Wanted: half of the 99 MB that today lacks and of 50, and six days of 100.
	near(t, "the month's end", f.end, 2009*mb+((99+50)/2.+600)*mb*(16*0.02+1)/17, 0.001)
}

// Three hours into the month little is known of it, and enough of the days before. Ten minutes after a midnight the
// figures may still be those of the day before.
func TestForecastAtTheTurn(t *testing.T) {
	early := past{bytes: always(100 * mb), days: 70, now: may(1, 3), today: 10 * mb, month: schema.Some[uint64](10 * mb)}
	month := past{bytes: always(100 * mb), days: 70, now: may(1, 0).Add(10 * time.Minute), undated: true, today: 100 * mb,
		month: schema.Some[uint64](3000 * mb), remaining: schema.Some[uint64](500 * mb)}
	day := past{bytes: always(100 * mb), days: 70, now: may(11, 0).Add(10 * time.Minute), undated: true, today: 100 * mb,
		month: schema.Some[uint64](1000 * mb)}
	got := forecastsOf(t, early, month, day)

	// Of today 7/8 of what lacks, 90 MB, and of an eighth of 100.
	near(t, "the month's end", got[0].end, 10*mb+7./8*(90+12.5)*mb+30*100*mb, 1e-6)
	if f := got[1]; f.month != "2026-04-01" || f.end != 3000*mb || f.low != 3000*mb || f.high != 3000*mb || f.at != none {
		t.Errorf("April is over: %+v", f)
	}
	near(t, "the month's end", got[2].end, 3100*mb, 1e-6) // the whole day is still to come, and those after it
}

func TestForecastOfAShareGroupsMember(t *testing.T) {
	p := past{bytes: always(100 * mb), days: 70, now: may(11, 12), today: 50 * mb, month: schema.Some[uint64](1050 * mb), share: schema.Some(schema.ShareRegistered)}
	some, nothing := p, p
	some.remaining, nothing.remaining = schema.Some[uint64](1000*mb), schema.Some[uint64](0)
	for i, f := range forecastsOf(t, p, some, nothing) {
		near(t, "the month's end", f.end, 3100*mb, 1e-6)
		if f.at != none || f.early != none || f.late != none {
			t.Errorf("%d: used up at %s, but it is the group's volume that counts", i, f.at)
		}
	}
}

func TestLinesWithAndWithoutAForecast(t *testing.T) {
	unused := past{bytes: always(0), days: 10, now: may(11, 12)}
	untold := unused
	unused.month, untold.remaining = schema.Some[uint64](0), schema.Some[uint64](mb)
	capped := unused
	capped.remaining = schema.Some[uint64](mb)
	// The largest figures that the documents allow neither fail nor wrap around.
	largest := past{bytes: always(math.MaxUint64), days: 31, now: may(11, 12), today: math.MaxUint64,
		month: schema.Some[uint64](math.MaxUint64), remaining: schema.Some[uint64](math.MaxUint64)}
	got := forecastsOf(t, unused, untold, capped, largest)

	if got[0] != nil || got[1] != nil {
		t.Errorf("neither volume nor traffic: %+v; a month that is not known: %+v", got[0], got[1])
	}
	if f := got[2]; f == nil || f.end != 0 || f.high != 0 || f.at != none {
		t.Errorf("a line that was never used: %+v", f)
	}
	if f := got[3]; f == nil || f.end != math.MaxUint64 || f.high != math.MaxUint64 || f.volume != "18446744073709551615" {
		t.Errorf("the largest: %+v", f)
	}
}
