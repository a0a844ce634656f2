package api

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaisen/collector/carrier/lenient"
	"kaisen/collector/carrier/lenient/lenienttest"
)

// FuzzOrders attacks the decoder of the list: what it accepts is JSON with a number for each order, and nothing is read
// that was not given.
func FuzzOrders(f *testing.F) {
	lenienttest.Examples(f)
	f.Add([]byte(`{"items":[` + anOrder + `],"resultCount":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		orders, _, err := readOrders(new(lenient.Decoder), body)
		if err != nil {
			return
		}
		if orders.Orders == nil {
			t.Errorf("%q: no list at all", body)
		}
		for _, order := range orders.Orders {
			if order.OrderRequestNum == "" {
				t.Errorf("accepted %q, whose order has no number", body)
			}
			_ = order.OrderStatus.Meaning(ServiceUNO) + order.OrderType.Meaning()
		}
		lenienttest.CheckValues(t, body, orders)
	})
}

// FuzzDetails attacks the decoder of the details.
func FuzzDetails(f *testing.F) {
	lenienttest.Examples(f)
	f.Add([]byte(`{"code":200,"detailMsg":"検索結果:99999999999999999999件"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		details, _, err := readDetails(new(lenient.Decoder), body)
		if err != nil {
			return
		}
		if details.Result == nil {
			t.Errorf("%q: no list at all", body)
		}
		lenienttest.CheckValues(t, body, details)
	})
}

// FuzzRequest fills requests with whatever there is: nothing panics, and one that keeps the rules asks for what its
// operation says.
func FuzzRequest(f *testing.F) {
	f.Add(uint8(0), []byte(`{"serviceName":"uno"}`))
	f.Add(uint8(1), []byte(`{"data_update_date_from":"20260501","data_update_date_to":"2026-05-20","webentry_id":"W1"}`))
	f.Fuzz(func(t *testing.T, which uint8, fields []byte) {
		o := Operations()[int(which)%len(Operations())]
		r := o.New()
		if json.Unmarshal(fields, r) != nil {
			return
		}
		problem, w := r.Validate(time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)), r.Spec()
		target, err := url.Parse(w.Target())
		if problem == nil && (err != nil || target.EscapedPath() != o.Path || w.Body != nil) {
			t.Errorf("%s asks for %q %q, want it like %s", o.Name, w.Target(), w.Body, o.Path)
		}
	})
}

// FuzzOpen looks at any second: the hours are those of a business day, and what comes next is the opposite.
func FuzzOpen(f *testing.F) {
	f.Add(int64(1779238800))
	f.Fuzz(func(t *testing.T, seconds int64) {
		at := time.Unix(seconds, 0)
		if y := at.Year(); y < 1980 || y > 2140 {
			return
		}
		open, next := Open(at, nil)
		in := at.In(time.FixedZone("JST", 9*3600))
		clock := in.Sub(time.Date(in.Year(), in.Month(), in.Day(), 0, 0, 0, 0, in.Location()))
		if open && (clock < opens || clock >= closes || strings.HasPrefix(in.Weekday().String(), "S")) {
			t.Errorf("open at %s", in)
		}
		if again, _ := Open(next, nil); again == open || !next.After(at) {
			t.Errorf("%s is open %v until %s, where it is open %v", at, open, next, again)
		}
	})
}
