package collector_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/collectortest"
)

func TestTheGaugesOfOrders(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := collector.NewMetrics(reg)
	noon := time.Date(2026, 5, 20, 3, 0, 0, 0, time.UTC)
	tally := func(status string, orders int, open bool, others ...string) collector.OrderTally {
		tally := collector.NewOrderTally(others)
		for range orders {
			tally.Add(status, open, noon)
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
