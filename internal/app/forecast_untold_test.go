package app

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"kaisen/schema"
)

const untoldForecastSQL = `SELECT contract_id, month, month_bytes, remaining_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high,
	exhaustion_at, exhaustion_at_early, exhaustion_at_late, quota_bytes FROM line_forecast`

// What the month has used on days that nobody told of is known, and so is how it goes on: kaisen was installed today, or was away, or
// it is just after midnight and today's figure may still be yesterday's.
func TestDaysOfTheMonthThatNobodyToldOf(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 5, day, hour, minute, 0, 0, tokyo(t)) }
	of := func(text string) schema.Date { return date(t, text) }
	told := func(bytes uint64, from, to string) map[schema.Date]uint64 {
		days := map[schema.Date]uint64{}
		for day := of(from); day <= of(to); day++ {
			days[day] = bytes
		}
		return days
	}
	left := func(bytes uint64) *uint64 { return &bytes }
	midnight, morning := at(29, 0, 20), at(21, 9, 36) // 0.4 of a day
	tests := []struct {
		name string
		known
		end float64   // its month's, within a hundredth
		at  time.Time // when it is used up, within two hours
	}{
		{"installed just now", known{now: midnight, start: of("2025-01-01"), month: 28e8}, 31e8, time.Time{}},
		{"hardly anything left", known{now: midnight, start: of("2025-01-01"), month: 28e8, remaining: left(1e6)}, 31e8, midnight},
		{"half a day left", known{now: midnight, start: of("2025-01-01"), month: 28e8, remaining: left(6e7)}, 31e8, at(29, 14, 0)},
		{"since the 20th", known{now: midnight, start: of("2026-05-20"), month: 9e8}, 12e8, time.Time{}},
		{"start not known", known{now: midnight, month: 28e8}, 31e8, time.Time{}},
		{"today told", known{now: morning, start: of("2025-01-01"), month: 204e7, days: told(4e7, "2026-05-21", "2026-05-21")}, 31e8, time.Time{}},
		{"away for a week", known{now: morning, start: of("2025-01-01"), month: 204e7,
			days: told(1e8, "2026-03-20", "2026-05-13")}, 313e7, time.Time{}},
		{"nothing while away", known{now: morning, start: of("2025-01-01"), month: 13e8,
			days: told(1e8, "2026-05-01", "2026-05-13")}, 13e8 + 10.7*65e6, time.Time{}},
		{"younger than the month, start not known", known{now: morning, month: 54e7, days: merged(told(1e8, "2026-05-16", "2026-05-20"),
			told(4e7, "2026-05-21", "2026-05-21"))}, 16e8, time.Time{}},
		{"slowed now", known{now: morning, start: of("2025-01-01"), month: 2e9, remaining: left(1)}, 2e9 + 1e8*10.84, morning},
		{"hardly anything left on the first of the month", known{now: at(1, 10, 0), start: of("2025-01-01"), month: 19e6, remaining: left(1e5),
			days: told(19e6, "2026-05-01", "2026-05-01")}, 31e8, at(1, 10, 0)},
		{"the first of the month", known{now: at(1, 10, 0), start: of("2025-01-01"), month: 19e6, days: told(19e6, "2026-05-01", "2026-05-01")},
			31e8, time.Time{}},
	}
	rows := map[time.Time]schema.Batch{} // the view looks at one time's answers: those of one are in one database
	for i := range tests {
		k := &tests[i].known
		k.contract, k.line = fmt.Sprintf("N%09d", i+1), "09000000001"
		b := rows[k.now]
		b.Append(k.rows())
		rows[k.now] = b
	}
	forecasts := map[string][]string{}
	for _, b := range rows {
		maps.Copy(forecasts, stored(t, b).byContract(untoldForecastSQL))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := test.known
			want := outlooks([]known{k})[0]
			if math.Abs(want.end-test.end) > test.end/100 || want.at.Sub(test.at).Abs() > 2*time.Hour {
				t.Errorf("its month ends with %.0f, and is used up at %s; expected %.0f and %s", want.end, want.at, test.end, test.at)
			}
			isForecast(t, forecasts[k.contract], k)
		})
	}
}

// In the first night of a month the figures may still be those of the month before, and there is no other day: nothing is said.
func TestNothingIsForetoldOfNothing(t *testing.T) {
	night, left := time.Date(2026, 5, 1, 0, 20, 0, 0, tokyo(t)), uint64(1)
	k := known{contract: "N000000001", line: "09000000001", now: night, start: date(t, "2025-01-01"), month: 28e8, remaining: &left}
	b := k.rows()
	k.line, left = "09000000002", 0
	used := k.rows()
	b.Append(used)
	rows := stored(t, b).query("SELECT line_no, exhaustion_at FROM line_forecast")
	if want := []string{"09000000002\t2026-05-01 00:20:00"}; !slices.Equal(rows, want) {
		t.Errorf("%q, expected %q: what is used up is known", rows, want)
	}
}

func merged(one, other map[schema.Date]uint64) map[schema.Date]uint64 {
	for day, bytes := range other {
		one[day] = bytes
	}
	return one
}

// rows is what the store has of the line.
func (k known) rows() schema.Batch {
	key := schema.LineKey{Source: "hq", ContractID: k.contract, LineNo: k.line}
	line := schema.Line{LineKey: key, State: schema.LineActive, Origin: schema.OriginList, FirstSeen: k.now, LastSeen: k.now, ObservedAt: k.now}
	if k.start != 0 {
		line.StartDate = schema.Some(k.start)
	}
	sample := schema.TrafficSample{LineKey: key, Scope: schema.ScopeLine, ObservedAt: k.now, ReceivedAt: k.now, MonthBytes: schema.Some(k.month),
		Restriction: schema.RestrictionNone}
	if k.remaining != nil {
		sample.RemainingBytes = schema.Some(*k.remaining)
	}
	b := schema.Batch{Lines: []schema.Line{line}, Traffic: []schema.TrafficSample{sample}}
	for day, bytes := range k.days {
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: day, Bytes: bytes, ObservedAt: k.now})
	}
	return b
}
