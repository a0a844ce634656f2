package main

import (
	"math"
	"slices"
	"time"
)

// result is how a policy did.
type result struct {
	crossings, missed   int       // missed: the month turned before anybody asked
	delays              []float64 // seconds, ascending
	worstAge            float64   // seconds
	requests, decisions int
	perSecond           float64 // decisions
}

func (r *result) mean() (mean float64) {
	for _, d := range r.delays {
		mean += d / float64(len(r.delays))
	}
	return mean
}

func (r *result) quantile(q float64) float64 {
	if len(r.delays) == 0 {
		return math.NaN()
	}
	return r.delays[min(len(r.delays)-1, int(q*float64(len(r.delays))))]
}

// watch measures how long after each crossing a line is answered.
type watch struct {
	result
	byLine [][]int64 // the crossings that are to be seen
	last   []int64   // when a line was last answered, -1: never
	turns  []int64   // when months end
}

func newWatch(w *world, crossings []crossing) *watch {
	s := &watch{byLine: make([][]int64, w.lines), last: make([]int64, w.lines)}
	for _, c := range crossings {
		s.byLine[c.line] = append(s.byLine[c.line], c.at)
	}
	for i := range s.last {
		s.last[i] = -1
	}
	for _, d := range w.months {
		s.turns = append(s.turns, int64(d)*day)
	}
	s.crossings = len(crossings)
	return s
}

func (s *watch) saw(line int, now int64) {
	if last := s.last[line]; last >= 0 {
		s.worstAge = max(s.worstAge, float64(now-last)/1000)
	}
	s.last[line] = now
	open := s.byLine[line]
	for len(open) > 0 && open[0] <= now {
		s.delays = append(s.delays, float64(now-open[0])/1000)
		for _, turn := range s.turns {
			if open[0] < turn && turn <= now {
				s.missed++
			}
		}
		open = open[1:]
	}
	s.byLine[line] = open
}

// end counts who was not seen until now as seen now.
func (s *watch) end(now int64) result {
	for line := range s.last {
		s.saw(line, now)
	}
	slices.Sort(s.delays)
	return s.result
}

// failing is how many requests there are to one that fails.
const failing = 500

// run lets a policy ask from the beginning to the end.
func run(w *world, p policy, crossings []crossing, perSecond float64, seed uint64) result {
	s := newWatch(w, crossings)
	end := int64(w.days) * day
	var spent time.Duration
	var timed int
	for slot := 0.0; int64(slot) < end; {
		now := int64(slot)
		began := time.Time{}
		if s.decisions%64 == 0 {
			began = time.Now()
		}
		line, again := p.next(now)
		s.decisions++
		if line < 0 {
			slot = max(slot, float64(again))
			continue
		}
		failed := draw(seed, 9, uint64(s.requests))%failing == 0
		s.requests++
		if failed {
			p.failed(line, now)
		} else {
			p.answered(w, line, now)
			s.saw(line, now)
		}
		if !began.IsZero() {
			spent += time.Since(began)
			timed++
		}
		slot += 1000 / perSecond
	}
	s.perSecond = float64(timed) / max(1e-9, spent.Seconds())
	return s.end(end)
}
