package unom_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// logRows asks for a contract's log from one second to another, whatever the carrier makes of the last one.
func logRows(c *simulatortest.Client, log string, from, to time.Time) []map[string]any {
	c.T.Helper()
	list := map[string]string{"authentications": "resultList", "sessions": "searchList"}[log]
	path := fmt.Sprintf("%s/%s?startTime=%s&endTime=%s", c.Carrier.Contracts()[0], log, simulatortest.Stamp(from), simulatortest.Stamp(to))
	return simulatortest.Rows(c.T, c.Get(path), list)
}

// allRows reads a span of a log second by second where it must: as a client has to that trusts no answer of 1,000 rows.
func allRows(c *simulatortest.Client, log string, from, to time.Time, inclusive bool) []map[string]any {
	c.T.Helper()
	end := to
	if inclusive {
		end = to.Add(-time.Second)
	}
	got := logRows(c, log, from, end)
	if len(got) < 1000 {
		return got
	}
	middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
	if middle.Equal(from) {
		c.T.Fatalf("more than 1,000 rows in the second %s", from)
	}
	return append(allRows(c, log, from, middle, inclusive), allRows(c, log, middle, to, inclusive)...)
}

// 3,000 rows in ten minutes arrive complete, in order and as often as they are, with the end second inside and
// outside.
func TestLogQueriesFindEveryRow(t *testing.T) {
	for _, inclusive := range []bool{true, false} {
		t.Run(fmt.Sprint("inclusive ", inclusive), func(t *testing.T) {
			cfg := simulatortest.Frozen(simulatortest.Noon())
			cfg.Contracts = 1
			if inclusive {
				cfg.Readings = map[string]string{"log_end": "inside"}
			}
			c := simulatortest.NewClient(t, cfg)
			from := simulatortest.Noon().Add(-time.Hour)
			c.Inject(simulator.Event{
				Log: "authentications", Contract: "N000000001", Count: 3000, From: from, To: from.Add(10 * time.Minute), Result: "ng",
			})
			want := map[string]int{}
			for _, l := range c.Lines() {
				for i, r := range l.Authentications {
					if r.Time.Before(from) || !r.Time.Before(from.Add(10*time.Minute)) {
						continue
					}
					want[fmt.Sprint(wireRows(l.LineNo, l.Authentications)[i])]++
				}
			}
			got := allRows(c, "authentications", from, from.Add(10*time.Minute), inclusive)
			if !slices.IsSortedFunc(got, byTime) {
				t.Error("rows are out of order")
			}
			for _, r := range got {
				want[fmt.Sprint(r)]--
			}
			for r, n := range want {
				if n != 0 {
					t.Errorf("row %s: %d times too few", r, n)
				}
			}
			if len(got) < 3000 {
				t.Errorf("%d rows, want at least 3,000", len(got))
			}
		})
	}
}

