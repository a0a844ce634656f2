package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/ipoe"
	ipoeapi "kaisen/collector/ipoe/api"
	"kaisen/internal/config"
	"kaisen/internal/racetest"
	"kaisen/internal/simulator"
)

// An account from its token on: products, an order that the carrier refuses, one that it takes, and the site that comes
// of it; at each step the tables are what the carrier knows, also those that a restarted kaisen writes.
func TestAnIPoEAccountIsFollowed(t *testing.T) {
	t.Parallel()
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		t.Run(string(style), func(t *testing.T) {
			r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) { c.Style = style })
			client := ipoeapi.New(r.dial())
			id, secret := r.sim.Credentials()
			token, err := client.Token(t.Context(), ipoeapi.TokenRequest{ClientID: id, ClientSecret: ipoeapi.Secret(secret)})
			if err != nil || token.Value.AccessToken == "" {
				t.Fatalf("token %+v, %v", token.Value, err)
			}
			if n := r.requests("token"); n != 1 {
				t.Errorf("%d token calls for one token: the call that issues one needs none", n)
			}
			r.sweep()
			r.ipoeAgrees()

			_, err = client.CreateOrder(t.Context(), newSite("1-1-1-2-1", "0-1-1-3-1")) // the option needs a dedicated CPE
			var refused *ipoeapi.Errors
			if !errors.As(err, &refused) || !ipoeapi.HasCode(err, ipoeapi.CodeProductCombination) {
				t.Fatalf("an order with a missing dependency: %v, want 4000144", err)
			}
			if kind, _ := carrier.KindOf(err); kind != carrier.KindInvalidRequest {
				t.Errorf("kind %v", kind)
			}
			created, err := client.CreateOrder(t.Context(), newSite("1-1-5-2-1"))
			if err != nil {
				t.Fatal(err)
			}
			r.sweep()
			r.ipoeAgrees()
			placed := fmt.Sprintf("SELECT status, contract_product_codes, contract_statuses, toUnixTimestamp(status_since) FROM ipoe_orders FINAL WHERE order_code = '%s'", created.Value.OrderCode)
			day := r.sim.Now().Truncate(24 * time.Hour).Add(-9 * time.Hour)
			if got, want := r.query(placed), fmt.Sprintf("in_progress\t['1-1-5-2-1']\t['in_progress']\t%d", day.Unix()); len(got) != 1 || got[0] != want {
				t.Errorf("the order is %q, want %q", got, want)
			}
			sites := len(r.query("SELECT 1 FROM ipoe_sites FINAL"))

			r.advance(24 * time.Hour)
			r.sweep()
			r.ipoeAgrees()
			if got := r.query(placed); len(got) != 1 || !strings.HasPrefix(got[0], "completed\t['1-1-5-2-1']\t['completed']") {
				t.Errorf("the order is %q", got)
			}
			if n := len(r.query("SELECT 1 FROM ipoe_sites FINAL")); n != sites+1 {
				t.Errorf("%d sites, want one more than %d", n, sites)
			}
			if n := r.count("dead_letters"); n != 0 {
				t.Errorf("dead letters: %s", r.query("SELECT operation, reason FROM dead_letters"))
			}
		})
	}
}

// newSite is an order to open a site with some products.
func newSite(products ...string) ipoeapi.CreateOrderRequest {
	start := &ipoeapi.StartOrder{CustomerSiteName: "大阪拠点", CaseName: "鈴木商店", LineID: "CAF1234567890", LineAccessKey: "k3yk3yk3"}
	for _, code := range products {
		start.Products = append(start.Products, ipoeapi.OrderedProduct{ProductCode: code})
	}
	return ipoeapi.CreateOrderRequest{OrderType: ipoeapi.OrderNew, Start: start}
}

// ipoeAgrees compares the three tables with the carrier.
func (r *fixture) ipoeAgrees() {
	r.t.Helper()
	r.same("ipoe_sites", `SELECT customer_site_code, customer_site_name, status, start_at, ifNull(toString(end_at), ''), line_id, listed FROM ipoe_sites FINAL`, r.siteTruths())
	var details, orders, products []string
	for _, s := range r.sim.Sites(time.Time{}) {
		if s.Status == "1" {
			details = append(details, s.SiteCode+"\t"+quoted(s.Products)+"\t"+s.LineID+"\t1")
		}
	}
	r.same("details of sites in use", `SELECT customer_site_code, arrayFilter((code, ended) -> ended IS NULL, contract_product_codes, contract_end_dates), line_id,
		global_ip != '' AND detail_observed_at IS NOT NULL FROM ipoe_sites FINAL WHERE status = 'in_use'`, details)
	for _, o := range r.sim.IPoEOrders(time.Time{}) {
		word := map[string]string{"1": "in_progress", "2": "completed", "3": "error"}[o.Status]
		kind := []string{"", "new", "change", "cancel"}[o.OrderType]
		orders = append(orders, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\ttrue", o.OrderCode, kind, o.SiteCode, word, o.Placed.Format(time.DateOnly)))
	}
	r.same("ipoe_orders", "SELECT order_code, order_type, customer_site_code, status, application_date, listed FROM ipoe_orders FINAL", orders)
	_, catalogue := r.sim.Products()
	for _, p := range catalogue {
		products = append(products, fmt.Sprintf("%s\t%s\t%s\t1\ttrue", p.Code, p.Name, quoted(p.Needs)))
	}
	r.same("ipoe_products", "SELECT product_code, product_name, dependencies, monthly_price_yen > 0, listed FROM ipoe_products FINAL", products)
}

func (r *fixture) siteTruths() (rows []string) {
	for _, s := range r.sim.Sites(time.Time{}) {
		word := map[string]string{"1": "in_use", "2": "ended"}[s.Status]
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\ttrue", s.SiteCode, s.Name, word, s.Started, s.Ended, s.LineID))
	}
	return rows
}

// quoted is a list as ClickHouse writes it.
func quoted(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = "'" + text + "'"
	}
	return "[" + strings.Join(out, ",") + "]"
}

