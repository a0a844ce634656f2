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
	"kaisen/internal/simulator/ipoe"
	"kaisen/internal/simulator/simulatortest"
	"kaisen/internal/simulator/unom"
)

// readTruth reads a truth over HTTP.
func readTruth[T any](c *simulatortest.Client, path string) T {
	c.T.Helper()
	var body map[string]T
	w := c.Do("GET", "/_sim/truth/"+path, "")
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body) != 1 {
		c.T.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	name, _, _ := strings.Cut(path, "?")
	return body[name]
}

// The truth over HTTP is the truth in Go, as of any time; the past stays what it was.
func TestOrderTruthOverHTTP(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := c.Capped()
	first := c.Order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
	c.Clock(simulator.ClockChange{Advance: "90s"})
	second := c.Order("POST", c.Carrier.Contracts()[1]+"/devices", simulatortest.DeliveryBody("20260410", `{"number":"1","deviceCode":"T2000556"}`))

	all := readTruth[[]simulator.OrderTruth](c, "orders")
	if diff := cmp.Diff(c.Carrier.Orders(time.Time{}, ""), all); diff != "" || len(all) != 2 {
		t.Errorf("(-Go +HTTP):\n%s", diff)
	}
	if all[0].OrderID != first || all[0].Status != "02" || all[0].Operation != "add_data_volume" || all[0].LineNo != l.LineNo || len(all[0].History) != 3 {
		t.Errorf("%+v", all[0])
	}
	if got := readTruth[[]simulator.OrderTruth](c, "orders?contract="+c.Carrier.Contracts()[1]); len(got) != 1 || got[0].OrderID != second {
		t.Errorf("of one contract: %+v", got)
	}
	then := readTruth[[]simulator.OrderTruth](c, "orders?at=2026-03-20T12:34:57%2B09:00")
	if len(then) != 1 || then[0].Status != "01" || then[0].Opened != "" {
		t.Errorf("a minute ago: %+v", then)
	}
	mobile, backend := c.Carrier.Products()
	for name, diff := range map[string]string{
		"products":       cmp.Diff(mobile, readTruth[[]unom.ProductTruth](c, "products")),
		"ipoe_products":  cmp.Diff(backend, readTruth[[]ipoe.ProductTruth](c, "ipoe_products")),
		"sites":          cmp.Diff(c.Carrier.Sites(time.Time{}), readTruth[[]simulator.SiteTruth](c, "sites")),
		"ipoe_orders":    cmp.Diff(c.Carrier.IPoEOrders(time.Time{}), readTruth[[]simulator.IPoEOrderTruth](c, "ipoe_orders")),
		"service_orders": cmp.Diff(c.Carrier.ServiceOrders(simulatortest.Noon().AddDate(0, 0, -20)), readTruth[[]simulator.ServiceOrderTruth](c, "service_orders?at=2026-02-28T12:34:56%2B09:00")),
	} {
		if diff != "" {
			t.Errorf("%s (-Go +HTTP):\n%s", name, diff)
		}
	}
	if w := c.Do("GET", "/_sim/truth/orders?at=yesterday", ""); w.Code != 400 {
		t.Errorf("no time: %d", w.Code)
	}
}

// The same seed, start and requests give the same orders and sites.
func TestOrdersAreReproducible(t *testing.T) {
	run := func() ([]simulator.OrderTruth, []simulator.SiteTruth, []simulator.LineTruth) {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Orders = 20
		c := simulatortest.NewClient(t, cfg)
		c.Order("POST", "N000000001/lines", simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "1")))
		c.PlaceIPoE(simulatortest.StartBody("1-1-1-2-1"))
		c.Clock(simulator.ClockChange{Advance: "1000h"})
		return c.Carrier.Orders(time.Time{}, ""), c.Carrier.Sites(time.Time{}), c.Lines()
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
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	if err := c.Carrier.SetFaults("completed_orders.503:1,cancellation.500:1"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"N000000001/orders?status=accepting": 200, "N000000001/orders?status=complete": 503,
		"N000000001/orders/AGU1?status=asyncAccepting": 404, "N000000001/orders/AGU1?status=asyncCancelAccepting": 500,
	} {
		if w := c.Do("GET", simulatortest.Base+path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// Orders, events, questions and the truth at the same time: nothing is lost, and the race detector is content.
func TestOrdersAtTheSameTime(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Speed = 5000
	c := simulatortest.NewClient(t, cfg)
	lines := c.Lines()
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
		c.Send("POST", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
		c.Send("DELETE", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/session?agreement=yes", "")
	})
	each(30, func(i int) {
		l := lines[i]
		c.Send("POST", simulatortest.Base+l.ContractID+"/dataShare", simulatortest.JoinBody(l))
		c.Send("PUT", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"new-`+l.AuthenticationID+`"}}`)
		c.Send("POST", simulatortest.IPoEBase+"orders", simulatortest.StartBody("1-1-1-2-1"))
	})
	each(10, func(int) {
		day := c.Carrier.Now().Format("20060102")
		c.Send("POST", simulatortest.Base+"N000000001/devices", simulatortest.DeliveryBody(day, `{"number":"1","deviceCode":"T2000556"}`))
		c.Send("POST", simulatortest.Base+"N000000001/lines", simulatortest.DeliveryBody(day, strings.Replace(simulatortest.LineBody("T3001326", "T2000537", "1"), `"authenticationId":"nttcom",`, "", 1)))
	})
	each(20, func(i int) {
		c.Do("GET", simulatortest.Base+"N000000001/lines", "")
		c.Do("GET", simulatortest.Base+"N000000001/orders?status=accepting", "")
		c.Do("GET", simulatortest.Base+lines[i].ContractID+"/lines/"+lines[i].LineNo+"/dataShare/traffic", "")
		c.Do("GET", simulatortest.IPoEBase+"customerSites?limit=50", "")
		c.Carrier.Orders(time.Time{}, "")
	})
	each(3, func(int) { c.Lines() })
	wg.Wait()
	if n, m := len(c.Carrier.Orders(c.Carrier.Now().Add(time.Hour), "")), len(c.Carrier.IPoEOrders(c.Carrier.Now().Add(time.Hour))); n < 60 || m != 70 {
		t.Errorf("%d orders, %d IPoE orders", n, m)
	}
}
