package collector

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// noon is when the tests' carrier begins.
func noon() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, tokyo) }

func orderID(n int) string { return fmt.Sprintf("AGU26052000000%02d", n) }

// placed is order n as a list tells it: applied for on May 18th, wanted for June 1st.
func placed(n int, status unom.OrderStatus) unom.Order {
	return unom.Order{OrderID: orderID(n), Status: status,
		Applied: schema.Some(schema.DateOf(noon()).AddDays(-2)), Requested: schema.Some(schema.DateOf(noon()).AddDays(12))}
}

// items is what call 11 tells of an order whose items have these statuses.
func items(statuses ...unom.OrderStatus) unom.OrderDetail {
	var d unom.OrderDetail
	for i, status := range statuses {
		d.Items = append(d.Items, unom.Order{Number: unom.Number(i + 1), Status: status})
	}
	return d
}

// shop is a carrier that is asked for orders, and the collector that asks.
type shop struct {
	*fakeCarrier
	t    *testing.T
	u    *Unom
	sink *memory
}

func newShop(t *testing.T, edit func(*Config)) *shop {
	s := &shop{fakeCarrier: &fakeCarrier{now: noon(), desk: &desk{}}, t: t, sink: &memory{}}
	s.u = newUnom(s.fakeCarrier, s.sink, edit)
	return s
}

// sweep runs the job an hour after the last time, and tells how often calls 11 and 30 were asked.
func (s *shop) sweep(edit func(*desk)) (details, cancellations int) {
	s.t.Helper()
	s.desk.set(edit)
	s.now = s.now.Add(time.Hour)
	details, cancellations = s.calls("order "), s.calls("cancellation ")
	if err := sweepOnce(s.t, s.u, JobOrders).err(); err != nil {
		s.t.Fatal(err)
	}
	return s.calls("order ") - details, s.calls("cancellation ") - cancellations
}

// row is an order, or one of its items, as it was last written.
func (s *shop) row(n int, number uint16) (last schema.Order) {
	for _, row := range s.sink.all().Orders {
		if row.OrderID == orderID(n) && row.Number == number {
			last = row
		}
	}
	return last
}

// statuses is the closed set with these counts in it.
func statuses(counts map[string]int) map[string]int {
	all := make(map[string]int)
	for _, status := range schema.OrderStatuses() {
		all[string(status)] = 0
	}
	maps.Copy(all, counts)
	return all
}

func (s *shop) counts(want map[string]int) {
	s.t.Helper()
	if diff := cmp.Diff(statuses(want), s.u.metrics.orders.figures[ordersOf{"hq", contract, "unom"}].counts); diff != "" {
		s.t.Errorf("kaisen_orders (-want +got):\n%s", diff)
	}
}

// Call 11 costs a request an order, so it is asked where the lists leave a question, and not otherwise.
func TestAnOrderIsAskedForWhenThereIsNews(t *testing.T) {
	s := newShop(t, nil)
	told := placed(1, unom.OrderRegistered)
	s.desk.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderRegistered)}
	accepting := func(row unom.Order) func(*desk) {
		return func(d *desk) { d.accepting, d.complete = []unom.Order{row}, nil }
	}
	confirmed := told
	confirmed.Status = unom.OrderConfirmed
	moved := confirmed
	moved.Scheduled = schema.Some(schema.DateOf(noon()).AddDays(13))
	done := moved
	done.Status = unom.OrderCompleted
	complete := func(d *desk) { d.accepting, d.complete = nil, []unom.Order{done} }
	for _, step := range []struct {
		what string
		edit func(*desk)
		want int
	}{
		{"it is new", accepting(told), 1},
		{"nothing has changed", accepting(told), 0},
		{"its status has changed", accepting(confirmed), 1},
		{"its day is known", accepting(moved), 1},
		{"nothing has changed again", accepting(moved), 0},
		{"it is complete", complete, 1},
		{"it is still complete", complete, 0},
	} {
		if got, _ := s.sweep(step.edit); got != step.want {
			t.Errorf("%s: asked %d times, want %d", step.what, got, step.want)
		}
	}
	s.sweep(accepting(told)) // it is taken up again
	s.now = s.now.Add(detailFor)
	if got, _ := s.sweep(accepting(told)); got != 1 {
		t.Errorf("a day later: asked %d times, want once, since its items may have changed", got)
	}
	s.now = s.now.Add(detailFor)
	if s.sweep(complete); s.row(1, 0).ToldBy != schema.ToldByCompletedOrders {
		t.Errorf("told by %s, want completed_orders", s.row(1, 0).ToldBy)
	}
	s.now = s.now.Add(detailFor)
	if got, _ := s.sweep(complete); got != 0 {
		t.Errorf("a day after it was complete: asked %d times, want never again", got)
	}
}

