package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"kaisen/collector/carrier"
)

// The kinds of failure that this API alone has.
const (
	KindNoSuchLine     carrier.Kind = "no such line"     // 404 "The requested lineNo is not found"
	KindNoSuchContract carrier.Kind = "no such contract" // 404 "The requested contractId is not found."
	KindNoShareGroup   carrier.Kind = "no share group"   // 404 "The Requested lineGroup is not found.": an answer rather than a failure
)

// The rows of the table エラー一覧表 (UNO Mobile API v2.1, last pages); it has no rows ⑦, ⑩ and ⑫. Rows ②, ③ and ⑳ are
// reasons of package carrier.
const (
	ReasonFieldFormat      carrier.Reason = "field_format"       // ① 400 "Field Format Error: [Field name]"; Error.Field has the name
	ReasonNoSuchContract   carrier.Reason = "no_such_contract"   // ④ 404 "The requested contractId is not found."
	ReasonNoSuchLine       carrier.Reason = "no_such_line"       // ⑤ 404 "The requested lineNo is not found"
	ReasonNoShareGroup     carrier.Reason = "no_share_group"     // ⑥ 404 "The Requested lineGroup is not found."
	ReasonNotComRadius     carrier.Reason = "not_com_radius"     // ⑧ 403 "The order is not allowed by user RADIUS/MCOP"
	ReasonTooManyOrders    carrier.Reason = "too_many_orders"    // ⑨ 400 "Too many requests.": over 254 orders in one request
	ReasonNoSuchOrder      carrier.Reason = "no_such_order"      // ⑪ 404 "The order is not found": no such cancellation
	ReasonInvalidOrder     carrier.Reason = "invalid_order_id"   // ⑬ and ⑰ 400 "The orderId is Invalid.", which look the same
	ReasonNoRoaming        carrier.Reason = "no_roaming_option"  // ⑭ 404 "The roaming-option is not found."
	ReasonInvalidContract  carrier.Reason = "invalid_contract"   // ⑮ 400 "The contractId is Invalid."
	ReasonInvalidLine      carrier.Reason = "invalid_line"       // ⑯ 400 "The lineNo is Invalid."
	ReasonInvalidReserveID carrier.Reason = "invalid_reserve_id" // ⑱ 400 "The reserveId is Invalid."
	ReasonInvalidDate      carrier.Reason = "invalid_date"       // ⑲ 400 "The requestDate is Invalid."
	ReasonOtherNotFound    carrier.Reason = "not_found"          // 21 404 "Not Found" and any other 404
	ReasonOtherBadRequest  carrier.Reason = "bad_request"        // 22 400 "Bad Request" and any other 400
	ReasonServer           carrier.Reason = "server_error"       // 23 500 "Internal Server Error", faults of the systems behind it
)

// Inspect is the carrier.Inspect of this API. The HTTP status leads; the message decides only where the table has
// several meanings for one status. 400 "Too many requests." is no throttling: it means more than 254 orders at once,
// and waiting does not help. A body that is nothing but an error is one although its status is 200: its code is the
// status it should have had.
func Inspect(status int, body []byte) *carrier.Error {
	if status >= 200 && status <= 299 {
		if status = statusInside(body); status == 0 {
			return nil
		}
	}
	failure := carrier.Classify(status, body)
	if status < 400 {
		return failure
	}
	if code, message, ok := responseHeader(body); ok {
		failure.Code, failure.Message = code, message
	}
	if failure.Kind == carrier.KindThrottled || failure.Kind == carrier.KindMaintenance {
		return failure // a gateway says that with 500 as well, which is row 23 otherwise
	}
	words := carrier.Squeeze(failure.Message)
	for _, row := range errorRows(status) {
		if !strings.Contains(words, row.words) {
			continue
		}
		failure.Kind, failure.Reason, failure.Field = row.kind, row.reason, row.field
		if row.reason == ReasonFieldFormat {
			failure.Field = fieldNamed(failure.Message)
		}
		break
	}
	return failure
}

