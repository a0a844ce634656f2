package api

import (
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
// and waiting does not help.
func Inspect(status int, body []byte) *carrier.Error {
	failure := carrier.Classify(status, body)
	if failure == nil || failure.Status < 400 {
		return failure
	}
	status = failure.Status
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
