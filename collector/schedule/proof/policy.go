package main

import (
	"time"

	"kaisen/collector/schedule"
	"kaisen/schema"
)

// policy chooses who is asked. Times are milliseconds since the beginning.
type policy interface {
	// next is who is asked at a time at which a request may be, or later; a line below 0 is nobody, and then again at
	// is when there may be somebody.
	next(now int64) (line int, again int64)
	answered(w *world, line int, now int64)
	failed(line int, now int64)
}

// roundRobin asks one after the other, and who failed in the next round.
type roundRobin struct{ lines, at int }

func (r *roundRobin) next(int64) (int, int64) {
	line := r.at
	r.at = (r.at + 1) % r.lines
	return line, 0
}
func (*roundRobin) answered(*world, int, int64) {}
func (*roundRobin) failed(int, int64)           {}

// oldestFirst asks who was answered longest ago, and who failed again.
type oldestFirst struct {
	queue []int32
	first int
	again []int32
}

func newOldestFirst(lines int) *oldestFirst {
	o := &oldestFirst{}
	for i := range lines {
		o.queue = append(o.queue, int32(i))
	}
	return o
}

func (o *oldestFirst) next(int64) (line int, _ int64) {
	if n := len(o.again); n > 0 {
		line, o.again = int(o.again[n-1]), o.again[:n-1]
		return line, 0
	}
	line = int(o.queue[o.first])
	o.queue[o.first] = -1
	o.first = (o.first + 1) % len(o.queue)
	return line, 0
}

// answered puts the line at the end: the one place that is free, as all others wait in their order.
func (o *oldestFirst) answered(_ *world, line int, _ int64) {
	for i := range o.queue {
		if at := (o.first + len(o.queue) - 1 - i) % len(o.queue); o.queue[at] < 0 {
			o.queue[at] = int32(line)
			return
		}
	}
}
func (o *oldestFirst) failed(line int, _ int64) { o.again = append(o.again, int32(line)) }

// oracle knows every crossing, asks at once when one has happened, and else who was answered longest ago. Nobody can do
// better, and nobody who does not know the future can do as well.
type oracle struct {
	oldestFirst
	crossings []crossing
	urgent    []int32 // whose question failed
	asked     bool    // the last question was for a crossing
}

func (o *oracle) next(now int64) (int, int64) {
	o.asked = true
	if n := len(o.urgent); n > 0 {
		line := o.urgent[n-1]
		o.urgent = o.urgent[:n-1]
		return int(line), 0
	}
	if len(o.crossings) > 0 && o.crossings[0].at <= now {
		line := o.crossings[0].line
		o.crossings = o.crossings[1:]
		return int(line), 0
	}
	o.asked = false
	return o.oldestFirst.next(now)
}

// answered leaves a line at its place among the others that was asked for a crossing.
func (o *oracle) answered(w *world, line int, now int64) {
	if !o.asked {
		o.oldestFirst.answered(w, line, now)
	}
}

func (o *oracle) failed(line int, now int64) {
	if o.asked {
		o.urgent = append(o.urgent, int32(line))
		return
	}
	o.oldestFirst.failed(line, now)
}

// kaisen is the planner. It sees what answers show and nothing else.
type kaisen struct {
	*schedule.Planner
	start time.Time
	days  []uint64
}

// defaultInterval is the default, or what a budget allows if that is less, so that all of it is spent as by the others.
func defaultInterval(w *world, perSecond float64) time.Duration {
	return min(15*time.Minute, time.Duration(float64(w.lines)/perSecond*float64(time.Second)))
}

// newKaisen is a planner with a budget; 0 is no limit.
func newKaisen(w *world, interval time.Duration, perSecond float64) (*kaisen, error) {
	config := schedule.DefaultConfig()
	config.Jobs = []schedule.Job{{Name: "traffic", Interval: interval}}
	config.Thresholds = thresholds()
	planner, err := schedule.New(config)
	if err != nil {
		return nil, err
	}
	if perSecond > 0 {
		planner.SetBudget(w.start, perSecond)
	}
	for range w.lines {
		planner.Add(w.start, 0, schedule.Spec{}) // the handles count from 1
	}
	return &kaisen{planner, w.start, nil}, nil
}

func (k *kaisen) time(ms int64) time.Time { return k.start.Add(time.Duration(ms) * time.Millisecond) }

func (k *kaisen) next(now int64) (int, int64) {
	at := k.time(now)
	h, due, ok := k.Next(at)
	if !ok {
		return -1, now + 1000
	}
	if due.After(at) {
		return -1, now + max(1, due.Sub(at).Milliseconds())
	}
	k.Began(at, h)
	return int(h) - 1, 0
}

func (k *kaisen) answered(w *world, line int, now int64) {
	k.Answered(k.time(now), schedule.Target(line+1), w.answer(line, now, &k.days))
}

func (k *kaisen) failed(line int, now int64) { k.Failed(k.time(now), schedule.Target(line+1)) }

// answer is what the carrier says of a line at a time.
func (w *world) answer(line int, ms int64, days *[]uint64) schedule.Answer {
	month, before := w.used(line, ms)
	*days = w.daysBefore(line, ms, (*days)[:0])
	a := schedule.Answer{
		At: w.start.Add(time.Duration(ms) * time.Millisecond), Month: month, Today: month - before,
		Restriction: schema.RestrictionNone, Days: *days,
	}
	if volume := w.volume(line); volume > 0 {
		a.Remaining = schema.Some(remaining(volume, month))
		recent := (*days)[0]+(*days)[1]+(*days)[2] > volume/10*3
		switch {
		case month >= volume && recent:
			a.Restriction = schema.RestrictionMonthlyAndRecent
		case month >= volume:
			a.Restriction = schema.RestrictionMonthly
		case recent:
			a.Restriction = schema.RestrictionRecent
		}
	}
	return a
}
