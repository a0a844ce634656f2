package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// ServiceConfig is what the API is made from.
type ServiceConfig struct {
	Seed     uint64
	Calendar calendar
	Start    time.Time // virtual
	Style    Style
	Orders   int      // half of them of uno
	Holidays []string // weekdays on which details are closed too, YYYY-MM-DD; the documents name none
}

// ServiceAPI answers about service orders. The zero value has routes that answer nothing.
type ServiceAPI struct {
	cfg    ServiceConfig
	orders []serviceOrder
}

// NewService makes the API with its orders.
func NewService(cfg ServiceConfig) *ServiceAPI {
	return &ServiceAPI{cfg: cfg, orders: newServiceOrders(cfg, cfg.Calendar.day(cfg.Start.Unix()))}
}

// Routes are the two calls.
func (s *ServiceAPI) Routes() []Route {
	get := func(operation, address string, answer func(*Request) Answer, query ...string) Route {
		return Route{
			Operation: operation, Method: http.MethodGet, Path: "/v1/business-process/" + address, Query: query, Answer: answer,
		}
	}
	return []Route{
		get("service_orders", "service-orders", s.serviceOrders, "serviceName"),
		get("service_order_details", "service-order-details", s.serviceDetails,
			"webentry_id", "n_no", "v_no", "data_update_date_from", "data_update_date_to"),
	}
}

// Fault is the answer to a failure of the API itself. It is not documented.
func (s *ServiceAPI) Fault(status int, message string, _ uint64) Answer {
	return serviceError(status, detailFault, message)
}

// Malformed is the answer to a request that is none of the calls'.
func (s *ServiceAPI) Malformed(*Request) Answer {
	return serviceError(400, detailParameter, msgServiceParameter)
}

// The office hours of the details, in Japan whatever the carrier's zone: from 9:00 up to, but not at, 17:30.
const (
	officeOpens  = 9 * time.Hour
	officeCloses = 17*time.Hour + 30*time.Minute
)

// inOffice reports whether details can be had at a time: on weekdays that are no holiday of the configuration.
func (s *ServiceAPI) inOffice(at time.Time) bool {
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
	msgServiceParameter = "リクエストパラメータに誤りがあります。"
	msgServiceClosed    = "サービス提供時間外です。(営業日 9:00-17:30)"
)

// serviceError is an error of the Service Order API. None is documented: it has the shape of the good answers.
func serviceError(status int, detail, message string) Answer {
	return Answer{Status: status, Body: fmt.Appendf(nil,
		"{\n  \"code\": %d,\n  \"detailCode\": %s,\n  \"detailMsg\": %s\n}\n", status, Quote(detail), Quote(message))}
}