// The list of call 08 may begin with a thousand orders of the past. Nobody asks for them one by one; an order that was
// placed and carried out since the last look is new.
func TestThePastIsNotAskedFor(t *testing.T) {
	s := newShop(t, nil)
	s.desk.details = map[string]unom.OrderDetail{orderID(9): items(unom.OrderProcessed)}
	past := []unom.Order{placed(1, unom.OrderCompleted), placed(2, unom.OrderRejected), placed(3, unom.OrderCancelled)}
	if details, cancellations := s.sweep(func(d *desk) { d.complete = past }); details+cancellations != 0 {
		t.Errorf("%d and %d questions about the past, want none", details, cancellations)
	}
	if n := len(s.sink.all().Orders); n != 3 {
		t.Errorf("%d rows, want the past in the table all the same", n)
	}
	if details, _ := s.sweep(func(d *desk) { d.complete = append(past, placed(9, unom.OrderProcessed)) }); details != 1 {
		t.Errorf("asked %d times, want once: for the order of the last hour", details)
	}
	s.counts(map[string]int{"completed": 1, "rejected": 1, "cancelled": 1, "processed": 1})
}

// What is repeated of complete orders is not written again, what is repeated of open ones is: it is still so.
func TestWhatIsWrittenAgain(t *testing.T) {
	s := newShop(t, nil)
	edit := func(d *desk) {
		d.accepting, d.complete = []unom.Order{placed(1, unom.OrderConfirmed)}, []unom.Order{placed(2, unom.OrderCompleted)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderConfirmed)}
	}
	s.sweep(edit)
	before := len(s.sink.all().Orders)
	s.sweep(edit)
	added := s.sink.all().Orders[before:]
	if len(added) != 1 || added[0].OrderID != orderID(1) || !added[0].ObservedAt.Equal(s.now) {
		t.Errorf("written again: %+v, want the open order with the new time", added)
	}
	if since := added[0].StatusSince; !since.Equal(time.Date(2026, 5, 18, 0, 0, 0, 0, tokyo)) {
		t.Errorf("met in its status: since %s, want the day it was applied for", since)
	}
}

func TestStatusSinceIsWhenItWasFirstSeen(t *testing.T) {
	s := newShop(t, nil)
	in := func(status unom.OrderStatus) func(*desk) {
		return func(d *desk) {
			d.accepting, d.complete = []unom.Order{placed(1, status)}, []unom.Order{placed(2, unom.OrderCompleted)}
			d.details = map[string]unom.OrderDetail{orderID(1): items(status)}
		}
	}
	s.sweep(in(unom.OrderConfirmed))
	met := s.row(1, 0)
	s.sweep(in(unom.OrderUnderway))
	moved := s.row(1, 0)
	if !moved.StatusSince.Equal(s.now) || !moved.FirstSeen.Equal(met.FirstSeen) || !s.row(1, 1).StatusSince.Equal(s.now) {
		t.Errorf("under way since %s, first seen %s; want %s and %s", moved.StatusSince, moved.FirstSeen, s.now, met.FirstSeen)
	}
	s.sweep(in(unom.OrderInProgress)) // another code for the same
	if got := s.row(1, 0); !got.StatusSince.Equal(moved.StatusSince) || got.StatusCode != "30" || got.Status != schema.OrderUnderWay {
		t.Errorf("%s, %s since %s; want 30, under_way since %s", got.StatusCode, got.Status, got.StatusSince, moved.StatusSince)
	}
	oldest := s.u.metrics.orders.figures[ordersOf{"hq", contract, "unom"}].oldest
	if want := map[string]time.Time{"under_way": moved.StatusSince}; !maps.Equal(oldest, want) {
		t.Errorf("kaisen_order_oldest_timestamp_seconds %v, want %v", oldest, want)
	}
}

