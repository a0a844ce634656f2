// Package api speaks Universal One Mobile API v2.1: its 29 operations, 01 to 30 without 19, a gap in the
// document's own numbering.
//
// A request is checked by the document's rules and names every one it breaks; its Spec is what is sent, byte for byte
// the document's example where the document agrees with itself. README.md in collector/carrier lists where it
// does not, and what kaisen makes of that.
//
// Of answers it takes what the carrier really sends, which is not always what the document says: numbers as strings,
// NULL in three forms, several spellings of one key, three formats of one time, and a list in braces. What is odd but
// plain is decoded with a carrier.Warning; what is not plain fails as carrier.KindMalformed with the answer kept. A
// value that was not given stays unknown and is never made 0. Encoded as JSON, an answer has the document's names.
//
// The package refuses to guess: a code it does not know is schema's Unknown or kept as it is, an answer about another
// line than the one asked for is malformed, and so is a byte figure that is not a whole number of bytes. It also
// refuses to skip a row of a list: a log row without a readable line or time would be lost without a trace, since the
// caller moves its watermark past it, so the whole answer is malformed and comes back as a dead letter instead. It
// knows nothing of time series, files or metrics beyond its warnings. What the carrier turned down in an answer (an
// order with status 04, a result NG) is data here, not an error.
package api

import (
	"net/http"
	"strings"

	"kaisen/collector/carrier"
)

// The operations as metrics and errors name them, by the document's number.
const (
	opContract            = "contract"               // 01
	opLines               = "lines"                  // 02
	opTraffic             = "traffic"                // 03
	opAuthentications     = "authentications"        // 04
	opSessions            = "sessions"               // 05
	opProducts            = "products"               // 06
	opOrders              = "orders"                 // 07
	opCompletedOrders     = "completed_orders"       // 08
	opDataShareTraffic    = "data_share_traffic"     // 09
	opDataShare           = "data_share"             // 10
	opOrder               = "order"                  // 11
	opCancellation        = "cancellation"           // 30
	opAddLine             = "add_line"               // 12
	opRemoveLine          = "remove_line"            // 13
	opBuyDevices          = "buy_devices"            // 14
	opChangeCourse        = "change_course"          // 15
	opChangeAuth          = "change_auth"            // 16
	opChangeAddresses     = "change_addresses"       // 17
	opChangeIMEI          = "change_imei"            // 18
	opSetRoaming          = "set_roaming"            // 20
	opRemoveRoaming       = "remove_roaming"         // 21
	opAddToDataShare      = "add_to_data_share"      // 22
	opRemoveFromDataShare = "remove_from_data_share" // 23
	opAddDataVolume       = "add_data_volume"        // 24
	opChangeAccess        = "change_access"          // 25
	opSession             = "session"                // 26
	opDisconnect          = "disconnect"             // 27
	opCancelOrder         = "cancel_order"           // 28
	opCancelReservation   = "cancel_reservation"     // 29
)

