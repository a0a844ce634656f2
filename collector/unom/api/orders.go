package api

import (
	"errors"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// Order is a row of calls 07 and 08 (UNO Mobile API v2.1, §07, §08), and without its ID of call 11.
type Order struct {
	OrderID   string                  `json:"orderId,omitzero"`                  // 入力元受付ID: orderId, up to 64 characters, AGU and digits; "" in call 11
	Number    Number                  `json:"number,omitzero" form:"number"`     // 連番: number, its place in the request, 1..999; call 11 alone, else 0
	Applied   schema.Opt[schema.Date] `json:"serviceDateApply"`                  // 申込年月日: serviceDateApply, the day of the order
	Requested schema.Opt[schema.Date] `json:"requestDate"`                       // 開通希望日: requestDate, the day that was asked for
	Scheduled schema.Opt[schema.Date] `json:"serviceDateStartScheduled"`         // 開通日: serviceDateStartScheduled, the day of opening; null until it is known
	Status    OrderStatus             `json:"orderStatus" width:"2" need:"warn"` // 申込商品ステータス: orderStatus, 2 characters
	Error     schema.Opt[Message]     `json:"checkErrorInfo" form:"message"`     // チェックエラー情報: checkErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the row as calls 07, 08 and 11 do.
func (r Order) MarshalJSON() ([]byte, error) { return lenient.Marshal(r, forms()) }

func decodeOrders(d *lenient.Decoder, of *target, body []byte) ([]Order, []carrier.Warning, error) {
	listed, warnings, err := rowsOf[listedOrder](d, of, body, "orderList", "ordersList")
	rows := make([]Order, len(listed))
	for i := range listed {
		rows[i] = listed[i].Order
	}
	return rows, warnings, err
}

// listedOrder is an Order of a list, which must say which one it is.
type listedOrder struct{ Order }

// Complete checks that the row has an ID.
func (o *listedOrder) Complete(*lenient.Reader) error {
	if o.OrderID == "" {
		return errors.New("orderId is missing")
	}
	return nil
}

func readNumber(r *lenient.Reader, field string, v lenient.Value, into *Number) (given bool, err error) {
	n, _, ok := v.Count()
	if !ok || n.V > 999 { // it costs itself: the order is told by what stands beside it
		r.Warn(field, lenient.ReasonNumber)
		return false, nil
	}
	*into = Number(n.V)
	return true, nil
}

// OrderDetail is an answer of call 11: how the taking of an order goes (UNO Mobile API v2.1, §11).
type OrderDetail struct {
	ContractID string              `json:"contractId" form:"same"`        // 10 characters
	OrderID    string              `json:"orderId" need:"true"`           // up to 64 characters, AGU and digits
	Error      schema.Opt[Message] `json:"checkErrorInfo" form:"message"` // what is wrong with the order itself, its contract and the like; null if nothing is
	Items      []Order             `json:"orderList"`                     // what was ordered, numbered; at most MaxRows
}

// MarshalJSON writes the answer as call 11 does.
func (d OrderDetail) MarshalJSON() ([]byte, error) { return lenient.Marshal(d, forms()) }

// Rows are the items alone, for a table.
func (d OrderDetail) Rows() any { return d.Items }

// Complete checks that the answer says what was ordered, or why it was not.
func (d *OrderDetail) Complete(*lenient.Reader) error {
	if d.Items == nil && !d.Error.Known {
		return errors.New("neither orderList nor checkErrorInfo is told")
	}
	return nil
}

func decodeOrder(d *lenient.Decoder, of *target, body []byte) (OrderDetail, []carrier.Warning, error) {
	detail := OrderDetail{ContractID: of.contractID}
	warnings, err := lenient.Decode(d, body, &detail)
	return detail, warnings, err
}

// Cancellation is an answer of call 30: how the cancelling of an order goes (UNO Mobile API v2.1, §30).
type Cancellation struct {
	ContractID     string              `json:"contractId" form:"same"`            // 10 characters
	OrderID        string              `json:"orderId"`                           // of the cancellation, up to 64 characters, AGU and digits
	Status         OrderStatus         `json:"orderStatus" width:"2" need:"true"` // 2 characters
	ReferenceError schema.Opt[Message] `json:"referenceErrorInfo" form:"message"` // 照会エラー情報: referenceErrorInfo, what is wrong with the question; null if nothing is
	CheckError     schema.Opt[Message] `json:"checkErrorInfo" form:"message"`     // チェックエラー情報: checkErrorInfo, what is wrong with the cancellation; null if nothing is
}

// MarshalJSON writes the answer as call 30 does.
func (c Cancellation) MarshalJSON() ([]byte, error) { return lenient.Marshal(c, forms()) }

// Complete checks that the answer names the order.
func (c *Cancellation) Complete(*lenient.Reader) error {
	if c.OrderID == "" {
		return errors.New("orderId is missing")
	}
	return nil
}

func decodeCancellation(d *lenient.Decoder, of *target, body []byte) (Cancellation, []carrier.Warning, error) {
	a := aboutLine[Cancellation]{Value: Cancellation{ContractID: of.contractID}, LineNo: of.lineNo}
	return a.decode(d, body)
}
