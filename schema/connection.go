package schema

import "time"

// Whether a line is connected is told by call 26, and between two of its answers by the session log (call 05), which is one
// request a contract. An answer is where a line begins; the rows that the log has of it since say what changed. The log may
// leave a doubt, and then call 26 says more: Trace.Since has the cases. View line_connections is the same in SQL.

const (
	// AnswerLag is how far an answer of call 26 may be behind the log: a row so short before it may be one that it does not
	// know of yet.
	AnswerLag = time.Minute
	// AnswerHolds is how long after an answer the log may tell what became of the line. A row that the log has lost is made
	// up for then, and so is a session that was cut off without a row.
	AnswerHolds = 36 * time.Hour
)

// Connection is whether a line is connected, and whether that is abroad.
type Connection struct{ Connected, Roaming bool }

// Connection is what the sample says of the line; known is false where it says nothing, or not where the line is.
func (s *SessionSample) Connection() (is Connection, known bool) {
	if !s.Connected.Known || s.Connected.V && s.SessionType != SessionDomestic && s.SessionType != SessionRoaming {
		return Connection{}, false
	}
	return Connection{s.Connected.V, s.Connected.V && s.SessionType == SessionRoaming}, true
}

// Trace is what the session log has of one line, as far as it matters for what the line is now: the last second with a row, of
// sessions at home and of those abroad, and of rows that are neither a start nor a stop of one of them. The zero Trace has
// nothing. Rows may be added in any order, and more than once.
type Trace struct {
	home, abroad lastRows
	odd          int64 // Unix seconds
}

// lastRows are the rows of one second.
type lastRows struct {
	at            int64 // Unix seconds
	starts, stops bool
}

// Add takes a row in.
func (t *Trace) Add(session SessionType, event SessionEventKind, at time.Time) {
	second, rows := at.Unix(), &t.home
	switch session {
	case SessionDomestic:
	case SessionRoaming:
		rows = &t.abroad
	default:
		t.odd = max(t.odd, second)
		return
	}
	if event != SessionStart && event != SessionStop {
		t.odd = max(t.odd, second)
		return
	}
	if second > rows.at {
		*rows = lastRows{at: second}
	}
	if second == rows.at {
		rows.starts, rows.stops = rows.starts || event == SessionStart, rows.stops || event == SessionStop
	}
}

// Last is the last second with a row; zero: there is none.
func (t *Trace) Last() time.Time {
	if last := max(t.home.at, t.abroad.at, t.odd); last != 0 {
		return time.Unix(last, 0)
	}
	return time.Time{}
}

// Since is whether the line is connected at a time up to which the log is read, where an earlier answer of call 26 has said was.
// Sessions at home and abroad are followed each by themselves: a start opens one, a stop closes it, whether or not its start was
// in the log. The log does not tell, and known is false, where
//
//   - the answer is AnswerHolds old, or not older than what was read of the log;
//   - a start and a stop are of the same second, so that either may have been the last;
//   - the last row lies less than AnswerLag before the answer and contradicts it;
//   - a session at home and one abroad would both be open: the stop of one is lost, or not there yet;
//   - there was a row of an unknown code.
func (t *Trace) Since(was Connection, answered, read time.Time) (is Connection, known bool) {
	if !read.After(answered) || read.Sub(answered) > AnswerHolds || t.odd >= answered.Add(-AnswerLag).Unix() {
		return Connection{}, false
	}
	home, clear := t.home.open(was.Connected && !was.Roaming, answered)
	abroad, clearToo := t.abroad.open(was.Roaming, answered)
	return Connection{home || abroad, abroad}, clear && clearToo && !(home && abroad)
}

// open reports whether a session is open that was so, or was not, when call 26 answered; clear is false where that is in doubt.
func (r *lastRows) open(was bool, answered time.Time) (is, clear bool) {
	switch {
	case r.at < answered.Add(-AnswerLag).Unix():
		return was, true
	case r.at < answered.Unix():
		return r.starts, r.starts != r.stops && r.starts == was
	}
	return r.starts, r.starts != r.stops
}
