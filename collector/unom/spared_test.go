package unom

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/collector/unom/days/daystest"
	"kaisen/internal/racetest"
	"kaisen/schema"
)

// A member of a share group is asked for its own traffic some eight times a day instead of 96, also soon after midnight and soon
// after its figures have turned for sure; and however the carrier writes its figures, each noon all days and months that are over
// are known to the byte, over a month's turn, with nothing on a wrong one.
func TestMembersAreAskedAsOftenAsDaysNeed(t *testing.T) {
	racetest.Skip(t)
	for name, usage := range map[string]daystest.Usage{
		"bytes with roaming": {Unit: 1}, "bytes without roaming": {Unit: 1, Without: true},
		"MiB with roaming": {Unit: days.Mebibyte}, "MiB without roaming": {Unit: days.Mebibyte, Without: true},
	} {
		for _, late := range []time.Duration{0, 100 * time.Minute} {
			t.Run(name+", "+late.String()+" late", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { spareMember(t, usage, late) })
			})
		}
	}
}

func spareMember(t *testing.T, usage daystest.Usage, late time.Duration) {
	began := time.Now().In(tokyo)
	usage.Days, usage.Roaming = map[schema.Date]uint64{}, map[schema.Date]bool{}
	for day := schema.DateOf(began).AddDays(-100); day < schema.DateOf(began).AddDays(60); day++ {
		usage.Days[day], usage.Roaming[day] = []uint64{0, 86400 * 40, 0, 86400 * 7, 86400 * 40}[int(day)%5], int(day)%7 == 0
	}
	c := &fakeCarrier{lines: listed(2), members: []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}}, traffic: map[string]func() (carrier.Answer[api.Traffic], error){}}
	var asked []time.Time
	tell := func(number string) (carrier.Answer[api.Traffic], error) {
		told := api.Traffic{LineNo: number, Restriction: schema.RestrictionNone}
		told.Days, told.Months = usage.Answer(time.Now().In(tokyo), late)
		return answered(c, told), nil
	}
	c.traffic[lineNo(0)] = func() (carrier.Answer[api.Traffic], error) {
		c.edit(func() { asked = append(asked, time.Now().In(tokyo)) })
		return tell(lineNo(0))
	}
	c.traffic[lineNo(1)] = func() (carrier.Answer[api.Traffic], error) { return tell(lineNo(1)) }
	c.shareTraffic = tell
	seen := func() (at []time.Time) {
		c.edit(func() { at = slices.Clone(asked) })
		return at
	}
	sink := new(collectortest.Sink)
	u := newUnom(c, sink, every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute, JobDataShare: 15 * time.Minute}))
	defer start(t, u)()
	y, m, d := began.Date()
	for day := 1; day <= 33; day++ {
		noon := time.Date(y, m, d+day, 12, 0, 0, 0, tokyo)
		time.Sleep(time.Until(noon))
		checkNoon(t, sink, usage, noon)
		midnight, turned := noon.Add(-12*time.Hour), noon.Add(-9*time.Hour)
		var first, settled time.Time
		for _, at := range seen() {
			if first.IsZero() && !at.Before(midnight) {
				first = at
			}
			if settled.IsZero() && !at.Before(turned) {
				settled = at
			}
		}
		if first.IsZero() || first.Sub(midnight) > 40*time.Minute || settled.IsZero() || settled.Sub(turned) > 40*time.Minute {
			t.Errorf("%s: asked first at %s, and once figures have turned at %s", noon.Format(time.DateOnly), first, settled)
		}
	}
	all := seen()
	if most := 33*9 + 3; len(all) > most {
		t.Errorf("asked %d times in 33 days, want at most %d", len(all), most)
	}
	for i := 1; i < len(all); i++ {
		if gap := all[i].Sub(all[i-1]); gap > schema.MembersEvery+25*time.Minute {
			t.Errorf("not asked for %s before %s", gap, all[i])
		}
	}
	if n := c.calls("traffic " + lineNo(1)); n < 33*96-96 {
		t.Errorf("the line that is no member was asked %d times", n)
	}
}

// checkNoon compares what is stored of the member with what it used, on the days and months that are over at a noon.
func checkNoon(t *testing.T, sink *collectortest.Sink, usage daystest.Usage, noon time.Time) {
	t.Helper()
	wantDays, wantMonths := usage.Answer(noon, 0)
	gotDays, gotMonths := map[schema.Date]uint64{}, map[schema.Date]uint64{}
	all := sink.All()
	for _, row := range all.Daily {
		if row.LineNo == lineNo(0) && row.Scope == schema.ScopeLine {
			gotDays[row.Day] = row.Bytes
		}
	}
	for _, row := range all.Monthly {
		if row.LineNo == lineNo(0) && row.Scope == schema.ScopeLine {
			gotMonths[row.Month] = row.Bytes
		}
	}
	today := schema.DateOf(noon)
	for ago := 1; ago <= 30; ago++ {
		if got, known := gotDays[today.AddDays(-ago)]; !known || got != wantDays[ago].V {
			t.Errorf("%s: %d bytes on %s (known %v), want %d", noon.Format(time.DateOnly), got, today.AddDays(-ago), known, wantDays[ago].V)
		}
	}
	for ago := 1; ago <= 2; ago++ {
		if month := today.Month().AddMonths(-ago); gotMonths[month] != wantMonths[ago].V {
			t.Errorf("%s: %d bytes in %s, want %d", noon.Format(time.DateOnly), gotMonths[month], month, wantMonths[ago].V)
		}
	}
}
