package schedule

import (
	"math"

	"kaisen/schema"
)

const mib = 1 << 20

// figures are what a target's last answers have shown.
type figures struct {
	asof   int64  // of which they speak, milliseconds
	month  uint64 // bytes used
	volume uint64 // bytes that the month has, as far as known; 0: no limit, or not known
	left   uint64 // bytes, as the answer had it

	fast   float32 // bytes a second at average hours: of the last answers
	slow   float32 // the same, of the last days
	spread float32 // standard deviation of the logarithm of use against expectation
	silent float32 // hours without a byte

	restricted restricted
	lagging    bool // the carrier's figures were those of yesterday still
	today      float32
	answers    uint8 // since it was new or woke, up to understood
	whole      bool  // the carrier says what is left in whole MiB
}

// restricted is a restriction in a byte.
type restricted uint8

const (
	restrictedNot     restricted = 0
	restrictedRecent  restricted = 1
	restrictedMonthly restricted = 2
	restrictedUnknown restricted = 4
)

func restrictedOf(r schema.Restriction) restricted {
	switch r {
	case schema.RestrictionNone, "":
		return restrictedNot
	case schema.RestrictionRecent:
		return restrictedRecent
	case schema.RestrictionMonthly:
		return restrictedMonthly
	case schema.RestrictionMonthlyAndRecent:
		return restrictedMonthly | restrictedRecent
	default:
		return restrictedUnknown
	}
}

func (r restricted) schema() schema.Restriction {
	switch r {
	case restrictedNot:
		return schema.RestrictionNone
	case restrictedRecent:
		return schema.RestrictionRecent
	case restrictedMonthly:
		return schema.RestrictionMonthly
	case restrictedMonthly | restrictedRecent:
		return schema.RestrictionMonthlyAndRecent
	default:
		return schema.RestrictionUnknown
	}
}

const (
	understood   = 3    // answers after which a target is no longer new
	silence      = 20   // hours without use after which use is news
	firstSpread  = 0.8  // of a target that nobody has expected anything of yet
	leastSpread  = 0.15 // nobody is more regular
	spreadSpeed  = 0.15
	hourSpeed    = 0.12
	fastTime     = 25 * 60 // seconds after which the last rate counts for 1/e
	levelReturns = 3 * hour
)

// learn takes in an answer, and returns the thresholds that it is the first to show as passed.
func (p *Planner) learn(t *target, a Answer) []Crossing {
	ms := a.At.UnixMilli()
	p.days.look(ms)
	was, first := t.figures, !t.is(answered)
	if !first && ms < was.asof { // older than what is known
		return nil
	}
	turned := !first && (was.asof < p.days.start && p.days.dayOfMonth == 1 || a.Month < was.month)
	t.asof, t.month, t.restricted = ms, a.Month, restrictedOf(a.Restriction)
	t.setVolume(a, was, turned)
	t.today = float32(a.Today)
	t.lagging = !first && ms-p.days.start < 3*hour && t.today >= was.today && (was.lagging || was.asof < p.days.start)
	if t.answers < understood {
		t.answers++
	}
	switch {
	case first:
		p.begin(t, a)
	case ms-was.asof >= 1000:
		p.fleet.expose(p, t, &was, turned)
		if !turned && was.restricted&restrictedMonthly == 0 {
			p.learnRate(t, &was)
		}
		if was.asof < p.days.start && p.days.end-p.days.start > 0 {
			t.learnDay(&p.days, a.Days, was.restricted)
		}
	}
	if first {
		return nil
	}
	return p.passed(t, &was, turned)
}

// setVolume notes what the month has. What is left comes in whole MiB, so that the sum wanders below the volume: the
// highest that was seen is the nearest.
func (t *target) setVolume(a Answer, was figures, turned bool) {
	if !a.Remaining.Known || t.is(member) {
		t.volume, t.left = 0, 0
		return
	}
	t.left = a.Remaining.V
	t.whole = t.left%mib == 0 && (t.left > 0 || was.whole)
	shown := a.Month + t.left
	t.volume = shown
	if !turned && was.volume > 0 && t.left > 0 && was.volume >= shown && was.volume-shown < mib {
		t.volume = was.volume
	}
	if t.left == 0 && was.volume > 0 && !turned { // beyond its volume the sum says nothing
		t.volume = min(was.volume, shown)
	}
}

// begin is the first answer: all that is known are the days.
func (p *Planner) begin(t *target, a Answer) {
	t.habits = p.fleet.habits
	t.learnWeekdays(p.days.weekday, a.Days)
	var sum, weight, n float64
	for i, bytes := range a.Days[:min(14, len(a.Days))] {
		w := t.weekdays[((p.days.weekday-1-i)%7+7)%7].factor()
		sum, weight, n = sum+float64(bytes), weight+w, n+1
	}
	if n == 0 { // today, as far as it went
		sum, weight = float64(a.Today), t.weigh(&p.days, p.days.start, t.asof)/86400
	}
	if weight > 0 {
		t.slow = float32(sum / weight / 86400)
	}
	t.fast, t.spread = t.slow, firstSpread
}

