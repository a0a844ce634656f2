// Package serviceorder is the Service Order API of the simulated carrier. Nobody can place an order there: they are what
// they are from the beginning, and move with the days.
package serviceorder

import (
	"fmt"
	"net/http"
	"time"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// Config is what the API is made from.
type Config struct {
	Seed     uint64
	Calendar calendar.Calendar
	Start    time.Time // virtual
	Style    wire.Style
	Orders   int      // half of them of uno
	Holidays []string // weekdays on which details are closed too, YYYY-MM-DD; the documents name none
}

// API answers about service orders. The zero value has routes that answer nothing.
type API struct {
	cfg    Config
	orders []order
}

// New makes the API with its orders.
func New(cfg Config) *API {
	return &API{cfg: cfg, orders: newOrders(cfg, cfg.Calendar.Day(cfg.Start.Unix()))}
}

// Routes are the two calls.
func (s *API) Routes() []gateway.Route {
	get := func(operation, address string, answer func(*gateway.Request) gateway.Answer, query ...string) gateway.Route {
		return gateway.Route{
			Operation: operation, Method: http.MethodGet, Path: "/v1/business-process/" + address, Query: query, Answer: answer,
		}
	}
	return []gateway.Route{
		get("service_orders", "service-orders", s.serviceOrders, "serviceName"),
		get("service_order_details", "service-order-details", s.serviceDetails,
			"webentry_id", "n_no", "v_no", "data_update_date_from", "data_update_date_to"),
	}
}

// switchEmpty is what a list without rows is.
const switchEmpty = "service_orders_empty"

// Switches are the API's troubles.
func (s *API) Switches() []gateway.Switch {
	return []gateway.Switch{{Name: switchEmpty, Trouble: true, Values: []string{"list", "object"},
		About: "what the Service Order API answers that finds nothing: a list of no rows, or {}"}}
}

func isEmptyObject(q *gateway.Request) bool { return q.Readings.Is(switchEmpty, "object") }

// Fault is the answer to a failure of the API itself. It is not documented.
func (s *API) Fault(status int, message string, _ uint64) gateway.Answer {
	return failure(status, detailFault, message)
}

// Malformed is the answer to a request that fits no call.
func (s *API) Malformed(*gateway.Request) gateway.Answer {
	return failure(400, detailParameter, msgParameter)
}

// The office hours of the details, in Japan whatever the carrier's zone: from 9:00 up to, but not at, 17:30.
const (
	officeOpens  = 9 * time.Hour
	officeCloses = 17*time.Hour + 30*time.Minute
)

// inOffice reports whether details can be had at a time: on weekdays that are no holiday of the configuration.
func (s *API) inOffice(at time.Time) bool {
	at = at.In(time.FixedZone("JST", 9*60*60))
	if day := at.Weekday(); day == time.Saturday || day == time.Sunday {
		return false
	}
	for _, holiday := range s.cfg.Holidays {
		if holiday == at.Format(time.DateOnly) {
			return false
		}
	}
	y, m, d := at.Date()
	since := at.Sub(time.Date(y, m, d, 0, 0, 0, 0, at.Location()))
	return since >= officeOpens && since < officeCloses
}

// The detail codes of Service Order API. I01 is documented, the others are invented in its form.
const (
	detailFound     = "I01"
	detailParameter = "E01"
	detailClosed    = "E02"
	detailFault     = "E99"
)

const (
	msgParameter = "リクエストパラメータに誤りがあります。"
	msgClosed    = "サービス提供時間外です。(営業日 9:00-17:30)"
)

// failure is an error of the Service Order API. None is documented: it has the shape of the good answers.
func failure(status int, detail, message string) gateway.Answer {
	return gateway.Answer{Status: status, Body: fmt.Appendf(nil,
		"{\n  \"code\": %d,\n  \"detailCode\": %s,\n  \"detailMsg\": %s\n}\n", status, wire.Quote(detail), wire.Quote(message))}
}
