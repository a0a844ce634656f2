package fleet

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

const exhaustionName = "kaisen_line_exhaustion_timestamp_seconds"

// exhaustion is what a fleet shows of that gauge, by line.
func exhaustion(t *testing.T, f *Fleet) map[string]float64 {
	t.Helper()
	found := make(map[string]float64)
	for key, value := range scrapeNow(t, f).Of(exhaustionName) {
		var line string
		if _, err := fmt.Sscanf(key, exhaustionName+`{contract_id="N123456789", line_no=%q, source="hq"}`, &line); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		found[line] = value
	}
	return found
}

func forecastIn(lineNo string, in time.Duration) schema.LineForecast {
	return schema.LineForecast{LineKey: fleettest.LineKey(lineNo), MonthEndBytes: 9e9, ExhaustionAt: schema.Some(time.Now().Add(in))}
}

// TestForecast: a round replaces the one before, shows only lines that are known and fresh, and stops when no other comes.
func TestForecast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := staleConfig() // traffic goes stale after 45 minutes
		config.ForecastHolds = 30 * time.Minute
		f := New(config)
		at := func(in time.Duration) float64 { return float64(time.Now().Add(in).UnixMilli()) / 1000 }
		expect := func(when string, want map[string]float64) {
			t.Helper()
			time.Sleep(exposition.MaxAge + time.Millisecond)
			if diff := cmp.Diff(want, exhaustion(t, f)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		f.Forecast("hq", []schema.LineForecast{forecastIn("1", time.Hour)})
		expect("before anything is known", map[string]float64{})

		f.Write(fleettest.Traffic(fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeLine), fleettest.Answer("3", schema.ScopeDataShare)))
		one, two := at(time.Hour+500*time.Millisecond), at(2*time.Hour)
		never := schema.LineForecast{LineKey: fleettest.LineKey("3"), MonthEndBytes: 9e9}
		f.Forecast("hq", []schema.LineForecast{forecastIn("1", time.Hour+500*time.Millisecond), forecastIn("2", 2*time.Hour), never, forecastIn("4", time.Hour)})
		expect("two that run out", map[string]float64{"1": one, "2": two})
		f.Forecast("branch", nil)
		expect("another source", map[string]float64{"1": one, "2": two})
		two = at(3 * time.Hour)
		f.Forecast("hq", []schema.LineForecast{forecastIn("2", 3*time.Hour), forecastIn("3", time.Hour)}) // 3 has no traffic of its own
		expect("another round", map[string]float64{"2": two})

		time.Sleep(30*time.Minute - 3*exposition.MaxAge)
		expect("while it holds", map[string]float64{"2": two})
		time.Sleep(2 * exposition.MaxAge)
		expect("once it does not", map[string]float64{})
		f.Forecast("hq", []schema.LineForecast{{LineKey: fleettest.LineKey("2"), MonthEndBytes: 9e9, ExhaustionAt: schema.Some(time.UnixMilli(int64(two * 1000)))}})
		expect("again, the same", map[string]float64{"2": two})
		time.Sleep(15 * time.Minute)
		expect("of a stale line", map[string]float64{})
	})
}

// TestForecastLeavesWithTheLine that left the inventory, and protobuf has the same as text.
func TestForecastLeavesWithTheLine(t *testing.T) {
	f := New(DefaultConfig())
	f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory("1", schema.LineActive)}, Traffic: []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine)}})
	f.Forecast("hq", []schema.LineForecast{forecastIn("1", time.Hour)})
	if diff := cmp.Diff(shown(t, f).Of(exhaustionName), fleettest.Protobuf(t, f.exposition).Of(exhaustionName)); diff != "" || len(exhaustion(t, f)) != 1 {
		t.Errorf("-text +protobuf:\n%s", diff)
	}
	gone := fleettest.Inventory("1", schema.LineRemoved)
	gone.ObservedAt = time.Now().Add(time.Second)
	f.Write(schema.Batch{Lines: []schema.Line{gone}})
	if got := shown(t, f).Of(exhaustionName); len(got) != 0 {
		t.Errorf("a line that left: %v", got)
	}
}

