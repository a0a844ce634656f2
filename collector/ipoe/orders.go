package ipoe

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// detailsAgain is how long the details of an order under way hold: its products move on their own.
const detailsAgain = 24 * time.Hour

// sweepOrders reads the list of orders, and then the details of those that have changed. Paced, it is over with the
// interval, for the next list: a pause may hold one order's details up for much longer.
func (c *Collector) sweepOrders(ctx context.Context, sweep *collector.Sweep, paced bool) {
	err := c.List(ctx, sweep, JobOrders, func(ctx context.Context) error { return c.readOrders(ctx, sweep) })
	c.countOrders()
	if err != nil && !api.IsPartial(err) {
		return
	}
	collector.InTurn(ctx, c.Engine, sweep, c.wantedOrders(time.Now()), paced, func(ctx context.Context, o *order) error {
		asking := ctx
		if paced {
			var cancel context.CancelFunc
			asking, cancel = context.WithDeadline(ctx, sweep.Started().Add(c.Jobs[JobOrders].Interval))
			defer cancel()
		}
		return c.pollOrder(ctx, asking, sweep, o)
	})
}

// readOrders reads the list of orders, as readSites does that of sites.
func (c *Collector) readOrders(ctx context.Context, sweep *collector.Sweep) error {
	answer, err := c.carrier.AllOrders(ctx, api.OrdersRequest{})
	if err != nil && !api.IsPartial(err) {
		return c.Failed(ctx, sweep, schema.LineKey{Source: c.Source}, JobOrders, err)
	}
	unmet, stored := c.takeOrders(ctx, sweep, answer, err == nil && carrier.LeftOut(answer.Warnings) == 0)
	return c.partly(ctx, sweep, JobOrders, err, unmet, stored)
}

// takeOrders takes in the list of orders, or a part of it. It returns how many of those known were not met.
func (c *Collector) takeOrders(ctx context.Context, sweep *collector.Sweep, answer carrier.Answer[[]api.Order], whole bool) (unmet int, err error) {
	key := schema.LineKey{Source: c.Source}
	c.writing.Lock()
	defer c.writing.Unlock()
	rows := schema.Batch{DeadLetters: collector.DeadLetters(key, JobOrders, answer)}
	listed := make(map[*order]bool, len(answer.Value))
	for n := range answer.Value {
		o := c.order(answer.Value[n].OrderCode)
		o.told(orderBrief(&answer.Value[n]), answer.Value[n].Nulls)
		listed[o] = true
	}
	left := 0
	missing, believed := collector.Lost(&c.orderDoubt, maps.Values(c.orders), func(o *order) (was, is bool) {
		return o.row.Listed, listed[o] || !whole
	})
	for _, code := range slices.Sorted(maps.Keys(c.orders)) {
		o := c.orders[code]
		is := listed[o]
		if !is && o.row.Listed {
			unmet++
		}
		if !is && (!o.row.Listed || !whole || !believed && !o.unknown) {
			continue
		}
		if !is {
			left++
			o.left = o.row.Status.Open() && !o.unknown
		}
		if row := c.remakeOrder(o, is, answer.ObservedAt); c.remembers || row.DetailObservedAt.Known {
			rows.IPoEOrders = append(rows.IPoEOrders, row)
		}
	}
	c.LogLoss(JobOrders, left, missing-left)
	return unmet, c.Write(ctx, sweep, rows)
}

// remakeOrder makes an order's row of what is known of it; the caller holds writing.
func (c *Collector) remakeOrder(o *order, listed bool, at time.Time) schema.IPoEOrder {
	row, was := o.detail, o.row
	overlay(&row.IPoEOrderBrief, &o.list, o.nulls)
	row.Type = cmp.Or(row.Type, schema.OrderTypeUnknown)
	row.Status = cmp.Or(row.Status, schema.IPoEOrderUnknown)
	row.Source, row.OrderCode, row.Listed = c.Source, o.code, listed
	row.FirstSeen, row.StatusSince, row.ObservedAt = was.FirstSeen, was.StatusSince, newest(was.ObservedAt, at)
	switch {
	case was.FirstSeen.IsZero():
		row.FirstSeen, row.StatusSince = at, c.metInStatus(row, at)
	case row.StatusCode != was.StatusCode:
		row.StatusSince = at
	}
	o.row = row
	return row
}

