package api

import (
	"fmt"
	"strings"
	"time"

	"kaisen/schema"
)

// OrderAccepted is how the carrier took an order: the answer to calls 12..18, 20, 21, 24, 25 and 28. The order goes
// on by itself: calls 07 and 11 follow it, call 30 where it is a cancellation.
type OrderAccepted struct {
	ContractID string                // 10 characters
	Result     Result                // 結果コード: resultCode
	OrderID    string                // 入力元受付ID: orderId, up to 64 characters, AGU and digits; needed to ask about the order
	AcceptedAt schema.Opt[time.Time] // 受付日時: acceptDateTime, to the second, in the configured zone; call 28 alone
	Error      schema.Opt[Message]   // チェックエラー情報: checkErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the answer as the document does.
func (r OrderAccepted) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", r.ContractID)
	o.put("resultCode", r.Result)
	o.put("orderId", r.OrderID)
	if r.AcceptedAt.Known {
		o.put("acceptDateTime", secondText(r.AcceptedAt.V))
	}
	o.put("checkErrorInfo", messageJSON(r.Error))
	return o.done()
}

// Reservation is how the carrier took a change of the share group: the answer to calls 22, 23 and 29. Call 10 follows
// it.
type Reservation struct {
	ContractID string              // 10 characters
	Result     Result              // 結果コード: resultCode
	ReserveID  string              // 予約ID: reserveId, up to 64 digits; needed to take the reservation back
	Error      schema.Opt[Message] // 申込エラー情報: referenceErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the answer as the document does.
func (r Reservation) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", r.ContractID)
	o.put("resultCode", r.Result)
	o.put("reserveId", r.ReserveID)
	o.put("referenceErrorInfo", messageJSON(r.Error))
	return o.done()
}

// Disconnected is the answer to call 27 (UNO Mobile API v2.1 §27). Whether the connection has ended, call 26 tells.
type Disconnected struct {
	ContractID string // 10 characters
	LineNo     string // up to 11 digits
	ResultCode uint8  // 受付結果: resultCode, 1 digit; 0 for taken, which it also is where there was no connection
}

// MarshalJSON writes the answer as call 27 does.
func (d Disconnected) MarshalJSON() ([]byte, error) {
	var o object
	o.put("contractId", d.ContractID)
	o.put("lineNo", d.LineNo)
	o.put("resultCode", d.ResultCode)
	return o.done()
}

func decodeAccepted(a *answer) (OrderAccepted, error) {
	r, err := readReceipt(a, "resultCode")
	if err != nil {
		return OrderAccepted{}, err
	}
	accepted := OrderAccepted{
		ContractID: a.contractID, Result: told[Result](a, "resultCode", r.code, 4, mandatory),
		OrderID: r.orderID, AcceptedAt: r.acceptedAt, Error: r.checkError,
	}
	if !accepted.Error.Known {
		accepted.Error = r.referenceError
	}
	if accepted.Result == ResultOK && r.orderID == "" {
		a.warn("orderId", reasonMissing)
	}
	return accepted, nil
}

func decodeReservation(a *answer) (Reservation, error) {
	r, err := readReceipt(a, "resultCode")
	if err != nil {
		return Reservation{}, err
	}
	reserved := Reservation{
		ContractID: a.contractID, Result: told[Result](a, "resultCode", r.code, 4, mandatory),
		ReserveID: r.reserveID, Error: r.referenceError,
	}
	if !reserved.Error.Known {
		reserved.Error = r.checkError
	}
	if reserved.Result == ResultOK && r.reserveID == "" {
		a.warn("reserveId", reasonMissing)
	}
	return reserved, nil
}

func decodeDisconnected(a *answer) (Disconnected, error) {
	r, err := readReceipt(a, "resultCode")
	if err != nil {
		return Disconnected{}, err
	}
	code, ok := r.code.code()
	if !ok {
		return Disconnected{}, notThat("resultCode", r.code, "0")
	}
	if code.V != 0 {
		a.warn("resultCode", reasonCode)
	}
	return Disconnected{ContractID: a.contractID, LineNo: a.lineNo, ResultCode: code.V}, nil
}

// receipt is what the answers to changes are made of.
type receipt struct {
	code                       value // the member that says how it went
	orderID, reserveID         string
	acceptedAt                 schema.Opt[time.Time]
	checkError, referenceError schema.Opt[Message]
}

// readReceipt reads such an answer. Without the code it says nothing of what was asked.
func readReceipt(a *answer, code string) (receipt, error) {
	r := receipt{code: value{kind: isNull}}
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		var err error
		switch string(fold(m.key, &buffer)) {
		case "contractid":
			err = a.sameContract(m.value)
		case "lineno":
			err = a.sameLine(m.value)
		case strings.ToLower(code):
			r.code = m.value
		case "orderid":
			r.orderID = string(m.value.text())
		case "reserveid":
			r.reserveID = string(m.value.text())
		case "acceptdatetime":
			r.acceptedAt = a.second("acceptDateTime", m.value)
		case "checkerrorinfo":
			r.checkError, err = a.message(m.value)
		case "referenceerrorinfo":
			r.referenceError, err = a.message(m.value)
		}
		if err != nil {
			return receipt{}, err
		}
	}
	if m.err != nil {
		return receipt{}, m.err
	}
	if r.code.null() {
		return receipt{}, fmt.Errorf("%s is missing", code)
	}
	if r.code.kind != isString && r.code.kind != isNumber {
		return receipt{}, notThat(code, r.code, "a code")
	}
	return r, nil
}

func (a *answer) second(field string, v value) schema.Opt[time.Time] {
	if v.null() {
		return schema.Opt[time.Time]{}
	}
	at, ok := logTime(v.text(), a.zone)
	if !ok {
		a.warn(field, reasonTime)
		return schema.Opt[time.Time]{}
	}
	return schema.Some(at)
}
