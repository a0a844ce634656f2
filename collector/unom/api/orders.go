package api

import (
	"errors"

	"kaisen/schema"
)

// Order is a row of calls 07 and 08 (UNO Mobile API v2.1 §07, §08), and without its ID of call 11.
type Order struct {
	OrderID   string                  // 入力元受付ID: orderId, up to 64 characters, AGU and digits; "" in call 11
	Number    Number                  // 連番: number, its place in the request, 1..999; call 11 alone, else 0
	Applied   schema.Opt[schema.Date] // 申込年月日: serviceDateApply, the day of the order
	Requested schema.Opt[schema.Date] // 開通希望日: requestDate, the day that was asked for
	Scheduled schema.Opt[schema.Date] // 開通日: serviceDateStartScheduled, the day of opening; null until it is known
	Status    OrderStatus             // 申込商品ステータス: orderStatus, 2 characters
	Error     schema.Opt[Message]     // チェックエラー情報: checkErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the row as calls 07, 08 and 11 do.
func (r Order) MarshalJSON() ([]byte, error) {
	var o object
	if r.OrderID != "" {
		o.put("orderId", r.OrderID)
	} else {
		o.put("number", uint16(r.Number))
	}
	o.put("serviceDateApply", dayText(r.Applied))
	o.put("requestDate", dayText(r.Requested))
	o.put("serviceDateStartScheduled", dayText(r.Scheduled))
	o.put("orderStatus", r.Status)
	o.put("checkErrorInfo", messageJSON(r.Error))
	return o.done()
}

func decodeOrders(a *answer) ([]Order, error) {
	return listOf(a, "orderList", "ordersList", func(a *answer, v value) (Order, error) {
		row, err := readOrder(a, v)
		if err == nil && row.OrderID == "" {
			err = errors.New("orderId is missing")
		}
		return row, err
	})
}

func readOrder(a *answer, v value) (Order, error) {
	var row Order
	status := value{kind: isNull}
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		var err error
		switch string(fold(m.key, &buffer)) {
		case "orderid":
			row.OrderID = string(m.value.text())
		case "number":
			row.Number, err = readNumber(m.value)
		case "servicedateapply":
			row.Applied = a.date("serviceDateApply", m.value)
		case "requestdate":
			row.Requested = a.date("requestDate", m.value)
		case "servicedatestartscheduled":
			row.Scheduled = a.date("serviceDateStartScheduled", m.value)
		case "orderstatus":
			status = m.value
		case "checkerrorinfo":
			row.Error, err = a.message(m.value)
		}
		if err != nil {
			return Order{}, err
		}
	}
	if m.err != nil {
		return Order{}, m.err
	}
	row.Status = told[OrderStatus](a, "orderStatus", status, 2, mandatory)
	return row, nil
}

func readNumber(v value) (Number, error) {
	n, _, ok := v.byteCount()
	if !ok || n.V > 999 {
		return 0, notThat("number", v, "1 to 999")
	}
	return Number(n.V), nil
}

// OrderDetail is an answer of call 11: how the taking of an order goes (UNO Mobile API v2.1 §11).
type OrderDetail struct {
	ContractID string              // 10 characters
	OrderID    string              // up to 64 characters, AGU and digits
	Error      schema.Opt[Message] // what is wrong with the order itself, its contract and the like; null if nothing is
	Items      []Order             // what was ordered, numbered; at most MaxRows
}

// MarshalJSON writes the answer as call 11 does.
func (d OrderDetail) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", d.ContractID)
	o.put("orderId", d.OrderID)
	o.put("checkErrorInfo", messageJSON(d.Error))
	o.put("orderList", d.Items)
	return o.done()
}

// Rows are the items alone, for a table.
func (d OrderDetail) Rows() any { return d.Items }

func decodeOrder(a *answer) (OrderDetail, error) {
	var d OrderDetail
	listed := false
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		var err error
		switch string(fold(m.key, &buffer)) {
		case "contractid":
			err = a.sameContract(m.value)
		case "orderid":
			d.OrderID = string(m.value.text())
		case "checkerrorinfo":
			d.Error, err = a.message(m.value)
		case "orderlist":
			if listed = !m.value.null(); listed {
				d.Items, err = readRows(a, "orderList", m.value, readOrder)
			}
		}
		if err != nil {
			return OrderDetail{}, err
		}
	}
	switch {
	case m.err != nil:
		return OrderDetail{}, m.err
	case d.OrderID == "":
		return OrderDetail{}, errors.New("orderId is missing")
	case !listed && !d.Error.Known:
		return OrderDetail{}, errors.New("neither orderList nor checkErrorInfo is told")
	}
	d.ContractID = a.contractID
	return d, nil
}

// Cancellation is an answer of call 30: how the cancelling of an order goes (UNO Mobile API v2.1 §30).
type Cancellation struct {
	ContractID     string              // 10 characters
	OrderID        string              // of the cancellation, up to 64 characters, AGU and digits
	Status         OrderStatus         // 2 characters
	ReferenceError schema.Opt[Message] // 照会エラー情報: referenceErrorInfo, what is wrong with the question; null if nothing is
	CheckError     schema.Opt[Message] // チェックエラー情報: checkErrorInfo, what is wrong with the cancellation; null if nothing is
}

// MarshalJSON writes the answer as call 30 does.
func (c Cancellation) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", c.ContractID)
	o.put("orderId", c.OrderID)
	o.put("orderStatus", c.Status)
	o.put("referenceErrorInfo", messageJSON(c.ReferenceError))
	o.put("checkErrorInfo", messageJSON(c.CheckError))
	return o.done()
}

func decodeCancellation(a *answer) (Cancellation, error) {
	r, err := readReceipt(a, "orderStatus")
	if err != nil {
		return Cancellation{}, err
	}
	if r.orderID == "" {
		return Cancellation{}, errors.New("orderId is missing")
	}
	return Cancellation{
		ContractID: a.contractID, OrderID: r.orderID, Status: told[OrderStatus](a, "orderStatus", r.code, 2, mandatory),
		ReferenceError: r.referenceError, CheckError: r.checkError,
	}, nil
}
