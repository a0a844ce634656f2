package fleet

import (
	"kaisen/exporter/exposition"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// contract is what is known of a contract beside its lines: its share group, and counts of the rows of its logs.
type contract struct {
	fleet   *Fleet
	labels  *exposition.LabelSet
	account *account
	slot    exposition.Slot
	lines   map[string]*line // by line number, whatever their state
	// by label, whatever their state; nil where that is the number
	labelled map[string]*line

	pool    pool
	members map[string]member // by line number
	inPool  int               // how many of them draw from the pool
	plans   map[string]*plan  // by code
	names   map[string]named  // by line number, of lines that are not known too
	counted counted           // lines by condition

	authentications tally // by result, session type
	late            tally // those of them that were read late
	sessionEvents   tally // by event, session type

	sessions sessionLog
}

// sessionLog is how far a contract's session log is read, and whether it is believed (carrier_findings, session_state).
type sessionLog struct {
	read     stamp // observed is the time up to which it is
	believed bool
	found    int64 // when that was found
}

// touchLines has the lines rendered anew of which the session log may tell.
func (c *contract) touchLines() {
	for _, l := range c.lines {
		if l.session.known {
			l.slot.Touch()
		}
	}
}

// readSessions notes up to when the session log is read.
func (c *contract) readSessions(to stamp, now int64) {
	if !c.account.replaces(jobSession, c.sessions.read, to, now) {
		return
	}
	if c.sessions.read = to; c.sessions.believed {
		c.touchLines()
	}
}

// believeSessions notes whether the session log is believed.
func (c *contract) believeSessions(row *schema.CarrierFinding) {
	if at := row.ObservedAt.UnixMilli(); at >= c.sessions.found {
		c.sessions.believed, c.sessions.found = row.Value == "log", at
		c.touchLines()
	}
}

// tally counts log rows by two codes of three values each, the last of which is unknown.
type tally struct {
	read   bool // the log is being read: its counters start at 0 rather than at their first row
	counts [9]uint64
}

func (t *tally) add(code, sessionType uint8) {
	t.read = true
	t.counts[code*3+sessionType]++
}

func (t *tally) visit(f exposition.FamilyID, to exposition.Emitter) {
	if !t.read {
		return
	}
	for variant, count := range t.counts {
		documented := variant/3 < 2 && variant%3 < 2
		if documented || count > 0 {
			to.Value(f, uint8(variant), float64(count))
		}
	}
}

func (c *contract) source() string { return c.account.name }
func (c *contract) id() string     { return c.labels.Last() }

// Labels implements exposition.Target.
func (c *contract) Labels() *exposition.LabelSet { return c.labels }

// Leave implements exposition.Target. A contract stays.
func (c *contract) Leave(int64) bool { return false }

// Visit implements exposition.Target.
func (c *contract) Visit(now int64, to exposition.Emitter) (expires int64) {
	expires = c.visitPool(now, to)
	c.authentications.visit(authentications, to)
	c.late.visit(authenticationsLate, to)
	c.sessionEvents.visit(sessionEvents, to)
	return expires
}

// labelOf is the label of a new line of a contract. Where two lines would share one, which a fleet of a hundred thousand
// meets less than once in its life, the later line gets a longer one.
func (c *contract) labelOf(number string, labels linelabel.Labels) string {
	label := labels.Of(number)
	if labels.Plain() {
		return label
	}
	for more := 2; c.labelled[label] != nil && more <= linelabel.MostLonger; more += 2 {
		label = labels.Longer(number, more)
	}
	return label
}

// byLabel finds a line of the contract as /metrics calls it.
func (c *contract) byLabel(label string) *line {
	if c.labelled == nil {
		return c.lines[label]
	}
	return c.labelled[label]
}
