package unom

import (
	"fmt"
	"slices"
	"sync"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
	"kaisen/internal/simulator/fleet"
)

// The statuses of an order (UNO Mobile API v2.1 §07: orderStatus). 30 is documented like 16 and never used here.
const (
	orderWaiting     = "01"
	orderProcessing  = "02"
	orderProcessed   = "03"
	orderRejected    = "04" // 業務NG: what was ordered cannot be
	orderSystemError = "05"
	orderRegistered  = "10"
	orderCancelled   = "11"
	orderConfirmed   = "15"
	orderUnderway    = "16"
	orderCompleted   = "60"
)

// ended reports whether nothing more happens to an order of the status.
func ended(status string) bool {
	switch status {
	case orderProcessed, orderRejected, orderSystemError, orderCancelled, orderCompleted:
		return true
	}
	return false
}

// order is something that a customer asked for. What becomes of it is decided when it is placed and follows the
// virtual time: its steps are its statuses, each from a second on.
type order struct {
	id        string
	seed      uint64
	operation string
	contract  *fleet.Contract
	lineNo    string // empty: of no line that there is
	parts     int    // how many things were ordered at once
	placed    int64
	requested int // the day it is asked for; that on which it was placed where none is
	steps     []step
	message   string // messageId, once it is rejected
	cancels   string // the order that this one cancels

	withdraw func(after int64) // undoes what it would have done; nil: it cannot be cancelled
}

type step struct {
	at     int64
	status string
}

// status is the order's at a second that is not before it was placed.
func (o *order) status(at int64) string {
	status := o.steps[0].status
	for _, s := range o.steps {
		if s.at <= at {
			status = s.status
		}
	}
	return status
}

// done is the second from which on nothing more happens to it; false: that never comes.
func (o *order) done() (int64, bool) {
	last := o.steps[len(o.steps)-1]
	return last.at, ended(last.status)
}

// opened is the day on which it took effect, by a second.
func (o *order) opened(at int64, cal calendar.Calendar) (day int, ok bool) {
	last := o.steps[len(o.steps)-1]
	if last.at > at || last.status != orderProcessed && last.status != orderCompleted {
		return 0, false
	}
	return cal.Day(last.at), true
}

// orderStore is every order there ever was.
type orderStore struct {
	mu         sync.RWMutex
	serial     int
	orders     map[string]*order
	byContract map[*fleet.Contract][]*order // as they were placed
}

func newOrderStore() *orderStore {
	return &orderStore{orders: map[string]*order{}, byContract: map[*fleet.Contract][]*order{}}
}

// reserveNumber is that of a new reservation: the day and seven digits.
func (s *orderStore) reserveNumber(day int) string {
	return fmt.Sprintf("%s%07d", calendar.Digits(day), s.next())
}

func (s *orderStore) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return s.serial
}

// add gives a new order its number and keeps it: the tag, the day, and seven digits that never repeat.
func (s *orderStore) add(o *order, day int) {
	serial := s.next()
	o.id = fmt.Sprintf("%s%s%07d", ourOrders, calendar.Time(day).Format("060102"), serial)
	o.seed = chance.Of(o.contract.Seed(), chance.AboutOrder, uint64(serial))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders[o.id] = o
	s.byContract[o.contract] = append(s.byContract[o.contract], o)
}

// find is a copy of an order of the contract, if it had been placed by a second.
func (s *orderStore) find(c *fleet.Contract, id string, at int64) (order, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := s.orders[id]
	if o == nil || o.contract != c || o.placed > at {
		return order{}, false
	}
	return *o, true
}

// of is copies of the contract's orders by a second, the newest first: a list of 1,000 rows shows those.
func (s *orderStore) of(c *fleet.Contract, at int64) []order {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []order
	for _, o := range slices.Backward(s.byContract[c]) {
		if o.placed <= at {
			list = append(list, *o)
		}
	}
	return list
}

// cancel ends an order at a second.
func (s *orderStore) cancel(id string, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cancelled := *s.orders[id]
	keep := slices.IndexFunc(cancelled.steps, func(next step) bool { return next.at > at })
	if keep < 0 {
		keep = len(cancelled.steps)
	}
	cancelled.steps = append(slices.Clone(cancelled.steps[:keep]), step{at, orderCancelled})
	s.orders[id] = &cancelled
	list := slices.Clone(s.byContract[cancelled.contract])
	list[slices.IndexFunc(list, func(o *order) bool { return o.id == id })] = &cancelled
	s.byContract[cancelled.contract] = list
}

// timing is how fast orders go through their statuses.
type timing struct {
	cal  calendar.Calendar
	pace int64 // how long an order stays in one of its first statuses, in virtual seconds
}

// atOnce is how an order goes that is carried out as soon as it is processed, or turned down.
func (t timing) atOnce(now int64, last string) []step {
	return []step{{now, orderWaiting}, {now + t.pace, orderProcessing}, {now + 2*t.pace, last}}
}

// reserved is how an order goes that is for a day: it is confirmed, carried out from the day before on, and complete
// when the day begins; on the day itself, as soon as can be.
func (t timing) reserved(now int64, day int) []step {
	confirmed := now + t.pace
	underway := max(confirmed+t.pace, t.cal.Midnight(day-1))
	return []step{
		{now, orderRegistered}, {confirmed, orderConfirmed}, {underway, orderUnderway},
		{max(underway+t.pace, t.cal.Midnight(day)), orderCompleted},
	}
}

// pastOrders are those that a contract has behind it at the start, six hours apart: volume that was added and
// devices that were bought, now and then rejected or cancelled.
func (u *API) pastOrders(of *fleet.Contract) {
	const apart = 6 * 60 * 60
	for i := range u.cfg.Orders {
		placed := u.cfg.Start.Unix() - 2*calendar.DaySeconds - int64(u.cfg.Orders-i)*apart
		day := u.cal.Day(placed)
		o := &order{operation: "add_data_volume", contract: of, parts: 1, placed: placed, requested: day}
		switch i % 8 {
		case 3:
			o.steps, o.message = u.timing.atOnce(placed, orderRejected), messageNoVolume
		case 5:
			o.operation, o.steps = "buy_devices", append(u.timing.reserved(placed, day)[:2], step{placed + 2*u.timing.pace, orderCancelled})
		case 1, 7:
			o.operation, o.steps = "buy_devices", u.timing.reserved(placed, day)
		default:
			o.steps = u.timing.atOnce(placed, orderProcessed)
		}
		u.store.add(o, day)
	}
}
