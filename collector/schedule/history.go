package schedule

import (
	"time"

	"kaisen/schema"
)

// State is what the planner has learnt of one target, as a value that can be kept and compared. The zero State is that
// of a target that was never answered.
type State struct {
	Asked       time.Time // the last question; zero: never
	At          time.Time // of which the last answer's figures speak
	Month       uint64    // bytes used
	Volume      uint64    // bytes that the month has, as far as known; 0: no limit
	Left        uint64    // bytes
	Whole       bool      // what is left comes in whole MiB
	Restriction schema.Restriction
	Today       float64     // bytes
	Fast        float64     // bytes a second, without the habits, of the last answers
	Slow        float64     // the same, of the last days
	Spread      float64     // of the logarithm of use against expectation
	Silent      float64     // hours without use
	Hours       [24]float64 // how much busier than the average
	Weekdays    [7]float64  // Sunday first
	Failures    int         // in a row
	Answers     int         // since it was new or woke, up to when it counts as understood
	Roaming     bool
}

// Export is a target's state.
func (p *Planner) Export(h Target) State {
	t := p.targets.at(h)
	if !t.is(answered) {
		return State{Failures: int(t.failures), Roaming: t.is(roaming)}
	}
	s := State{
		Asked: p.at(t.key[byAge]), At: p.at(t.asof), Month: t.month, Volume: t.volume, Left: t.left, Whole: t.whole,
		Restriction: t.restricted.schema(), Today: float64(t.today), Fast: float64(t.fast), Slow: float64(t.slow),
		Spread: float64(t.spread), Silent: float64(t.silent), Failures: int(t.failures), Answers: int(t.answers),
		Roaming: t.is(roaming),
	}
	for i, w := range t.hours {
		s.Hours[i] = w.factor()
	}
	for i, w := range t.weekdays {
		s.Weekdays[i] = w.factor()
	}
	return s
}

// Import gives a target that was added, and not asked since, an exported state.
func (p *Planner) Import(now time.Time, h Target, s State) {
	t := p.targets.at(h)
	t.set(roaming, s.Roaming)
	if s.At.IsZero() {
		return
	}
	t.figures = figures{
		asof: s.At.UnixMilli(), month: s.Month, volume: s.Volume, left: s.Left, whole: s.Whole,
		restricted: restrictedOf(s.Restriction), today: float32(s.Today), fast: float32(s.Fast), slow: float32(s.Slow),
		spread: float32(s.Spread), silent: float32(s.Silent), answers: uint8(min(understood, max(0, s.Answers))),
	}
	for i, factor := range s.Hours {
		t.hours[i] = weightOf(factor)
	}
	for i, factor := range s.Weekdays {
		t.weekdays[i] = weightOf(factor)
	}
	p.resume(now, h, t, s.Asked)
	for range min(s.Failures, 8) {
		p.Failed(s.Asked, h)
	}
}

// History is what a database has of a target: enough to plan it as if it had been asked all the time.
type History struct {
	Samples []Answer    // the last answers, oldest first, with their Days; as many as a target needs to be understood, or fewer
	Asked   time.Time   // when the last of them was asked for; zero: when it speaks of
	Hours   [24]float64 // bytes by hour of the day, in any unit; all 0: not known
}

// Restore gives a target that was added, and not asked since, its history. One without samples stays new.
func (p *Planner) Restore(now time.Time, h Target, history History) {
	t := p.targets.at(h)
	for i, sample := range history.Samples {
		p.learn(t, sample)
		t.set(answered, true)
		if i == 0 {
			t.takeHours(history.Hours)
			t.silent = p.silentBefore(sample)
		}
	}
	if n := len(history.Samples); n > 0 {
		asked := history.Asked
		if asked.IsZero() {
			asked = history.Samples[n-1].At
		}
		p.resume(now, h, t, asked)
	}
}

// HistorySamples is how many of a target's last answers a History needs, so that the target is classed by its figures and not
// taken for a new one.
const HistorySamples = understood

// silentBefore is for how many hours a target had not used a byte when it was answered, as its days show.
func (p *Planner) silentBefore(answer Answer) (hours float32) {
	if answer.Today > 0 {
		return 0
	}
	p.days.look(answer.At.UnixMilli())
	hours = float32(answer.At.UnixMilli()-p.days.start) / hour
	for _, bytes := range answer.Days {
		if bytes > 0 {
			break
		}
		hours += 24
	}
	return hours
}

// takeHours makes a habit of bytes by hour, as if there were a quarter more of them, spread evenly: a few days show no more.
func (t *target) takeHours(bytes [24]float64) {
	var sum float64
	for _, b := range bytes {
		sum += b
	}
	for i, b := range bytes {
		if sum > 0 {
			t.hours[i] = weightOf((b*24/sum + 0.25) / 1.25)
		}
	}
}

// resume plans a target that another process asked.
func (p *Planner) resume(now time.Time, h Target, t *target, asked time.Time) {
	t.set(answered, true)
	t.set(settled, t.answers == understood)
	if asked.After(now) { // by another clock
		asked = now
	}
	p.plan(asked.UnixMilli(), h, t)
}

// Hint notes what another source knows of a target. One that connects after a silence is no longer understood, and asked
// no later than before; one whose volume may have changed is due as soon as a question may be repeated.
func (p *Planner) Hint(now time.Time, h Target, hint Hint) {
	t := p.targets.at(h)
	if t.is(inFlight|suspended) || !t.is(answered) || t.failures > 0 {
		return
	}
	due := t.key[byDue]
	switch hint {
	case HintConnected:
		if t.silent < silence {
			return
		}
		t.answers = 0
		due = min(due, p.dueAfter(t.key[byAge], t))
	case HintVolume:
		due = min(due, t.key[byAge]+p.config.MinInterval.Milliseconds())
		t.set(hinted, true)
	}
	p.due.put(&p.targets, h, max(due, now.UnixMilli()))
}
