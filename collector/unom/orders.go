package unom

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sourcegraph/conc/pool"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// Orders are followed with as few requests as that takes. The two lists of a contract have the status of every order
// (calls 07 and 08); call 11 is asked beside them only for what lists do not have: the items of an order, when it is
// new, when the lists have something new about it, and once a day while it is open; and the status of an open order that
// no list has. Call 30 is asked where an order was cancelled, and where call 11 knows nothing: the ID of a
// cancellation is in the answer of call 28 alone, which the collector never sends, so that 30 mostly has no answer, and its
// 404 is none of the order's failures.

// orderList is one of the two lists of a contract's orders.
type orderList struct {
	by    schema.OrderCall // also the operation's name
	fetch func(ctx context.Context, contract string) (carrier.Answer[[]api.Order], error)
}

// sweepOrders reads every contract's lists of orders, then asks for those orders that the lists leave a question about.
func (c *Collector) sweepOrders(ctx context.Context, sweep *collector.Sweep) {
	c.takeIn(JobOrders, c.restoreOrders)
	contracts, began := c.ownContracts(), c.carrier.Now()
	sweep.Expect(2 * len(contracts))
	lists := pool.NewWithResults[[]question]().WithMaxGoroutines(max(1, c.Workers))
	for _, contract := range contracts {
		lists.Go(func() []question { return c.listOrders(ctx, sweep, c.orders[contract]) })
	}
	questions := slices.Concat(lists.Wait()...)
	polls := make([]collector.Poll[question], len(questions))
	for i, q := range questions {
		polls[i].Item = q
	}
	collector.InTurn(ctx, c.Engine, sweep, polls, false, func(ctx context.Context, q question) error {
		err := c.askOrder(ctx, sweep, q)
		q.order.backoff.Ended(err, c.Jobs[JobOrders].Interval, began)
		return err
	})
	c.showOrders()
}

// listOrders reads both lists of a contract, and returns what is to be asked beyond them. What is not complete comes
// first, so that an order which is completed between the two answers is in one of them at least.
func (c *Collector) listOrders(ctx context.Context, sweep *collector.Sweep, b *orderBook) []question {
	listed := make(map[string]struct{})
	sure, read := c.listOf(ctx, sweep, b, orderList{schema.ToldByOrders, c.carrier.Orders}, listed)
	alsoSure, alsoRead := c.listOf(ctx, sweep, b, orderList{schema.ToldByCompletedOrders, c.carrier.CompletedOrders}, listed)
	b.looked = b.looked || read && alsoRead
	if b.took {
		b.took = false
		c.hintOrders(b.key.ContractID)
	}
	return b.questions(listed, read && alsoRead && sure && alsoSure, c.carrier.Now())
}

// listOf reads one list, and notes which orders it has. A list of 1,000 rows is cut (UNO Mobile API v2.1 calls 07 and 08 §1.1), so
// it proves no order gone; neither does one with a row that could not be read. Sure is of any other.
func (c *Collector) listOf(ctx context.Context, sweep *collector.Sweep, b *orderBook, list orderList, listed map[string]struct{}) (sure, read bool) {
	err := sweep.Do(ctx, func(ctx context.Context) error {
		answer, err := list.fetch(ctx, b.key.ContractID)
		if err != nil {
			return c.Failed(ctx, sweep, b.key, string(list.by), err)
		}
		leftOut := carrier.LeftOut(answer.Warnings)
		cut := len(answer.Value)+leftOut >= api.MaxRows
		if cut && !b.cut[list.by] {
			c.Log.Warn("the carrier's list of orders stops at 1,000; known open ones beyond are asked for once a day, others stay unknown",
				"contract", b.key.ContractID, "list", string(list.by))
		}
		b.cut[list.by] = cut
		// What call 08 has no room for, call 11 still knows.
		sure = leftOut == 0 && (!cut || list.by == schema.ToldByCompletedOrders)
		rows := schema.Batch{DeadLetters: collector.DeadLetters(b.key, string(list.by), answer)}
		for _, told := range answer.Value {
			listed[told.OrderID] = struct{}{}
			if row, news := b.list(told, list.by, answer.ObservedAt); news {
				rows.Orders = append(rows.Orders, row)
			}
		}
		return c.Write(ctx, sweep, rows)
	})
	c.Progressed(sweep)
	return sure, err == nil
}

// question is an order that call 11 is to be asked about.
type question struct {
	book  *orderBook
	order *order
	lost  bool // it is open, and lists that would have it have not
}

