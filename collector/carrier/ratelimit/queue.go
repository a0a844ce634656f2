package ratelimit

import (
	"cmp"
	"container/list"
)

// Flow is on whose behalf a request is sent.
type Flow struct {
	Name  string  // a job; requests of one name leave in the order in which they came
	Share float64 // of what is sent while others wait too, against theirs; 0 is 1
	Front bool    // a person waits for it: it goes first, within bounds
	Visit *Visit  // that let it in; may be nil
}

// queue is a turn that one request holds at a time. Requests of one flow get it in the order of arrival, flows in turn by
// their shares (start-time fair queueing): each request moves its flow's tag on by the reciprocal of the share, and the flow
// with the smallest tag is next. A flow that has nothing waiting saves nothing up: what it leaves goes to the others.
//
// Requests in front go before all flows, but while others wait they take at most one turn in frontEvery, of which
// frontCredit may be saved up. Methods are called with the transport's lock held.
//
// sync.Mutex is the road not taken: it cannot be given up with a context, and it lets a newcomer overtake. So is deficit
// round robin: in a round of it a flow with a large share sends all of its requests in one go.
type queue struct {
	held    bool
	ahead   bool   // who holds it is in front
	visit   *Visit // which let in who holds it and has not left yet; may be nil
	waiting int    // in flows, not in front
	tag     float64
	flows   map[string]*flow
	front   list.List // of *place
	credit  float64   // turns that those in front may take while others wait
}

const (
	// frontEvery is one turn in how many those in front may take.
	frontEvery = 5
	// frontCredit is how many they may take in a row: what one question about a line takes, its token included.
	frontCredit = 4
	// earned is what a turn of a flow adds to that.
	earned = 1. / (frontEvery - 1)
)

// flow is the requests of one name that wait.
type flow struct {
	name    string
	tag     float64
	waiting list.List // of *place
}

// place is where a request waits.
type place struct {
	turn    chan struct{} // closed when the turn is handed over
	of      Flow
	in      *list.List
	element *list.Element
}

func newQueue() queue { return queue{flows: make(map[string]*flow), credit: frontCredit} }

// enter holds the turn if it is free (nil), or waits behind the others of its flow.
func (q *queue) enter(of Flow) *place {
	if !q.held {
		q.held, q.ahead, q.visit = true, of.Front, of.Visit
		if !of.Front {
			q.charge(q.flowOf(of), of)
		}
		return nil
	}
	return q.wait(of, false)
}

// wait is a place behind the others of a flow, or before them.
func (q *queue) wait(of Flow, first bool) *place {
	p := &place{turn: make(chan struct{}), of: of, in: &q.front}
	if !of.Front {
		q.waiting++
		p.in = &q.flowOf(of).waiting
	}
	if first {
		p.element = p.in.PushFront(p)
	} else {
		p.element = p.in.PushBack(p)
	}
	return p
}

// flowOf is the flow of a name. One that had nothing waiting begins where the others are.
func (q *queue) flowOf(of Flow) *flow {
	f := q.flows[of.Name]
	if f == nil {
		f = &flow{name: of.Name}
		q.flows[of.Name] = f
	}
	if f.waiting.Len() == 0 {
		f.tag = max(f.tag, q.tag)
	}
	return f
}

// charge counts a turn of a flow.
func (q *queue) charge(f *flow, of Flow) {
	q.tag = f.tag
	f.tag += of.cost()
	q.credit = min(frontCredit, q.credit+earned)
}

// cost is how far one request moves its flow on.
func (f Flow) cost() float64 {
	if f.Share <= 0 {
		return 1
	}
	return 1 / f.Share
}

// leave gives up a place, or the turn if it was handed over just now.
func (q *queue) leave(p *place) {
	select {
	case <-p.turn:
		q.pass()
	default:
		q.remove(p)
	}
}

func (q *queue) remove(p *place) {
	p.in.Remove(p.element)
	if !p.of.Front {
		q.waiting--
	}
}

// pass hands the turn to the next.
func (q *queue) pass() {
	if !q.waits() {
		q.held, q.visit = false, nil
		return
	}
	next := q.next()
	q.remove(next)
	q.ahead, q.visit = next.of.Front, next.of.Visit
	close(next.turn)
}

// next chooses which of those that wait is next, and counts it.
func (q *queue) next() *place {
	if q.frontMay() {
		if q.waiting > 0 {
			q.credit--
		}
		return q.front.Front().Value.(*place)
	}
	var first *flow
	for _, f := range q.flows {
		if f.waiting.Len() > 0 && (first == nil || cmp.Or(cmp.Compare(f.tag, first.tag), cmp.Compare(f.name, first.name)) < 0) {
			first = f
		}
	}
	p := first.waiting.Front().Value.(*place)
	q.charge(first, p.of)
	return p
}

// frontMay reports whether somebody in front waits who may go before the flows.
func (q *queue) frontMay() bool {
	return q.front.Len() > 0 && (q.waiting == 0 || q.credit >= 1)
}

// yields reports whether the holder of the turn, which may not leave yet, has to let somebody in front go first.
func (q *queue) yields(of Flow) bool { return !of.Front && q.front.Len() > 0 && q.credit-earned >= 1 }

// yield gives the turn back for somebody in front, and keeps the first place of the flow, as if the turn had never been had.
func (q *queue) yield(of Flow) *place {
	f := q.flows[of.Name]
	f.tag -= of.cost()
	q.credit -= earned
	p := q.wait(of, true)
	q.pass()
	return p
}

// waits reports whether anybody waits.
func (q *queue) waits() bool { return q.waiting > 0 || q.front.Len() > 0 }