// metInStatus is since when an order that was met just now has been in its status: in progress since it was applied
// for; of another status it is not known.
func (c *Collector) metInStatus(row schema.IPoEOrder, at time.Time) time.Time {
	if row.Status != schema.IPoEOrderInProgress || !row.ApplicationDate.Known {
		return at
	}
	y, m, d := row.ApplicationDate.V.Time().Date()
	if applied := time.Date(y, m, d, 0, 0, 0, 0, c.Zone); applied.Before(at) {
		return applied
	}
	return at
}

// wantedOrders are the orders whose details are worth asking for, those first that were asked about longest ago.
func (c *Collector) wantedOrders(now time.Time) []collector.Poll[*order] {
	c.writing.Lock()
	defer c.writing.Unlock()
	var wanted []collector.Poll[*order]
	for _, code := range slices.Sorted(maps.Keys(c.orders)) {
		if o := c.orders[code]; c.wants(o, now) && o.backoff.Ready(now) {
			wanted = append(wanted, collector.Poll[*order]{Item: o, At: o.row.DetailReceivedAt.V})
		}
	}
	slices.SortStableFunc(wanted, func(a, b collector.Poll[*order]) int { return a.At.Compare(b.At) })
	return wanted
}

// wants reports whether the details of an order have changed: of one that was never asked about, unless it
// went well; of one of which the list says something else, or whose status has changed since; of one under way after a day;
// and once of one that left the list under way.
func (c *Collector) wants(o *order, now time.Time) bool {
	row := &o.row
	switch {
	case !row.Listed:
		return o.left
	case o.changed:
		return true
	case !row.DetailObservedAt.Known:
		wentWell := row.Status == schema.IPoEOrderCompleted || row.Status == schema.IPoEOrderCancelled
		return !wentWell || !c.remembers
	case row.StatusSince.After(row.DetailObservedAt.V) || row.DetailObservedAt.V.After(c.carrier.Now().Add(24*time.Hour)):
		return true
	}
	return row.Status.Open() && now.Sub(row.DetailReceivedAt.V) > detailsAgain
}

// pollOrder asks for the details of an order: how each of its products goes, and what is wrong with it. An order for
// whose answer there is no more time is left.
func (c *Collector) pollOrder(ctx, asking context.Context, sweep *collector.Sweep, o *order) error {
	answer, err := c.carrier.Order(asking, api.OrderRequest{OrderCode: o.code})
	if err != nil && asking.Err() != nil && ctx.Err() == nil {
		return collector.ErrLeft
	}
	unknown := isUnknown(err)
	c.writing.Lock()
	o.unknown = unknown
	o.left, o.changed = o.left && !answered(err), o.changed && !unknown
	o.backoff.Ended(err, c.Jobs[JobOrders].Interval, sweep.Started())
	c.writing.Unlock()
	if unknown {
		return nil
	}
	key := schema.LineKey{Source: c.Source}
	if err != nil {
		return c.Failed(ctx, sweep, key, JobOrders, err)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	o.detail, o.changed = ipoeOrderDetailRow(&answer.Value), false
	if !o.row.Listed { // what the list said is of before
		overlay(&o.list, &o.detail.IPoEOrderBrief, answer.Value.Nulls)
	}
	o.detail.DetailObservedAt, o.detail.DetailReceivedAt = schema.Some(answer.ObservedAt), schema.Some(answer.ReceivedAt)
	return c.Write(ctx, sweep, schema.Batch{
		IPoEOrders:  []schema.IPoEOrder{c.remakeOrder(o, o.row.Listed, answer.ObservedAt)},
		DeadLetters: collector.DeadLetters(key, "ipoe_order_details", answer),
	})
}

// answered reports whether the carrier said anything of what it was asked.
func answered(err error) bool {
	failure := carrier.FailureOf(err)
	return err == nil || failure.Status != 0 && failure.Kind != carrier.KindThrottled && failure.Kind != carrier.KindMaintenance
}

// countOrders shows how many orders are in each status.
func (c *Collector) countOrders() {
	c.writing.Lock()
	defer c.writing.Unlock()
	tally := collector.NewOrderTally(schema.IPoEOrderStatuses())
	for _, o := range c.orders {
		if o.row.Listed {
			tally.Add(o.row.OrderCode, collector.WatchedOrder{
				Status: string(o.row.Status), Since: o.row.StatusSince, Open: o.row.Status.Open(), Planned: o.row.Planned(),
				Failed: o.row.Status == schema.IPoEOrderError || o.row.Status == schema.IPoEOrderPartlyError,
			})
		}
	}
	c.Metrics.SetOrders(c.Source, "", name, tally)
}
