package unom

import (
	"time"

	"kaisen/internal/simulator/calendar"
)

// OrderTruth is an order of Universal One Mobile, or the cancellation of one, at a second.
type OrderTruth struct {
	ContractID string       `json:"contract_id"`
	OrderID    string       `json:"order_id"`
	Operation  string       `json:"operation"` // as Operations names it
	LineNo     string       `json:"line_no"`   // empty: of no line that there is
	Items      int          `json:"items"`     // how many things were ordered at once
	Placed     time.Time    `json:"placed"`
	Requested  string       `json:"requested"`  // YYYY-MM-DD
	Opened     string       `json:"opened"`     // YYYY-MM-DD on which it took effect; empty: it has not
	Status     string       `json:"status"`     // orderStatus
	MessageID  string       `json:"message_id"` // of an order that came to nothing
	Cancels    string       `json:"cancels"`    // the order that this is the cancellation of
	History    []StatusTime `json:"history"`    // all its statuses, those to come among them
}

// StatusTime is a status and when it begins.
type StatusTime struct {
	Time   time.Time `json:"time"`
	Status string    `json:"status"`
}

// ProductTruth is a product of the catalogue.
type ProductTruth struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Devices []string `json:"devices,omitempty"`
}

// OrdersAt are the orders that were placed by a second, of one contract or of all (""), by contract and the newest
// first.
func (u *API) OrdersAt(second int64, contractID string) []OrderTruth {
	list := []OrderTruth{}
	for _, contract := range u.fleet.Contracts() {
		if contractID != "" && contractID != contract.ID {
			continue
		}
		for _, o := range u.store.of(contract, second) {
			list = append(list, u.orderTruth(o, second))
		}
	}
	return list
}

func (u *API) orderTruth(o order, at int64) OrderTruth {
	t := OrderTruth{
		ContractID: o.contract.ID, OrderID: o.id, Operation: o.operation, LineNo: o.lineNo, Items: o.parts,
		Placed: u.cal.Time(o.placed), Requested: calendar.Date(o.requested), Status: o.status(at), MessageID: o.trouble(at), Cancels: o.cancels,
	}
	if day, ok := o.opened(at, u.cal); ok {
		t.Opened = calendar.Date(day)
	}
	for _, s := range o.steps {
		t.History = append(t.History, StatusTime{u.cal.Time(s.at), s.status})
	}
	return t
}

// Catalogue is what call 06 shows.
func Catalogue() []ProductTruth {
	var all []ProductTruth
	for _, p := range products() {
		t := ProductTruth{Code: p.Code, Name: p.name}
		for _, d := range p.devices {
			t.Devices = append(t.Devices, d.code)
		}
		all = append(all, t)
	}
	return all
}
