package unom

import (
	"time"

	"kaisen/collector/unom/api"
	"kaisen/schema"
)

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
