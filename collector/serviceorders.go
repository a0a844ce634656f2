package collector

import (
	"context"
	"fmt"
	"time"

	"kaisen/collector/carrier"
	serviceorder "kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// apiServiceOrder is the label api of the gauges of orders.
const apiServiceOrder = "serviceorder"

// serviceOrderID tells the orders of a service apart.
type serviceOrderID struct{ number, contract string }

func idOfServiceOrder(row schema.ServiceOrder) serviceOrderID {
	return serviceOrderID{row.OrderRequestNum, row.ContractID}
}

// sweepOrders asks for the orders of each service. One that the carrier does not let us ask about fails alone.
func (o *ServiceOrder) sweepOrders(ctx context.Context, p *pass) {
	p.total.Add(int64(len(o.cfg.Services)))
	workers := o.workers()
	for _, service := range o.cfg.Services {
		workers.Go(func() {
			o.setList(service, p.item(ctx, func(ctx context.Context) error { return o.pollOrders(ctx, p, service) }))
			o.tell(p)
		})
	}
	workers.Wait()
	o.countOrders()
	o.noteAsked()
}

// pollOrders makes what is known of a service's orders agree with the carrier's list.
func (o *ServiceOrder) pollOrders(ctx context.Context, p *pass, service string) error {
	key := schema.LineKey{Source: o.source}
	answer, err := o.carrier.Orders(ctx, serviceorder.OrdersRequest{ServiceName: serviceorder.ServiceName(service)})
	if err != nil {
		return fmt.Errorf("orders of service %s: %w", service, o.failed(ctx, p, key, JobServiceOrders, err))
	}
	rows := schema.Batch{
		ServiceOrders: o.agree(service, answer),
		DeadLetters:   lettersOf(key, JobServiceOrders, answer),
	}
	if err := o.write(ctx, p, rows); err != nil {
		return fmt.Errorf("orders of service %s: %w", service, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, row := range rows.ServiceOrders {
		o.orders[service][idOfServiceOrder(row)] = row
	}
	return nil
}

// agree is the rows of a list: what it tells, and what it no longer has.
func (o *ServiceOrder) agree(service string, answer carrier.Answer[serviceorder.Orders]) []schema.ServiceOrder {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := o.orders[service]
	var rows []schema.ServiceOrder
	listed := make(map[serviceOrderID]bool)
	for _, told := range answer.Value.Orders {
		row := serviceOrderRow(o.source, service, told, answer.ObservedAt)
		if before, met := known[idOfServiceOrder(row)]; met {
			row.FirstSeen = before.FirstSeen
			if row.StatusCode == before.StatusCode {
				row.StatusSince = before.StatusSince
			}
		}
		listed[idOfServiceOrder(row)] = true
		rows = append(rows, row)
	}
	for id, row := range known {
		if row.Listed && !listed[id] {
			row.Listed, row.ObservedAt = false, answer.ObservedAt
			rows = append(rows, row)
		}
	}
	return rows
}

// serviceOrderRow is an order that was told as a row of table service_orders, as if met for the first time.
func serviceOrderRow(source, service string, told serviceorder.Order, at time.Time) schema.ServiceOrder {
	return schema.ServiceOrder{
		Source: source, Service: service, OrderRequestNum: told.OrderRequestNum, ContractID: told.ContractID,
		ServiceName: told.ServiceName, TypeCode: string(told.OrderType), Type: orderType(told.OrderType.Meaning()),
		OfferPlanDate: told.OfferPlanDate.Day(), StatusCode: string(told.OrderStatus),
		Status: serviceOrderStatus(told.OrderStatus.Meaning(serviceorder.ServiceName(service))),
		Listed: true, FirstSeen: at, StatusSince: at, ObservedAt: at,
	}
}

// orderType is the meaning of an orderType in the words of the tables. Both smaller APIs use the same.
func orderType(meaning string) schema.OrderType {
	switch meaning {
	case "new":
		return schema.OrderTypeNew
	case "change":
		return schema.OrderTypeChange
	case "cancel":
		return schema.OrderTypeCancel
	}
	return schema.OrderTypeUnknown
}

// serviceOrderStatus is the meaning of an orderStatus in the words of the tables.
func serviceOrderStatus(meaning string) schema.ServiceOrderStatus {
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
// they are counted for the account: a series for every contract would stay for ever.
func (o *ServiceOrder) countOrders() {
	o.mu.Lock()
	defer o.mu.Unlock()
	tally := newOrderTally(schema.ServiceOrderStatuses())
	for _, known := range o.orders {
		for _, row := range known {
			if row.Listed {
				tally.add(row.Status, row.Status.Open(), row.StatusSince)
			}
		}
	}
	o.metrics.SetOrders(o.source, "", apiServiceOrder, tally.counts, tally.oldest)
}
