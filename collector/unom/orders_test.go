package unom

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// noon is when the tests' carrier begins.
func noon() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, tokyo) }

func orderID(n int) string { return fmt.Sprintf("AGU26052000000%02d", n) }

// placed is order n as a list has it: applied for on May 18th, wanted for June 1st.
func placed(n int, status api.OrderStatus) api.Order {
	return api.Order{OrderID: orderID(n), Status: status,
		Applied: schema.Some(schema.DateOf(noon()).AddDays(-2)), Requested: schema.Some(schema.DateOf(noon()).AddDays(12))}
}

// items is the answer of call 11 about an order whose items have these statuses.
func items(statuses ...api.OrderStatus) api.OrderDetail {
	var d api.OrderDetail
	for i, status := range statuses {
		d.Items = append(d.Items, api.Order{Number: api.Number(i + 1), Status: status})
	}
	return d
}

// orderFixture is a carrier that is asked for orders, and the collector that asks.
type orderFixture struct {
	*fakeCarrier
	t    *testing.T
	u    *Collector
	sink *collectortest.Sink

	metrics *prometheus.Registry
}

func newOrderFixture(t *testing.T, edit func(*settings)) *orderFixture {
	s := &orderFixture{fakeCarrier: &fakeCarrier{now: noon(), contractAnswers: &contractAnswers{}}, t: t, sink: &collectortest.Sink{}}
	s.u = newUnom(s.fakeCarrier, s.sink, func(cfg *settings) {
		s.metrics = cfg.Metrics
		if edit != nil {
			edit(cfg)
		}
	})
	return s
}

// sweep runs the job an hour after the last time, and returns how often calls 11 and 30 were asked.
func (s *orderFixture) sweep(edit func(*contractAnswers)) (details, cancellations int) {
	s.t.Helper()
	s.contractAnswers.set(edit)
	s.now = s.now.Add(time.Hour)
	details, cancellations = s.calls("order "), s.calls("cancellation ")
	if err := sweepOnce(s.t, s.u, JobOrders).Err(); err != nil {
		s.t.Fatal(err)
	}
	return s.calls("order ") - details, s.calls("cancellation ") - cancellations
}

