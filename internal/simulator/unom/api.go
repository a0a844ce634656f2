// Package unom is UNO Mobile API v2.1 of the simulated carrier: calls 01 to 30 about a fleet, with the orders of its
// contracts and the record of what was answered. What a line does is the fleet's.
package unom

import (
	"net/http"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// Config is what the API is made from.
type Config struct {
	Calendar     calendar.Calendar
	Start        time.Time // virtual
	Style        wire.Style
	EndInclusive bool          // rows of endTime's own second belong to a log query; the documents do not say
	MaxRows      int           // rows after which lists and log queries end without a word
	Orders       int           // orders that each contract has behind it at the start
	OrderPace    time.Duration // virtual time an order stays in each of its first statuses
	ServedMax    int           // traffic and session answers kept each
}

// API answers the calls about a fleet. The zero value has routes that answer nothing.
type API struct {
	cfg   Config
	cal   calendar.Calendar
	fleet *fleet.Fleet
	book  *book
	paces paces
	*record
	sent gateway.Secrets // passwords that requests brought
}

// New makes the API of a fleet, with the orders that its contracts have behind them.
func New(cfg Config, fleet *fleet.Fleet) *API {
	u := &API{
		cfg: cfg, cal: cfg.Calendar, fleet: fleet, book: newBook(), record: newRecord(cfg.ServedMax),
		paces: paces{cfg.Calendar, int64(cfg.OrderPace / time.Second)},
	}
	for _, c := range fleet.Contracts() {
		u.pastOrders(c)
	}
	return u
}

// Secrets are the passwords that requests brought.
func (u *API) Secrets() []string { return u.sent.All() }

// call is a request whose contract and line exist.
type call struct {
	*gateway.Request
	contract *fleet.Contract
	line     *fleet.Line // nil where the call names none
}

// The names of the operations, in statistics and in fault lists: those of kaisen_api_requests_total.
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

// The names in paths.
const (
	pathContract = "{contractId}"
	pathLine     = "{lineNo}"
	pathOrder    = "{orderId}"
	pathReserve  = "{reserveId}"
)

const base = "/v2/unom/contracts/{contractId}"

// Routes are the calls 01 to 30.
func (u *API) Routes() []gateway.Route { return append(u.reads(), u.changes()...) }

// route is a call that finds its contract and line before it answers.
func (u *API) route(operation, method, address string, answer func(*call) gateway.Answer) gateway.Route {
	return gateway.Route{
		Operation: operation, Method: method, Path: base + address, Names: u.checkNames,
		Answer: func(q *gateway.Request) gateway.Answer {
			located, refused := u.locate(q)
			if refused != nil {
				return *refused
			}
			return answer(located)
		},
	}
}

// reads are the calls that change nothing.
func (u *API) reads() []gateway.Route {
	get := func(operation, address string, answer func(*call) gateway.Answer, query ...string) gateway.Route {
		r := u.route(operation, http.MethodGet, address, answer)
		r.Query = query
		return r
	}
	byStatus := func(r gateway.Route, status string) gateway.Route {
		r.Query, r.Status = []string{"status"}, status
		return r
	}
	lines := get(opLines, "/lines", u.lines)
	lines.Body = gateway.BodyIgnored
	logKeys := []string{"startTime", "endTime", "authSearchKey", "lineNoSearchKey"}
	return []gateway.Route{
		get(opContract, "", u.contract),
		lines,
		get(opTraffic, "/lines/{lineNo}/traffic", u.traffic),
		get(opAuthentications, "/authentications", u.authentications, logKeys...),
		get(opSessions, "/sessions", u.sessions, logKeys...),
		get(opProducts, "/products", u.products),
		byStatus(get(opOrders, "/orders", u.orders), "accepting"),
		byStatus(get(opCompletedOrders, "/orders", u.completedOrders), "complete"),
		get(opDataShareTraffic, "/lines/{lineNo}/dataShare/traffic", u.dataShareTraffic),
		get(opDataShare, "/dataShare", u.dataShare),
		byStatus(get(opOrder, "/orders/{orderId}", u.order), "asyncAccepting"),
		byStatus(get(opCancellation, "/orders/{orderId}", u.cancellation), "asyncCancelAccepting"),
		get(opSession, "/lines/{lineNo}/session", u.session),
	}
}

// changes are the calls that change something: each is alone while it does. Those with DELETE have their arguments in
// the URL.
func (u *API) changes() []gateway.Route {
	change := func(operation, method, address string, answer func(*call) gateway.Answer) gateway.Route {
		r := u.route(operation, method, address, func(q *call) gateway.Answer {
			u.fleet.Changing.Lock()
			defer u.fleet.Changing.Unlock()
			return answer(q)
		})
		r.Body = gateway.BodyJSON
		return r
	}
	remove := func(operation, address string, answer func(*call) gateway.Answer, query ...string) gateway.Route {
		r := change(operation, http.MethodDelete, address, answer)
		r.Body, r.Query = gateway.BodyNone, append(query, "agreement")
		return r
	}
	return []gateway.Route{
		change(opAddLine, http.MethodPost, "/lines", u.addLine),
		remove(opRemoveLine, "/lines/{lineNo}", u.removeLine, "requestDate"),
		change(opBuyDevices, http.MethodPost, "/devices", u.buyDevices),
		change(opChangeCourse, http.MethodPut, "/lines/{lineNo}/courses", u.changeCourse),
		change(opChangeAuth, http.MethodPut, "/lines/{lineNo}/radiusAuth", u.changeAuth),
		change(opChangeAddresses, http.MethodPut, "/lines/{lineNo}/ipAddresses", u.changeAddresses),
		change(opChangeIMEI, http.MethodPut, "/lines/{lineNo}/imei", u.changeIMEI),
		change(opSetRoaming, http.MethodPut, "/lines/{lineNo}/roaming", u.setRoaming),
		change(opSetRoaming, http.MethodPost, "/lines/{lineNo}/roaming", u.setRoaming), // the list of changes has POST
		remove(opRemoveRoaming, "/lines/{lineNo}/roaming", u.removeRoaming),
		change(opAddToDataShare, http.MethodPost, "/dataShare", u.join),
		remove(opRemoveFromDataShare, "/dataShare/lines/{lineNo}", u.leave),
		change(opAddDataVolume, http.MethodPost, "/lines/{lineNo}/dataVolume", u.addVolume),
		change(opChangeAccess, http.MethodPut, "/lines/{lineNo}/accessTypes", u.changeAccess),
		remove(opDisconnect, "/lines/{lineNo}/session", u.disconnect),
		remove(opCancelOrder, "/orders/{orderId}", u.cancelOrder),
		remove(opCancelReservation, "/dataShare/reserves/{reserveId}", u.cancelReservation),
	}
}
