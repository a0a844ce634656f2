package unom

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// An order that was open and is in no list has come to an end that the order itself shows.
func TestAnOrderInNoList(t *testing.T) {
	message := schema.Some(api.Message{ID: "100000011"})
	rejected := items(api.OrderRejected)
	rejected.Items[0].Error = message
	taken := api.Cancellation{OrderID: orderID(7), Status: api.OrderProcessed, CheckError: message}
	tests := []struct {
		name   string
		detail *api.OrderDetail
		cancel *api.Cancellation
		want   schema.OrderStatus
		by     schema.OrderCall
		gone   bool
		asks   int // of call 30
	}{
		{"rejected", &rejected, nil, schema.OrderRejected, schema.ToldByOrder, false, 0},
		{"cancelled", detailOf(api.OrderCancelled), nil, schema.OrderCancelled, schema.ToldByOrder, false, 1},
		{"cancelled, and call 30 knows", detailOf(api.OrderCancelled), &taken, schema.OrderCancelled, schema.ToldByOrder, false, 1},
		{"one item still open", detailOf(api.OrderCompleted, api.OrderUnderway), nil, schema.OrderUnderWay, schema.ToldByOrder, false, 0},
		{"one item failed", detailOf(api.OrderCompleted, api.OrderSystemError, api.OrderCancelled), nil, schema.OrderSystemError, schema.ToldByOrder, false, 0},
		{"all items done", detailOf(api.OrderCompleted, api.OrderCompleted), nil, schema.OrderCompleted, schema.ToldByOrder, false, 0},
		{"an unheard-of status", detailOf("77"), nil, schema.OrderUnknown, schema.ToldByOrder, false, 0},
		{"a cancellation itself", nil, &taken, schema.OrderProcessed, schema.ToldByCancellation, false, 1},
		{"known to nobody", nil, nil, schema.OrderConfirmed, schema.ToldByOrders, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newOrderFixture(t, nil)
			s.sweep(func(d *contractAnswers) {
				d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
				d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
			})
			_, asks := s.sweep(func(d *contractAnswers) {
				d.accepting, d.details, d.cancellations = nil, map[string]api.OrderDetail{}, map[string]api.Cancellation{}
				if tt.detail != nil {
					d.details[orderID(1)] = *tt.detail
				}
				if tt.cancel != nil {
					d.cancellations[orderID(1)] = *tt.cancel
				}
			})
			got := s.row(1, 0)
			if got.Status != tt.want || got.ToldBy != tt.by || got.Gone != tt.gone || asks != tt.asks || !got.ObservedAt.Equal(s.now) {
				t.Errorf("%s, told by %s, gone %v, call 30 asked %d times, %s", got.Status, got.ToldBy, got.Gone, asks, got.ObservedAt)
			}
			if !got.Applied.Known || !got.Requested.Known || !got.FirstSeen.Equal(noon().Add(time.Hour)) {
				t.Errorf("applied %v, requested %v, first seen %s: what the order had told before is lost", got.Applied, got.Requested, got.FirstSeen)
			}
			if got.Cancel.Known != (tt.cancel != nil) || got.Cancel.Known && (got.Cancel.V.OrderID != taken.OrderID || got.Cancel.V.ErrorID != "100000011") {
				t.Errorf("cancellation %+v", got.Cancel)
			}
			if tt.want == schema.OrderRejected && (got.ErrorID != "100000011" || s.row(1, 1).ErrorID != "100000011") {
				t.Errorf("messages %q and %q, want that of the rejection", got.ErrorID, s.row(1, 1).ErrorID)
			}
			want := map[string]int{string(tt.want): 1}
			if tt.gone {
				want = nil
			}
			s.counts(want)
			if more, _ := s.sweep(func(*contractAnswers) {}); (more > 0) == tt.want.Final() && !tt.gone || tt.gone && more > 0 {
				t.Errorf("asked %d times more", more)
			}
		})
	}
}

func detailOf(statuses ...api.OrderStatus) *api.OrderDetail {
	d := items(statuses...)
	return &d
}

// A list of 1,000 rows proves nothing of what is not in it: such orders are asked for once a day, and never given up.
func TestACutListProvesNoOrderGone(t *testing.T) {
	s := newOrderFixture(t, nil)
	s.sweep(func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
	})
	full := make([]api.Order, api.MaxRows)
	for i := range full {
		full[i] = api.Order{OrderID: fmt.Sprintf("AGU9%05d", i), Status: api.OrderConfirmed}
	}
	s.sweep(func(d *contractAnswers) { d.accepting, d.details = full, nil }) // asks for the thousand new ones
	if n := s.calls("order " + orderID(1)); n != 1 || s.row(1, 0).Gone {
		t.Errorf("asked for the order beyond the cut %d times, want only when it was new; gone %v", n, s.row(1, 0).Gone)
	}
	s.now = s.now.Add(detailFor)
	if s.sweep(func(*contractAnswers) {}); s.calls("order "+orderID(1)) != 2 || s.row(1, 0).Gone {
		t.Errorf("a day later: asked %d times, gone %v; want once more, and a 404 that proves nothing", s.calls("order "+orderID(1)), s.row(1, 0).Gone)
	}
	s.counts(map[string]int{"confirmed": api.MaxRows + 1})
}

