package fleet

import "time"

// Conditions counts a contract's lines by what a person should know of them. A line may be in several. Views line_status and
// run_out_lines count by the same definition.
type Conditions struct {
	Source, ContractID string
	Restricted         int  // the carrier throttles them now
	NearCap            int  // not restricted, but less than NearRatio of the volume left that decides
	WillRunOut         int  // not restricted, and expected to use up the rest of a volume of their own before the month ends
	Silent             int  // without a fresh answer on their own traffic
	Unknown            int  // nobody can say whether they are restricted
	Blind              bool // there are active lines, and all of them are unknown
}

// ByName has the counts by their names in label condition. Where all lines are unknown a count of 0 says nothing, and is left out.
func (c Conditions) ByName() map[string]int {
	counts := map[string]int{"silent": c.Silent, "unknown": c.Unknown}
	for name, lines := range map[string]int{"restricted": c.Restricted, "near_cap": c.NearCap, "will_run_out": c.WillRunOut} {
		if lines > 0 || !c.Blind {
			counts[name] = lines
		}
	}
	return counts
}

// Conditions counts the active lines of all contracts, those that the cap keeps off /metrics among them.
func (f *Fleet) Conditions(now time.Time) []Conditions {
	var all []Conditions
	for _, c := range f.everyContract() {
		f.mu.Lock()
		if len(c.lines) > 0 {
			all = append(all, c.conditions(now.UnixMilli()))
		}
		f.mu.Unlock()
	}
	return all
}

// conditionSet is the conditions that a line is in, a bit each.
type conditionSet uint8

const (
	isRestricted = iota
	isNear
	isRunningOut
	isSilent
	isUnknown
	isActive
	conditionCount
)

// counted is how many lines of a contract are in each condition. A scrape asks for it, and few of a hundred thousand lines
// change from one to the next: only those are looked at, until an answer goes stale or the pool is in another state.
type counted struct {
	lines     [conditionCount]int
	changed   []*line // since they were counted
	at, until int64   // when it was counted, and until when it holds for lines that have not changed
	pool      poolState
}

// poolState is what lines need to know of their group.
type poolState struct {
	fresh, near, ownVolumes bool
	restriction             uint8
	left                    float64 // only where near is not the same for all; -1: not known
}

// touch notes a change of what is known of the line.
func (l *line) touch() {
	l.slot.Touch()
	l.recount()
}

// recount notes that the line may be in other conditions than it is counted in.
func (l *line) recount() {
	if !l.recounting {
		l.recounting = true
		l.contract.counted.changed = append(l.contract.counted.changed, l)
	}
}

// conditions needs the lock.
func (c *contract) conditions(now int64) Conditions {
	k := &c.counted
	changed := k.changed
	k.changed = nil
	if pool := c.poolState(now); now < k.at || now > k.until || pool != k.pool {
		k.until, k.pool = never, pool
		for _, l := range c.lines {
			c.count(l, now)
		}
	}
	for _, l := range changed {
		if c.lines[l.number] == l && l.recounting {
			c.count(l, now)
		}
	}
	k.at = now
	return Conditions{Source: c.source(), ContractID: c.id(), Blind: k.lines[isActive] > 0 && k.lines[isUnknown] >= k.lines[isActive], Restricted: k.lines[isRestricted], NearCap: k.lines[isNear],
		WillRunOut: k.lines[isRunningOut], Silent: k.lines[isSilent], Unknown: k.lines[isUnknown]}
}

// count counts a line anew.
func (c *contract) count(l *line, now int64) {
	s := l.severity(now)
	var is conditionSet
	for i, holds := range [conditionCount]bool{isRestricted: s.throttled, isNear: s.near(), isRunningOut: s.out != 0, isSilent: s.silent, isUnknown: s.unknown, isActive: l.wanted()} {
		if holds {
			is |= 1 << i
		}
	}
	c.counted.replace(l.conditions, is)
	l.conditions, l.recounting = is, false
	c.counted.until = min(c.counted.until, l.unchangedUntil(now))
}

func (k *counted) replace(was, is conditionSet) {
	for i := range k.lines {
		k.lines[i] += int(is>>i&1) - int(was>>i&1)
	}
}

// unchangedUntil is when the next answer or forecast goes stale by which the line's conditions go.
func (l *line) unchangedUntil(now int64) int64 {
	a, until := l.contract.account, int64(never)
	deadlines := []int64{l.deadline(jobTraffic, l.traffic[scopeLine].stamp), a.deadline(jobDataShare, l.traffic[scopeShare].stamp),
		a.deadline(jobDataShare, l.contract.pool.stamp), never}
	if l.forecast != nil {
		deadlines[3] = a.forecasts.deadline()
	}
	for _, deadline := range deadlines {
		if deadline >= now {
			until = min(until, deadline)
		}
	}
	return until
}

// poolState is that of the contract's group.
func (c *contract) poolState(now int64) poolState {
	if !c.pool.known {
		return poolState{left: -1}
	}
	use := c.poolUse()
	state := poolState{fresh: c.poolFresh(now), ownVolumes: c.pool.ownVolumes, restriction: use.restriction, left: -1}
	left, known := use.ratio()
	state.near = known && left < NearRatio
	if known && len(c.names) > 0 { // lines may have thresholds of their own
		state.left = left
	}
	return state
}
