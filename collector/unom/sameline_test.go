package unom

import (
	"slices"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// Issue 12, D.13: in what order the carrier lists a line's options says nothing; how often it lists one does, since a
// volume that was added stands there once more.
func TestOptionsInAnotherOrderAreNoChange(t *testing.T) {
	c := &fakeCarrier{lines: []api.Line{{LineNo: lineNo(0), OptionCodes: []string{"T6000036", "T6000084", "T6000084"}}}}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	for _, codes := range [][]string{{"T6000084", "T6000036", "T6000084"}, {"T6000084", "T6000084", "T6000036"}} {
		sweepOnce(t, u, JobLines)
		c.lines = []api.Line{{LineNo: lineNo(0), OptionCodes: codes}}
	}
	sweepOnce(t, u, JobLines)
	if changes := sink.All().LineChanges; len(changes) != 0 {
		t.Errorf("changes %+v, want none", changes)
	}
	c.lines = []api.Line{{LineNo: lineNo(0), OptionCodes: []string{"T6000084", "T6000036"}}}
	sweepOnce(t, u, JobLines)
	if changes := sink.All().LineChanges; len(changes) != 1 || changes[0].Old != "T6000036,T6000084,T6000084" || changes[0].New != "T6000036,T6000084" {
		t.Errorf("changes %+v, want the volume that is gone", changes)
	}
}

// Issue 12, D.13: a line that is listed twice, alike or not, in whatever order, does not change with every answer.
func TestALineListedTwiceIsNoChange(t *testing.T) {
	old := api.Line{LineNo: lineNo(0), PlanCode: "T3001328", Note: "old", StartDate: schema.Some(schema.Date(17000))}
	renewed := api.Line{LineNo: lineNo(0), PlanCode: "T3001329", Note: "new", StartDate: schema.Some(schema.Date(18000))}
	for name, rows := range map[string][]api.Line{"alike": {old, old}, "not alike": {old, renewed}} {
		c := &fakeCarrier{lines: append(slices.Clone(rows), listed(3)[2])}
		sink := &collectortest.Sink{}
		u := newUnom(c, sink, nil)
		for range 4 {
			sweepOnce(t, u, JobLines)
			c.lines[0], c.lines[1] = c.lines[1], c.lines[0]
		}
		if changes := sink.All().LineChanges; len(changes) != 0 {
			t.Errorf("%s: changes %+v, want none", name, changes)
		}
		l, _ := u.fleet.get(contract, lineNo(0))
		if got := l.snapshot(); got.PlanCode != rows[1].PlanCode {
			t.Errorf("%s: plan %s, want that of the row which began last, %s", name, got.PlanCode, rows[1].PlanCode)
		}
		if written := len(sink.All().Lines); written != 4*2 {
			t.Errorf("%s: %d rows of two lines in four answers, want 8", name, written)
		}
	}
}

// Issue 12, D.13: a list of 1,000 rows is cut however often it lists a line, and proves no line gone.
func TestACutListWithALineTwiceIsCut(t *testing.T) {
	c := &fakeCarrier{lines: listed(api.MaxRows)}
	u := newUnom(c, &collectortest.Sink{}, nil)
	sweepOnce(t, u, JobLines)
	c.lines = listed(api.MaxRows)
	c.lines[7] = c.lines[8]
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(7)); got != schema.LineActive {
		t.Errorf("a line beyond the cut: %s, want active", got)
	}
}

// Issue 12, D.16: an odd value in an answer that is otherwise read is kept once a day, and another one beside it.
func TestAnOddValueIsKeptOnceADay(t *testing.T) {
	c := &fakeCarrier{lines: listed(2), now: noon()}
	odd := []uint64{1, 1}
	c.traffic = map[string]func() (carrier.Answer[api.Traffic], error){}
	for i := range 2 {
		c.traffic[lineNo(i)] = func() (carrier.Answer[api.Traffic], error) {
			told := api.Traffic{LineNo: lineNo(i), Restriction: schema.RestrictionNone}
			told.Days[0] = schema.Some(uint64(1))
			answer := answered(c, told)
			answer.Warnings = []carrier.Warning{{Field: "remainedDataVolume", Reason: lenient.ReasonNumber, Odd: odd[i]}}
			answer.Payload = []byte("the page")
			return answer, nil
		}
	}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	kept := func(want int, why string) {
		t.Helper()
		sweepOnce(t, u, JobTraffic)
		if got := sink.All().DeadLetters; len(got) != want {
			t.Fatalf("%s: %d dead letters, want %d", why, len(got), want)
		}
	}
	sweepOnce(t, u, JobLines)
	kept(1, "the first sweep")
	kept(1, "the second")
	odd[1] = 2
	kept(2, "another value")
	kept(2, "both again")
	c.now = c.now.Add(24 * time.Hour)
	kept(4, "the next day")
	if samples := len(sink.All().Traffic); samples != 10 {
		t.Errorf("%d samples of five sweeps, want 10", samples)
	}
}

// Issue 12, D.13: a list with a row that could not be read proves no line gone.
func TestAListWithoutARowProvesNoLineGone(t *testing.T) {
	c := &fakeCarrier{lines: listed(3), members: []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}, {LineNo: lineNo(1), Status: schema.ShareRegistered}}}
	u := newUnom(c, &collectortest.Sink{}, nil)
	sweepOnce(t, u, JobLines)
	sweepOnce(t, u, JobDataShare)
	c.lines, c.members = listed(2), c.members[:1]
	c.odd = []carrier.Warning{{Field: "linesList", Reason: carrier.ReasonRow, Odd: 1}}
	sweepOnce(t, u, JobLines)
	sweepOnce(t, u, JobDataShare)
	if got := state(u, lineNo(2)); got != schema.LineActive {
		t.Errorf("a line that may be the row that was left out: %s, want active", got)
	}
	if l, _ := u.fleet.get(contract, lineNo(1)); !l.share().Known {
		t.Error("a member that may be the row that was left out is no member")
	}
	c.odd = nil
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(2)); got != schema.LineRemoved {
		t.Errorf("a line that a whole list does not have: %s, want removed", got)
	}
}

// Issue 12, D.13: a member listed twice does not change with the order of its rows.
func TestAMemberListedTwiceIsNoChange(t *testing.T) {
	c := &fakeCarrier{lines: listed(1), members: []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}, {LineNo: lineNo(0), Status: schema.ShareReserved}}}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobLines)
	for range 3 {
		sweepOnce(t, u, JobDataShare)
		slices.Reverse(c.members)
	}
	if changes := sink.All().LineChanges; len(changes) != 1 {
		t.Errorf("changes %+v, want that it is a member", changes)
	}
}