// Call 08 was refused at first: an order that was open meanwhile is no order of the past when it is answered.
func TestALateFirstLookAtCompleteOrders(t *testing.T) {
	s := newOrderFixture(t, nil)
	s.contractAnswers.set(func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
		d.refuse = map[string]error{"completed_orders": &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403}}
	})
	sweepOnce(t, s.u, JobOrders)
	details, _ := s.sweep(func(d *contractAnswers) {
		d.accepting, d.complete = nil, []api.Order{placed(1, api.OrderCompleted), placed(2, api.OrderCompleted)}
		d.refuse = nil
	})
	if details != 1 || s.calls("order "+orderID(1)) != 2 {
		t.Errorf("asked %d times, want once: for the order that was open", details)
	}
}

// A cancellation that the lists have among the orders is in the answer of call 30 alone; the status is the lists' all the same.
func TestAListedOrderThatCall11DoesNotKnow(t *testing.T) {
	s := newOrderFixture(t, nil)
	for range 2 {
		s.sweep(func(d *contractAnswers) {
			d.accepting = []api.Order{placed(1, api.OrderProcessing)}
			d.cancellations = map[string]api.Cancellation{orderID(1): {OrderID: orderID(1), Status: api.OrderWaiting}}
		})
	}
	got := s.row(1, 0)
	if got.Status != schema.OrderProcessing || got.ToldBy != schema.ToldByOrders || got.Cancel.V.Status != schema.OrderWaiting || s.calls("cancellation ") != 1 {
		t.Errorf("%s told by %s, cancellation %s, call 30 asked %d times", got.Status, got.ToldBy, got.Cancel.V.Status, s.calls("cancellation "))
	}
}

// What says nothing of the order is a failure, and proves nothing.
func TestFailuresThatAreNoAnswer(t *testing.T) {
	for name, spoil := range map[string]func(*contractAnswers){
		"a wrong address": func(d *contractAnswers) {
			d.refuse = map[string]error{"order": &carrier.Error{Kind: carrier.KindNotFound, Reason: carrier.ReasonNoSuchURL, Status: 404}}
		},
		"no such contract": func(d *contractAnswers) {
			d.refuse = map[string]error{"order": &carrier.Error{Kind: api.KindNoSuchContract, Reason: api.ReasonNoSuchContract, Status: 404}}
		},
		"a bad request": func(d *contractAnswers) {
			d.refuse = map[string]error{"order": &carrier.Error{Kind: carrier.KindInvalidRequest, Reason: api.ReasonOtherBadRequest, Status: 400}}
		},
		"call 30 away": func(d *contractAnswers) {
			d.details, d.refuse = nil, map[string]error{"cancellation": &carrier.Error{Kind: carrier.KindServer, Status: 500}}
		},
		"another order": func(d *contractAnswers) { d.swap = true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newOrderFixture(t, nil)
			s.sweep(func(d *contractAnswers) {
				d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
				d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
			})
			s.contractAnswers.set(func(d *contractAnswers) { d.accepting = nil; spoil(d) })
			sweep := sweepOnce(t, s.u, JobOrders)
			if got := s.row(1, 0); sweep.Failed() != 1 || got.Gone || got.Status != schema.OrderConfirmed {
				t.Errorf("%d failed, gone %v, status %s; want a failure, and the order as it was", sweep.Failed(), got.Gone, got.Status)
			}
		})
	}
}

func TestOneFailureLeavesTheRestAlone(t *testing.T) {
	forbidden := &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403}
	s := newOrderFixture(t, nil)
	s.contractAnswers.set(func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderConfirmed), placed(2, api.OrderConfirmed)}
		d.complete = []api.Order{placed(3, api.OrderCompleted)}
		d.refuse = map[string]error{"completed_orders": forbidden}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed), orderID(2): items(api.OrderConfirmed)}
	})
	sweep := sweepOnce(t, s.u, JobOrders)
	if sweep.Failed() != 1 || sweep.Row("").OK != 3 || sweep.Left() != 0 || !errors.Is(sweep.Err(), forbidden) {
		t.Errorf("%d failed, %d done, %d left, %v; want call 08 alone to fail", sweep.Failed(), sweep.Row("").OK, sweep.Left(), sweep.Err())
	}
	if got := collectortest.Gauges(t, s.metrics, "kaisen_orders"); len(got) != 0 {
		t.Errorf("%v is shown, with half of the lists read; want nothing", got)
	}
	malformed := &carrier.Error{Kind: carrier.KindMalformed, Status: 200, Payload: []byte("torn"), ObservedAt: noon()}
	s.contractAnswers.set(func(d *contractAnswers) {
		d.refuse = map[string]error{"order": malformed}
		d.accepting = []api.Order{placed(1, api.OrderUnderway), placed(2, api.OrderConfirmed)}
	})
	if sweep := sweepOnce(t, s.u, JobOrders); sweep.Failed() != 1 || s.row(1, 0).Status != schema.OrderUnderWay {
		t.Errorf("%d failed, status %s; want an answer of call 11 to fail by itself", sweep.Failed(), s.row(1, 0).Status)
	}
	if found := s.sink.All().DeadLetters; len(found) != 1 || found[0].Operation != "order" {
		t.Errorf("dead letters %+v, want the answer", found)
	}
	if details, _ := s.sweep(func(d *contractAnswers) { d.refuse = nil }); details != 1 {
		t.Errorf("asked %d times, want the failed one again", details)
	}
}