// TestPoolForecast: a group's forecast is shown as long as it holds and its figures are fresh, as a gauge by the process alone that
// has the contract, and to people by all; a member's own use says nothing of it.
func TestPoolForecast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := staleConfig() // call 09 goes stale after 30 minutes
		config.ForecastHolds = 20 * time.Minute
		f := New(config)
		gauge := contractSeries("kaisen_data_share_exhaustion_timestamp_seconds")
		at := time.Now().Add(100 * time.Hour)
		forecast := schema.PoolForecast{Source: "hq", ContractID: "N123456789", MonthEndBytes: 5e9, ExhaustionAt: schema.Some(at), ObservedAt: time.Now()}
		owned := func(own bool) func(string) bool { return func(string) bool { return own } }
		expect := func(when string, want float64, known bool) {
			t.Helper()
			time.Sleep(exposition.MaxAge + time.Millisecond)
			if got := scrapeNow(t, f)[gauge]; got != want {
				t.Errorf("%s: the gauge is %v, want %v", when, got, want)
			}
			pool := f.Overview(time.Now()).Pools
			member, _ := f.Detail(Name{"hq", "N123456789", "1"}, time.Now())
			if len(pool) != 1 || pool[0].Outlook.Known != known || member.Outlook.Known != known || known && !member.Outlook.Out.At.Equal(pool[0].Outlook.Out.At) {
				t.Errorf("%s: people see %+v of the group, %+v of its member", when, pool, member.Outlook)
			}
		}
		f.Write(told{"1", "P", schema.ShareRegistered, "900 none", "50 none"}.rows())
		f.Forecast("hq", []schema.LineForecast{forecastIn("1", time.Hour)}) // of its own use
		expect("nothing is known of the group", 0, false)
		f.ForecastPools("hq", []schema.PoolForecast{forecast, {Source: "hq", ContractID: "N000000000", ExhaustionAt: schema.Some(at)}}, owned(true))
		expect("the group runs out", float64(at.UnixMilli())/1000, true)
		f.ForecastPools("branch", nil, owned(true))
		f.ForecastPools("hq", []schema.PoolForecast{forecast}, owned(false))
		expect("another process has the contract", 0, true)
		lasts := forecast
		lasts.ExhaustionAt = schema.Opt[time.Time]{}
		f.ForecastPools("hq", []schema.PoolForecast{lasts}, owned(true))
		expect("it lasts", 0, true)
		f.ForecastPools("hq", []schema.PoolForecast{forecast}, owned(true))
		expect("again", float64(at.UnixMilli())/1000, true)
		f.ForecastPools("hq", nil, owned(true))
		expect("no forecast of it", 0, false)

		f.ForecastPools("hq", []schema.PoolForecast{forecast}, owned(true))
		time.Sleep(20*time.Minute - 3*exposition.MaxAge)
		expect("while it holds", float64(at.UnixMilli())/1000, true)
		time.Sleep(2 * exposition.MaxAge)
		expect("once it does not", 0, false)
		f.ForecastPools("hq", []schema.PoolForecast{forecast}, owned(true))
		expect("anew", float64(at.UnixMilli())/1000, true)
		time.Sleep(10 * time.Minute)
		expect("of stale figures", 0, false)
		forecast.ObservedAt = time.Now()
		f.ForecastPools("hq", []schema.PoolForecast{forecast}, owned(true))
		expect("of figures that another process was told", float64(at.UnixMilli())/1000, false)
	})
}

// TestDays: what is kept is the last figure of each of the newest 31 days; what comes back from the store fills gaps.
func TestDays(t *testing.T) {
	var l line
	set := func(day schema.Date, bytes uint64) { l.setDay(day, bytes, true) }
	at := func(day schema.Date) float64 {
		if bytes, known := l.days.at(day); known {
			return bytes
		}
		return math.NaN()
	}
	expect := func(want map[schema.Date]float64) {
		t.Helper()
		for day, bytes := range want {
			if got := at(day); got != bytes && !(math.IsNaN(got) && math.IsNaN(bytes)) {
				t.Errorf("day %d: %v, want %v", day, got, bytes)
			}
		}
	}
	nan := math.NaN()
	expect(map[schema.Date]float64{100: nan})
	set(100, 5)
	set(98, 0)
	set(69, 7) // too old
	expect(map[schema.Date]float64{101: nan, 100: 5, 99: nan, 98: 0, 69: nan, 70: nan})
	l.setDay(100, 4, false)
	l.setDay(99, 6, false)
	expect(map[schema.Date]float64{100: 5, 99: 6})
	set(100, 8)
	set(103, 1)
	expect(map[schema.Date]float64{103: 1, 102: nan, 101: nan, 100: 8, 99: 6, 98: 0})
	set(129, 2)
	expect(map[schema.Date]float64{129: 2, 103: 1, 100: 8, 99: 6, 98: nan})
	set(1000, 3)
	expect(map[schema.Date]float64{1000: 3, 129: nan})
}