// askOrder asks call 11 about an order, and call 30 where that may know an end that call 11 does not.
func (c *Collector) askOrder(ctx context.Context, sweep *collector.Sweep, q question) error {
	b, o := q.book, q.order
	answer, err := c.carrier.Order(ctx, b.key.ContractID, o.row.OrderID)
	if notKnown(err) {
		return c.askCancellation(ctx, sweep, q, false)
	}
	if err != nil {
		return c.Failed(ctx, sweep, b.key, string(schema.ToldByOrder), err)
	}
	if answer.Value.OrderID != o.row.OrderID {
		return fmt.Errorf("order %s of contract %s: the answer is about order %s",
			o.row.OrderID, b.key.ContractID, answer.Value.OrderID)
	}
	rows := schema.Batch{Orders: b.detail(o, answer.Value, q.lost, answer.ObservedAt),
		DeadLetters: collector.DeadLetters(b.key, string(schema.ToldByOrder), answer)}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	if o.row.Status == schema.OrderCancelled && !o.row.Cancel.Known {
		return c.askCancellation(ctx, sweep, q, true)
	}
	o.answered(answer.ObservedAt)
	return nil
}

// askCancellation asks call 30 about an order, which call 11 knows or not. An order that neither knows, and that no
// list has, is gone.
func (c *Collector) askCancellation(ctx context.Context, sweep *collector.Sweep, q question, known bool) error {
	b, o := q.book, q.order
	answer, err := c.carrier.Cancellation(ctx, b.key.ContractID, o.row.OrderID)
	var rows schema.Batch
	at := answer.ObservedAt
	switch {
	case notKnown(err):
		if at = carrier.FailureOf(err).ObservedAt; q.lost && !known {
			c.Log.Warn("the carrier no longer knows an order that was not complete",
				"contract", b.key.ContractID, "order", o.row.OrderID, "status", string(o.row.Status))
			rows.Orders = []schema.Order{o.gone(at)}
		}
	case err != nil:
		return c.Failed(ctx, sweep, b.key, string(schema.ToldByCancellation), err)
	default:
		rows.Orders = []schema.Order{b.cancellation(o, answer.Value, q.lost && !known, at)}
		rows.DeadLetters = collector.DeadLetters(b.key, string(schema.ToldByCancellation), answer)
	}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return err
	}
	o.answered(at)
	return nil
}

// notKnown reports whether a call says that it knows no such order. The carrier's table of errors has a row for that of
// call 30 alone (⑪), so that its row for any other 404 counts too (21), but only in its own words: the page of a gateway
// and a redirect say nothing of an order. So does 400 "The orderId is Invalid." (⑬), which is for IDs that other systems
// of the carrier gave.
func notKnown(err error) bool {
	if err == nil {
		return false
	}
	failure := carrier.FailureOf(err)
	switch failure.Kind {
	case carrier.KindNotFound:
		return failure.Reason == api.ReasonNoSuchOrder ||
			failure.Reason == api.ReasonOtherNotFound && strings.Contains(carrier.Squeeze(failure.Message), "notfound")
	case carrier.KindInvalidRequest:
		return failure.Status == 0 || failure.Reason == api.ReasonInvalidOrder
	}
	return false
}

// row is an order of a list, or an item of call 11, as a row of table orders.
func (b *orderBook) row(told api.Order, by schema.OrderCall, at time.Time) schema.Order {
	return schema.Order{
		Source: b.key.Source, ContractID: b.key.ContractID, OrderID: told.OrderID, Number: uint16(told.Number),
		Applied: told.Applied, Requested: told.Requested, Scheduled: told.Scheduled,
		StatusCode: string(told.Status), Status: orderStatus(told.Status),
		ErrorID: told.Error.V.ID, ErrorText: told.Error.V.Text, ToldBy: by, ObservedAt: at,
	}
}

// same reports whether two rows say the same of an order, whichever call it is from, and when.
func same(a, b schema.Order) bool {
	for _, row := range []*schema.Order{&a, &b} {
		row.ToldBy, row.FirstSeen, row.StatusSince, row.ObservedAt = "", time.Time{}, time.Time{}, time.Time{}
	}
	return a == b
}

// decisive is the item that an order's status follows from where no list has it: one that is still open, else one
// that came to nothing, else any.
func decisive(items []schema.Order) schema.Order {
	weight := func(status schema.OrderStatus) int {
		switch status {
		case schema.OrderProcessed, schema.OrderCompleted:
			return 0
		case schema.OrderCancelled:
			return 1
		case schema.OrderRejected:
			return 2
		case schema.OrderSystemError:
			return 3
		}
		return 4
	}
	first := items[0]
	for _, item := range items[1:] {
		if weight(item.Status) > weight(first.Status) {
			first = item
		}
	}
	return first
}

// orderStatus is the code in a word.
func orderStatus(code api.OrderStatus) schema.OrderStatus {
	switch code {
	case api.OrderWaiting:
		return schema.OrderWaiting
	case api.OrderProcessing:
		return schema.OrderProcessing
	case api.OrderProcessed:
		return schema.OrderProcessed
	case api.OrderRejected:
		return schema.OrderRejected
	case api.OrderSystemError:
		return schema.OrderSystemError
	case api.OrderRegistered:
		return schema.OrderRegistered
	case api.OrderCancelled:
		return schema.OrderCancelled
	case api.OrderConfirmed:
		return schema.OrderConfirmed
	case api.OrderUnderway, api.OrderInProgress:
		return schema.OrderUnderWay
	case api.OrderCompleted:
		return schema.OrderCompleted
	}
	return schema.OrderUnknown
}