// row is an order, or one of its items, as it was last written.
func (s *orderFixture) row(n int, number uint16) (last schema.Order) {
	for _, row := range s.sink.All().Orders {
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

func (s *orderFixture) counts(want map[string]int) {
	s.t.Helper()
	var lines []string
	for status, n := range statuses(want) {
		lines = append(lines, fmt.Sprintf("kaisen_orders api=unom contract_id=%s source=hq status=%s %d", contract, status, n))
	}
	slices.Sort(lines)
	if diff := cmp.Diff(lines, collectortest.Gauges(s.t, s.metrics, "kaisen_orders")); diff != "" {
		s.t.Errorf("kaisen_orders (-want +got):\n%s", diff)
	}
}

// Call 11 costs a request an order, so it is asked where the lists leave a question, and not otherwise.
func TestAnOrderIsAskedForWhenThereIsNews(t *testing.T) {
	s := newOrderFixture(t, nil)
	told := placed(1, api.OrderRegistered)
	s.contractAnswers.details = map[string]api.OrderDetail{orderID(1): items(api.OrderRegistered)}
	accepting := func(row api.Order) func(*contractAnswers) {
		return func(d *contractAnswers) { d.accepting, d.complete = []api.Order{row}, nil }
	}
	confirmed := told
	confirmed.Status = api.OrderConfirmed
	moved := confirmed
	moved.Scheduled = schema.Some(schema.DateOf(noon()).AddDays(13))
	done := moved
	done.Status = api.OrderCompleted
	complete := func(d *contractAnswers) { d.accepting, d.complete = nil, []api.Order{done} }
	for _, step := range []struct {
		what string
		edit func(*contractAnswers)
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
	s := newOrderFixture(t, nil)
	s.contractAnswers.details = map[string]api.OrderDetail{orderID(9): items(api.OrderProcessed)}
	past := []api.Order{placed(1, api.OrderCompleted), placed(2, api.OrderRejected), placed(3, api.OrderCancelled)}
	if details, cancellations := s.sweep(func(d *contractAnswers) { d.complete = past }); details+cancellations != 0 {
		t.Errorf("%d and %d questions about the past, want none", details, cancellations)
	}
	if n := len(s.sink.All().Orders); n != 3 {
		t.Errorf("%d rows, want the past in the table all the same", n)
	}
	if details, _ := s.sweep(func(d *contractAnswers) { d.complete = append(past, placed(9, api.OrderProcessed)) }); details != 1 {
		t.Errorf("asked %d times, want once: for the order of the last hour", details)
	}
	s.counts(map[string]int{"completed": 1, "rejected": 1, "cancelled": 1, "processed": 1})
}

// What is repeated of complete orders is not written again, what is repeated of open ones is: it is still so.
func TestWhatIsWrittenAgain(t *testing.T) {
	s := newOrderFixture(t, nil)
	edit := func(d *contractAnswers) {
		d.accepting, d.complete = []api.Order{placed(1, api.OrderConfirmed)}, []api.Order{placed(2, api.OrderCompleted)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
	}
	s.sweep(edit)
	before := len(s.sink.All().Orders)
	s.sweep(edit)
	added := s.sink.All().Orders[before:]
	if len(added) != 1 || added[0].OrderID != orderID(1) || !added[0].ObservedAt.Equal(s.now) {
		t.Errorf("written again: %+v, want the open order with the new time", added)
	}
	if since := added[0].StatusSince; !since.Equal(time.Date(2026, 5, 18, 0, 0, 0, 0, tokyo)) {
		t.Errorf("met in its status: since %s, want the day it was applied for", since)
	}
}

func TestStatusSinceIsWhenItWasFirstSeen(t *testing.T) {
	s := newOrderFixture(t, nil)
	in := func(status api.OrderStatus) func(*contractAnswers) {
		return func(d *contractAnswers) {
			d.accepting, d.complete = []api.Order{placed(1, status)}, []api.Order{placed(2, api.OrderCompleted)}
			d.details = map[string]api.OrderDetail{orderID(1): items(status)}
		}
	}
	s.sweep(in(api.OrderConfirmed))
	met := s.row(1, 0)
	s.sweep(in(api.OrderUnderway))
	moved := s.row(1, 0)
	if !moved.StatusSince.Equal(s.now) || !moved.FirstSeen.Equal(met.FirstSeen) || !s.row(1, 1).StatusSince.Equal(s.now) {
		t.Errorf("under way since %s, first seen %s; want %s and %s", moved.StatusSince, moved.FirstSeen, s.now, met.FirstSeen)
	}
	s.sweep(in(api.OrderInProgress)) // another code for the same
	if got := s.row(1, 0); !got.StatusSince.Equal(moved.StatusSince) || got.StatusCode != "30" || got.Status != schema.OrderUnderWay {
		t.Errorf("%s, %s since %s; want 30, under_way since %s", got.StatusCode, got.Status, got.StatusSince, moved.StatusSince)
	}
	oldest := collectortest.Gauges(t, s.metrics, "kaisen_order_oldest_timestamp_seconds")
	want := []string{fmt.Sprintf("kaisen_order_oldest_timestamp_seconds api=unom contract_id=%s source=hq status=under_way %d", contract, moved.StatusSince.Unix())}
	if !slices.Equal(oldest, want) {
		t.Errorf("kaisen_order_oldest_timestamp_seconds %v, want %v", oldest, want)
	}
}

// An order known as open that call 08 shows as cancelled is asked for by call 30 once.
func TestACancelledOrderIsAskedForOnce(t *testing.T) {
	s := newOrderFixture(t, nil)
	s.sweep(func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
	})
	cancelled := func(d *contractAnswers) {
		d.accepting, d.complete = nil, []api.Order{placed(1, api.OrderCancelled)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderCancelled)}
	}
	if details, cancellations := s.sweep(cancelled); details != 1 || cancellations != 1 {
		t.Errorf("asked call 11 %d and call 30 %d times, want once each", details, cancellations)
	}
	if details, cancellations := s.sweep(cancelled); details+cancellations != 0 {
		t.Errorf("asked call 11 %d and call 30 %d times more, want never", details, cancellations)
	}
}

// The order's own error, which call 11 alone has, stays while lists that do not have it repeat the status.
func TestAnErrorOfTheOrderItselfStays(t *testing.T) {
	s := newOrderFixture(t, nil)
	accepting := func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderProcessing)}
		d.details = map[string]api.OrderDetail{orderID(1): {Error: schema.Some(api.Message{ID: "100000001", Text: "約款"})}}
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
	s := newOrderFixture(t, nil)
	accepting := func(d *contractAnswers) {
		d.accepting, d.complete = []api.Order{placed(1, api.OrderProcessed)}, nil
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderProcessed)}
	}
	s.sweep(accepting)
	if s.sweep(func(d *contractAnswers) { d.accepting, d.complete = nil, d.accepting }); s.row(1, 0).ToldBy != schema.ToldByCompletedOrders {
		t.Errorf("told by %s, want completed_orders: the status is the same, that it is complete is news", s.row(1, 0).ToldBy)
	}
	s.sweep(accepting)
	if asked, _ := s.sweep(func(d *contractAnswers) { d.accepting = nil }); asked != 1 {
		t.Errorf("in no list any more: asked %d times, want once", asked)
	}
}

