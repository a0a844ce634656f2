package fleet

import (
	"slices"
	"testing"
	"time"

	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

func labelsOfFound(f *Fleet, q Query) (labels []string) {
	for line := range f.Each(q, time.Now()) {
		labels = append(labels, line.Label)
	}
	return labels
}

// TestSorts: each order, both ways; what is not known stands last in both, and equals stand by their numbers.
func TestSorts(t *testing.T) {
	f := fleetOf(told{"1", "P", "", "50 none", ""}, told{"2", "P", "", "900 none", ""}, told{"3", "P", "", "", ""}, told{"4", "P", "", "0 monthly", ""}, told{"5", "P", "", "900 none", ""})
	f.Forecast("hq", []schema.LineForecast{{LineKey: fleettest.LineKey("2"), MonthEndBytes: 9e9, ExhaustionAt: schema.Some(time.Now().Add(time.Hour))}})
	for _, test := range []struct {
		sort     string
		up, down []string
	}{
		{SortLine, []string{"1", "2", "3", "4", "5"}, []string{"5", "4", "3", "2", "1"}},
		{SortLeft, []string{"4", "1", "2", "5", "3"}, []string{"2", "5", "1", "4", "3"}},
		{SortRemaining, []string{"4", "1", "2", "5", "3"}, []string{"2", "5", "1", "4", "3"}},
		{SortUsed, []string{"1", "2", "4", "5", "3"}, []string{"1", "2", "4", "5", "3"}},
		{SortToday, []string{"1", "2", "4", "5", "3"}, []string{"1", "2", "4", "5", "3"}},
		{SortSince, []string{"4", "1", "2", "3", "5"}, []string{"4", "1", "2", "3", "5"}},
		{SortOut, []string{"2", "1", "3", "4", "5"}, []string{"2", "1", "3", "4", "5"}},
	} {
		for down, want := range map[bool][]string{false: test.up, true: test.down} {
			if got := labelsOfFound(f, Query{Sort: test.sort, Descending: down}); !slices.Equal(got, want) {
				t.Errorf("by %s, down %t: %v, want %v", test.sort, down, got, want)
			}
		}
	}
}

// TestSearchWords: the whole text, each of its words, a number in any form, a label whose middle is hidden.
func TestSearchWords(t *testing.T) {
	f := New(DefaultConfig())
	for number, device := range map[string]string{"09011112222": "UNO SIM LTE", "09011113333": "Ｒｏｕｔｅｒ ＡＢ", "08044442222": "Router CD"} {
		row := fleettest.Inventory(number, schema.LineActive)
		row.DeviceName, row.PlanCode = device, "T300"+number[9:]
		f.Write(schema.Batch{Lines: []schema.Line{row}})
	}
	for _, test := range []struct {
		text, digits string
		want         []string
	}{
		{"1111", "", []string{"09011112222", "09011113333"}},
		{"router", "", []string{"08044442222", "09011113333"}},
		{"router ab", "", []string{"09011113333"}},
		{"ab router", "", []string{"09011113333"}},
		{"2222 uno", "", []string{"09011112222"}},
		{"090-1111-2222", "09011112222", []string{"09011112222"}},
		{"090****2222", "", []string{"09011112222"}},
		{"n1234 router", "", []string{"08044442222", "09011113333"}},
		{"t30022", "", []string{"08044442222", "09011112222"}},
		{"*", "", nil},
		{"router xy", "", nil},
	} {
		if got := labelsOfFound(f, Query{Text: test.text, Digits: test.digits}); !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, want %v", test.text, got, test.want)
		}
	}
}

