package collector

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	ipoe "kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// apiIPoE is the label api of the gauges of orders.
const apiIPoE = "ipoe"

// detailsAgain is how long the details of an order under way hold: its products move on their own.
const detailsAgain = 24 * time.Hour

// ipoeOrder is what the collector remembers of an order.
type ipoeOrder struct {
	code   string
	list   schema.IPoEOrderBrief // what the list told last
	detail schema.IPoEOrder      // what the details told last
	row    schema.IPoEOrder      // as made last
}

// order finds an order, or makes one that nothing is known of; the caller holds writing.
func (i *IPoE) order(code string) *ipoeOrder {
	o, known := i.orders[code]
	if !known {
		o = &ipoeOrder{code: code}
		i.orders[code] = o
	}
	return o
}

func (o *ipoeOrder) restore(row schema.IPoEOrder) {
	o.list, o.detail, o.row = row.IPoEOrderBrief, row, row // what told which of it is no longer known
}

// sweepOrders reads the list of orders, and then the details of those that have something new to tell.
func (i *IPoE) sweepOrders(ctx context.Context, p *pass, paced bool) {
	before := p.failed.Load()
	i.sweepList(ctx, p, i.readOrders)
	i.countOrders()
	if p.failed.Load() > before {
		return
	}
	var end time.Time
	if paced {
		end = p.started.Add(i.jobs[JobIPoEOrders].Interval)
	}
	work(ctx, &i.sweeper, p, i.wantedOrders(time.Now()), end, func(ctx context.Context, o *ipoeOrder) error {
		return i.pollOrder(ctx, p, o)
	})
}

// readOrders reads the list of orders.
func (i *IPoE) readOrders(ctx context.Context, p *pass) error {
	answer, err := i.carrier.AllOrders(ctx, ipoe.OrdersRequest{})
	key := schema.LineKey{Source: i.source}
	if err != nil {
		return i.failed(ctx, p, key, JobIPoEOrders, err)
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	rows := schema.Batch{DeadLetters: lettersOf(key, JobIPoEOrders, answer)}
	listed := make(map[*ipoeOrder]bool, len(answer.Value))
	for n := range answer.Value {
		o := i.order(answer.Value[n].OrderCode)
		o.list = orderBrief(&answer.Value[n])
		listed[o] = true
	}
	for _, code := range slices.Sorted(maps.Keys(i.orders)) {
		if o := i.orders[code]; listed[o] || o.row.Listed {
			if row := i.tellOrder(o, listed[o], answer.ObservedAt); i.remembers || row.DetailObservedAt.Known {
				rows.IPoEOrders = append(rows.IPoEOrders, row)
			}
		}
	}
	return i.write(ctx, p, rows)
}

// tellOrder makes an order's row of what is known of it; the caller holds writing.
func (i *IPoE) tellOrder(o *ipoeOrder, listed bool, at time.Time) schema.IPoEOrder {
	row, was := o.detail, o.row
	overlay(&row.IPoEOrderBrief, &o.list)
	row.Type = cmp.Or(row.Type, schema.OrderTypeUnknown)
	row.Status = cmp.Or(row.Status, schema.IPoEOrderUnknown)
	row.Source, row.OrderCode, row.Listed = i.source, o.code, listed
	row.FirstSeen, row.StatusSince, row.ObservedAt = was.FirstSeen, was.StatusSince, newest(was.ObservedAt, at)
	switch {
	case was.FirstSeen.IsZero():
		row.FirstSeen, row.StatusSince = at, i.metInStatus(row, at)
	case row.StatusCode != was.StatusCode:
		row.StatusSince = at
	}
	o.row = row
	return row
}

// metInStatus is since when an order that was met just now has been in its status: in progress since it was applied
// for; of another status nobody can tell.
func (i *IPoE) metInStatus(row schema.IPoEOrder, at time.Time) time.Time {
	if row.Status != schema.IPoEOrderInProgress || !row.ApplicationDate.Known {
		return at
	}
	y, m, d := row.ApplicationDate.V.Time().Date()
	if applied := time.Date(y, m, d, 0, 0, 0, 0, i.cfg.Zone); applied.Before(at) {
		return applied
	}
	return at
}

// wantedOrders are the orders whose details are worth asking for, those first that were asked about longest ago.
func (i *IPoE) wantedOrders(now time.Time) []turn[*ipoeOrder] {
	i.writing.Lock()
	defer i.writing.Unlock()
	var wanted []turn[*ipoeOrder]
	for _, code := range slices.Sorted(maps.Keys(i.orders)) {
		if o := i.orders[code]; i.wants(o.row, now) {
			wanted = append(wanted, turn[*ipoeOrder]{o, o.row.DetailReceivedAt.V})
		}
	}
	slices.SortStableFunc(wanted, func(a, b turn[*ipoeOrder]) int { return a.at.Compare(b.at) })
	return wanted
}

// wants reports whether the details of an order have something new to tell: of one that was never asked about, unless it
// went well; of one whose status has changed since; and of one under way after a day.
func (i *IPoE) wants(row schema.IPoEOrder, now time.Time) bool {
	switch {
	case !row.Listed:
		return false
	case !row.DetailObservedAt.Known:
		wentWell := row.Status == schema.IPoEOrderCompleted || row.Status == schema.IPoEOrderCancelled
		return !wentWell || !i.remembers
	case row.StatusSince.After(row.DetailObservedAt.V):
		return true
	}
	return row.Status.Open() && now.Sub(row.DetailReceivedAt.V) > detailsAgain
}

// pollOrder asks for the details of an order: how each of its products goes, and what is wrong with it.
func (i *IPoE) pollOrder(ctx context.Context, p *pass, o *ipoeOrder) error {
	answer, err := i.carrier.Order(ctx, ipoe.OrderRequest{OrderCode: o.code})
	if isUnknown(err) {
		return nil
	}
	key := schema.LineKey{Source: i.source}
	if err != nil {
		return i.failed(ctx, p, key, JobIPoEOrders, err)
	}
	i.writing.Lock()
	defer i.writing.Unlock()
	o.detail = ipoeOrderDetailRow(&answer.Value)
	o.detail.DetailObservedAt, o.detail.DetailReceivedAt = schema.Some(answer.ObservedAt), schema.Some(answer.ReceivedAt)
	return i.write(ctx, p, schema.Batch{
		IPoEOrders:  []schema.IPoEOrder{i.tellOrder(o, o.row.Listed, answer.ObservedAt)},
		DeadLetters: lettersOf(key, "ipoe_order_details", answer),
	})
}

// countOrders shows how many orders are in each status.
func (i *IPoE) countOrders() {
	i.writing.Lock()
	defer i.writing.Unlock()
	tally := newOrderTally(schema.IPoEOrderStatuses())
	for _, o := range i.orders {
		if o.row.Listed {
			tally.add(o.row.Status, o.row.Status.Open(), o.row.StatusSince)
		}
	}
	i.metrics.SetOrders(i.source, "", apiIPoE, tally.counts, tally.oldest)
}
