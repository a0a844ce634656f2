package fleet

import (
	"slices"
	"sort"

	"kaisen/internal/simulator/calendar"
)

// LogKind is one of the carrier's two logs.
type LogKind uint8

const (
	Authentications LogKind = iota // call 04
	SessionEvents                  // call 05
	SessionsByStart                // call 05 where a stop has the time at which its session began; one that was injected has its own
)

// The codes of both logs.
const (
	codeOK, codeNG      uint8 = 1, 2 // authenticationResult 01, 02
	codeStart, codeStop uint8 = 1, 2 // eventType 01, 02
)

// LogRow is one row of a log. Rows that are alike in everything are real.
type LogRow struct {
	Line    *Line
	At      int64
	Roaming bool
	Code    uint8
}

// Backlog is how far the logs reach back.
const Backlog = 30 * calendar.DaySeconds

// rows appends the line's rows of a log from one second to another, both included, that can be seen at now.
func (l *Line) rows(log LogKind, from, to, now int64, out []LogRow) []LogRow {
	to = min(to, now)
	stored := log
	if log == SessionsByStart {
		stored = SessionEvents
	}
	keep := func(at int64, roaming bool, code uint8) {
		if at >= from && at <= to {
			out = append(out, LogRow{l, at, roaming, code})
		}
	}
	for k := l.periodOf(from); k <= l.periodOf(to); k++ {
		v, ok := l.visit(k)
		switch {
		case !ok:
		case log == Authentications:
			v.authentications(keep)
		case v.failed:
		case log == SessionsByStart:
			keep(v.start, v.roaming, codeStart)
			if v.stop <= now {
				keep(v.start, v.roaming, codeStop)
			}
		default:
			keep(v.start, v.roaming, codeStart)
			keep(v.stop, v.roaming, codeStop)
		}
	}
	if o := l.overlay.Load(); o != nil {
		rows := o.rows[stored]
		for i := sort.Search(len(rows), func(i int) bool { return rows[i].At >= from }); i < len(rows) && rows[i].At <= to; i++ {
			if rows[i].visible <= now {
				out = append(out, rows[i].LogRow)
			}
		}
	}
	return out
}

// authentications passes on the RADIUS log of a visit: refusals, four in a second, then the one that let it in.
func (v visit) authentications(keep func(at int64, roaming bool, code uint8)) {
	for i := range v.refused {
		keep(v.start-6+int64(i/4), v.roaming, codeNG)
	}
	if v.failed {
		return
	}
	keep(v.start-1, v.roaming, codeOK)
	if v.twice {
		keep(v.start-1, v.roaming, codeOK)
	}
}

// Query is a log query: rows from one second to another, both included, by time, until there are limit of them.
// The window is walked in chunks that should hold about that many, so a month of a large contract costs no more
// than its first rows.
func (c *Contract) Query(log LogKind, lines []*Line, from, to, now int64, limit int) []LogRow {
	all := c.roster()
	rate := all.rate
	if len(lines) < len(all.lines) {
		rate = rate * float64(len(lines)) / float64(len(all.lines))
	}
	chunk := int64(max(60, min(2*Backlog, 1.5*float64(limit)/max(rate, 1e-9))))
	to = min(to, now)
	var out []LogRow
	for begin := from; begin <= to && len(out) < limit; begin += chunk {
		first := len(out)
		for _, l := range lines {
			out = l.rows(log, begin, min(begin+chunk-1, to), now, out)
		}
		sortRows(out[first:])
	}
	return out[:min(len(out), limit)]
}

func sortRows(rows []LogRow) {
	slices.SortStableFunc(rows, func(a, b LogRow) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return a.Line.index - b.Line.index
	})
}
