package unom

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days/daystest"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

const shareInterval = 15 * time.Minute

// sharePool is a carrier with a share group, whose members are told what use says of them; figures turn late by late.
type sharePool struct {
	*fakeCarrier
	late time.Duration
	use  func(lineNo string) daystest.Usage
	fail map[string]error
}

func newPool(members int, use func(string) daystest.Usage) *sharePool {
	p := &sharePool{fakeCarrier: &fakeCarrier{lines: listed(members)}, use: use, fail: map[string]error{}}
	for i := range members {
		p.members = append(p.members, api.ShareMember{LineNo: lineNo(i), Status: schema.ShareRegistered})
	}
	p.shareTraffic = func(lineNo string) (carrier.Answer[api.Traffic], error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.fail[lineNo]; err != nil {
			return carrier.Answer[api.Traffic]{}, err
		}
		told := api.Traffic{LineNo: lineNo}
		told.Days, told.Months = p.use(lineNo).Answer(time.Now().In(tokyo), p.late)
		return answered(p.fakeCarrier, told), nil
	}
	return p
}

// daily is a use of so many bytes each second of each day.
func daily(bytes uint64) daystest.Usage {
	u := daystest.Usage{Days: map[schema.Date]uint64{}, Unit: 1}
	for day := schema.DateOf(time.Now()).AddDays(-100); day < schema.DateOf(time.Now()).AddDays(60); day++ {
		u.Days[day] = bytes * 86400 * uint64(1+day%5)
	}
	return u
}

func ofGroup(string) daystest.Usage { return daily(1000) }

// ofLine is a member's own use.
func ofLine(lineNo string) daystest.Usage {
	return daily(uint64(lineNo[len(lineNo)-2])*10 + uint64(lineNo[len(lineNo)-1]))
}

func watchPool(p *sharePool, sink collector.Sink) *Collector {
	return newUnom(p, sink, every(map[string]time.Duration{JobLines: time.Hour, JobDataShare: shareInterval}))
}

func (p *sharePool) sharesAsked() int { return p.calls("data_share_traffic") }

// found is the last finding about whose figures these are.
func found(sink *collectortest.Sink, reading string) (value string, times int) {
	for _, f := range sink.All().Findings {
		if f.Reading == reading {
			value, times = f.Value, times+1
		}
	}
	return value, times
}

// restarted is a collector that remembers what an earlier one has written.
func restarted(p *sharePool, before *collectortest.Sink, sink collector.Sink) *Collector {
	rows, latest := before.All(), map[schema.LineKey]schema.TrafficSample{}
	state := schema.State{Lines: rows.Lines, Daily: rows.Daily, Monthly: rows.Monthly, Findings: rows.Findings}
	for _, row := range rows.Traffic {
		latest[row.LineKey] = row
	}
	for _, row := range latest {
		state.Traffic = append(state.Traffic, row)
	}
	u := watchPool(p, sink)
	u.Restore(state)
	return u
}

// While all members are told the same, two of them are asked an interval, through restarts too; each has its sample, and
// its days, as if it had been asked itself.
func TestMembersThatAreToldTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const members = 20
		p, sink := newPool(members, ofGroup), &collectortest.Sink{}
		u := watchPool(p, sink)
		stop := start(t, u)
		time.Sleep(3 * shareInterval)
		was := p.sharesAsked()
		began := time.Now()
		time.Sleep(40 * shareInterval)
		if n := p.sharesAsked() - was; n < 2*39 || n > 2*41 {
			t.Errorf("%d requests in 40 intervals, want 80", n)
		}
		if behind := u.Behind(began, time.Now())[JobDataShare]; behind > shareInterval {
			t.Errorf("behind by %s", behind)
		}
		stop()
		samples := map[string]int{}
		for _, row := range sink.All().Traffic {
			if row.ObservedAt.After(began) {
				samples[row.LineNo]++
			}
		}
		for i := range members {
			if n := samples[lineNo(i)]; n < 38 || n > 42 {
				t.Errorf("%d samples of a member in 40 intervals", n)
			}
			if p.calls("data_share_traffic "+lineNo(i)) < 3 {
				t.Error("a member was asked once or twice itself, of 4 times that are its share")
			}
		}
		again, asked := &collectortest.Sink{}, p.sharesAsked()
		stop = start(t, restarted(p, sink, again))
		time.Sleep(10 * shareInterval)
		stop()
		if n := p.sharesAsked() - asked; n < 2*9 || n > 2*11 {
			t.Errorf("%d requests in 10 intervals after a restart, want 20", n)
		}
		if value, _ := found(sink, readings.ShareFigures); value != readings.ShareFiguresGroup {
			t.Errorf("found %q", value)
		}
	})
}

