package ipoe

import (
	"cmp"

	"kaisen/collector"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// order is what the collector remembers of an order.
type order struct {
	code   string
	list   schema.IPoEOrderBrief // what the list said last
	nulls  lenient.Nulls         // the fields that it had as NULL
	detail schema.IPoEOrder      // what the details said last
	row    schema.IPoEOrder      // as made last

	met     bool              // on a list of this process
	changed bool              // the list has said something else since the details were asked for
	left    bool              // the list while it was open: its details may say how it ended
	unknown bool              // the carrier knows no such order, when asked about it alone
	backoff collector.Backoff // over its details
}

// order finds an order, or makes one that nothing is known of; the caller holds writing.
func (c *Collector) order(code string) *order {
	o, known := c.orders[code]
	if !known {
		o = &order{code: code}
		c.orders[code] = o
	}
	return o
}

// restore takes in a row of an earlier process; the caller holds writing. What was read meanwhile counts.
func (o *order) restore(row schema.IPoEOrder) {
	if !o.row.FirstSeen.IsZero() {
		o.row.FirstSeen = row.FirstSeen
		if o.row.StatusCode == row.StatusCode {
			o.row.StatusSince = row.StatusSince
		}
		if !o.detail.DetailObservedAt.Known {
			o.detail = row
			o.changed = changes(row.IPoEOrderBrief, o.list, o.nulls)
		}
		return
	}
	o.list, o.detail, o.row = row.IPoEOrderBrief, row, row // which answer said which of it is no longer known
}

// told takes in what the list says, and notes whether that is something new. Of an order of an earlier process only what
// the list and the details said together is known.
func (o *order) told(list schema.IPoEOrderBrief, nulls lenient.Nulls) {
	news := list != o.list || nulls != o.nulls
	if !o.met {
		news = changes(o.row.IPoEOrderBrief, list, nulls)
	}
	o.changed = o.changed || news && !o.row.FirstSeen.IsZero()
	o.list, o.nulls, o.met, o.left = list, nulls, true, false
}

// changes reports whether a list changes anything in what was known of an order.
func changes(known, list schema.IPoEOrderBrief, nulls lenient.Nulls) bool {
	now := known
	overlay(&now, &list, nulls)
	now.Type, now.Status = cmp.Or(now.Type, schema.OrderTypeUnknown), cmp.Or(now.Status, schema.IPoEOrderUnknown)
	return now != known
}
