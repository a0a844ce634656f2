package logs

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

// The time in a row of call 05 is documented as that of a connection's start (接続開始時間), so the row of a stop may have
// the time at which its session began. Then every stop has a start of the same line and type in the very same second.
// Else few have: those of sessions shorter than a second, and of lines that were back within one.

const (
	// enoughStops is how many stops it takes to tell, and fewStops how many where nothing is stored of it; stopsOfLine is how
	// many of one line count: a line that flaps says nothing of the others.
	enoughStops, fewStops, stopsOfLine = 20, 3, 20
	// enoughLines is how many lines, where there are as many.
	enoughLines = 3
	// tallyFor is how long stops are counted together.
	tallyFor = 24 * time.Hour
)

// sessionOf is a line and whether it was at home.
type sessionOf struct {
	lineNo  string
	session schema.SessionType
}

// stopTimes counts the stops of a log that have a start in their own second.
type stopTimes struct {
	since          time.Time
	stops, matched int
	lines          map[sessionOf]*lineStops
}

// lineStops are those of one line. Newest is its last second, and open whether that has a start without a stop.
type lineStops struct {
	stops  int
	newest int64
	open   bool
}

func newStopTimes() *stopTimes { return &stopTimes{lines: make(map[sessionOf]*lineStops)} }

// count takes the rows of a window in, of which some are not to be counted because they were before.
func (s *stopTimes) count(rows, before map[Row]int) {
	for row, n := range rows {
		of := sessionOf{row.LineNo, row.Session}
		l := s.lines[of]
		if l == nil {
			l = new(lineStops)
			s.lines[of] = l
		}
		start, stop := row, row
		start.Outcome, stop.Outcome = string(schema.SessionStart), string(schema.SessionStop)
		if row.At >= l.newest {
			l.newest, l.open = row.At, rows[start] > rows[stop]
		}
		if row == stop {
			n = max(0, min(n-before[row], stopsOfLine-l.stops))
			l.stops, s.stops = l.stops+n, s.stops+n
			s.matched += min(n, rows[start])
		}
	}
}

// StopTime is which time a stop has by some rows of the session log of so many lines, "" where they do not show it, and what
// they show. It takes fewer than a finding does.
func StopTime(rows []Row, lines int) (value, evidence string) {
	s, counted := newStopTimes(), make(map[Row]int, len(rows))
	for _, row := range rows {
		counted[row]++
	}
	s.count(counted, nil)
	if value = s.verdict(fewStops, lines); value == "" {
		return "", s.evidence() + ": too few to tell"
	}
	return value, s.evidence()
}

func (s *stopTimes) evidence() string {
	return fmt.Sprintf("of %d stops %d have the second of a start of the same line", s.stops, s.matched)
}

// verdict is which time a stop has, "" while the rows do not show it: it takes enough stops, and of some of the lines. That all
// stops have a start in their second may also mean that lines are back at once whenever they are cut off; but then none has a
// last start by itself.
func (s *stopTimes) verdict(enough, lines int) string {
	counted, open := 0, 0
	for _, l := range s.lines {
		if l.stops > 0 {
			counted++
		}
		if l.open {
			open++
		}
	}
	switch {
	case s.stops < enough || counted < min(enoughLines, lines):
		return ""
	case 2*s.matched <= s.stops:
		return readings.StopTimeOwn
	case 10*s.matched >= 9*s.stops && open > 0:
		return readings.StopTimeStart
	}
	return ""
}

// tellStops takes the rows of a window for what they show of the time that stops have. The overlap is read again and again,
// so that of a first reading only those count that were not written before.
func (r *Reader) tellStops(ctx context.Context, sweep *collector.Sweep, rows, before map[Row]int, at time.Time) error {
	if !r.kind.stops {
		return nil
	}
	s := r.stops
	if r.again.on {
		s, before = r.again.stops, nil
	}
	if at.Sub(s.since).Abs() > tallyFor {
		*s = *newStopTimes()
		s.since = at
	}
	s.count(rows, before)
	value := s.verdict(enoughStops, len(r.lines.Numbers(r.contract)))
	if value == "" {
		return nil
	}
	return r.find(ctx, sweep, readings.StopTime, value, s.evidence(), at)
}