// A member that is told its own figures is asked itself; so are all where there are two groups, or nothing was used.
func TestMembersThatAreToldTheirOwn(t *testing.T) {
	for name, test := range map[string]struct {
		use  func(string) daystest.Usage
		want string
	}{
		"each its own":     {ofLine, readings.ShareFiguresLine},
		"two groups":       {func(n string) daystest.Usage { return daily(uint64(1 + len(strings.TrimRight(n, "02468"))%2)) }, readings.ShareFiguresLine},
		"nothing was used": {func(string) daystest.Usage { return daily(0) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, sink := newPool(20, test.use), &collectortest.Sink{}
				defer start(t, watchPool(p, sink))()
				time.Sleep(3 * shareInterval)
				was := p.sharesAsked()
				time.Sleep(20 * shareInterval)
				if n := p.sharesAsked() - was; n < 19*20 || n > 21*20 {
					t.Errorf("%d requests of 20 members in 20 intervals", n)
				}
				if value, times := found(sink, readings.ShareFigures); value != test.want || times > 1 {
					t.Errorf("found %q, %d times", value, times)
				}
			})
		})
	}
}

// A sweep without a next one asks two as well, once it is known, and all where two are not told the same any more.
func TestSharesOfASweepAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, sink := newPool(20, ofGroup), &collectortest.Sink{}
		asked := func(u *Collector) int {
			before := p.sharesAsked()
			if err := sweepOnce(t, u, JobDataShare).Err(); err != nil {
				t.Fatal(err)
			}
			return p.sharesAsked() - before
		}
		if n := asked(watchPool(p, sink)); n != 20 {
			t.Errorf("%d were asked first", n)
		}
		time.Sleep(time.Hour)
		second := &collectortest.Sink{}
		if n := asked(restarted(p, sink, second)); n != 2 || len(second.All().Traffic) != 20 {
			t.Errorf("%d were asked then, for %d samples", n, len(second.All().Traffic))
		}
		time.Sleep(time.Hour)
		p.use = ofLine
		third := &collectortest.Sink{}
		if n := asked(restarted(p, sink, third)); n != 20 || len(third.All().Traffic) != 20 {
			t.Errorf("%d were asked when two were told different figures, for %d samples", n, len(third.All().Traffic))
		}
		if value, _ := found(third, readings.ShareFigures); value != readings.ShareFiguresLine {
			t.Errorf("found %q", value)
		}
		for _, row := range third.All().Traffic {
			if days, _ := ofLine(row.LineNo).Answer(time.Now().In(tokyo), 0); row.TodayBytes != days[0] {
				t.Errorf("a member has %d bytes of today, want its own %d", row.TodayBytes.V, days[0].V)
			}
		}
	})
}

