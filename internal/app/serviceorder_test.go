package app

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kaisen/collector/serviceorder"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// Service orders and their details are what the carrier knows, as weeks go by and over restarts.
func TestServiceOrdersHoldTheTruth(t *testing.T) {
	t.Parallel()
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		t.Run(string(style), func(t *testing.T) {
			r := newBackendFixture(t, serviceorder.Kind(), func(c *simulator.Config) { c.Style, c.ServiceOrders = style, 60 })
			since := map[string]time.Time{}
			for week := range 6 {
				for _, s := range r.sweep() {
					if s.Failed > 0 || s.RestsUntil.Known || s.Rows == 0 {
						t.Errorf("week %d: %+v", week, s)
					}
				}
				r.serviceOrdersAgree(since)
				r.detailsAgree()
				r.advance(7 * 24 * time.Hour)
			}
			if n := r.count("dead_letters"); n != 0 {
				t.Errorf("%d dead letters", n)
			}
		})
	}
}

// statusWord is what Service Order API says of an order's status.
func statusWord(service string, status int) string {
	switch {
	case service == "uno" && status <= 5:
		return []string{"unknown", "received", "investigated", "access_line_constructed", "device_constructed", "completed"}[status]
	case service == "bdp-e" && status == 2, service == "mss" && status == 0:
		return "completed"
	case (service == "bdp-e" || service == "mss" || service == "sip-trunking" || service == "ucaas") && status == 1:
		return "in_progress"
	}
	return "unknown"
}

// serviceOrdersAgree compares the table with the carrier; since remembers when each order was first seen in its status.
func (r *fixture) serviceOrdersAgree(since map[string]time.Time) {
	r.t.Helper()
	var want []string
	for _, o := range r.sim.ServiceOrders(time.Time{}) {
		code := fmt.Sprint(o.OrderStatus)
		if o.OrderStatus == 0 {
			code = ""
		}
		key := o.RequestNum + " " + code
		if _, known := since[key]; !known {
			since[key] = r.sim.Now()
		}
		kind := []string{"", "new", "change", "cancel", "change"}[o.OrderType]
		want = append(want, fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\ttrue\t%d", o.Service, o.RequestNum, o.ContractID, o.ServiceName,
			o.OrderType, kind, o.OfferPlan, code, statusWord(o.Service, o.OrderStatus), since[key].Unix()))
	}
	r.same("service_orders", `SELECT service, order_request_num, contract_id, service_name, order_type_code, order_type, offer_plan_date,
		status_code, status, listed, toUnixTimestamp(status_since) FROM service_orders FINAL`, want)
}

// detailsAgree compares those details that the carrier answers: what was updated in the last month, or since kaisen
// began to watch.
func (r *fixture) detailsAgree() {
	r.t.Helper()
	var want []string
	oldest := r.sim.Now().AddDate(0, -1, 0).Format(time.DateOnly)
	for _, o := range r.sim.ServiceOrders(time.Time{}) {
		if o.Updated >= oldest {
			want = append(want, fmt.Sprintf("%s\t%s\t%s\t%s\t%s", o.WebEntryID, o.RequestNum, o.ContractID, o.ServiceName, o.OfferPlan))
		}
	}
	r.same("service_order_details", fmt.Sprintf(`SELECT web_entry_id, order_num, contract_line_num_appl, service_name, holdout_schedule_ymd
		FROM service_order_details FINAL
		WHERE greatest(recept_ymd, ifNull(support_request_action_ymd, recept_ymd), ifNull(accs_line_action_ymd, recept_ymd),
			ifNull(term_const_action_ymd, recept_ymd), ifNull(continuity_const_action_ymd, recept_ymd)) >= '%s'`, oldest), want)
}

// What was updated later is asked for again, and only that.
func TestDetailsAreAskedForSinceTheLastTime(t *testing.T) {
	r := newBackendFixture(t, serviceorder.Kind(), func(c *simulator.Config) { c.ServiceOrders = 200 })
	r.sweep()
	first := r.count("service_order_details")
	r.advance(24 * time.Hour)
	r.sweep()
	r.detailsAgree()
	if again := r.count("service_order_details") - first; again == 0 || again > first/2 {
		t.Errorf("%d details the first time, of a month, and %d a day later", first, again)
	}
}

