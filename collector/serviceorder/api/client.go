package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

const (
	pathOrders  = "/v1/business-process/service-orders"
	pathDetails = "/v1/business-process/service-order-details"

	// maxBody is how large an answer may be, of which the document bounds neither orders nor rows: some 25,000 rows of
	// details. What is larger is asked for in parts, down to a day.
	maxBody = 64 << 20

	// The names of the operations in metrics and errors.
	opOrders  = "service_orders"
	opDetails = "service_order_details"
)

// Client asks one account for the operations of the Service Order API. It is safe for use by many goroutines. Every
// method fails with a *carrier.Error.
type Client struct{ account lenient.Account }

// Now is the carrier's clock.
func (c *Client) Now() time.Time { return c.account.Client.Now() }

// New makes a client.
func New(c *carrier.Client) *Client {
	return &Client{lenient.Account{Client: c, Decoder: new(lenient.Decoder)}}
}

// Orders is the status of a service's orders.
func (c *Client) Orders(ctx context.Context, r OrdersRequest) (carrier.Answer[Orders], error) {
	answer, err := lenient.Call(ctx, c.account, opOrders, &r, readOrders)
	return answer, Explain(err)
}

// Details is everything about the orders that were updated in a period. Outside of the hours that Open knows the
// carrier refuses. An answer whose code is not 2xx is an error with the detailCode as its Code.
func (c *Client) Details(ctx context.Context, r DetailsRequest) (carrier.Answer[Details], error) {
	answer, err := lenient.Call(ctx, c.account, opDetails, &r, readDetails)
	if err != nil {
		return answer, Explain(err)
	}
	if answer.Value.refused() {
		return carrier.Answer[Details]{}, Explain(&carrier.Error{
			Operation: opDetails, Kind: kindOf(answer.Value.Outcome), Status: answer.Status,
			Payload: answer.Payload, ObservedAt: answer.ObservedAt,
		})
	}
	return answer, nil
}

// kindOf reads a code that is not 2xx as the HTTP status it should have been.
func kindOf(given Outcome) carrier.Kind {
	status, _ := strconv.Atoi(given.Code)
	switch {
	case status >= 500 && status < 600 && carrier.SaysMaintenance([]byte(given.DetailMsg)):
		return carrier.KindMaintenance
	case status == http.StatusUnauthorized:
		return carrier.KindUnauthorised
	case status == http.StatusForbidden:
		return carrier.KindNotAllowed
	case status == http.StatusNotFound:
		return carrier.KindNotFound
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return carrier.KindThrottled
	case status >= 500 && status < 600:
		return carrier.KindServer
	}
	return carrier.KindInvalidRequest
}

// Explain reads detailCode and detailMsg of a failure that says nothing else. The methods of Client do it by themselves.
func Explain(err error) error {
	var failure *carrier.Error
	if !errors.As(err, &failure) || failure.Code != "" || failure.Message != "" {
		return err
	}
	var given Outcome
	if _, odd := lenient.Decode(new(lenient.Decoder), failure.Payload, &given); odd != nil {
		return err
	}
	explained := *failure
	explained.Code, explained.Message = given.DetailCode, given.DetailMsg
	return &explained
}

// Operations are both operations of the document.
func Operations() []carrier.Operation {
	return []carrier.Operation{{
		API: "serviceorder", Name: opOrders, Command: []string{"orders", "list"},
		Summary: "the status of a service's orders", Document: "Service Order API, Check Service Order Status",
		Method: http.MethodGet, Path: pathOrders,
		New:    func() carrier.Request { return new(OrdersRequest) },
		Decode: lenient.Printable(readOrders), Explain: Explain,
	}, {
		API: "serviceorder", Name: opDetails, Command: []string{"details", "list"},
		Summary: "everything about the orders of a period", Document: "Service Order API, Check Service Order Detailed Information",
		Method: http.MethodGet, Path: pathDetails,
		New:    func() carrier.Request { return new(DetailsRequest) },
		Decode: lenient.Printable(readDetails), Explain: Explain,
	}}
}
