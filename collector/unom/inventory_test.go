package unom

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

func lineNo(i int) string { return fmt.Sprintf("0900000%04d", i) }

func listed(n int) []api.Line {
	lines := make([]api.Line, n)
	for i := range lines {
		lines[i] = api.Line{LineNo: lineNo(i), PlanCode: "T3001328"}
	}
	return lines
}

// used makes a line answer call 03 with a figure for today.
func (f *fakeCarrier) used(lineNo string, today uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.traffic == nil {
		f.traffic = make(map[string]func() (carrier.Answer[api.Traffic], error))
	}
	f.traffic[lineNo] = func() (carrier.Answer[api.Traffic], error) {
		told := api.Traffic{LineNo: lineNo, Restriction: schema.RestrictionNone}
		told.Days[0], told.Months[0] = schema.Some(today), schema.Some(today)
		return answered(f, told), nil
	}
}

func state(u *Collector, lineNo string) schema.LineState {
	l, ok := u.fleet.get(contract, lineNo)
	if !ok {
		return "unknown"
	}
	return l.snapshot().State
}

func TestALineOutOfTheListIsRemovedAndComesBack(t *testing.T) {
	c := &fakeCarrier{lines: listed(3)}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobLines)
	c.lines = slices.Delete(listed(3), 1, 2)
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(1)); got != schema.LineRemoved {
		t.Fatalf("state %s after it left the list, want removed", got)
	}
	c.lines = listed(3)
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(1)); got != schema.LineActive {
		t.Fatalf("state %s after it came back, want active", got)
	}
	var fields []string
	for _, change := range sink.All().LineChanges {
		fields = append(fields, change.Field+" "+change.Old+"→"+change.New)
	}
	if want := []string{"state active→removed", "state removed→active"}; !slices.Equal(fields, want) {
		t.Errorf("line changes %v, want %v", fields, want)
	}
}

func TestACutListProvesNoLineGone(t *testing.T) {
	c := &fakeCarrier{lines: listed(api.MaxRows)}
	u := newUnom(c, &collectortest.Sink{}, func(cfg *settings) {
		cfg.Extra = []ExtraLine{{ContractID: contract, LineNo: lineNo(5000)}}
	})
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(5000)); got != schema.LineActive {
		t.Errorf("extra line: %s, want active", got)
	}
	c.lines = append(listed(api.MaxRows)[1:], api.Line{LineNo: lineNo(1000)}) // still 1,000, another thousand
	sweepOnce(t, u, JobLines)
	if got := state(u, lineNo(0)); got != schema.LineActive {
		t.Errorf("a line beyond the cut: %s, want active", got)
	}
}

func TestNoShareGroupIsRememberedForAnHour(t *testing.T) {
	c := &fakeCarrier{lines: listed(1), memberErr: &carrier.Error{Kind: api.KindNoShareGroup, Status: 404}}
	u := newUnom(c, &collectortest.Sink{}, nil)
	sweepOnce(t, u, JobLines)
	for range 3 {
		if err := sweepOnce(t, u, JobDataShare).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.calls("data_share"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestMembersJoinAndLeave(t *testing.T) {
	c := &fakeCarrier{members: []api.ShareMember{
		{LineNo: lineNo(0), Status: schema.ShareRegistered, ReserveID: "1"},
		{LineNo: lineNo(1), Status: schema.ShareReserved, ReserveID: "2"}}}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobDataShare)
	if n := c.calls("data_share_traffic"); n != 1 {
		t.Errorf("the group's figures were asked %d times, want once: a reserved line is not in the pool", n)
	}
	c.members = c.members[1:]
	sweepOnce(t, u, JobDataShare)
	last := map[string]bool{}
	for _, member := range sink.All().Members {
		last[member.LineNo] = member.Member
	}
	if last[lineNo(0)] || !last[lineNo(1)] {
		t.Errorf("members %v; want %s gone and %s in", last, lineNo(0), lineNo(1))
	}
}

func TestSessionResultCodes(t *testing.T) {
	tests := []struct {
		name   string
		code   uint8
		rows   int
		known  bool
		undone bool
		asked  int
	}{
		{"read", 0, 1, true, false, 1},
		{"ended abnormally: kept, but says nothing of the line", 1, 1, false, false, 1},
		{"too many: is tried again", 2, 0, false, true, sessionAttempts},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &fakeCarrier{lines: listed(1)}
			c.session = func(lineNo string) (carrier.Answer[api.Session], error) {
				return answered(c, api.Session{LineNo: lineNo, Type: schema.SessionDomestic, Connected: schema.Opt[bool]{V: true, Known: tt.code == 0}, ResultCode: tt.code}), nil
			}
			sink := &collectortest.Sink{}
			u := newUnom(c, sink, nil)
			sweepOnce(t, u, JobLines)
			sweep := sweepOnce(t, u, JobSession)
			rows := sink.All().Sessions
			if len(rows) != tt.rows || (sweep.Err() != nil) != tt.undone || c.calls("session ") != tt.asked {
				t.Fatalf("%d rows, error %v, asked %d", len(rows), sweep.Err(), c.calls("session "))
			}
			if len(rows) > 0 && rows[0].Connected.Known != tt.known {
				t.Errorf("connected known: %v, want %v", rows[0].Connected.Known, tt.known)
			}
		})
	}
}

