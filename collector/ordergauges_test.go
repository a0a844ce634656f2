package collector_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/collectortest"
	"kaisen/schema"
)

func TestTheGaugesOfOrders(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := collector.NewMetrics(reg)
	noon := time.Date(2026, 5, 20, 3, 0, 0, 0, time.UTC)
	tally := func(status string, orders int, open bool, others ...string) collector.OrderTally {
		tally := collector.NewOrderTally(others)
		for i := range orders {
			tally.Add(fmt.Sprint(status, i), collector.WatchedOrder{Status: status, Since: noon, Open: open})
		}
		return tally
	}
	m.SetOrders("hq", "N123456789", "unom", tally("confirmed", 3, true))
	m.SetOrders("hq", "N123456789", "unom", tally("under_way", 2, true, "confirmed"))
	m.SetOrders("ipoe", "", "ipoe", tally("accepted", 1, false))
	want := []string{
		"kaisen_order_oldest_timestamp_seconds api=unom contract_id=N123456789 source=hq status=under_way 1779246000",
		"kaisen_orders api=ipoe contract_id= source=ipoe status=accepted 1",
		"kaisen_orders api=unom contract_id=N123456789 source=hq status=confirmed 0",
		"kaisen_orders api=unom contract_id=N123456789 source=hq status=under_way 2",
	}
	if diff := cmp.Diff(want, collectortest.Gauges(t, reg, "kaisen_orders", "kaisen_order_oldest_timestamp_seconds")); diff != "" {
		t.Errorf("-want +got:\n%s", strings.TrimSpace(diff))
	}
}

// TestOrdersHaveTheirNumber, where they are open or failed: an alert speaks of one of them.
func TestOrdersHaveTheirNumber(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := collector.NewMetrics(reg)
	noon := time.Date(2026, 5, 20, 3, 0, 0, 0, time.UTC)
	planned := schema.Some(schema.DateOf(noon.AddDate(0, 0, 2)))
	tally := collector.NewOrderTally(schema.OrderStatuses())
	tally.Add("AGU1", collector.WatchedOrder{Status: "confirmed", Since: noon, Open: true, Planned: planned})
	tally.Add("AGU2", collector.WatchedOrder{Status: "rejected", Since: noon, Planned: planned, Failed: true})
	tally.Add("AGU3", collector.WatchedOrder{Status: "completed", Since: noon, Planned: planned})
	tally.Add("AGU\xff", collector.WatchedOrder{Status: "waiting", Since: noon, Open: true})
	m.SetOrders("hq", "N123456789", "unom", tally)
	want := []string{
		"kaisen_order_error_timestamp_seconds api=unom contract_id=N123456789 order_id=AGU2 source=hq status=rejected 1779246000",
		"kaisen_order_planned_timestamp_seconds api=unom contract_id=N123456789 order_id=AGU1 source=hq status=confirmed 1779375600",
		"kaisen_order_since_timestamp_seconds api=unom contract_id=N123456789 order_id=AGU1 source=hq status=confirmed 1779246000",
		"kaisen_order_since_timestamp_seconds api=unom contract_id=N123456789 order_id=AGU\uFFFD source=hq status=waiting 1779246000",
	}
	got := collectortest.Gauges(t, reg, "kaisen_order_error_timestamp_seconds", "kaisen_order_planned_timestamp_seconds", "kaisen_order_since_timestamp_seconds")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", strings.TrimSpace(diff))
	}
}

// TestOrdersThatShareANumber: with contracts of their own each has its series. Of two with the same labels, as of two services,
// the same one is shown always.
func TestOrdersThatShareANumber(t *testing.T) {
	noon := time.Date(2026, 5, 20, 3, 0, 0, 0, time.UTC)
	day := func(days int) schema.Opt[schema.Date] { return schema.Some(schema.DateOf(noon.AddDate(0, 0, days))) }
	orders := []collector.WatchedOrder{
		{ContractID: "S1", Status: "received", Since: noon, Open: true, Planned: day(3)},
		{ContractID: "S2", Status: "received", Since: noon, Open: true, Planned: day(2)},
		{ContractID: "S3", Status: "received", Since: noon.Add(time.Hour), Open: true},
		{ContractID: "S4", Status: "received", Since: noon.Add(2 * time.Hour), Open: true, Planned: day(5)}, // another service's
		{ContractID: "S4", Status: "received", Since: noon.Add(3 * time.Hour), Open: true, Planned: day(4)},
		{ContractID: "S4", Status: "received", Since: noon.Add(time.Hour), Open: true},
		{ContractID: "S5", Status: "completed", Since: noon, Planned: day(2)},
	}
	labels := func(contract string) string {
		return " api=serviceorder contract_id=" + contract + " order_id=W1 source=so status=received "
	}
	planned, since := "kaisen_order_planned_timestamp_seconds", "kaisen_order_since_timestamp_seconds"
	want := []string{
		planned + labels("S1") + "1779462000", planned + labels("S2") + "1779375600", planned + labels("S4") + "1779548400",
		since + labels("S1") + "1779246000", since + labels("S2") + "1779246000", since + labels("S3") + "1779249600", since + labels("S4") + "1779256800",
	}
	for range 2 {
		reg := prometheus.NewPedanticRegistry()
		m := collector.NewMetrics(reg)
		tally := collector.NewOrderTally(schema.ServiceOrderStatuses())
		for _, o := range orders {
			tally.Add("W1", o)
		}
		m.SetOrders("so", "", "serviceorder", tally)
		if diff := cmp.Diff(want, collectortest.Gauges(t, reg, planned, since)); diff != "" {
			t.Errorf("-want +got:\n%s", strings.TrimSpace(diff))
		}
		slices.Reverse(orders)
	}
}
