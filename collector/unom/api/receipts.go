package api

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// OrderAccepted is how the carrier took an order: the answer to calls 12..18, 20, 21, 24, 25 and 28. The order goes
// on by itself: calls 07 and 11 follow it, call 30 where it is a cancellation.
type OrderAccepted struct {
	ContractID string                `json:"contractId" form:"same"`                                  // 10 characters
	Result     Result                `json:"resultCode" width:"4" need:"true"`                        // 結果コード: resultCode
	OrderID    string                `json:"orderId"`                                                 // 入力元受付ID: orderId, up to 64 characters, AGU and digits; needed to ask about the order
	AcceptedAt schema.Opt[time.Time] `json:"acceptDateTime,omitzero" form:"accepted"`                 // 受付日時: acceptDateTime, to the second, in the configured zone; call 28 alone
	Error      schema.Opt[Message]   `json:"checkErrorInfo" also:"referenceErrorInfo" form:"message"` // チェックエラー情報: checkErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the answer as the document does.
func (a OrderAccepted) MarshalJSON() ([]byte, error) { return lenient.Marshal(a, forms()) }

// Complete warns where the order cannot be followed.
func (a *OrderAccepted) Complete(r *lenient.Reader) error {
	if a.Result == ResultOK && a.OrderID == "" {
		r.Warn("orderId", lenient.ReasonMissing)
	}
	return nil
}

// Reservation is how the carrier took a change of the share group: the answer to calls 22, 23 and 29. Call 10 follows
// it.
type Reservation struct {
	ContractID string              `json:"contractId" form:"same"`                                  // 10 characters
	Result     Result              `json:"resultCode" width:"4" need:"true"`                        // 結果コード: resultCode
	ReserveID  string              `json:"reserveId"`                                               // 予約ID: reserveId, up to 64 digits; needed to take the reservation back
	Error      schema.Opt[Message] `json:"referenceErrorInfo" also:"checkErrorInfo" form:"message"` // 申込エラー情報: referenceErrorInfo; null where there is nothing wrong
}

// MarshalJSON writes the answer as the document does.
func (v Reservation) MarshalJSON() ([]byte, error) { return lenient.Marshal(v, forms()) }

// Complete warns where the reservation cannot be taken back.
func (v *Reservation) Complete(r *lenient.Reader) error {
	if v.Result == ResultOK && v.ReserveID == "" {
		r.Warn("reserveId", lenient.ReasonMissing)
	}
	return nil
}

// Disconnected is the answer to call 27 (UNO Mobile API v2.1, §27). Call 26 says whether the connection has ended.
type Disconnected struct {
	ContractID string `json:"contractId" form:"same"`               // 10 characters
	LineNo     string `json:"lineNo" form:"sameLine"`               // up to 11 digits
	ResultCode uint8  `json:"resultCode" form:"result" need:"true"` // 受付結果: resultCode, 1 digit; 0 for taken, which it also is where there was no connection
}

// MarshalJSON writes the answer as call 27 does.
func (d Disconnected) MarshalJSON() ([]byte, error) { return lenient.Marshal(d, forms()) }

func decodeAccepted(d *lenient.Decoder, of *target, body []byte) (OrderAccepted, []carrier.Warning, error) {
	a := aboutLine[OrderAccepted]{Value: OrderAccepted{ContractID: of.contractID}, LineNo: of.lineNo}
	return a.decode(d, body)
}

func decodeReservation(d *lenient.Decoder, of *target, body []byte) (Reservation, []carrier.Warning, error) {
	a := aboutLine[Reservation]{Value: Reservation{ContractID: of.contractID}, LineNo: of.lineNo}
	return a.decode(d, body)
}

func decodeDisconnected(d *lenient.Decoder, of *target, body []byte) (Disconnected, []carrier.Warning, error) {
	a := Disconnected{ContractID: of.contractID, LineNo: of.lineNo}
	warnings, err := lenient.Decode(d, body, &a)
	return a, warnings, err
}

// aboutLine is an answer that may name the line it is about, which no one needs but to see that it is the right one.
type aboutLine[T any] struct {
	Value  T      `json:",inline"`
	LineNo string `json:"lineNo" form:"sameLine"`
}

func (a *aboutLine[T]) decode(d *lenient.Decoder, body []byte) (T, []carrier.Warning, error) {
	warnings, err := lenient.Decode(d, body, a)
	return a.Value, warnings, err
}

// readResult reads the code of call 27, which has one value that means anything.
func readResult(r *lenient.Reader, field string, v lenient.Value, into *uint8) (given bool, err error) {
	code, ok := v.Code()
	if !ok {
		return false, r.NotThat(field, v, "0")
	}
	if *into = code.V; code.V != 0 {
		r.Warn(field, lenient.ReasonCode)
	}
	return true, nil
}

// readSecond reads YYYYMMDDhhmmss.
func readSecond(r *lenient.Reader, field string, v lenient.Value, into *schema.Opt[time.Time]) (given bool, err error) {
	return readTime(r, field, v, into, lenient.Second)
}

func writeSecond(t schema.Opt[time.Time]) any {
	return lenient.OrNull(t, func(t time.Time) any { return t.Format(timeForm) })
}

// Refused is the error of an answer that came with status 200 and refuses all the same; nil where it does not.
func (a *OrderAccepted) Refused() error { return refused(a.Result, a.Error) }

// Refused is as that of OrderAccepted.
func (a *Reservation) Refused() error { return refused(a.Result, a.Error) }

// Refused is as that of OrderAccepted.
func (a *Disconnected) Refused() error {
	if a.ResultCode != 0 {
		return fmt.Errorf("the carrier did not take it: resultCode %d", a.ResultCode)
	}
	return nil
}

func refused(result Result, message schema.Opt[Message]) error {
	if result == ResultOK {
		return nil
	}
	text := "the carrier did not take it: resultCode " + string(result)
	if message.Known {
		text += strings.TrimRight(", "+message.V.ID+" "+message.V.Text, " ")
	}
	return errors.New(text)
}
