package serviceorder

import (
	"fmt"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// order is an order of the Service Order API. Nobody can place one there: they are what they are
// from the beginning, and move with the days.
type order struct {
	n        int
	seed     uint64
	service  string
	kind     int    // orderType: 1 new, 2 change, 3 cancel, 4 change
	received int    // day
	stages   [4]int // the days on which it comes to its next statuses; the last is that of completion
}

// services are the services that orders can be asked for.
func services() []string {
	return []string{"uno", "ucaas", "sip-trunking", "mss", "050plusbiz", "ip-voice", "smart-pbx", "accs", "bdp-e"}
}

// newOrders makes the orders: every other one is of uno, the rest of all services in turn.
func newOrders(cfg Config, today int) []order {
	names := services()
	orders := make([]order, cfg.Orders)
	for i := range orders {
		seed := chance.Of(cfg.Seed, chance.AboutService, uint64(i))
		o := order{n: i + 1, seed: seed, service: names[0], received: today - int(seed%50)}
		if i%2 == 1 {
			o.service = names[i/2%len(names)]
		}
		o.kind = 1 + int(seed>>16%3)
		if (o.service == "sip-trunking" || o.service == "ucaas") && seed>>24%2 == 0 {
			o.kind = 4
		}
		day := o.received
		for s := range o.stages {
			day += 3 + int(seed>>(32+8*s)%12)
			o.stages[s] = day
		}
		orders[i] = o
	}
	return orders
}

// passed is how many of its stages an order has behind it.
func (o order) passed(today int) int {
	n := 0
	for _, day := range o.stages {
		if day <= today {
			n++
		}
	}
	return n
}

// status is orderStatus, 0 for none: what it says depends on the service.
func (o order) status(today int) int {
	done := o.passed(today) == len(o.stages)
	switch {
	case o.service == "uno": // 1 received, 2 investigated, 3 access line, 4 device, 5 complete
		return 1 + o.passed(today)
	case o.service == "mss" && done: // No Status: Complete
		return 0
	case o.service == "bdp-e" && done:
		return 2
	default:
		return 1
	}
}

// updated is the day of the order's newest change.
func (o order) updated(today int) int {
	if n := o.passed(today); n > 0 {
		return o.stages[n-1]
	}
	return o.received
}

func (o order) contractID() string   { return fmt.Sprintf("N%09d", 700_000_000+o.n) }
func (o order) requestNum() string   { return fmt.Sprintf("RQ%08d", o.n) }
func (o order) webEntryID() string   { return fmt.Sprintf("W%09d", o.n) }
func (o order) vpnNumber() string    { return fmt.Sprintf("V%09d", 100_000_000+o.n/4) }
func (o order) offerPlanned() string { return calendar.Digits(o.stages[len(o.stages)-1]) }

// serviceName is the service in the carrier's words.
func (o order) serviceName() string {
	if o.service == "uno" {
		return [...]string{"L2 代表", "L3 ギャランティアクセス"}[o.seed>>8%2]
	}
	return o.service
}

// OrderTruth is an order of the Service Order API.
type OrderTruth struct {
	ContractID  string `json:"contract_id"`
	Service     string `json:"service"` // as it is asked for: uno, …
	ServiceName string `json:"service_name"`
	OrderType   int    `json:"order_type"`
	OrderStatus int    `json:"order_status"` // 0: none
	RequestNum  string `json:"request_num"`
	WebEntryID  string `json:"web_entry_id"`
	OfferPlan   string `json:"offer_plan"` // YYYY-MM-DD
	Updated     string `json:"updated"`    // YYYY-MM-DD
}

// OrdersAt are the orders that were placed by a second.
func (s *API) OrdersAt(second int64) []OrderTruth {
	today := s.cfg.Calendar.Day(second)
	list := []OrderTruth{}
	for _, o := range s.orders {
		if o.received <= today {
			list = append(list, OrderTruth{
				ContractID: o.contractID(), Service: o.service, ServiceName: o.serviceName(), OrderType: o.kind,
				OrderStatus: o.status(today), RequestNum: o.requestNum(), WebEntryID: o.webEntryID(),
				OfferPlan: calendar.Date(o.stages[len(o.stages)-1]), Updated: calendar.Date(o.updated(today)),
			})
		}
	}
	return list
}
