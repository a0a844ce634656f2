package fleet

import "time"

// Conditions counts a contract's lines by what a person should know of them. A line may be in several. Views line_status and
// run_out_lines count by the same definition.
type Conditions struct {
	Source, ContractID string
	Restricted         int // the carrier throttles them now
	NearCap            int // not restricted, but less than NearRatio of the volume left that decides
	WillRunOut         int // not restricted, and expected to use up the rest of a volume of their own before the month ends
	Silent             int // without a fresh answer on their own traffic
	Unknown            int // nobody can say whether they are restricted
}

// ByName has the counts by their names in label condition.
func (c Conditions) ByName() map[string]int {
	return map[string]int{
		"restricted": c.Restricted, "near_cap": c.NearCap, "will_run_out": c.WillRunOut, "silent": c.Silent, "unknown": c.Unknown,
	}
}

// Conditions looks at the active lines of all contracts, those that the cap keeps off /metrics among them.
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

// conditions needs the lock.
func (c *contract) conditions(now int64) Conditions {
	counts := Conditions{Source: c.source(), ContractID: c.id()}
	for _, l := range c.lines {
		s := l.severity(now)
		count := func(to *int, holds bool) {
			if holds {
				*to++
			}
		}
		count(&counts.Restricted, s.throttled)
		count(&counts.NearCap, s.near())
		count(&counts.WillRunOut, s.out != 0)
		count(&counts.Silent, s.silent)
		count(&counts.Unknown, s.unknown)
	}
	return counts
}