// Items without a number have the place that they stand at.
func TestItemsWithoutANumber(t *testing.T) {
	s := newOrderFixture(t, nil)
	s.sweep(func(d *contractAnswers) {
		detail := items(api.OrderConfirmed, api.OrderUnderway)
		detail.Items[0].Number, detail.Items[1].Number = 0, 0
		d.accepting, d.details = []api.Order{placed(1, api.OrderConfirmed)}, map[string]api.OrderDetail{orderID(1): detail}
	})
	if got := s.row(1, 2); got.Status != schema.OrderUnderWay || s.row(1, 0).ToldBy != schema.ToldByOrders {
		t.Errorf("second item %+v", got)
	}
}

// A process that begins where another stopped asks for nothing that it knew.
func TestOrdersSurviveARestart(t *testing.T) {
	s := newOrderFixture(t, nil)
	edit := func(d *contractAnswers) {
		d.accepting, d.complete = []api.Order{placed(1, api.OrderConfirmed)}, []api.Order{placed(2, api.OrderCompleted)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed, api.OrderConfirmed)}
	}
	s.sweep(edit)
	first := s.row(1, 0)

	second := newOrderFixture(t, nil)
	second.now = s.now
	latest := make(map[string]schema.Order)
	for _, row := range s.sink.All().Orders {
		latest[fmt.Sprint(row.OrderID, row.Number)] = row
	}
	second.u.Restore(schema.State{Orders: slices.Collect(maps.Values(latest))})
	second.counts(map[string]int{"confirmed": 1, "completed": 1}) // before anything is asked
	if details, _ := second.sweep(edit); details != 0 {
		t.Errorf("asked %d times, want never", details)
	}
	rows := second.sink.All().Orders
	if len(rows) != 1 || !rows[0].FirstSeen.Equal(first.FirstSeen) || !rows[0].StatusSince.Equal(first.StatusSince) {
		t.Errorf("rows %+v, want that of the open order with its past", rows)
	}
	if details, _ := second.sweep(func(d *contractAnswers) { d.accepting, d.complete = nil, nil }); details != 1 {
		t.Errorf("asked %d times, want once: the order known from before is in no list", details)
	}
}

// A process that stopped between the list that completes an order and the question about its items asks it later.
func TestAnInterruptedQuestionIsAskedAfterARestart(t *testing.T) {
	s := newOrderFixture(t, nil)
	s.sweep(func(d *contractAnswers) {
		d.accepting = []api.Order{placed(1, api.OrderConfirmed)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderConfirmed)}
	})
	done, item := s.row(1, 0), s.row(1, 1)
	done.Status, done.StatusCode, done.ToldBy = schema.OrderCompleted, "60", schema.ToldByCompletedOrders

	second := newOrderFixture(t, nil)
	second.now = s.now
	second.u.Restore(schema.State{Orders: []schema.Order{done, item}})
	details, _ := second.sweep(func(d *contractAnswers) {
		d.complete = []api.Order{placed(1, api.OrderCompleted)}
		d.details = map[string]api.OrderDetail{orderID(1): items(api.OrderCompleted)}
	})
	if details != 1 || second.row(1, 1).Status != schema.OrderCompleted {
		t.Errorf("asked %d times, item %s; want once, completed", details, second.row(1, 1).Status)
	}
}