// 2,500 sites come in pages of 500, and every one of them is asked about once.
func TestManySitesArrive(t *testing.T) {
	racetest.Skip(t)
	r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) { c.IPoESites = 2500 })
	sweeps := r.sweep()
	if s := job(t, sweeps, "customer_sites"); s.Requests < 6 || s.Requests > 9 || s.Rows != 2500 {
		t.Errorf("the list: %+v, want 2,500 rows in some 7 requests", s)
	}
	r.ipoeAgrees()
	inUse := 0
	for _, s := range r.sim.Sites(time.Time{}) {
		if s.Status == "1" {
			inUse++
		}
	}
	// Sites that have ended are asked about once, for the day on which their charges ended.
	if n := r.requests("customer_site_details"); n < 2500 || n >= 2550 { // on a busy machine one may be sent again
		t.Errorf("%d sites were asked about, want each of 2,500 once; %d are in use", n, inUse)
	}
	if again := r.sweep(); job(t, again, "customer_site_details").OK > uint64(inUse) {
		t.Errorf("%+v, want the %d in use alone", again, inUse)
	}
	if n := r.requests("ipoe_order_details"); n != 0 {
		t.Errorf("%d orders that went well years ago were asked about", n)
	}
}

// The list of sites and the details of one are answered at different times, and neither blanks what the other said; nor does
// a kaisen that knows nothing of what was answered before.
func TestNeitherListNorDetailsBlankTheOther(t *testing.T) {
	r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) { c.IPoESites = 60 })
	r.sweep()
	whole := `SELECT customer_site_code, customer_site_name, vrf, tunnel_if, cpe_model_name, ppone_gw_fqdn, location_zip_code, lan_network_address,
		dhcp_start_address, ipip_username, contract_product_codes, contract_start_dates, toUnixTimestamp(first_seen) FROM ipoe_sites FINAL ORDER BY customer_site_code`
	want := r.query(whole)
	for _, only := range []string{"customer_sites", "customer_site_details"} {
		for name, job := range config.DefaultSource(ipoe.Kind()).Jobs {
			if name != only {
				job.Interval = 0
			}
			r.cfg.Sources[0].Jobs[name] = job
		}
		r.advance(time.Hour)
		r.sweep()
		if got := r.query(whole); !slices.Equal(got, want) {
			t.Errorf("after %s alone:\n%s\nwant\n%s", only, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// What is wrong with an order is in its products; the carrier is asked about it once it has gone wrong, and not again.
func TestAnOrderThatFails(t *testing.T) {
	t.Parallel()
	r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) { c.Faults = "ipoe_order_create.order-error:1" })
	r.sweep()
	created, err := ipoeapi.New(r.dial()).CreateOrder(t.Context(), newSite("1-1-1-2-1"))
	if err != nil {
		t.Fatal(err)
	}
	r.sweep()
	r.advance(time.Hour)
	r.sweep()
	failed := r.sim.Now()
	r.advance(time.Hour)
	asked := r.requests("ipoe_order_details")
	r.sweep()
	if n := r.requests("ipoe_order_details"); n != asked || n != 2 {
		t.Errorf("asked %d times, then %d: want once under way and once gone wrong", asked, n)
	}
	got := r.query(fmt.Sprintf(`SELECT status, contract_statuses, contract_error_messages[1] != '', toUnixTimestamp(status_since) FROM ipoe_orders FINAL
		WHERE order_code = '%s'`, created.Value.OrderCode))
	if want := fmt.Sprintf("error\t['error']\t1\t%d", failed.Unix()); len(got) != 1 || got[0] != want {
		t.Errorf("the order is %q, want %q", got, want)
	}
}

// An order that does not get on is shown by its age.
func TestAStuckOrderIsShown(t *testing.T) {
	r := newBackendFixture(t, ipoe.Kind(), func(c *simulator.Config) { c.Faults = "ipoe_order_create.order-stuck:1" })
	if _, err := ipoeapi.New(r.dial()).CreateOrder(t.Context(), newSite("1-1-1-2-1")); err != nil {
		t.Fatal(err)
	}
	placed := time.Date(2026, 5, 20, 0, 0, 0, 0, tokyo(t))
	r.advance(9 * 24 * time.Hour)
	address := run(t, r.app())
	want := `{api="ipoe",contract_id="",source="ipoe",status="in_progress"} `
	r.eventually("the stuck order is shown", func() bool {
		return slices.Contains(gauges(t, address, "kaisen_orders"), want+"1") &&
			slices.Equal(gauges(t, address, "kaisen_order_oldest_timestamp_seconds"), []string{want + formatSeconds(placed)})
	})
	for _, status := range []string{"completed", "error", "cancelled", "error_in_part", "unknown"} {
		if !strings.Contains(strings.Join(gauges(t, address, "kaisen_orders"), "\n"), `status="`+status+`"`) {
			t.Errorf("status %s is not counted", status)
		}
	}
	promtool(t, get(t, address+"/metrics"))
}