func TestAMalformedAnswerIsKeptAndTheSweepGoesOn(t *testing.T) {
	c := &fakeCarrier{lines: listed(3)}
	for i := range 3 {
		c.used(lineNo(i), 7)
	}
	c.traffic[lineNo(1)] = func() (carrier.Answer[api.Traffic], error) {
		return carrier.Answer[api.Traffic]{}, &carrier.Error{Kind: carrier.KindMalformed, Status: 200, Payload: []byte("<html>"), ObservedAt: time.Now()}
	}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobLines)
	sweep := sweepOnce(t, u, JobTraffic)
	rows := sink.All()
	if len(rows.Traffic) != 2 || sweep.Failed() != 1 {
		t.Errorf("%d samples and %d failures, want 2 and 1", len(rows.Traffic), sweep.Failed())
	}
	if len(rows.DeadLetters) != 1 || string(rows.DeadLetters[0].Payload) != "<html>" || rows.DeadLetters[0].LineNo != lineNo(1) {
		t.Errorf("dead letters %+v; want the answer whole, with its line", rows.DeadLetters)
	}
}

func TestAPanicIsAFailedItem(t *testing.T) {
	c := &fakeCarrier{lines: listed(2)}
	c.used(lineNo(0), 7)
	c.traffic[lineNo(1)] = func() (carrier.Answer[api.Traffic], error) { panic("a defect") }
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobLines)
	if sweep := sweepOnce(t, u, JobTraffic); sweep.Failed() != 1 || len(sink.All().Traffic) != 1 {
		t.Errorf("%d failures and %d samples, want one of each", sweep.Failed(), len(sink.All().Traffic))
	}
}

func TestUnchangedDaysAreNotWrittenAgain(t *testing.T) {
	c := &fakeCarrier{lines: listed(1), now: time.Date(2026, 5, 10, 12, 0, 0, 0, tokyo)}
	c.used(lineNo(0), 7)
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobLines)
	sweepOnce(t, u, JobTraffic)
	first := sink.All()
	sweepOnce(t, u, JobTraffic)
	second := sink.All()
	if len(first.Daily) != 1 || len(first.Monthly) != 1 {
		t.Fatalf("%d days and %d months at first, want one each: what was not told is left out", len(first.Daily), len(first.Monthly))
	}
	if len(second.Daily) != 1 || len(second.Monthly) != 1 || len(second.Traffic) != 2 {
		t.Errorf("then %d days, %d months, %d samples; want only a sample more", len(second.Daily), len(second.Monthly), len(second.Traffic))
	}
}

// atOnce is a row of a log for each of some lines, in one second.
func atOnce(lines int) (rows []api.Authentication) {
	for i := range lines {
		rows = append(rows, api.Authentication{LineNo: lineNo(i), At: noon(), Type: schema.SessionDomestic, Result: schema.AuthOK})
	}
	return rows
}

func TestLinesOfALogJoinTheInventory(t *testing.T) {
	c := &fakeCarrier{log: atOnce(3), now: noon().Add(time.Hour)}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	sweepOnce(t, u, JobAuthentications)
	lines := sink.All().Lines
	if len(lines) != 3 || lines[0].Origin != schema.OriginLog || lines[0].State != schema.LineActive {
		t.Errorf("lines %+v; want three of origin log", lines)
	}
}