// TestAbroadAndRefused: who has a session abroad now, and whom the carrier refused in the last day.
func TestAbroadAndRefused(t *testing.T) {
	now := time.Now()
	f := fleetOf(told{"1", "P", "", "50 none", ""}, told{"2", "P", "", "50 none", ""}, told{"3", "P", "", "50 none", ""})
	refused := func(line string, ago time.Duration, result schema.AuthResult) schema.Authentication {
		return schema.Authentication{LineKey: fleettest.LineKey(line), EventTime: now.Add(-ago), Result: result, SessionType: schema.SessionDomestic}
	}
	f.Write(schema.Batch{
		Authentications: []schema.Authentication{refused("2", 26*time.Hour, schema.AuthNG), refused("1", 3*time.Hour, schema.AuthNG), refused("2", 20*time.Hour, schema.AuthNG),
			refused("2", time.Minute, schema.AuthNG), refused("3", time.Minute, schema.AuthOK), refused("none such", time.Minute, schema.AuthNG)},
		Sessions: []schema.SessionSample{
			{LineKey: fleettest.LineKey("1"), ObservedAt: now, ReceivedAt: now, SessionType: schema.SessionRoaming, Connected: schema.Some(false)},
			{LineKey: fleettest.LineKey("3"), ObservedAt: now, ReceivedAt: now, SessionType: schema.SessionRoaming, Connected: schema.Some(true)}},
	})
	if got := labelsOfFound(f, Query{List: ListRefused}); !slices.Equal(got, []string{"2", "1"}) {
		t.Errorf("refused %v", got)
	}
	if got := labelsOfFound(f, Query{List: ListRoaming}); !slices.Equal(got, []string{"3"}) {
		t.Errorf("abroad %v", got)
	}
	if found, _ := f.Search(Query{List: ListRefused, Most: 1}, now); len(found) != 1 || found[0].Refused != 2 {
		t.Errorf("found %+v", found)
	}
	if o := f.Overview(now); o.Refused != 2 || o.Roaming != 1 {
		t.Errorf("%d refused, %d abroad", o.Refused, o.Roaming)
	}
	if got := labelsOfFound(f, Query{List: ListRefused}); len(got) != 2 {
		t.Errorf("refused %v", got)
	}
	if _, total := f.Search(Query{List: ListRefused}, now.Add(23*time.Hour+30*time.Minute)); total != 1 {
		t.Errorf("%d refused a day later, want the one of a minute ago", total)
	}
}

// TestMonths: the fleet's months are the sums of its lines', the newest first, the group's left out.
func TestMonths(t *testing.T) {
	f := fleetOf(told{"1", "P", "", "50 none", ""}, told{"2", "P", "", "50 none", ""})
	month := func(line string, scope schema.Scope, month time.Month, bytes uint64) schema.TrafficMonthly {
		return schema.TrafficMonthly{LineKey: fleettest.LineKey(line), Scope: scope, Month: schema.DateOf(time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)), Bytes: bytes}
	}
	rows := []schema.TrafficMonthly{month("1", schema.ScopeLine, 11, 5), month("1", schema.ScopeLine, 10, 7), month("2", schema.ScopeLine, 11, 1), month("1", schema.ScopeDataShare, 11, 100),
		month("1", schema.ScopeLine, 11, 6)}
	f.Write(schema.Batch{Monthly: rows})
	f.Restore(schema.State{Monthly: []schema.TrafficMonthly{month("2", schema.ScopeLine, 11, 99), month("2", schema.ScopeLine, 9, 3)}})
	got := f.Overview(time.Now()).Months
	want := []Month{{rows[0].Month, 7, 2}, {rows[1].Month, 7, 1}, {month("2", schema.ScopeLine, 9, 3).Month, 3, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPoolsSayWho: who takes most, since when, and what is known of a group whose answer is old.
func TestPoolsSayWho(t *testing.T) {
	f := fleetOf(told{"1", "P", schema.ShareRegistered, "900 none", "0 monthly"}, told{"2", "P", schema.ShareRegistered, "900 none", ""}, told{"3", "P", "", "1 none", ""})
	more := fleettest.Answer("2", schema.ScopeLine)
	more.MonthBytes = schema.Some[uint64](5000)
	f.Write(fleettest.Traffic(more))
	o := f.Overview(time.Now())
	if len(o.Pools) != 1 || o.ThrottledPools() != 1 || len(o.Pools[0].Most) != 2 || o.Pools[0].Most[0].Label != "2" || !o.Pools[0].SinceAtLeast || !o.Pools[0].Until.Known() {
		t.Errorf("%+v", o.Pools)
	}
	later := f.Overview(time.Now().Add(2 * time.Hour))
	if pool := later.Pools[0]; !pool.Stale || pool.Throttled() || pool.Age < 2*time.Hour || pool.Restriction != "monthly" || !later.Blind() || len(later.Dark) != 1 {
		t.Errorf("two hours later %+v, dark %v", pool, later.Dark)
	}
}