// IDs that other systems of the carrier gave are no questions for call 11, and no failures.
func TestAnOrderThatCannotBeAskedFor(t *testing.T) {
	s := newOrderFixture(t, nil)
	notSent := &carrier.Error{Kind: carrier.KindInvalidRequest, Message: "not sent", ObservedAt: noon()}
	for range 2 {
		s.sweep(func(d *contractAnswers) {
			d.accepting = []api.Order{{OrderID: "AGB26052000000001", Status: api.OrderConfirmed}}
			d.refuse = map[string]error{"order": notSent, "cancellation": notSent}
		})
	}
	s.counts(map[string]int{"confirmed": 1})
}

// A page of a gateway and a redirect say nothing of an order, and lists that lost most of the open orders say nothing yet.
func TestOrdersAreNotGivenUpForNothing(t *testing.T) {
	for name, failure := range map[string]error{
		"a gateway's page": &carrier.Error{Kind: carrier.KindNotFound, Reason: api.ReasonOtherNotFound, Status: 404},
		"a redirect":       &carrier.Error{Kind: carrier.KindNotFound, Status: 302, Message: "redirected"},
	} {
		if notKnown(failure) {
			t.Errorf("%s says that there is no such order", name)
		}
	}
	s := newOrderFixture(t, nil)
	all := []api.Order{placed(1, api.OrderConfirmed), placed(2, api.OrderConfirmed), placed(3, api.OrderConfirmed)}
	s.sweep(func(d *contractAnswers) {
		d.accepting, d.details = all, map[string]api.OrderDetail{}
		for i := range all {
			d.details[orderID(i+1)] = items(api.OrderConfirmed)
		}
	})
	for range 5 {
		if asked, _ := s.sweep(func(d *contractAnswers) { d.accepting, d.details = nil, nil }); asked > 0 || s.row(1, 0).Gone {
			t.Errorf("asked about %d orders, gone %v; want the lists doubted", asked, s.row(1, 0).Gone)
		}
	}
	s.counts(map[string]int{"confirmed": 3})
}

// An order that a list lacks may be the row that could not be read, in either list; the same of products.
func TestAListWithoutARowProvesNothingGone(t *testing.T) {
	odd := []carrier.Warning{{Field: "orderList", Reason: carrier.ReasonRow, Odd: 1, Row: "7"}}
	for _, list := range []string{"orders", "completed_orders"} {
		s := newOrderFixture(t, nil)
		s.sweep(func(d *contractAnswers) {
			d.accepting = []api.Order{placed(1, api.OrderConfirmed), placed(2, api.OrderConfirmed), placed(3, api.OrderConfirmed)}
			d.details = map[string]api.OrderDetail{}
			for n := range 3 {
				d.details[orderID(n+1)] = items(api.OrderConfirmed)
			}
		})
		s.sweep(func(d *contractAnswers) {
			d.accepting, d.odd = d.accepting[:2], map[string][]carrier.Warning{list: odd}
			delete(d.details, orderID(3))
		})
		if got := s.row(3, 0); got.Gone || got.Status != schema.OrderConfirmed {
			t.Errorf("%s: %+v", list, got)
		}
		if n := len(s.sink.All().DeadLetters); n != 1 {
			t.Errorf("%s: %d dead letters, want the row", list, n)
		}
		s.sweep(func(d *contractAnswers) { d.odd = nil })
		if !s.row(3, 0).Gone {
			t.Errorf("%s: not gone, although the lists are whole", list)
		}
	}
	c := &fakeCarrier{now: noon(), contractAnswers: &contractAnswers{products: []api.Product{{ProductCode: "1"}, {ProductCode: "2"}, {ProductCode: "3"}}}}
	sink := &collectortest.Sink{}
	u := newUnom(c, sink, nil)
	offered := func() (n int) {
		if err := sweepOnce(t, u, JobProducts).Err(); err != nil {
			t.Fatal(err)
		}
		for _, row := range u.products[contract].All() {
			if row.Offered {
				n++
			}
		}
		return n
	}
	offered()
	c.contractAnswers.products = c.contractAnswers.products[:2]
	c.contractAnswers.odd = map[string][]carrier.Warning{"products": odd}
	if n := offered(); n != 3 {
		t.Errorf("%d products, want those of before", n)
	}
	c.contractAnswers.odd = nil
	if n := offered(); n != 2 {
		t.Errorf("%d products, want what the whole list has", n)
	}
}