// An order known as open that call 08 shows as cancelled is asked for by call 30 once.
func TestACancelledOrderIsAskedForOnce(t *testing.T) {
	s := newShop(t, nil)
	s.sweep(func(d *desk) {
		d.accepting = []unom.Order{placed(1, unom.OrderConfirmed)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderConfirmed)}
	})
	cancelled := func(d *desk) {
		d.accepting, d.complete = nil, []unom.Order{placed(1, unom.OrderCancelled)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderCancelled)}
	}
	if details, cancellations := s.sweep(cancelled); details != 1 || cancellations != 1 {
		t.Errorf("asked call 11 %d and call 30 %d times, want once each", details, cancellations)
	}
	if details, cancellations := s.sweep(cancelled); details+cancellations != 0 {
		t.Errorf("asked call 11 %d and call 30 %d times more, want never", details, cancellations)
	}
}

// The order's own error, which call 11 alone tells, stays while lists that do not have it repeat the status.
func TestAnErrorOfTheOrderItselfStays(t *testing.T) {
	s := newShop(t, nil)
	accepting := func(d *desk) {
		d.accepting = []unom.Order{placed(1, unom.OrderProcessing)}
		d.details = map[string]unom.OrderDetail{orderID(1): {Error: schema.Some(unom.Message{ID: "100000001", Text: "約款"})}}
	}
	for _, want := range []int{1, 0} {
		asked, _ := s.sweep(accepting)
		if got := s.row(1, 0); got.ErrorID != "100000001" || got.ErrorText != "約款" || got.ToldBy != schema.ToldByOrders || asked != want {
			t.Errorf("error %q %q told by %s, asked %d times, want %d", got.ErrorID, got.ErrorText, got.ToldBy, asked, want)
		}
	}
}

// Call 07 decides what is open: an order that it has although the status is final is followed on.
func TestAnOrderMayBeOpenInAFinalStatus(t *testing.T) {
	s := newShop(t, nil)
	accepting := func(d *desk) {
		d.accepting, d.complete = []unom.Order{placed(1, unom.OrderProcessed)}, nil
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderProcessed)}
	}
	s.sweep(accepting)
	if s.sweep(func(d *desk) { d.accepting, d.complete = nil, d.accepting }); s.row(1, 0).ToldBy != schema.ToldByCompletedOrders {
		t.Errorf("told by %s, want completed_orders: the status is the same, that it is complete is news", s.row(1, 0).ToldBy)
	}
	s.sweep(accepting)
	if asked, _ := s.sweep(func(d *desk) { d.accepting = nil }); asked != 1 {
		t.Errorf("in no list any more: asked %d times, want once", asked)
	}
}

// Items without a number have the place that they stand at.
func TestItemsWithoutANumber(t *testing.T) {
	s := newShop(t, nil)
	s.sweep(func(d *desk) {
		detail := items(unom.OrderConfirmed, unom.OrderUnderway)
		detail.Items[0].Number, detail.Items[1].Number = 0, 0
		d.accepting, d.details = []unom.Order{placed(1, unom.OrderConfirmed)}, map[string]unom.OrderDetail{orderID(1): detail}
	})
	if got := s.row(1, 2); got.Status != schema.OrderUnderWay || s.row(1, 0).ToldBy != schema.ToldByOrders {
		t.Errorf("second item %+v", got)
	}
}

