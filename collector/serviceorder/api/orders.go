package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// OrdersRequest is GET /v1/business-process/service-orders (Check Service Order Status).
type OrdersRequest struct {
	ServiceName ServiceName `json:"serviceName" arg:"1" doc:"the service: uno, ucaas, sip-trunking, mss, 050plusbiz, ip-voice, smart-pbx, accs or bdp-e"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *OrdersRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *OrdersRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("serviceName", string(r.ServiceName))
	c.Text("serviceName", string(r.ServiceName), 1, 64, lenient.HalfWidth())
	return c.Err()
}

// Doubts says of a service that the document does not list that it is sent all the same: the carrier's list of services
// grows without its document.
func (r *OrdersRequest) Doubts() []string {
	if r.ServiceName == "" || slices.Contains(ServiceNames(), string(r.ServiceName)) {
		return nil
	}
	return []string{"serviceName: none of those that the document lists: " + strings.Join(ServiceNames(), ", ")}
}

// Spec is carrier.Request's.
func (r *OrdersRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{
		Method: http.MethodGet, Path: pathOrders, Query: url.Values{"serviceName": {string(r.ServiceName)}}, MaxBody: maxBody,
	}
}

// Orders is the answer: the orders of one service.
type Orders struct {
	Orders      []Order `json:"orders"`
	ResultCount *int64  `json:"resultCount"` // how many orders the carrier says there are
}

// Missing is how many orders the carrier says there are beyond those that it gave; leftOut could not be read.
func (o *Orders) Missing(leftOut int) int64 {
	if o.ResultCount == nil {
		return 0
	}
	return max(0, *o.ResultCount-int64(len(o.Orders)+leftOut))
}

// Order is one order (Service Order API, Check Service Order Status, Response Parameters). What was not given is "".
type Order struct {
	ContractID      string       `json:"contractId,omitzero"`  // the service contract: N123456789
	ServiceName     string       `json:"serviceName,omitzero"` // in the carrier's words
	OrderType       OrderType    `json:"orderType,omitzero"`
	OfferPlanDate   lenient.Date `json:"offerPlanDate,omitzero"` // when the service is to be provided
	OrderStatus     OrderStatus  `json:"orderStatus"`            // "" means something of MSS
	OrderRequestNum string       `json:"orderRequestNum,omitzero" need:"true"`
}

// orderRow is an Order with the count, which the document lists among the fields of an order.
type orderRow struct {
	Order
	ResultCount *int64 `json:"resultCount"`
}

func readOrders(d *lenient.Decoder, body []byte) (Orders, []carrier.Warning, error) {
	var whole struct {
		ResultCount *int64 `json:"resultCount"`
	}
	_, _ = lenient.Decode(d, body, &whole) // a bare list has none
	orders := Orders{Orders: []Order{}, ResultCount: whole.ResultCount}
	rows, warnings, err := lenient.FindRows[orderRow](d, body)
	if lenient.IsEmptyObject(body) { // nothing in the document says that a list without orders keeps its key
		return orders, nil, nil
	}
	if err != nil && (whole.ResultCount == nil || *whole.ResultCount != 0) {
		return orders, nil, err
	}
	for _, row := range rows {
		orders.Orders = append(orders.Orders, row.Order)
		if orders.ResultCount == nil {
			orders.ResultCount = row.ResultCount
		}
	}
	if n := orders.ResultCount; n != nil && *n != int64(len(orders.Orders)+carrier.LeftOut(warnings)) {
		warnings = append(warnings, carrier.Warning{Field: "resultCount", Reason: lenient.ReasonCount})
	}
	return orders, warnings, nil
}
