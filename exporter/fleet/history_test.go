package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// TestEpisodes: what a line's answers say, in turn, and what the page remembers of it.
func TestEpisodes(t *testing.T) {
	zone := DefaultConfig().Zone
	on := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	ms := func(day, hour int) int64 { return on(day, hour).UnixMilli() }
	type answer struct {
		at             time.Time
		restriction    schema.Restriction
		monthly, daily time.Time
	}
	var no time.Time
	recent, monthly, both, none := uint8(1), uint8(2), uint8(3), schema.RestrictionNone
	for _, test := range []struct {
		name    string
		answers []answer
		want    []episode
	}{
		{"never", []answer{{on(1, 0), none, no, no}, {on(2, 0), none, no, no}}, nil},
		{"unknown is none", []answer{{on(1, 0), schema.RestrictionUnknown, no, no}}, nil},
		{"there at the first look", []answer{{on(3, 0), schema.RestrictionMonthly, no, no}, {on(3, 1), schema.RestrictionMonthly, no, no}},
			[]episode{{restriction: monthly, atLeast: true, from: ms(3, 0)}}},
		{"seen to begin", []answer{{on(3, 0), none, no, no}, {on(3, 1), schema.RestrictionMonthly, no, no}},
			[]episode{{restriction: monthly, from: ms(3, 1)}}},
		{"the carrier says when", []answer{{on(5, 0), schema.RestrictionMonthly, on(3, 7), on(1, 1)}, {on(5, 1), none, no, no}},
			[]episode{{restriction: monthly, from: ms(3, 7), until: ms(5, 1)}}},
		{"the later of the two", []answer{{on(5, 0), schema.RestrictionMonthlyAndRecent, on(3, 7), on(4, 1)}},
			[]episode{{restriction: both, from: ms(4, 1)}}},
		{"the daily one", []answer{{on(5, 0), schema.RestrictionRecent, on(3, 7), on(2, 1)}},
			[]episode{{restriction: recent, from: ms(2, 1)}}},
		{"a time that cannot be", []answer{{on(5, 0), none, no, no}, {on(5, 1), schema.RestrictionMonthly, on(6, 0), no}},
			[]episode{{restriction: monthly, from: ms(5, 1)}}},
		{"one turns into another", []answer{{on(4, 0), none, no, no}, {on(4, 1), schema.RestrictionRecent, no, on(4, 1)}, {on(5, 0), schema.RestrictionMonthly, on(4, 0), no}},
			[]episode{{restriction: recent, from: ms(4, 1), until: ms(5, 0)}, {restriction: monthly, from: ms(5, 0)}}},
		{"the last month is forgotten", []answer{{on(-3, 0), schema.RestrictionRecent, no, no}, {on(-2, 0), none, no, no}, {on(0, 23), schema.RestrictionRecent, no, no},
			{on(1, 1), none, no, no}, {on(2, 0), none, no, no}, {on(3, 0), schema.RestrictionRecent, no, no}},
			[]episode{{restriction: recent, from: ms(0, 23), until: ms(1, 1)}, {restriction: recent, from: ms(3, 0)}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := New(DefaultConfig())
			for _, step := range test.answers {
				row := schema.TrafficSample{LineKey: fleettest.LineKey("1"), Scope: schema.ScopeLine, ObservedAt: step.at, ReceivedAt: time.Now(), Restriction: step.restriction}
				if !step.monthly.IsZero() {
					row.MonthlyLimitStart = schema.Some(step.monthly)
				}
				if !step.daily.IsZero() {
					row.DailyLimitStart = schema.Some(step.daily)
				}
				f.Write(fleettest.Traffic(row))
			}
			l := f.find(fleettest.LineKey("1"))
			if diff := cmp.Diff(test.want, l.episodes.all, cmp.AllowUnexported(episode{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			var now episode
			if n := len(test.want); n > 0 && test.want[n-1].until == 0 {
				now = test.want[n-1]
			}
			if l.episodes.now() != now {
				t.Errorf("now %+v, want %+v", l.episodes.now(), now)
			}
		})
	}
}

// TestEpisodesAreBounded: a line that flaps is remembered by its last restrictions.
func TestEpisodesAreBounded(t *testing.T) {
	f := New(DefaultConfig())
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for i := range 100 {
		restriction := schema.RestrictionNone
		if i%2 == 1 {
			restriction = schema.RestrictionRecent
		}
		f.Write(fleettest.Traffic(schema.TrafficSample{LineKey: fleettest.LineKey("1"), Scope: schema.ScopeLine, ObservedAt: start.Add(time.Duration(i) * time.Hour), ReceivedAt: time.Now(), Restriction: restriction}))
	}
	if l := f.find(fleettest.LineKey("1")); len(l.episodes.all) != maxEpisodes || l.episodes.now().from != start.Add(99*time.Hour).UnixMilli() {
		t.Errorf("%d episodes, the last %+v", len(l.episodes.all), l.episodes.now())
	}
}
