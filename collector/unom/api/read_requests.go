package api

import (
	"net/url"
	"time"

	"kaisen/collector/carrier"
)

// OfContract is what calls about a whole contract are asked with.
type OfContract struct {
	ContractID string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
}

// Validate checks all fields.
func (r OfContract) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	return c.Err()
}

// OfLine is what calls about one line are asked with.
type OfLine struct {
	ContractID string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo     string `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
}

// Validate checks all fields.
func (r OfLine) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.line("lineNo", r.LineNo)
	return c.Err()
}

// ContractRequest asks call 01 for the contract's particulars (UNO Mobile API v2.1, §01).
type ContractRequest struct{ OfContract }

// Spec is GET …/contracts/{contractId}.
func (r ContractRequest) Spec() carrier.RequestSpec { return get(below(r.ContractID)) }

// LinesRequest asks call 02 for the contract's lines, at most MaxRows (UNO Mobile API v2.1, §02, whose example sends the body of
// call 15: a slip of the document).
type LinesRequest struct{ OfContract }

// Spec is GET …/lines.
func (r LinesRequest) Spec() carrier.RequestSpec { return list(below(r.ContractID, "lines"), maxLines) }

// ProductsRequest asks call 06 for what the contract can order (UNO Mobile API v2.1, §06).
type ProductsRequest struct{ OfContract }

// Spec is GET …/products.
func (r ProductsRequest) Spec() carrier.RequestSpec {
	return list(below(r.ContractID, "products"), maxList)
}

// DataShareRequest asks call 10 for the lines of the share group (UNO Mobile API v2.1, §10).
type DataShareRequest struct{ OfContract }

// Spec is GET …/dataShare.
func (r DataShareRequest) Spec() carrier.RequestSpec {
	return list(below(r.ContractID, "dataShare"), maxList)
}

// TrafficRequest asks call 03 for a line's figures (UNO Mobile API v2.1, §03).
type TrafficRequest struct{ OfLine }

// Spec is GET …/lines/{lineNo}/traffic.
func (r TrafficRequest) Spec() carrier.RequestSpec {
	return get(below(r.ContractID, "lines", r.LineNo, "traffic"))
}

// DataShareTrafficRequest asks call 09 for the figures of a line's share group (UNO Mobile API v2.1, §09).
type DataShareTrafficRequest struct{ OfLine }

// Spec is GET …/lines/{lineNo}/dataShare/traffic.
func (r DataShareTrafficRequest) Spec() carrier.RequestSpec {
	return get(below(r.ContractID, "lines", r.LineNo, "dataShare", "traffic"))
}

// SessionRequest asks call 26 whether a line is connected (UNO Mobile API v2.1, §26).
type SessionRequest struct{ OfLine }

// Spec is GET …/lines/{lineNo}/session.
func (r SessionRequest) Spec() carrier.RequestSpec {
	return get(below(r.ContractID, "lines", r.LineNo, "session"))
}

// The states that calls 07, 08, 11 and 30 ask for (status, X, up to 20).
const (
	statusAccepting            = "accepting"
	statusComplete             = "complete"
	statusAsyncAccepting       = "asyncAccepting"
	statusAsyncCancelAccepting = "asyncCancelAccepting"
)

// ordersIn is GET …/orders?status=, or …/orders/{orderId}?status=.
func ordersIn(status, contractID string, orderID ...string) carrier.RequestSpec {
	w := list(below(contractID, append([]string{"orders"}, orderID...)...), maxList)
	w.Query = url.Values{"status": {status}}
	return w
}

// OrdersRequest asks call 07 for the orders that are taken and not complete, at most MaxRows (UNO Mobile API v2.1, §07).
type OrdersRequest struct{ OfContract }

// Spec is GET …/orders?status=accepting.
func (r OrdersRequest) Spec() carrier.RequestSpec { return ordersIn(statusAccepting, r.ContractID) }

// CompletedOrdersRequest asks call 08 for the orders that are complete, at most MaxRows (UNO Mobile API v2.1, §08).
type CompletedOrdersRequest struct{ OfContract }

// Spec is GET …/orders?status=complete.
func (r CompletedOrdersRequest) Spec() carrier.RequestSpec {
	return ordersIn(statusComplete, r.ContractID)
}

// OfOrder is what calls about one order are asked with.
type OfOrder struct {
	ContractID string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	OrderID    string `json:"orderId" arg:"1" doc:"as the answer to the order told it, AGU and digits, up to 64 characters"`
}

// Validate checks all fields.
func (r OfOrder) Validate(time.Time) error {
	c := newCheck()
	c.contract(r.ContractID)
	c.order(r.OrderID, false)
	return c.Err()
}

// OrderRequest asks call 11 how the taking of an order goes (UNO Mobile API v2.1, §11).
type OrderRequest struct{ OfOrder }

// Spec is GET …/orders/{orderId}?status=asyncAccepting.
func (r OrderRequest) Spec() carrier.RequestSpec {
	return ordersIn(statusAsyncAccepting, r.ContractID, r.OrderID)
}

// CancellationRequest asks call 30 how the cancelling of an order goes (UNO Mobile API v2.1, §30). The order is that of the
// cancellation, which call 28 gave.
type CancellationRequest struct{ OfOrder }

// Spec is GET …/orders/{orderId}?status=asyncCancelAccepting.
func (r CancellationRequest) Spec() carrier.RequestSpec {
	return ordersIn(statusAsyncCancelAccepting, r.ContractID, r.OrderID)
}
