package collector

import (
	"context"
	"fmt"
	"slices"

	"github.com/sourcegraph/conc/pool"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// Orders are followed with as few requests as that takes. The two lists of a contract tell the status of every order
// (calls 07 and 08); call 11 is asked beside them only for what lists do not tell: the items of an order, when it is
// new, when the lists tell something new of it, and once a day while it is open; and the status of an open order that
// no list has. Call 30 is asked where an order was cancelled, and where call 11 knows nothing: the ID of a
// cancellation is told by call 28 alone, which the collector never sends, so that 30 mostly has no answer, and its
// 404 is none of the order's failures.

// orderList is one of the two lists of a contract's orders.
type orderList struct {
	by    schema.OrderCall // also the operation's name
	fetch func(ctx context.Context, contract string) (carrier.Answer[[]unom.Order], error)
}

// sweepOrders reads every contract's lists of orders, then asks for those orders that the lists leave a question about.
func (u *Unom) sweepOrders(ctx context.Context, p *pass) {
	contracts := u.cfg.ownContracts()
	p.total.Add(int64(2 * len(contracts)))
	lists := pool.NewWithResults[[]question]().WithMaxGoroutines(max(1, u.cfg.Workers))
	for _, contract := range contracts {
		lists.Go(func() []question { return u.listOrders(ctx, p, u.orders[contract]) })
	}
	questions := slices.Concat(lists.Wait()...)
	p.total.Add(int64(len(questions)))
	workers := u.workers()
	for asked, q := range questions {
		if p.hopeless() || ctx.Err() != nil {
			p.failed.Add(int64(len(questions) - asked))
			break
		}
		workers.Go(func() {
			_ = p.item(ctx, func(ctx context.Context) error { return u.askOrder(ctx, p, q) })
			u.tell(p)
		})
	}
	workers.Wait()
	u.showOrders()
}

// listOrders reads both lists of a contract, and returns what is to be asked beyond them. What is not complete comes
// first, so that an order which is completed between the two answers is in one of them at least.
func (u *Unom) listOrders(ctx context.Context, p *pass, b *orderBook) []question {
	listed := make(map[string]struct{})
	cut, read := u.listOf(ctx, p, b, orderList{schema.ToldByOrders, u.carrier.Orders}, listed)
	_, alsoRead := u.listOf(ctx, p, b, orderList{schema.ToldByCompletedOrders, u.carrier.CompletedOrders}, listed)
	b.looked = b.looked || read && alsoRead
	return b.questions(listed, read && alsoRead && !cut, u.carrier.Now())
}

// listOf reads one list, and notes which orders it has. A list of 1,000 rows is cut (UNO Mobile API v2.1 calls 07 and 08 §1.1), so
// it proves no order gone.
func (u *Unom) listOf(ctx context.Context, p *pass, b *orderBook, list orderList, listed map[string]struct{}) (cut, read bool) {
	err := p.item(ctx, func(ctx context.Context) error {
		answer, err := list.fetch(ctx, b.key.ContractID)
		if err != nil {
			return u.failed(ctx, p, b.key, string(list.by), err)
		}
		if cut = len(answer.Value) >= unom.MaxRows; cut && !b.cut[list.by] {
			u.log.Warn("the carrier's list of orders stops at 1,000; known open ones beyond are asked for once a day, others stay unknown",
				"contract", b.key.ContractID, "list", string(list.by))
		}
		b.cut[list.by] = cut
		rows := schema.Batch{DeadLetters: lettersOf(b.key, string(list.by), answer)}
		for _, told := range answer.Value {
			listed[told.OrderID] = struct{}{}
			if row, news := b.list(told, list.by, answer.ObservedAt); news {
				rows.Orders = append(rows.Orders, row)
			}
		}
		return u.write(ctx, p, rows)
	})
	u.tell(p)
	return cut, err == nil
}

// question is an order that call 11 is to be asked about.
type question struct {
	book  *orderBook
	order *order
	lost  bool // it is open, and lists that would have it have not
}

// askOrder asks call 11 about an order, and call 30 where that has an end to tell of that call 11 has not.
func (u *Unom) askOrder(ctx context.Context, p *pass, q question) error {
	b, o := q.book, q.order
	answer, err := u.carrier.Order(ctx, b.key.ContractID, o.row.OrderID)
	if notKnown(err) {
		return u.askCancellation(ctx, p, q, false)
	}
	if err != nil {
		return u.failed(ctx, p, b.key, string(schema.ToldByOrder), err)
	}
	if answer.Value.OrderID != o.row.OrderID {
		return fmt.Errorf("order %s of contract %s: the answer is about order %s",
			o.row.OrderID, b.key.ContractID, answer.Value.OrderID)
	}
	rows := schema.Batch{Orders: b.detail(o, answer.Value, q.lost, answer.ObservedAt),
		DeadLetters: lettersOf(b.key, string(schema.ToldByOrder), answer)}
	if err := u.write(ctx, p, rows); err != nil {
		return err
	}
	if o.row.Status == schema.OrderCancelled && !o.row.Cancel.Known {
		return u.askCancellation(ctx, p, q, true)
	}
	o.answered(answer.ObservedAt)
	return nil
}

// askCancellation asks call 30 about an order, which call 11 knows or not. An order that neither knows, and that no
// list has, is gone.
func (u *Unom) askCancellation(ctx context.Context, p *pass, q question, known bool) error {
	b, o := q.book, q.order
	answer, err := u.carrier.Cancellation(ctx, b.key.ContractID, o.row.OrderID)
	var rows schema.Batch
	at := answer.ObservedAt
	switch {
	case notKnown(err):
		if at = failureOf(err).ObservedAt; q.lost && !known {
			u.log.Warn("the carrier no longer knows an order that was not complete",
				"contract", b.key.ContractID, "order", o.row.OrderID, "status", string(o.row.Status))
			rows.Orders = []schema.Order{o.gone(at)}
		}
	case err != nil:
		return u.failed(ctx, p, b.key, string(schema.ToldByCancellation), err)
	default:
		rows.Orders = []schema.Order{b.cancellation(o, answer.Value, q.lost && !known, at)}
		rows.DeadLetters = lettersOf(b.key, string(schema.ToldByCancellation), answer)
	}
	if err := u.write(ctx, p, rows); err != nil {
		return err
	}
	o.answered(at)
	return nil
}

// notKnown reports whether a call says that it knows no such order. The carrier's table of errors has a row for that of
// call 30 alone (⑪), so that other 404 count too, but for a wrong address or contract; and 400 "The orderId is
// Invalid." (⑬), which is for IDs that other systems of the carrier gave.
func notKnown(err error) bool {
	kind, _ := carrier.KindOf(err)
	switch {
	case err == nil:
		return false
	case kind == carrier.KindNotFound:
		return carrier.ReasonOf(err) != carrier.ReasonNoSuchURL
	case kind == carrier.KindInvalidRequest:
		return failureOf(err).Status == 0 || carrier.ReasonOf(err) == unom.ReasonInvalidOrder
	}
	return false
}