// Outside of the office hours the details rest, and that is no failure; everything else goes on.
func TestDetailsRestOutsideTheOfficeHours(t *testing.T) {
	t.Parallel()
	for name, closed := range map[string]struct{ at, opens time.Time }{
		"in the evening": {time.Date(2026, 5, 20, 18, 0, 0, 0, tokyo(t)), time.Date(2026, 5, 21, 9, 0, 0, 0, tokyo(t))},
		"on a Saturday":  {time.Date(2026, 5, 23, 11, 0, 0, 0, tokyo(t)), time.Date(2026, 5, 25, 9, 0, 0, 0, tokyo(t))},
		"on a holiday":   {time.Date(2026, 5, 4, 11, 0, 0, 0, tokyo(t)), time.Date(2026, 5, 7, 9, 0, 0, 0, tokyo(t))},
	} {
		t.Run(name, func(t *testing.T) {
			r := newBackendFixture(t, serviceorder.Kind(), func(c *simulator.Config) {
				c.Start, c.Holidays = closed.at, []string{"2026-05-04", "2026-05-05", "2026-05-06"}
			})
			sweeps := r.sweep()
			if s := job(t, sweeps, "service_order_details"); !s.RestsUntil.V.Equal(closed.opens) || s.Failed+s.OK+s.Requests != 0 {
				t.Errorf("%+v, want a rest until %s", s, closed.opens)
			}
			if s := job(t, sweeps, "service_orders"); s.OK != 9 || s.RestsUntil.Known {
				t.Errorf("%+v", s)
			}
			if n := r.requests("service_order_details"); n != 0 {
				t.Errorf("%d questions outside of the office hours", n)
			}
			r.at(closed.opens)
			if s := job(t, r.sweep(), "service_order_details"); s.RestsUntil.Known || s.OK != 1 || s.Rows < 2 {
				t.Errorf("%+v, want details when it opens", s)
			}
			r.detailsAgree()
		})
	}
}

// A service that runs begins to rest, says so, and goes on when the carrier opens.
func TestAServiceRestsAndWakes(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 5, 22, 17, 29, 30, 0, tokyo(t)) // a Friday
	r := newBackendFixture(t, serviceorder.Kind(), func(c *simulator.Config) { c.Start = evening })
	for name, job := range r.cfg.Sources[0].Jobs {
		job.Interval = config.Duration(time.Second)
		r.cfg.Sources[0].Jobs[name] = job
	}
	log := new(liveLog)
	a, err := New(r.cfg, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelInfo})), Options{Kinds: kinds.All(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	address := run(t, a)
	resting := func(want string) func() bool {
		return func() bool {
			return strings.Join(gauges(t, address, "kaisen_job_resting"), "\n") == `{job="service_order_details",source="serviceorder"} `+want
		}
	}
	r.eventually("details are read", func() bool { return r.requests("service_order_details") > 0 })
	r.eventually("nothing rests", resting("0"))
	r.at(time.Date(2026, 5, 22, 17, 30, 0, 0, tokyo(t)))
	r.eventually("the details rest", resting("1"))
	if err := a.ready(); err != nil {
		t.Errorf("not ready: %v", err)
	}
	before := r.requests("service_order_details")
	r.at(time.Date(2026, 5, 25, 9, 0, 0, 0, tokyo(t)))
	r.eventually("they are asked for again", func() bool { return r.requests("service_order_details") > before })
	r.eventually("nothing rests", resting("0"))
	for _, series := range gauges(t, address, "kaisen_job_behind_seconds") {
		var behind float64
		if _, err := fmt.Sscan(series[strings.LastIndex(series, " ")+1:], &behind); err != nil || behind > 30 {
			t.Errorf("behind after the rest: %s", series)
		}
	}
	if text := log.String(); strings.Count(text, "it rests") != 1 || !strings.Contains(text, "until=2026-05-25T09:00:00.000+09:00") || strings.Contains(text, "WARN") {
		t.Errorf("logged:\n%s", text)
	}
}

// Orders are counted by status for the account, and a final status has no age.
func TestServiceOrdersAreCounted(t *testing.T) {
	r := newBackendFixture(t, serviceorder.Kind(), func(c *simulator.Config) { c.ServiceOrders = 80 })
	r.sweep()
	since := r.sim.Now()
	r.advance(time.Hour)
	address := run(t, r.app())
	want := map[string]int{"unknown": 0, "received": 0, "investigated": 0, "access_line_constructed": 0, "device_constructed": 0, "in_progress": 0, "completed": 0}
	for _, o := range r.sim.ServiceOrders(time.Time{}) {
		want[statusWord(o.Service, o.OrderStatus)]++
	}
	var counts, oldest []string
	for status, n := range want {
		counts = append(counts, fmt.Sprintf(`{api="serviceorder",contract_id="",source="serviceorder",status="%s"} %d`, status, n))
		if n > 0 && status != "completed" && status != "unknown" {
			oldest = append(oldest, fmt.Sprintf(`{api="serviceorder",contract_id="",source="serviceorder",status="%s"} %s`, status, formatSeconds(since)))
		}
	}
	r.eventually("orders are counted", func() bool { return len(gauges(t, address, "kaisen_orders")) == len(counts) })
	if got := gauges(t, address, "kaisen_orders"); strings.Join(sorted(got), "\n") != strings.Join(sorted(counts), "\n") {
		t.Errorf("kaisen_orders\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(counts, "\n"))
	}
	if got := gauges(t, address, "kaisen_order_oldest_timestamp_seconds"); strings.Join(sorted(got), "\n") != strings.Join(sorted(oldest), "\n") {
		t.Errorf("kaisen_order_oldest_timestamp_seconds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(oldest, "\n"))
	}
	promtool(t, get(t, address+"/metrics"))
}
