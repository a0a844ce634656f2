package unom

import (
	"maps"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// detailFor is how long an answer of call 11 on an open order is good where the lists have nothing new.
const detailFor = 24 * time.Hour

// orderBook is what is known of one contract's orders. It needs no lock: while the lists are read one goroutine has
// them, and afterwards one has each order.
type orderBook struct {
	key    schema.LineKey // without a line
	zone   *time.Location
	orders map[string]*order         // by ID
	cut    map[schema.OrderCall]bool // lists that reached 1,000 rows when they were last read
	took   bool                      // an order has taken effect since the lines were last told so
	looked bool                      // both lists were read, now or by an earlier process
	doubt  collector.Doubt           // of lists that have lost most of the open orders
}

// order is what is known of one order.
type order struct {
	row   schema.Order            // the order itself
	items map[uint16]schema.Order // by number
	asked time.Time               // when call 11 last answered, by the carrier's clock
	ask   bool                    // something became known since that call 11 may say more about

	backoff collector.Backoff // over call 11, and 30, by the carrier's clock
}

func newOrderBook(source, contract string, zone *time.Location) *orderBook {
	return &orderBook{key: schema.LineKey{Source: source, ContractID: contract}, zone: zone,
		orders: make(map[string]*order), cut: make(map[schema.OrderCall]bool)}
}

// open reports whether something may still happen to the order: by its status, or because call 07 has it, whatever the
// status.
func (o *order) open() bool {
	return !o.row.Gone && (!o.row.Status.Final() || o.row.ToldBy == schema.ToldByOrders)
}

func (o *order) answered(at time.Time) { o.ask, o.asked = false, at }

// questions lists the orders that call 11 is to be asked about, given those that the lists have. Sure means that an
// order in none of them is no longer open; but not where that is most of them.
func (b *orderBook) questions(listed map[string]struct{}, sure bool, now time.Time) []question {
	open, lost := 0, 0
	for id, o := range b.orders {
		if o.open() {
			open++
			if _, is := listed[id]; !is {
				lost++
			}
		}
	}
	if sure && lost > 1 { // that one is lost is for calls 11 and 30 to say
		sure = b.doubt.Believes(open, lost, time.Now())
	}
	var questions []question
	for _, id := range slices.Sorted(maps.Keys(b.orders)) {
		o := b.orders[id]
		_, is := listed[id]
		lost := !is && sure && o.open()
		due := o.open() && now.Sub(o.asked).Abs() >= detailFor // ahead of now, a wrong clock has left it
		if (o.ask || lost || due) && o.backoff.Ready(now) {
			questions = append(questions, question{b, o, lost})
		}
	}
	return questions
}

// list takes in a row of call 07 or 08. It is news, and so to be written, unless it repeats what is known of an order
// that is complete: that of an open one is written again to say that it is still so.
func (b *orderBook) list(told api.Order, by schema.OrderCall, at time.Time) (row schema.Order, news bool) {
	o, known := b.orders[told.OrderID]
	if !known {
		o = &order{items: make(map[uint16]schema.Order)}
		b.orders[told.OrderID] = o
	}
	row = b.follow(o.row, b.row(told, by, at))
	changed := !same(o.row, row)
	if changed && (by == schema.ToldByOrders || known && o.open() || b.looked) {
		o.ask = true // but for the past, which the first look at call 08 may show a thousand orders of
	}
	news = changed || by == schema.ToldByOrders || o.row.ToldBy != by
	b.took = b.took || b.looked && took(row.Status) && !took(o.row.Status)
	o.row = row
	return row, news
}

// took reports whether an order of a status has taken effect.
func took(status schema.OrderStatus) bool {
	return status == schema.OrderProcessed || status == schema.OrderCompleted
}

// detail takes in an answer of call 11, and returns the rows to write. The status of an order is what the lists say;
// that of a lost one follows from its items.
func (b *orderBook) detail(o *order, told api.OrderDetail, lost bool, at time.Time) []schema.Order {
	var rows []schema.Order
	for i, item := range told.Items {
		if item.Number == 0 {
			item.Number = api.Number(i + 1)
		}
		row := b.row(item, schema.ToldByOrder, at)
		row.OrderID, row.Number = o.row.OrderID, uint16(item.Number)
		row = b.follow(o.items[row.Number], row)
		o.items[row.Number] = row
		rows = append(rows, row)
	}
	whole := o.row
	if lost && len(rows) > 0 {
		item := decisive(rows)
		whole.StatusCode, whole.Status, whole.ToldBy, whole.ObservedAt = item.StatusCode, item.Status, item.ToldBy, at
		whole.ErrorID, whole.ErrorText = item.ErrorID, item.ErrorText
		if item.Scheduled.Known {
			whole.Scheduled = item.Scheduled
		}
		whole = b.follow(o.row, whole)
	}
	if told.Error.Known {
		whole.ErrorID, whole.ErrorText = told.Error.V.ID, told.Error.V.Text
	}
	if lost || !same(o.row, whole) {
		whole.ObservedAt = at
		rows = append(rows, whole)
	}
	o.row = whole
	return rows
}

// cancellation takes in an answer of call 30. Where nobody else knows the order it is a cancellation itself, and the
// answer has its status.
func (b *orderBook) cancellation(o *order, told api.Cancellation, alone bool, at time.Time) schema.Order {
	row := o.row
	row.ObservedAt = at
	row.Cancel = schema.Some(schema.Cancellation{
		OrderID: told.OrderID, StatusCode: string(told.Status), Status: orderStatus(told.Status),
		ErrorID: told.CheckError.V.ID, ErrorText: told.CheckError.V.Text,
		ReferenceErrorID: told.ReferenceError.V.ID, ReferenceErrorText: told.ReferenceError.V.Text,
	})
	if alone {
		cancel := row.Cancel
		row.StatusCode, row.Status, row.ToldBy = cancel.V.StatusCode, cancel.V.Status, schema.ToldByCancellation
		row = b.follow(o.row, row)
		row.Cancel = cancel
	}
	o.row = row
	return row
}

// gone is an order that nobody knows any more. Its status stays the last that is known.
func (o *order) gone(at time.Time) schema.Order {
	o.row.Gone, o.row.ObservedAt = true, at
	return o.row
}

// follow takes over from what was known of an order, or an item of one, what the carrier does not repeat: its
// past, its cancellation, and an error of another call, while the status has not changed.
func (b *orderBook) follow(was, is schema.Order) schema.Order {
	if was.OrderID == "" {
		is.FirstSeen, is.StatusSince = is.ObservedAt, is.ObservedAt
		if applied := b.midnight(is.Applied); is.Applied.Known && applied.Before(is.ObservedAt) {
			is.StatusSince = applied
		}
		return is
	}
	is.FirstSeen, is.StatusSince, is.Cancel = was.FirstSeen, was.StatusSince, was.Cancel
	switch {
	case is.Status != was.Status:
		is.StatusSince = is.ObservedAt
	case is.ErrorID == "" && is.ErrorText == "":
		is.ErrorID, is.ErrorText = was.ErrorID, was.ErrorText
	}
	return is
}

// midnight is when a day begins at the carrier.
func (b *orderBook) midnight(day schema.Opt[schema.Date]) time.Time {
	y, m, d := day.V.Time().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, b.zone)
}

