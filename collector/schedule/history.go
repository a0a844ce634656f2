package schedule

import "time"

// State is what the planner knows of one target, as a value that can be kept and compared. The zero State is that of a
// target that was never answered.
type State struct {
	Asked    time.Time // the last question; zero: never
	Answer   Answer    // the last answer, without Days
	Hours    [24]float64
	Weekdays [7]float64 // Sunday first
	Fast     float64    // bytes a second at the last answers, without the habits
	Slow     float64    // the same over the last days
	Spread   float64    // how wrong expectations were: the standard deviation of the logarithm
	Failures int
}

// History is what a database has of a target: enough to plan it as if it had been asked all the time.
type History struct {
	Samples  []Answer    // the last answers, oldest first; one is enough
	Asked    time.Time   // when the last of them was asked for; zero: when it speaks of
	Hours    [24]float64 // bytes by hour of the day, in any unit; all 0: not known
	Weekdays [7]float64  // bytes by weekday, Sunday first; all 0: not known, or as Days of the last sample say
}

// Restore gives a target that was added, and not asked since, its history.
func (p *Planner) Restore(now time.Time, h Target, history History) {
	for _, sample := range history.Samples {
		p.learn(p.targets.at(h), sample)
	}
}

// Export is a target's state.
func (p *Planner) Export(h Target) State { return State{} }

// Import gives a target that was added, and not asked since, an exported state.
func (p *Planner) Import(now time.Time, h Target, state State) {}

// Hint notes what another source knows of a target.
func (p *Planner) Hint(now time.Time, h Target, hint Hint) {}