func byTime(a, b map[string]any) int {
	switch x, y := a["sessionTime"].(string), b["sessionTime"].(string); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// The seconds of startTime and endTime belong to a query or not.
func TestStartAndEndSecond(t *testing.T) {
	at := simulatortest.Noon().Add(-time.Hour)
	for _, is := range []struct {
		start, end string
		want       [4]int
	}{
		{"inside", "inside", [4]int{3, 2, 1, 0}}, {"inside", "outside", [4]int{2, 1, 0, 0}},
		{"outside", "inside", [4]int{2, 1, 0, 0}}, {"outside", "outside", [4]int{1, 0, 0, 0}},
	} {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Lines, cfg.Contracts, cfg.ShareLines = 1, 1, 0
		cfg.Readings = map[string]string{"log_start": is.start, "log_end": is.end}
		c := simulatortest.NewClient(t, cfg)
		line := c.Lines()[0].LineNo
		for i := range 3 {
			second := at.Add(time.Duration(i) * time.Second)
			c.Inject(simulator.Event{Log: "session_events", Contract: "N000000001", Line: line, Count: 1, From: second, To: second})
		}
		for i, n := range is.want {
			from := at.Add(time.Duration(i) * time.Second)
			if got := logRows(c, "sessions", from, maxTime(from, at.Add(2*time.Second))); len(got) != n {
				t.Errorf("start %s, end %s, from second %d: %d rows, want %d", is.start, is.end, i, len(got), n)
			}
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// 1,150 rows in one second are more than any query by time shows; by line they all are there, with their ordinals.
func TestRowsOfOneSecond(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	at := simulatortest.Noon().Add(-time.Hour)
	lines := c.Lines()
	chosen := []string{lines[1].LineNo, lines[3].LineNo}
	c.Inject(simulator.Event{Log: "authentications", Contract: lines[0].ContractID, Lines: chosen, Count: 1150, From: at, To: at})
	if got := logRows(c, "authentications", at, at.Add(time.Second)); len(got) != 1000 {
		t.Errorf("%d rows of the second, want 1,000", len(got))
	}
	for _, l := range []int{1, 3} {
		now := c.Truth(lines[l])
		compareLogs(t, c, now)
		ordinals := map[int]bool{}
		for _, r := range now.Authentications {
			if r.Time.Equal(at) {
				ordinals[r.Ordinal] = true
			}
		}
		if len(ordinals) != 575 || !ordinals[574] {
			t.Errorf("line %d: %d ordinals, want 0 to 574", l, len(ordinals))
		}
	}
}

// A row with a time in the past is not there before it becomes visible, neither on the wire nor in the truth.
func TestLateRows(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	at, visible := simulatortest.Noon().Add(-3*time.Hour), simulatortest.Noon().Add(time.Minute)
	contract := c.Carrier.Contracts()[0]
	before := len(logRows(c, "authentications", at, at.Add(time.Second)))
	c.Inject(simulator.Event{Log: "authentications", Contract: contract, Count: 2, From: at, To: at, VisibleAt: visible})
	c.Clock(simulator.ClockChange{Now: visible.Add(-time.Second)})
	if got := len(logRows(c, "authentications", at, at.Add(time.Second))); got != before {
		t.Errorf("%d rows before they are visible, want %d", got, before)
	}
	c.Clock(simulator.ClockChange{Now: visible})
	if got := len(logRows(c, "authentications", at, at.Add(time.Second))); got != before+2 {
		t.Errorf("%d rows once they are visible, want %d", got, before+2)
	}
	for _, l := range c.Lines() {
		compareLogs(t, c, l)
	}
}

// The logs are full from the start, with refusals, roaming, and rows alike in everything.
func TestLogsHoldThirtyDays(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Lines = 100
	c := simulatortest.NewClient(t, cfg)
	seen := map[string]int{}
	for _, l := range c.Lines() {
		for _, r := range append(l.Authentications, l.SessionEvents...) {
			seen[r.SessionType]++
			seen[r.Result+r.Event]++
			if r.Ordinal > 0 {
				seen["again"]++
			}
			if age := simulatortest.Noon().Sub(r.Time); age < 0 || age > 30*24*time.Hour {
				t.Errorf("row at %s", r.Time)
			} else if age > 29*24*time.Hour {
				seen["old"]++
			}
		}
	}
	for _, kind := range []string{"domestic", "roaming", "ok", "ng", "start", "stop", "again", "old"} {
		if seen[kind] == 0 {
			t.Errorf("no %s rows among %v", kind, seen)
		}
	}
}

// A list shows 1,000 lines and says nothing of the others, which answer all the same; the share list knows some.
func TestListIsCutOff(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Lines, cfg.Contracts, cfg.ExtraLines = 990, 1, 60
	c := simulatortest.NewClient(t, cfg)
	if got := simulatortest.Rows(t, c.Get("N000000001/lines"), "linesList"); len(got) != 1000 {
		t.Errorf("%d lines listed, want 1,000", len(got))
	}
	hidden, members := 0, 0
	for _, l := range c.Lines() {
		if l.Listed {
			continue
		}
		hidden++
		if l.Share != nil {
			members++
		}
		compareTraffic(t, c, l)
	}
	if hidden != 50 || members == 0 {
		t.Errorf("%d lines hidden, %d of them in the share list", hidden, members)
	}
}
