package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/simulator"
)

// told reads a truth over HTTP.
func told[T any](c *client, path string) T {
	c.t.Helper()
	var body map[string]T
	w := c.do("GET", "/_sim/truth/"+path, "")
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body) != 1 {
		c.t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	name, _, _ := strings.Cut(path, "?")
	return body[name]
}

// The truth over HTTP is the truth in Go, as of any time; the past stays what it was.
func TestOrderTruthOverHTTP(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.capped()
	first := c.order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", volumeBody)
	c.clock(simulator.ClockChange{Advance: "90s"})
	second := c.order("POST", c.carrier.Contracts()[1]+"/devices", deliveryBody("20260410", `{"number":"1","deviceCode":"T2000556"}`))

	all := told[[]simulator.OrderTruth](c, "orders")
	if diff := cmp.Diff(c.carrier.Orders(time.Time{}, ""), all); diff != "" || len(all) != 2 {
		t.Errorf("(-Go +HTTP):\n%s", diff)
	}
	if all[0].OrderID != first || all[0].Status != "02" || all[0].Operation != "add_data_volume" || all[0].LineNo != l.LineNo || len(all[0].History) != 3 {
		t.Errorf("%+v", all[0])
	}
	if got := told[[]simulator.OrderTruth](c, "orders?contract="+c.carrier.Contracts()[1]); len(got) != 1 || got[0].OrderID != second {
		t.Errorf("of one contract: %+v", got)
	}
	then := told[[]simulator.OrderTruth](c, "orders?at=2026-03-20T12:34:57%2B09:00")
	if len(then) != 1 || then[0].Status != "01" || then[0].Opened != "" {
		t.Errorf("a minute ago: %+v", then)
	}
	unom, backend := c.carrier.Products()
	for name, diff := range map[string]string{
		"products":       cmp.Diff(unom, told[[]simulator.UnomProductTruth](c, "products")),
		"ipoe_products":  cmp.Diff(backend, told[[]simulator.IPoEProductTruth](c, "ipoe_products")),
		"sites":          cmp.Diff(c.carrier.Sites(time.Time{}), told[[]simulator.SiteTruth](c, "sites")),
		"ipoe_orders":    cmp.Diff(c.carrier.IPoEOrders(time.Time{}), told[[]simulator.IPoEOrderTruth](c, "ipoe_orders")),
		"service_orders": cmp.Diff(c.carrier.ServiceOrders(noon().AddDate(0, 0, -20)), told[[]simulator.ServiceOrderTruth](c, "service_orders?at=2026-02-28T12:34:56%2B09:00")),
	} {
		if diff != "" {
			t.Errorf("%s (-Go +HTTP):\n%s", name, diff)
		}
	}
	if w := c.do("GET", "/_sim/truth/orders?at=yesterday", ""); w.Code != 400 {
		t.Errorf("no time: %d", w.Code)
	}
}

// The same seed, start and requests give the same orders and sites.
func TestOrdersAreReproducible(t *testing.T) {
	run := func() ([]simulator.OrderTruth, []simulator.SiteTruth, []simulator.LineTruth) {
		cfg := frozen(noon())
		cfg.Orders = 20
		c := newClient(t, cfg)
		c.order("POST", "N000000001/lines", deliveryBody("20260410", lineBody("T3001326", "T2000537", "1")))
		c.place(startBody("1-1-1-2-1"))
		c.clock(simulator.ClockChange{Advance: "1000h"})
		return c.carrier.Orders(time.Time{}, ""), c.carrier.Sites(time.Time{}), c.lines()
	}
	orders, sites, lines := run()
	orders2, sites2, lines2 := run()
	if diff := cmp.Diff(orders, orders2) + cmp.Diff(sites, sites2) + cmp.Diff(lines, lines2); diff != "" {
		t.Error(diff)
	}
}

// Every one of the 38 operations is a name that a fault can be limited to, the token's among them.
func TestOperations(t *testing.T) {
	names := simulator.Operations()
	if sorted := slices.Compact(slices.Sorted(slices.Values(names))); len(names) != 38 || len(sorted) != 38 {
		t.Errorf("%d operations: %v", len(names), names)
	}
	for _, name := range names {
		if _, err := simulator.ParseFaults(name + ".500:1"); err != nil {
			t.Error(err)
		}
	}
	c := newClient(t, frozen(noon()))
	if err := c.carrier.SetFaults("completed_orders.503:1,cancellation.500:1"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"N000000001/orders?status=accepting": 200, "N000000001/orders?status=complete": 503,
		"N000000001/orders/AGU1?status=asyncAccepting": 404, "N000000001/orders/AGU1?status=asyncCancelAccepting": 500,
	} {
		if w := c.do("GET", base+path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// Orders, events, questions and the truth at the same time: nothing is lost, and the race detector is content.
func TestOrdersAtTheSameTime(t *testing.T) {
	cfg := frozen(noon())
	cfg.Speed = 5000
	c := newClient(t, cfg)
	lines := c.lines()
	var wg sync.WaitGroup
	each := func(n int, do func(i int)) {
		wg.Go(func() {
			for i := range n {
				do(i)
			}
		})
	}
	each(30, func(i int) {
		l := lines[i%len(lines)]
		c.send("POST", base+l.ContractID+"/lines/"+l.LineNo+"/dataVolume", volumeBody)
		c.send("DELETE", base+l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", "")
	})
	each(30, func(i int) {
		l := lines[i]
		c.send("POST", base+l.ContractID+"/dataShare", joinBody(l))
		c.send("PUT", base+l.ContractID+"/lines/"+l.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"new-`+l.AuthenticationID+`"}}`)
		c.send("POST", ipoe+"orders", startBody("1-1-1-2-1"))
	})
	each(10, func(int) {
		day := c.carrier.Now().Format("20060102")
		c.send("POST", base+"N000000001/devices", deliveryBody(day, `{"number":"1","deviceCode":"T2000556"}`))
		c.send("POST", base+"N000000001/lines", deliveryBody(day, strings.Replace(lineBody("T3001326", "T2000537", "1"), `"authenticationId":"nttcom",`, "", 1)))
	})
	each(20, func(i int) {
		c.do("GET", base+"N000000001/lines", "")
		c.do("GET", base+"N000000001/orders?status=accepting", "")
		c.do("GET", base+lines[i].ContractID+"/lines/"+lines[i].LineNo+"/dataShare/traffic", "")
		c.do("GET", ipoe+"customerSites?limit=50", "")
		c.carrier.Orders(time.Time{}, "")
	})
	each(3, func(int) { c.lines() })
	wg.Wait()
	if n, m := len(c.carrier.Orders(c.carrier.Now().Add(time.Hour), "")), len(c.carrier.IPoEOrders(c.carrier.Now().Add(time.Hour))); n < 60 || m != 70 {
		t.Errorf("%d orders, %d IPoE orders", n, m)
	}
}
