package api

import (
	"fmt"
	"net/http"
	"time"

	"kaisen/collector/carrier"
)

// AddToDataShareRequest puts lines into the contract's share group, which it makes where there is none: call 22
// (UNO Mobile API v2.1, §22).
type AddToDataShareRequest struct {
	ContractID string      `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	Agreement  Agreement   `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	Lines      []ShareLine `json:"linesList" doc:"lines of the contract that are not in the group, at most 254"`
}

// ShareLine is one line for the group.
type ShareLine struct {
	LineNo string `json:"lineNo" doc:"line of the contract, up to 11 digits"`
}

// Validate checks all fields.
func (r AddToDataShareRequest) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.agreement(r.Agreement)
	c.orders(len(r.Lines), MaxOrders)
	seen := map[string]bool{}
	for i, line := range r.Lines {
		field := fmt.Sprintf("linesList[%d].lineNo", i)
		c.line(field, line.LineNo)
		if seen[line.LineNo] {
			c.Add(field, "was named before")
		}
		seen[line.LineNo] = true
	}
	return c.Err()
}

// Spec is POST …/dataShare.
func (r AddToDataShareRequest) Spec() carrier.RequestSpec {
	body := struct {
		Agreement Agreement   `json:"agreement"`
		Lines     []ShareLine `json:"linesList"`
	}{r.Agreement, r.Lines}
	return send(http.MethodPost, below(r.ContractID, "dataShare"), body)
}

// CancelOrderRequest takes an order back, unless it is about data share: call 28 (UNO Mobile API v2.1, §28, whose table allows bare
// digits for an order and whose example writes ？ and ＝ full-width).
type CancelOrderRequest struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	OrderID    string    `json:"orderId" arg:"1" doc:"as the answer to the order told it, AGU and digits, up to 64 characters"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
}

// Validate checks all fields.
func (r CancelOrderRequest) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.order(r.OrderID, true)
	c.agreement(r.Agreement)
	return c.Err()
}

// Spec is DELETE …/orders/{orderId}?agreement=yes.
func (r CancelOrderRequest) Spec() carrier.RequestSpec {
	return remove(below(r.ContractID, "orders", r.OrderID), r.Agreement)
}

// CancelReservationRequest takes back a registration to the share group or a removal from it, as long as it is not
// done: call 29 (UNO Mobile API v2.1, §29).
type CancelReservationRequest struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	ReserveID  string    `json:"reserveId" arg:"1" doc:"reservation, as call 10, 22 or 23 told it, up to 64 digits"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
}

// Validate checks all fields. The table gives a reservation 15 digits, that of call 22 64, and the example of call 10
// has 17: up to 64 are taken.
func (r CancelReservationRequest) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.text("reserveId", r.ReserveID, mandatory, digits, 64)
	c.agreement(r.Agreement)
	return c.Err()
}

// Spec is DELETE …/dataShare/reserves/{reserveId}?agreement=yes.
func (r CancelReservationRequest) Spec() carrier.RequestSpec {
	return remove(below(r.ContractID, "dataShare", "reserves", r.ReserveID), r.Agreement)
}
