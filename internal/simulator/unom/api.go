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
	Calendar  calendar.Calendar
	Start     time.Time // virtual
	Style     wire.Style
	MaxRows   int           // rows after which lists and log queries end; nothing says that there are more
	Orders    int           // orders that each contract has behind it at the start
	OrderPace time.Duration // virtual time an order stays in each of its first statuses
	ServedMax int           // traffic and session answers kept each
}

// API answers the calls about a fleet. The zero value has routes that answer nothing.
type API struct {
	cfg    Config
	cal    calendar.Calendar
	fleet  *fleet.Fleet
	store  *orderStore
	timing timing
	*record
	sent gateway.Secrets // passwords that requests brought
}

// New makes the API of a fleet, with the orders that its contracts have behind them.
func New(cfg Config, fleet *fleet.Fleet) *API {
	u := &API{
		cfg: cfg, cal: cfg.Calendar, fleet: fleet, store: newOrderStore(), record: newRecord(cfg.ServedMax),
		timing: timing{cfg.Calendar, int64(cfg.OrderPace / time.Second)},
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

// The names in paths.
const (
	pathContract = "{contractId}"
	pathLine     = "{lineNo}"
	pathOrder    = "{orderId}"
	pathReserve  = "{reserveId}"
)

const base = "/v2/unom/contracts/{contractId}"

// Routes are the calls 01 to 30. Their operations have the names of kaisen_api_requests_total.
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
	lines := get("lines", "/lines", u.lines)
	lines.Body = gateway.BodyIgnored
	logKeys := []string{"startTime", "endTime", "authSearchKey", "lineNoSearchKey"}
	return []gateway.Route{
		get("contract", "", u.contract),
		lines,
		get("traffic", "/lines/{lineNo}/traffic", u.traffic),
		get("authentications", "/authentications", u.authentications, logKeys...),
		get("sessions", "/sessions", u.sessions, logKeys...),
		get("products", "/products", u.products),
		byStatus(get("orders", "/orders", u.orders), "accepting"),
		byStatus(get("completed_orders", "/orders", u.completedOrders), "complete"),
		get("data_share_traffic", "/lines/{lineNo}/dataShare/traffic", u.dataShareTraffic),
		get("data_share", "/dataShare", u.dataShare),
		byStatus(get("order", "/orders/{orderId}", u.order), "asyncAccepting"),
		byStatus(get("cancellation", "/orders/{orderId}", u.cancellation), "asyncCancelAccepting"),
		get("session", "/lines/{lineNo}/session", u.session),
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
		change("add_line", http.MethodPost, "/lines", u.addLine),
		remove("remove_line", "/lines/{lineNo}", u.removeLine, "requestDate"),
		change("buy_devices", http.MethodPost, "/devices", u.buyDevices),
		change("change_course", http.MethodPut, "/lines/{lineNo}/courses", u.changeCourse),
		change("change_auth", http.MethodPut, "/lines/{lineNo}/radiusAuth", u.changeAuth),
		change("change_addresses", http.MethodPut, "/lines/{lineNo}/ipAddresses", u.changeAddresses),
		change("change_imei", http.MethodPut, "/lines/{lineNo}/imei", u.changeIMEI),
		change("set_roaming", http.MethodPut, "/lines/{lineNo}/roaming", u.setRoaming),
		change("set_roaming", http.MethodPost, "/lines/{lineNo}/roaming", u.setRoaming), // the list of changes has POST
		remove("remove_roaming", "/lines/{lineNo}/roaming", u.removeRoaming),
		change("add_to_data_share", http.MethodPost, "/dataShare", u.join),
		remove("remove_from_data_share", "/dataShare/lines/{lineNo}", u.leave),
		change("add_data_volume", http.MethodPost, "/lines/{lineNo}/dataVolume", u.addVolume),
		change("change_access", http.MethodPut, "/lines/{lineNo}/accessTypes", u.changeAccess),
		remove("disconnect", "/lines/{lineNo}/session", u.disconnect),
		remove("cancel_order", "/orders/{orderId}", u.cancelOrder),
		remove("cancel_reservation", "/dataShare/reserves/{reserveId}", u.cancelReservation),
	}
}