// statusInside is the status that an answer with 2xx should have had, 0 if it is no error.
func statusInside(body []byte) int {
	if len(body) > 4096 || !bytes.Contains(body, []byte("responseHeader")) {
		return 0
	}
	code, _, _ := responseHeader(body)
	var status int
	if _, err := fmt.Sscanf(code, "%d", &status); err != nil || status < 400 || status > 599 {
		return 0
	}
	return status
}

// responseHeader reads code and message of the shape in which this API's errors come (UNO Mobile API v2.1 §3.3). It is
// false for any other body.
func responseHeader(body []byte) (code, message string, ok bool) {
	var shape struct {
		ResponseHeader *struct {
			ErrorCode    any
			ErrorMessage string
		}
	}
	// A type error leaves the other fields filled, which is all there is to be had.
	_ = json.Unmarshal(body, &shape)
	if shape.ResponseHeader == nil {
		return "", "", false
	}
	return carrier.CodeText(shape.ResponseHeader.ErrorCode), strings.TrimSpace(shape.ResponseHeader.ErrorMessage), true
}

// errorRow is one message of the table that its status has to share.
type errorRow struct {
	words  string // squeezed
	reason carrier.Reason
	kind   carrier.Kind
	field  string // which field of the request the row is about
}

// errorRows are the messages by their status, the most telling first.
func errorRows(status int) []errorRow {
	switch status {
	case http.StatusBadRequest:
		return []errorRow{
			{"fieldformaterror", ReasonFieldFormat, carrier.KindInvalidRequest, ""},
			{"toomanyrequests", ReasonTooManyOrders, carrier.KindInvalidRequest, ""},
			{"orderidisinvalid", ReasonInvalidOrder, carrier.KindInvalidRequest, "orderId"},
			{"contractidisinvalid", ReasonInvalidContract, carrier.KindInvalidRequest, "contractId"},
			{"linenoisinvalid", ReasonInvalidLine, carrier.KindInvalidRequest, "lineNo"},
			{"reserveidisinvalid", ReasonInvalidReserveID, carrier.KindInvalidRequest, "reserveId"},
			{"requestdateisinvalid", ReasonInvalidDate, carrier.KindInvalidRequest, "requestDate"},
			{"", ReasonOtherBadRequest, carrier.KindInvalidRequest, ""},
		}
	case http.StatusForbidden:
		return []errorRow{{"notallowedbyuserradius", ReasonNotComRadius, carrier.KindNotAllowed, ""}}
	case http.StatusNotFound:
		return []errorRow{
			{"requestedlinenoisnotfound", ReasonNoSuchLine, KindNoSuchLine, ""},
			{"requestedcontractidisnotfound", ReasonNoSuchContract, KindNoSuchContract, ""},
			{"requestedlinegroupisnotfound", ReasonNoShareGroup, KindNoShareGroup, ""},
			{"orderisnotfound", ReasonNoSuchOrder, carrier.KindNotFound, ""},
			{"roamingoptionisnotfound", ReasonNoRoaming, carrier.KindNotFound, ""},
			{"faultnameunknownre", carrier.ReasonNoSuchURL, carrier.KindNotFound, ""},
			{"", ReasonOtherNotFound, carrier.KindNotFound, ""},
		}
	case http.StatusInternalServerError:
		return []errorRow{{"", ReasonServer, carrier.KindServer, ""}}
	}
	return nil
}

// fieldNamed is the name in "Field Format Error: contractId", "" where nothing that could be a name is there.
func fieldNamed(message string) string {
	_, name, _ := strings.Cut(message, ":")
	if name = strings.TrimRight(strings.TrimSpace(name), "."); len(name) > 64 || strings.ContainsAny(name, " \t\n") {
		return ""
	}
	return name
}