// restoreOrders takes in the products and orders that an earlier process knew. Orders it knew as complete while their
// items were not are asked for again: it stopped in between.
func (c *Collector) restoreOrders(state schema.State) {
	for _, row := range state.Products {
		if known, ours := c.products[row.ContractID]; ours {
			known.Remember(row)
		}
	}
	for _, row := range state.Orders {
		if b, ours := c.orders[row.ContractID]; ours {
			b.restore(row)
		}
	}
	for _, b := range c.orders {
		maps.DeleteFunc(b.orders, func(_ string, o *order) bool { return o.row.OrderID == "" }) // items without an order
		for _, o := range b.orders {
			for _, item := range o.items {
				o.ask = o.ask || o.row.Status.Final() && !item.Status.Final()
			}
		}
	}
	c.showOrders()
}

// restore takes in one row of table orders.
func (b *orderBook) restore(row schema.Order) {
	o, known := b.orders[row.OrderID]
	if !known {
		o = &order{items: make(map[uint16]schema.Order)}
		b.orders[row.OrderID] = o
	}
	b.looked = true
	switch item, seen := o.items[row.Number]; {
	case row.Number == 0 && o.row.OrderID != "": // a list has it since
		o.row = inherit(row, o.row)
		return
	case row.Number == 0:
		o.row = row
		return
	case seen:
		o.items[row.Number] = inherit(row, item)
		return
	}
	o.items[row.Number] = row
	if row.ObservedAt.After(o.asked) {
		o.asked = row.ObservedAt
	}
}

// inherit gives a row that was seen since what an earlier process knew of it and the carrier does not repeat.
func inherit(was, is schema.Order) schema.Order {
	is.FirstSeen = was.FirstSeen
	if is.Status == was.Status {
		is.StatusSince = was.StatusSince
	}
	if !is.Cancel.Known {
		is.Cancel = was.Cancel
	}
	return is
}
