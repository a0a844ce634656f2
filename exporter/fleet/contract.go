package fleet

import (
	"strings"

	"kaisen/exporter/exposition"
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

	authentications tally // by result, session type
	sessionEvents   tally // by event, session type
}

// pool is the newest answer on the group, from any of its lines.
type pool struct {
	stamp
	remaining   schema.Opt[uint64]
	month       schema.Opt[uint64]
	restriction uint8 // index into schema.Restrictions
	listed      stamp // of the last list of its members
}

type member struct {
	stamp
	inPool bool
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

func (c *contract) source() string { return c.labels.Values()[0] }
func (c *contract) id() string     { return c.labels.Values()[1] }

// Labels implements exposition.Target.
func (c *contract) Labels() *exposition.LabelSet { return c.labels }

// Leave implements exposition.Target. A contract stays.
func (c *contract) Leave(int64) bool { return false }

// Visit implements exposition.Target.
func (c *contract) Visit(now int64, to exposition.Emitter) (expires int64) {
	expires = never
	poolDeadline := c.account.deadline(jobDataShare, c.pool.stamp)
	if now <= poolDeadline {
		expires = poolDeadline
		emitBytes(to, shareRemaining, 0, c.pool.remaining)
	}
	// Like a line's labels, the list holds while there are fresh answers on the group.
	if len(c.members) > 0 {
		deadline := max(poolDeadline, c.account.deadline(jobDataShare, c.pool.listed))
		if now <= deadline {
			expires = min(expires, deadline)
			to.Value(shareMembers, 0, float64(c.inPool))
		}
	}
	c.authentications.visit(authentications, to)
	c.sessionEvents.visit(sessionEvents, to)
	return expires
}

// setMember takes a line's place in the group, unless a later one is known.
func (c *contract) setMember(row *schema.DataShareMember, at stamp, now int64) {
	was := c.members[row.LineNo]
	if !c.account.replaces(jobDataShare, was.stamp, at, now) {
		return
	}
	is := member{stamp: at, inPool: row.Member && row.Status.InPool()}
	if was.inPool {
		c.inPool--
	}
	if is.inPool {
		c.inPool++
	}
	c.members[strings.Clone(row.LineNo)] = is
	if listed := c.pool.listed; !listed.known || at.received > listed.received {
		c.pool.listed = at
	}
}

// poolFresh reports whether the last answer on the contract's share group is not stale.
func (c *contract) poolFresh(now int64) bool {
	return now <= c.account.deadline(jobDataShare, c.pool.stamp)
}

// poolNow is the share group as people see it.
func (c *contract) poolNow() Pool {
	return Pool{
		Source: c.source(), ContractID: c.id(), Members: c.inPool,
		Usage: Usage{Month: c.pool.month, Remaining: c.pool.remaining, Restriction: c.fleet.codes.restrictions[c.pool.restriction]},
	}
}

// pooled reports whether the line draws from a share group on which there is a fresh answer.
func (l *line) pooled(now int64) bool {
	return l.contract.members[l.number].inPool && l.contract.poolFresh(now)
}
