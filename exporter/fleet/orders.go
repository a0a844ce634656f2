package fleet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kaisen/schema"
)

// Order is an order of any of the carrier's APIs, as it was last told.
type Order struct {
	Source, ContractID string // the contract is empty where the API names none
	API                string // unom, serviceorder or ipoe, as in kaisen_orders
	Service            string // of API serviceorder: each has its own numbers
	ID                 string
	Item               uint16 // of an order of several items; 0: the order itself
	What               string // the service, or the place
	Status             string // as in the API's table
	Open               bool   // more is to happen to it
	Failed             bool
	Gone               bool                    // from the carrier's list; the status is the last that it told
	Error              string                  // the carrier's message or its number; empty: none
	Since              time.Time               // in its status
	Planned            schema.Opt[schema.Date] // when it is to be carried out
}

// Late reports whether an open order should have been carried out before a day.
func (o Order) Late(today schema.Date) bool { return o.Open && o.Planned.Known && o.Planned.V < today }

type orderKey struct {
	source, contract, api, service, id string
	item                               uint16
}

// Lists of orders.
const (
	OrdersOpen   = ""
	OrdersFailed = "failed"
	OrdersLate   = "late"
	OrdersAll    = "all"
)

// OrderLists is every list of orders.
func OrderLists() []string { return []string{OrdersOpen, OrdersFailed, OrdersLate, OrdersAll} }

// Orders are the orders on a list that have a text in one of their fields: those that failed first, then the late ones,
// then those that have been in their status for longest.
func (f *Fleet) Orders(text, list string, now time.Time) []Order {
	today := schema.DateOf(now.In(f.config.Zone))
	f.mu.Lock()
	var found []Order
	for _, o := range f.orders {
		on := list == OrdersAll || list == OrdersOpen && o.Open || list == OrdersFailed && o.Failed || list == OrdersLate && o.Late(today)
		if on && hasText(text, o.Source, o.ContractID, o.API, o.ID, o.What, o.Status, o.Error) {
			found = append(found, o)
		}
	}
	f.mu.Unlock()
	rank := func(o Order) int {
		switch {
		case o.Failed:
			return 0
		case o.Late(today):
			return 1
		case o.Open:
			return 2
		}
		return 3
	}
	slices.SortFunc(found, func(a, b Order) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Item, b.Item))
	})
	return found
}

// OrderCounts counts the orders of a fleet.
type OrderCounts struct{ All, Open, Failed, Late int }

// orderCounts needs the lock.
func (f *Fleet) orderCounts(today schema.Date) (counts OrderCounts) {
	for _, o := range f.orders {
		counts.All++
		for _, is := range []struct {
			holds bool
			n     *int
		}{{o.Open, &counts.Open}, {o.Failed, &counts.Failed}, {o.Late(today), &counts.Late}} {
			if is.holds {
				*is.n++
			}
		}
	}
	return counts
}

func (f *Fleet) setOrder(o Order) {
	o.Source, o.ContractID, o.ID = strings.Clone(o.Source), strings.Clone(o.ContractID), strings.Clone(o.ID)
	o.Service, o.What, o.Error = strings.Clone(o.Service), strings.Clone(o.What), strings.Clone(o.Error)
	o.Since = o.Since.In(f.config.Zone)
	f.orders[orderKey{o.Source, o.ContractID, o.API, o.Service, o.ID, o.Item}] = o
}

// writeOrders takes the orders of all APIs. An item of an order is one of its own only where it went wrong.
func (f *Fleet) writeOrders(b *schema.Batch) {
	for i := range b.Orders {
		row := &b.Orders[i]
		failed := !row.Gone && (row.Status == schema.OrderRejected || row.Status == schema.OrderSystemError || row.ErrorID != "" && !row.Status.Final())
		key := orderKey{row.Source, row.ContractID, "unom", "", row.OrderID, row.Number}
		if row.Number > 0 && !failed {
			delete(f.orders, key)
			continue
		}
		planned := row.Scheduled
		if !planned.Known {
			planned = row.Requested
		}
		f.setOrder(Order{Source: row.Source, ContractID: row.ContractID, API: "unom", ID: row.OrderID, Item: row.Number, Status: string(row.Status),
			Open: !row.Gone && !row.Status.Final(), Failed: failed, Gone: row.Gone, Error: cmp.Or(row.ErrorText, row.ErrorID), Since: row.StatusSince, Planned: planned})
	}
	for i := range b.ServiceOrders {
		row := &b.ServiceOrders[i]
		f.setOrder(Order{Source: row.Source, ContractID: row.ContractID, API: "serviceorder", Service: row.Service, ID: row.OrderRequestNum, What: cmp.Or(row.ServiceName, row.Service),
			Status: string(row.Status), Open: row.Listed && row.Status.Open(), Gone: !row.Listed, Since: row.StatusSince, Planned: row.OfferPlanDate})
	}
	for i := range b.IPoEOrders {
		row := &b.IPoEOrders[i]
		failed := row.Listed && (row.Status == schema.IPoEOrderError || row.Status == schema.IPoEOrderPartlyError)
		wrong := slices.IndexFunc(row.ContractErrors, func(text string) bool { return text != "" })
		var text string
		if wrong >= 0 {
			text = row.ContractErrors[wrong]
		}
		f.setOrder(Order{Source: row.Source, API: "ipoe", ID: row.OrderCode, What: row.CustomerSiteName, Status: string(row.Status),
			Open: row.Listed && row.Status.Open(), Failed: failed, Gone: !row.Listed, Error: text, Since: row.StatusSince, Planned: row.Planned()})
	}
}
