package serviceorder

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// orderID identifies an order of a service.
type orderID struct{ number, contract string }

// catalogue is what is known of a service's orders.
type catalogue = collector.Catalogue[orderID, schema.ServiceOrder]

func newCatalogue() *catalogue {
	return collector.NewCatalogue(
		func(row *schema.ServiceOrder) orderID { return orderID{row.OrderRequestNum, row.ContractID} },
		func(row *schema.ServiceOrder) *bool { return &row.Listed },
		func(row *schema.ServiceOrder) *time.Time { return &row.ObservedAt },
		func(before, row *schema.ServiceOrder) {
			row.FirstSeen = before.FirstSeen
			if row.StatusCode == before.StatusCode {
				row.StatusSince = before.StatusSince
			}
		})
}

// sweepOrders asks for the orders of each service. One that the carrier does not let us ask about fails alone.
func (c *Collector) sweepOrders(ctx context.Context, sweep *collector.Sweep, _ bool) {
	collector.ForEach(ctx, c.Engine, sweep, c.services,
		func(ctx context.Context, service string) error { return c.pollOrders(ctx, sweep, service) }, c.SetList)
	c.countOrders()
	c.noteAsked()
}

// pollOrders makes what is known of a service's orders agree with the carrier's list. One that has fewer orders than it
// says, or one that could not be read, proves none gone.
func (c *Collector) pollOrders(ctx context.Context, sweep *collector.Sweep, service string) error {
	key := schema.LineKey{Source: c.Source}
	answer, err := c.carrier.Orders(ctx, api.OrdersRequest{ServiceName: api.ServiceName(service)})
	if err != nil {
		return fmt.Errorf("orders of service %s: %w", service, c.Failed(ctx, sweep, key, JobOrders, err))
	}
	listed := make([]schema.ServiceOrder, len(answer.Value.Orders))
	for i, told := range answer.Value.Orders {
		listed[i] = orderRow(c.Source, service, told, answer.ObservedAt)
	}
	leftOut := carrier.LeftOut(answer.Warnings)
	missing := answer.Value.Missing(leftOut)
	rows := schema.Batch{ServiceOrders: c.orders[service].Compare(listed, leftOut == 0 && missing == 0, answer.ObservedAt),
		DeadLetters: collector.DeadLetters(key, JobOrders, answer)}
	if err := c.Write(ctx, sweep, rows); err != nil {
		return fmt.Errorf("orders of service %s: %w", service, err)
	}
	c.LogLoss(JobOrders, len(rows.ServiceOrders)-len(listed), c.orders[service].Doubted(), "service", service)
	c.orders[service].Keep(rows.ServiceOrders...)
	if missing > 0 {
		return fmt.Errorf("orders of service %s: the answer has %d of the %d that it says there are; what it lacks does not count as gone",
			service, len(listed)+leftOut, *answer.Value.ResultCount)
	}
	return nil
}

// orderRow is an order of the list as a row of table service_orders, as if met for the first time.
func orderRow(source, service string, told api.Order, at time.Time) schema.ServiceOrder {
	return schema.ServiceOrder{
		Source: source, Service: service, OrderRequestNum: told.OrderRequestNum, ContractID: told.ContractID,
		ServiceName: told.ServiceName, TypeCode: string(told.OrderType), Type: collector.OrderType(told.OrderType.Meaning()),
		OfferPlanDate: told.OfferPlanDate.Day(), StatusCode: string(told.OrderStatus),
		Status: orderStatus(told.OrderStatus.Meaning(api.ServiceName(service))),
		Listed: true, FirstSeen: at, StatusSince: at, ObservedAt: at,
	}
}

// orderStatus is the meaning of an orderStatus in the words of the tables.
func orderStatus(meaning string) schema.ServiceOrderStatus {
	switch meaning {
	case "received":
		return schema.ServiceOrderReceived
	case "investigated":
		return schema.ServiceOrderInvestigated
	case "access line constructed":
		return schema.ServiceOrderAccessConstructed
	case "device constructed":
		return schema.ServiceOrderDeviceConstructed
	case "in progress":
		return schema.ServiceOrderInProgress
	case "complete":
		return schema.ServiceOrderCompleted
	}
	return schema.ServiceOrderUnknown
}

// countOrders shows how many orders are in each status. The carrier gives each order a contract of its own, so that
// they are counted for the account: a series for every contract would stay for ever. One order's own goes with it.
func (c *Collector) countOrders() {
	tally := collector.NewOrderTally(schema.ServiceOrderStatuses())
	for _, known := range c.orders {
		for _, row := range known.All() {
			if row.Listed {
				tally.Add(row.OrderRequestNum, collector.WatchedOrder{
					ContractID: row.ContractID, Status: string(row.Status), Since: row.StatusSince, Open: row.Status.Open(), Planned: row.OfferPlanDate,
				})
			}
		}
	}
	c.Metrics.SetOrders(c.Source, "", name, tally)
}