// A pair that is told different figures ends it at once, and no member gets another's; what was found is written anew.
func TestTheCarrierChangesWhoseFiguresItTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, sink := newPool(20, ofGroup), &collectortest.Sink{}
		defer start(t, watchPool(p, sink))()
		time.Sleep(10 * shareInterval)
		p.edit(func() { p.use = ofLine })
		changed, was := time.Now(), p.sharesAsked()
		time.Sleep(4 * shareInterval)
		if n := p.sharesAsked() - was; n < 2*20 || n > 4*20 {
			t.Errorf("%d requests in the 4 intervals after the change", n)
		}
		if value, _ := found(sink, readings.ShareFigures); value != readings.ShareFiguresLine {
			t.Errorf("found %q", value)
		}
		for _, row := range sink.All().Daily {
			if days, _ := ofLine(row.LineNo).Answer(row.ObservedAt.In(tokyo), 0); row.ObservedAt.After(changed) &&
				row.Bytes != days[schema.DateOf(row.ObservedAt.In(tokyo))-row.Day].V {
				t.Fatalf("%s of a member has %d bytes, want its own", row.Day, row.Bytes)
			}
		}
		p.edit(func() { p.use = ofGroup })
		time.Sleep(4 * shareInterval)
		if value, _ := found(sink, readings.ShareFigures); value != readings.ShareFiguresGroup {
			t.Errorf("found %q when all were told the same again", value)
		}
	})
}

// Where a member fails another is asked; a new one has the group's figures although nobody asked about it.
func TestAnotherMemberIsAsked(t *testing.T) {
	for name, err := range map[string]error{
		"404": &carrier.Error{Kind: api.KindNoSuchLine, Status: 404}, "403": &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403},
		"500": &carrier.Error{Kind: carrier.KindServer, Status: 500}, "no group": &carrier.Error{Kind: api.KindNoShareGroup, Status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, sink := newPool(20, ofGroup), &collectortest.Sink{}
				defer start(t, watchPool(p, sink))()
				time.Sleep(4 * shareInterval)
				p.edit(func() {
					for i := range 5 {
						p.fail[lineNo(i)] = err
					}
					p.lines = listed(21)
					p.members = append(p.members, api.ShareMember{LineNo: lineNo(20), Status: schema.ShareRegistered})
				})
				time.Sleep(2 * time.Hour) // the list is read, with the new one in it
				began, was := time.Now(), p.sharesAsked()
				time.Sleep(40 * shareInterval)
				if n := p.sharesAsked() - was; n < 2*39 || n > 2*41+5*6 {
					t.Errorf("%d requests in 40 intervals", n)
				}
				samples, days := map[string]int{}, map[schema.Date]bool{}
				for _, row := range sink.All().Traffic {
					if row.ObservedAt.After(began) {
						samples[row.LineNo]++
					}
				}
				for _, row := range sink.All().Daily {
					if row.LineNo == lineNo(20) {
						days[row.Day] = true
					}
				}
				if n := samples[lineNo(12)]; n < 38 || len(days) < 31 {
					t.Errorf("%d samples of a member in 40 intervals, %d days of the new one", n, len(days))
				}
				if n := samples[lineNo(0)]; name != "no group" && n < 38 {
					t.Errorf("%d samples of one that fails", n)
				}
			})
		})
	}
}

// Midnights, and figures that turn two hours late, set nobody apart: a period is compared with itself.
func TestMidnightSetsNobodyApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, sink := newPool(5, ofGroup), &collectortest.Sink{}
		p.late = 2 * time.Hour
		defer start(t, watchPool(p, sink))()
		time.Sleep(40 * 24 * time.Hour)
		for _, f := range sink.All().Findings {
			if f.Reading == readings.ShareFigures && f.Value != readings.ShareFiguresGroup {
				t.Fatalf("at %s: %s", f.ObservedAt, f.Evidence)
			}
		}
		now := time.Now().In(tokyo)
		days, _ := ofGroup("").Answer(now, 0)
		last := map[schema.Date]uint64{}
		for _, row := range sink.All().Daily {
			if row.LineNo == lineNo(3) {
				last[row.Day] = row.Bytes
			}
		}
		for ago := 1; ago < 31; ago++ {
			if day := schema.DateOf(now).AddDays(-ago); last[day] != days[ago].V {
				t.Errorf("%s has %d bytes, want %d", day, last[day], days[ago].V)
			}
		}
	})
}