// TestDaysOfABatch: the line's own, of lines that are known, from Write and from Restore.
func TestDaysOfABatch(t *testing.T) {
	f := New(DefaultConfig())
	row := func(lineNo string, scope schema.Scope, bytes uint64) schema.TrafficDaily {
		return schema.TrafficDaily{LineKey: fleettest.LineKey(lineNo), Scope: scope, Day: 20_000, Bytes: bytes}
	}
	rows := []schema.TrafficDaily{row("1", schema.ScopeLine, 5), row("1", schema.ScopeDataShare, 9), row("2", schema.ScopeLine, 7)}
	f.Write(schema.Batch{Traffic: []schema.TrafficSample{fleettest.Answer("1", schema.ScopeLine)}, Daily: rows})
	f.Restore(schema.State{Daily: []schema.TrafficDaily{row("1", schema.ScopeLine, 3)}})
	if l := f.find(fleettest.LineKey("1")); l.days.bytes[0] != 5 || l.days.newest != 20_000 {
		t.Errorf("days %+v", l.days)
	}
	if f.find(fleettest.LineKey("2")) != nil {
		t.Error("days alone made a line")
	}
}

// TestNewerFiguresEndAForecast: of a line and of a share group, where more is used than it has for the month's end, nothing is left, or
// something when nothing was to be.
func TestNewerFiguresEndAForecast(t *testing.T) {
	for _, test := range []struct {
		name            string
		month, left     uint64
		out             time.Duration // from the figures
		series, outlook bool
	}{
		{"fits", 4e9, 1e9, time.Hour, true, true},
		{"more than at the month's end", 6e9, 1e9, time.Hour, false, false},
		{"nothing left", 4e9, 0, time.Hour, false, false},
		{"something left when nothing was to be", 4e9, 1e9, -time.Second, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := New(DefaultConfig())
			own, group := fleettest.Answer("1", schema.ScopeLine), fleettest.Answer("2", schema.ScopeDataShare)
			f.Write(fleettest.Traffic(own, group))
			out := schema.Some(own.ObservedAt.Add(test.out))
			f.Forecast("hq", []schema.LineForecast{{LineKey: own.LineKey, MonthEndBytes: 5e9, ExhaustionAt: out}})
			f.ForecastPools("hq", []schema.PoolForecast{{Source: "hq", ContractID: own.ContractID, MonthEndBytes: 5e9, ExhaustionAt: out}}, func(string) bool { return true })
			for _, row := range []*schema.TrafficSample{&own, &group} {
				row.ObservedAt, row.Restriction = row.ObservedAt.Add(time.Millisecond), schema.RestrictionNone
				row.MonthBytes, row.RemainingBytes = schema.Some(test.month), schema.Some(test.left)
			}
			f.Write(fleettest.Traffic(own, group))
			got := shown(t, f)
			for _, name := range []string{exhaustionName, "kaisen_line_month_end_bytes", "kaisen_data_share_exhaustion_timestamp_seconds"} {
				if is := len(got.Of(name)) == 1; is != test.series {
					t.Errorf("%s: %v", name, got.Of(name))
				}
			}
			found, _ := f.Search(Query{Digits: own.LineNo, Text: own.LineNo, Most: 1}, time.Now())
			if len(found) != 1 || found[0].Outlook.Known != test.outlook {
				t.Errorf("line: %+v", found)
			}
			if pools := f.Overview(time.Now()).Pools; len(pools) != 1 || pools[0].Outlook.Known != test.outlook {
				t.Errorf("pools: %+v", pools)
			}
		})
	}
}

// TestSortsByWhatIsShown: of a member of a share group that is when the group runs out, between lines that do so themselves.
func TestSortsByWhatIsShown(t *testing.T) {
	f := fleetOf(told{"1", "P", "", "900 none", ""}, told{"2", "P", schema.ShareRegistered, "900 none", "50 none"}, told{"3", "P", "", "900 none", ""}, told{"4", "P", "", "900 none", ""})
	f.Forecast("hq", []schema.LineForecast{forecastIn("1", 3*time.Hour), forecastIn("2", time.Minute), forecastIn("3", time.Hour)})
	f.ForecastPools("hq", []schema.PoolForecast{{Source: "hq", ContractID: "N123456789", MonthEndBytes: 5e9, ExhaustionAt: schema.Some(time.Now().Add(2 * time.Hour)), ObservedAt: time.Now()}},
		func(string) bool { return true })
	for down, want := range map[bool][]string{false: {"3", "2", "1", "4"}, true: {"1", "2", "3", "4"}} {
		var got []string
		last := time.Time{}
		lines, _ := f.Search(Query{Sort: SortOut, Descending: down, Most: 10}, time.Now())
		for _, line := range lines {
			got = append(got, line.Label)
			if at := line.Outlook.Out.At; !down && !last.IsZero() && !at.IsZero() && at.Before(last) {
				t.Errorf("%s is shown to run out at %v, after %v", line.Label, at, last)
			} else {
				last = at
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("down %t: %v, want %v", down, got, want)
		}
	}
}