// learnRate takes in what was used since the last answer.
func (p *Planner) learnRate(t *target, was *figures) {
	used := float64(t.month - was.month)
	seconds := max(t.weigh(&p.days, was.asof, t.asof), 1)
	passed := float64(t.asof-was.asof) / 1000
	expected := t.expected(was.asof, &p.days)
	if used == 0 {
		t.silent = min(was.silent+float32(passed/3600), 1000)
	} else {
		if was.silent >= silence {
			t.answers = 0
		}
		t.silent = 0
	}
	// Errors matter by what they are to the distance, and quantities that nobody would notice are none.
	slack := 64<<10 + 0.002*float64(was.left)
	wrong := math.Log((used + slack) / (expected + slack))
	variance := float64(was.spread) * float64(was.spread)
	speed := spreadSpeed * min(1, passed/60)
	t.spread = float32(math.Sqrt(variance + speed*(wrong*wrong-variance)))
	level := used / seconds
	share := 1 - math.Exp(-passed/fastTime)
	t.fast = float32(float64(was.fast) + share*(level-float64(was.fast)))
	if usual := float64(was.slow) * seconds; usual > 0 { // not what the last answers made one expect, which knows the hour
		ratio := min(4, used/usual)
		t.learnHours(&p.days, was.asof, t.asof, ratio, hourSpeed, &p.fleet.exact)
		p.fleet.learnHours(&p.days, was.asof, t.asof, ratio)
	}
}

// expected is what the last answer made one expect until the figures' time.
func (t *target) expected(from int64, c *calendar) (bytes float64) {
	for now := from; now < t.asof; {
		of, weekday, ends := c.hourOf(now)
		ends = min(ends, t.asof)
		bytes += t.level((now+ends)/2-from) * t.factor(of, weekday) * float64(ends-now) / 1000
		now = ends
	}
	return bytes
}

// level is the bytes a second at average hours to be expected some milliseconds after the last answer.
func (t *target) level(after int64) float64 {
	fade := 1 / (1 + float64(after)/levelReturns) // for e^-x, without its price
	return float64(t.slow) + (float64(t.fast)-float64(t.slow))*fade*fade
}

// learnDay takes in yesterday, once it is over.
func (t *target) learnDay(c *calendar, days []uint64, was restricted) {
	if len(days) == 0 || was&restrictedMonthly != 0 {
		return
	}
	t.learnWeekdays(c.weekday, days)
	level := float64(days[0]) / 86400 / max(0.05, t.weekdays[(c.weekday+6)%7].factor())
	t.slow += float32((level - float64(t.slow)) / 6)
}

// passed are the thresholds that an answer is the first to show as passed, with the time at which an even use between
// the answers came to them.
func (p *Planner) passed(t *target, was *figures, turned bool) []Crossing {
	var all []Crossing
	estimate := func(part float64) int64 {
		return was.asof + int64(float64(t.asof-was.asof)*min(1, max(0, part)))
	}
	if was.restricted != restrictedNot && t.restricted == restrictedNot {
		ended := p.days.start
		if ended < was.asof {
			ended = estimate(0.5)
		}
		all = append(all, Crossing{Cleared: true, Estimated: p.at(ended)})
	}
	if t.volume == 0 {
		return all
	}
	for i := p.count(t, &t.figures) - 1; i >= 0; i-- {
		threshold := p.threshold(t, i)
		if !turned && was.volume > 0 && was.reached(threshold) {
			break
		}
		need, used := was.distance(threshold), float64(t.month)-float64(was.month)
		if turned {
			need, used = float64(t.volume)*(1-threshold), float64(t.month)
		}
		all = append(all, Crossing{Threshold: threshold, Estimated: p.at(estimate(need / max(1, used)))})
	}
	return all
}

// threshold is the i-th share of the volume that is to be known of a target, from high to low: a target's own stands where
// its value belongs, which may be below the planner's second.
func (p *Planner) threshold(t *target, i int) float64 {
	if t.near == 0 {
		return p.config.Thresholds[i]
	}
	own, others := float64(t.near)/nearUnit, p.config.Thresholds[1:]
	switch {
	case i < len(others) && others[i] > own:
		return others[i]
	case i == 0 || others[i-1] > own:
		return own
	default:
		return others[i-1]
	}
}

// count is how many thresholds are passed.
func (p *Planner) count(t *target, f *figures) (n int) {
	for n < len(p.config.Thresholds) && f.reached(p.threshold(t, n)) {
		n++
	}
	return n
}

// reached reports whether an answer with these figures shows a threshold as passed.
func (f *figures) reached(threshold float64) bool {
	return f.volume > 0 && float64(f.left) <= threshold*float64(f.month+f.left)
}

// distance is the bytes until an answer will show a threshold as passed: what is left is rounded down to whole MiB.
func (f *figures) distance(threshold float64) float64 {
	exact := float64(f.volume) - float64(f.month)
	at := threshold * float64(f.volume)
	if f.whole {
		at = (math.Floor(at/mib) + 1) * mib
	}
	return max(1, exact-at)
}

const nearUnit = 250

func nearCode(near float64) uint8 { return uint8(min(nearUnit, max(0, near*nearUnit+0.5))) }