// Operations are the 29 operations of the document (UNO Mobile API v2.1) in its order, in which 30 stands beside 11 and 19 is a
// gap.
func Operations() []carrier.Operation {
	return []carrier.Operation{
		operation[ContractRequest]("01", opContract, "contract get", http.MethodGet, "",
			"the contract's particulars: names, addresses, people in charge", one(decodeContract)),
		operation[LinesRequest]("02", opLines, "lines list", http.MethodGet, "/lines",
			"the contract's lines, at most 1,000", many("linesList", decodeLines)),
		operation[TrafficRequest]("03", opTraffic, "traffic get", http.MethodGet, "/lines/{lineNo}/traffic",
			"a line's volume by day and month, what remains, and its restriction", one(decodeTraffic)),
		operation[AuthenticationsRequest]("04", opAuthentications, "authentications list", http.MethodGet, "/authentications",
			"the log of authentications of the last 30 days, at most 1,000 rows", many("resultList", decodeAuthentications)),
		operation[SessionsRequest]("05", opSessions, "sessions list", http.MethodGet, "/sessions",
			"the log of connections of the last 30 days, at most 1,000 rows", many("searchList", decodeSessionEvents)),
		operation[ProductsRequest]("06", opProducts, "products list", http.MethodGet, "/products",
			"plans, devices and options that the contract can order", many("productInfoList", decodeProducts)),
		operation[OrdersRequest]("07", opOrders, "orders list", http.MethodGet, "/orders?status=accepting",
			"orders that are taken and not complete, at most 1,000", many("orderList", decodeOrders)),
		operation[CompletedOrdersRequest]("08", opCompletedOrders, "orders completed", http.MethodGet, "/orders?status=complete",
			"orders that are complete, at most 1,000", many("orderList", decodeOrders)),
		operation[DataShareTrafficRequest]("09", opDataShareTraffic, "data-share traffic", http.MethodGet, "/lines/{lineNo}/dataShare/traffic",
			"the volume of a line's share group by day and month, what remains, and its restriction", one(decodeTraffic)),
		operation[DataShareRequest]("10", opDataShare, "data-share list", http.MethodGet, "/dataShare",
			"the lines of the share group, with reservations", many("linesList", decodeDataShare)),
		operation[OrderRequest]("11", opOrder, "orders get", http.MethodGet, "/orders/{orderId}?status=asyncAccepting",
			"how the taking of an order goes", one(decodeOrder)),
		operation[CancellationRequest]("30", opCancellation, "orders cancellation", http.MethodGet, "/orders/{orderId}?status=asyncCancelAccepting",
			"how the cancelling of an order goes", one(decodeCancellation)),
		operation[AddLineRequest]("12", opAddLine, "lines add", http.MethodPost, "/lines",
			"order a new line", one(decodeAccepted)),
		operation[RemoveLineRequest]("13", opRemoveLine, "lines remove", http.MethodDelete, "/lines/{lineNo}",
			"end a line", one(decodeAccepted)),
		operation[BuyDevicesRequest]("14", opBuyDevices, "devices buy", http.MethodPost, "/devices",
			"order devices", one(decodeAccepted)),
		operation[ChangeCourseRequest]("15", opChangeCourse, "course change", http.MethodPut, "/lines/{lineNo}/courses",
			"change a line's plan", one(decodeAccepted)),
		operation[ChangeAuthRequest]("16", opChangeAuth, "auth change", http.MethodPut, "/lines/{lineNo}/radiusAuth",
			"change a line's authentication ID or password", one(decodeAccepted)),
		operation[ChangeAddressesRequest]("17", opChangeAddresses, "addresses change", http.MethodPut, "/lines/{lineNo}/ipAddresses",
			"change a line's IP addresses", one(decodeAccepted)),
		operation[ChangeIMEIRequest]("18", opChangeIMEI, "imei change", http.MethodPut, "/lines/{lineNo}/imei",
			"change the device that a line belongs to", one(decodeAccepted)),
		operation[SetRoamingRequest]("20", opSetRoaming, "roaming set", http.MethodPut, "/lines/{lineNo}/roaming",
			"set the limit of a line's roaming charges", one(decodeAccepted)),
		operation[RemoveRoamingRequest]("21", opRemoveRoaming, "roaming remove", http.MethodDelete, "/lines/{lineNo}/roaming",
			"take roaming from a line", one(decodeAccepted)),
		operation[AddToDataShareRequest]("22", opAddToDataShare, "data-share add", http.MethodPost, "/dataShare",
			"put lines into the share group", one(decodeReservation)),
		operation[RemoveFromDataShareRequest]("23", opRemoveFromDataShare, "data-share remove", http.MethodDelete, "/dataShare/lines/{lineNo}",
			"take a line out of the share group", one(decodeReservation)),
		operation[AddDataVolumeRequest]("24", opAddDataVolume, "data-volume add", http.MethodPost, "/lines/{lineNo}/dataVolume",
			"buy a line one more volume for this month", one(decodeAccepted)),
		operation[ChangeAccessRequest]("25", opChangeAccess, "access change", http.MethodPut, "/lines/{lineNo}/accessTypes",
			"change a line's radio access, 3G or LTE", one(decodeAccepted)),
		operation[SessionRequest]("26", opSession, "session get", http.MethodGet, "/lines/{lineNo}/session",
			"whether a line is connected now", one(decodeSession)),
		operation[DisconnectRequest]("27", opDisconnect, "session disconnect", http.MethodDelete, "/lines/{lineNo}/session",
			"end a line's connection", one(decodeDisconnected)),
		operation[CancelOrderRequest]("28", opCancelOrder, "orders cancel", http.MethodDelete, "/orders/{orderId}",
			"take an order back", one(decodeAccepted)),
		operation[CancelReservationRequest]("29", opCancelReservation, "data-share cancel", http.MethodDelete, "/dataShare/reserves/{reserveId}",
			"take a reservation of the share group back", one(decodeReservation)),
	}
}

// operation is one row; R is its request.
func operation[R any, P interface {
	*R
	carrier.Request
}](number, name, command, method, path, summary string, decode decoding) carrier.Operation {
	changes := method != http.MethodGet
	return carrier.Operation{
		API: "unom", Number: number, Name: name, Command: strings.Fields(command), Summary: summary,
		Method: method, Path: "/v2/unom/contracts/{contractId}" + path, Document: "UNO Mobile API v2.1, §" + number,
		Changes: changes,
		New:     func() carrier.Request { return P(new(R)) },
		Decode:  decode(name, changes),
	}
}