// A process that begins where another stopped asks for nothing that it knew.
func TestOrdersSurviveARestart(t *testing.T) {
	s := newShop(t, nil)
	edit := func(d *desk) {
		d.accepting, d.complete = []unom.Order{placed(1, unom.OrderConfirmed)}, []unom.Order{placed(2, unom.OrderCompleted)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderConfirmed, unom.OrderConfirmed)}
	}
	s.sweep(edit)
	first := s.row(1, 0)

	second := newShop(t, nil)
	second.now = s.now
	latest := make(map[string]schema.Order)
	for _, row := range s.sink.all().Orders {
		latest[fmt.Sprint(row.OrderID, row.Number)] = row
	}
	second.u.Restore(schema.State{Orders: slices.Collect(maps.Values(latest))})
	second.counts(map[string]int{"confirmed": 1, "completed": 1}) // before anything is asked
	if details, _ := second.sweep(edit); details != 0 {
		t.Errorf("asked %d times, want never", details)
	}
	rows := second.sink.all().Orders
	if len(rows) != 1 || !rows[0].FirstSeen.Equal(first.FirstSeen) || !rows[0].StatusSince.Equal(first.StatusSince) {
		t.Errorf("rows %+v, want that of the open order with its past", rows)
	}
	if details, _ := second.sweep(func(d *desk) { d.accepting, d.complete = nil, nil }); details != 1 {
		t.Errorf("asked %d times, want once: the order known from before is in no list", details)
	}
}

// A process that stopped between the list that completes an order and the question about its items asks it later.
func TestAnInterruptedQuestionIsAskedAfterARestart(t *testing.T) {
	s := newShop(t, nil)
	s.sweep(func(d *desk) {
		d.accepting = []unom.Order{placed(1, unom.OrderConfirmed)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderConfirmed)}
	})
	done, item := s.row(1, 0), s.row(1, 1)
	done.Status, done.StatusCode, done.ToldBy = schema.OrderCompleted, "60", schema.ToldByCompletedOrders

	second := newShop(t, nil)
	second.now = s.now
	second.u.Restore(schema.State{Orders: []schema.Order{done, item}})
	details, _ := second.sweep(func(d *desk) {
		d.complete = []unom.Order{placed(1, unom.OrderCompleted)}
		d.details = map[string]unom.OrderDetail{orderID(1): items(unom.OrderCompleted)}
	})
	if details != 1 || second.row(1, 1).Status != schema.OrderCompleted {
		t.Errorf("asked %d times, item %s; want once, completed", details, second.row(1, 1).Status)
	}
}

func TestTheGaugesOfOrders(t *testing.T) {
	s := newShop(t, nil)
	s.u.metrics.SetOrders("hq", contract, "unom", map[string]int{"confirmed": 3}, map[string]time.Time{"confirmed": noon()})
	s.u.metrics.SetOrders("hq", contract, "unom", map[string]int{"confirmed": 0, "under_way": 2}, map[string]time.Time{"under_way": noon()})
	s.u.metrics.SetOrders("ipoe", "", "ipoe", map[string]int{"accepted": 1}, nil)
	want := []string{
		"kaisen_order_oldest_timestamp_seconds api=unom contract_id=N123456789 source=hq status=under_way 1779246000",
		"kaisen_orders api=ipoe contract_id= source=ipoe status=accepted 1",
		"kaisen_orders api=unom contract_id=N123456789 source=hq status=confirmed 0",
		"kaisen_orders api=unom contract_id=N123456789 source=hq status=under_way 2",
	}
	if diff := cmp.Diff(want, exposed(t, s.u.metrics.orders)); diff != "" {
		t.Errorf("-want +got:\n%s", strings.TrimSpace(diff))
	}
}
