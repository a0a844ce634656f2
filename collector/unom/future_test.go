package unom

import (
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// lastingTraffic is an answer of now in which every day has its own figure.
func lastingTraffic(at time.Time) carrier.Answer[api.Traffic] {
	var told api.Traffic
	for i := range told.Days {
		told.Days[i] = schema.Some(uint64(1000 + i))
	}
	told.Months[0] = schema.Some[uint64](1 << 40)
	return carrier.Answer[api.Traffic]{Value: told, ObservedAt: at, ReceivedAt: at, Status: 200}
}

// TestDaysOfTheFutureAreForgotten: what an answer of another day has left in the memory of a line, this process's or what
// the database had of an earlier one, the next answer replaces, whole.
func TestDaysOfTheFutureAreForgotten(t *testing.T) {
	for _, years := range []int{0, 73, 120} {
		for _, mixed := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(5 * time.Hour)
				key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: "09012345678"}
				f := &fakeCarrier{traffic: map[string]func() (carrier.Answer[api.Traffic], error){
					key.LineNo: func() (carrier.Answer[api.Traffic], error) { return lastingTraffic(time.Now()), nil }}}
				sink := new(collectortest.Sink)
				u := newUnom(f, sink, nil)
				today := schema.DateOf(time.Now().In(u.Zone))
				ahead := schema.DateOf(time.Now().AddDate(years, 0, 4))
				state := schema.State{Lines: []schema.Line{{LineKey: key, State: schema.LineActive, Origin: schema.OriginFile}}}
				for ago := range 31 {
					state.Daily = append(state.Daily, schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: ahead.AddDays(ago - 30), Bytes: 5, ObservedAt: time.Now().AddDate(years, 0, 4)})
				}
				if mixed {
					state.Daily = append([]schema.TrafficDaily{{LineKey: key, Scope: schema.ScopeLine, Day: today.AddDays(-2), Bytes: 1002}}, state.Daily...)
				}
				state.Monthly = []schema.TrafficMonthly{{LineKey: key, Scope: schema.ScopeLine, Month: ahead.Month(), Bytes: 5, ObservedAt: time.Now().AddDate(years, 0, 4)}}
				state.Traffic = []schema.TrafficSample{{LineKey: key, Scope: schema.ScopeLine, ObservedAt: ahead.Time(), ReceivedAt: ahead.Time()}}
				u.Restore(state)
				if l, _ := u.fleet.get(contract, key.LineNo); l.LastPolled(askTraffic).After(time.Now()) {
					t.Error("the line counts as asked in the future, and would not be asked until then")
				}
				sweepOnce(t, u, JobTraffic)
				got := map[schema.Date]uint64{}
				for _, row := range sink.All().Daily {
					got[row.Day] = row.Bytes
				}
				for ago := range 31 {
					day := today.AddDays(-ago)
					if known := mixed && ago == 2; got[day] != uint64(1000+ago) && !known {
						t.Errorf("%d years, mixed %v: %s has %d bytes, want %d", years, mixed, day, got[day], 1000+ago)
					}
				}
				if len(got) > 31 {
					t.Errorf("%d days", len(got))
				}
			})
		}
	}
}

// TestFiguresThatComeInParts: what is of the future is left out where any part has something that is not, before it or behind it, and
// counts where none has. The parts' rows are gone when the next one comes.
func TestFiguresThatComeInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(5 * time.Hour)
		key := schema.LineKey{Source: "hq", ContractID: contract, LineNo: "09012345678"}
		other := schema.LineKey{Source: "hq", ContractID: contract, LineNo: "09012345679"}
		for name, days := range map[string][]int{"behind": {5, -2}, "before": {-2, 5}, "alone": {5, 6}} {
			u := newUnom(&fakeCarrier{}, new(collectortest.Sink), nil)
			today := schema.DateOf(time.Now().In(u.Zone))
			u.Restore(schema.State{Lines: []schema.Line{{LineKey: key, State: schema.LineActive}, {LineKey: other, State: schema.LineActive}}})
			u.RestoreFigures(func(yield func(schema.State) bool) {
				part := make([]schema.TrafficDaily, 2)
				for _, ahead := range days {
					row := schema.TrafficDaily{LineKey: key, Scope: schema.ScopeLine, Day: today.AddDays(ahead), Bytes: 7}
					part[0], part[1] = row, row
					part[1].LineKey = other
					if !yield(schema.State{Daily: part}) {
						return
					}
					clear(part)
				}
			})
			for _, of := range []schema.LineKey{key, other} {
				l, _ := u.fleet.get(contract, of.LineNo)
				for _, ahead := range days {
					_, told := l.known[0].Days.At(int(today.AddDays(ahead)))
					if want := ahead < 0 || name == "alone"; told != want {
						t.Errorf("%s: day %d of line %s known: %t, want %t", name, ahead, of.LineNo, told, want)
					}
				}
			}
		}
	})
}
