package carrier

import "strings"

// Reason tells which row of the table エラー一覧表 (UNO Mobile API v2.1, last pages) a failure is. Kind says what to do about a
// failure; Reason says what was wrong, where one Kind has several rows. It is a word that may stand in JSON.
type Reason string

const (
	ReasonFieldFormat      Reason = "field_format"       // ① 400 "Field Format Error: [Field name]"; Error.Field has the name
	ReasonNoSuchURL        Reason = "no_such_url"        // ② 404 "Raising fault. Fault name : Unknown-Re…"
	ReasonToken            Reason = "token"              // ③ 401 "Invalid access token"
	ReasonNoSuchContract   Reason = "no_such_contract"   // ④ 404 "The requested contractId is not found."
	ReasonNoSuchLine       Reason = "no_such_line"       // ⑤ 404 "The requested lineNo is not found"
	ReasonNoShareGroup     Reason = "no_share_group"     // ⑥ 404 "The Requested lineGroup is not found."
	ReasonNotComRadius     Reason = "not_com_radius"     // ⑧ 403 "The order is not allowed by user RADIUS/MCOP"
	ReasonTooManyOrders    Reason = "too_many_orders"    // ⑨ 400 "Too many requests.": over 254 orders in one request
	ReasonNoSuchOrder      Reason = "no_such_order"      // ⑪ 404 "The order is not found": no such cancellation
	ReasonInvalidOrder     Reason = "invalid_order_id"   // ⑬ and ⑰ 400 "The orderId is Invalid.", which look the same
	ReasonNoRoaming        Reason = "no_roaming_option"  // ⑭ 404 "The roaming-option is not found."
	ReasonInvalidContract  Reason = "invalid_contract"   // ⑮ 400 "The contractId is Invalid."
	ReasonInvalidLine      Reason = "invalid_line"       // ⑯ 400 "The lineNo is Invalid."
	ReasonInvalidReserveID Reason = "invalid_reserve_id" // ⑱ 400 "The reserveId is Invalid."
	ReasonInvalidDate      Reason = "invalid_date"       // ⑲ 400 "The requestDate is Invalid."
	ReasonMaintenance      Reason = "maintenance"        // ⑳ 503 "System Maintainance", the carrier's spelling
	ReasonOtherNotFound    Reason = "not_found"          // 21 404 "Not Found" and any other 404
	ReasonOtherBadRequest  Reason = "bad_request"        // 22 400 "Bad Request" and any other 400
	ReasonServer           Reason = "server_error"       // 23 500 "Internal Server Error", faults of the systems behind it
)

// The carrier's table has no rows ⑦, ⑩ and ⑫.

// row is one message of the table that its status has to share.
type row struct {
	words  string // squeezed
	reason Reason
	kind   Kind
	field  string // which field of the request the row is about
}

// rows are the messages by their status, the most telling first.
func rows(status int) []row {
	switch status {
	case 400:
		return []row{
			{"fieldformaterror", ReasonFieldFormat, KindInvalidRequest, ""},
			{"toomanyrequests", ReasonTooManyOrders, KindInvalidRequest, ""},
			{"orderidisinvalid", ReasonInvalidOrder, KindInvalidRequest, "orderId"},
			{"contractidisinvalid", ReasonInvalidContract, KindInvalidRequest, "contractId"},
			{"linenoisinvalid", ReasonInvalidLine, KindInvalidRequest, "lineNo"},
			{"reserveidisinvalid", ReasonInvalidReserveID, KindInvalidRequest, "reserveId"},
			{"requestdateisinvalid", ReasonInvalidDate, KindInvalidRequest, "requestDate"},
			{"", ReasonOtherBadRequest, KindInvalidRequest, ""},
		}
	case 401:
		return []row{{"", ReasonToken, KindUnauthorised, ""}}
	case 403:
		return []row{{"notallowedbyuserradius", ReasonNotComRadius, KindNotAllowed, ""}, {"", "", KindNotAllowed, ""}}
	case 404:
		return []row{
			{"requestedlinenoisnotfound", ReasonNoSuchLine, KindNoSuchLine, ""},
			{"requestedcontractidisnotfound", ReasonNoSuchContract, KindNoSuchContract, ""},
			{"requestedlinegroupisnotfound", ReasonNoShareGroup, KindNoShareGroup, ""},
			{"orderisnotfound", ReasonNoSuchOrder, KindNotFound, ""},
			{"roamingoptionisnotfound", ReasonNoRoaming, KindNotFound, ""},
			{"faultnameunknownre", ReasonNoSuchURL, KindNotFound, ""},
			{"", ReasonOtherNotFound, KindNotFound, ""},
		}
	case 500:
		return []row{{"", ReasonServer, KindServer, ""}}
	}
	return nil
}

// explain finds the failure's row. What is in no row keeps its Kind.
func (e *Error) explain(status int, message string) {
	words := squeeze(message)
	for _, r := range rows(status) {
		if !strings.Contains(words, r.words) {
			continue
		}
		e.Kind, e.Reason, e.Field = r.kind, r.reason, r.field
		if r.reason == ReasonFieldFormat {
			e.Field = fieldNamed(message)
		}
		return
	}
}

// fieldNamed is the name in "Field Format Error: contractId", "" where nothing that could be a name is there.
func fieldNamed(message string) string {
	_, name, _ := strings.Cut(message, ":")
	if name = strings.TrimRight(strings.TrimSpace(name), "."); len(name) > 64 || strings.ContainsAny(name, " \t\n") {
		return ""
	}
	return name
}
