package ipoe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// orderOf is the newest row of an order.
func orderOf(sink *collectortest.Sink, code string) (newest schema.IPoEOrder) {
	for _, row := range sink.All().IPoEOrders {
		if row.OrderCode == code && !row.ObservedAt.Before(newest.ObservedAt) {
			newest = row
		}
	}
	return newest
}

// The details of an order are asked for where they may have changed, and only there.
func TestDetailsOfOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const started, done, failed = api.OrderInProgress, api.OrderDone, api.OrderFailed
		f := &fakeIPoE{order: map[string]api.OrderDetail{}}
		put := func(code string, status api.OrderStatus) {
			f.orders = slices.DeleteFunc(slices.Clone(f.orders), func(o api.Order) bool { return o.OrderCode == code })
			order := api.Order{OrderCode: code, Status: status, OrderType: api.OrderNew, ApplicationDate: "19991230"}
			f.orders = append(f.orders, order)
			f.order[code] = api.OrderDetail{Order: order, Contracts: []api.OrderContract{{ProductCode: "p", Status: status, ErrorMessage: map[api.OrderStatus]string{failed: "no"}[status]}}}
		}
		put("open", started)
		put("fails", started)
		put("past", done)
		put("past-failure", failed)
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobOrders)
		step := func(wait time.Duration, want ...string) {
			t.Helper()
			time.Sleep(wait)
			once(t, i)
			got := f.calls("order ")
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("asked for %v, want %v", got, want)
			}
		}
		step(0, "fails", "open", "past-failure")
		step(time.Hour)
		put("fails", failed)
		put("new", started)
		step(time.Hour, "fails", "new")
		failedAt := time.Now()
		step(time.Hour)
		i = newIPoE(f, sink, JobOrders) // a restart asks nothing again
		i.Restore(schema.State{IPoEOrders: []schema.IPoEOrder{orderOf(sink, "open"), orderOf(sink, "fails"), orderOf(sink, "past"), orderOf(sink, "past-failure"), orderOf(sink, "new")}})
		step(time.Hour)
		step(21*time.Hour, "open") // a day after it was asked about last
		if got := orderOf(sink, "fails"); got.Status != schema.IPoEOrderError || !got.StatusSince.Equal(failedAt) || got.ContractErrors[0] != "no" || got.ContractStatuses[0] != "error" {
			t.Errorf("%+v", got)
		}
		if got, want := orderOf(sink, "open"), time.Date(1999, 12, 30, 0, 0, 0, 0, time.FixedZone("JST", 9*3600)); !got.StatusSince.Equal(want) || got.Type != schema.OrderTypeNew {
			t.Errorf("in progress since %s, want %s", got.StatusSince, want)
		}
		f.orders = f.orders[1:]
		put("past", done)       // whatever its place is
		step(time.Hour, "open") // which has left the list
		gone := map[string]bool{}
		for _, row := range sink.All().IPoEOrders {
			if !row.Listed {
				gone[row.OrderCode] = true
			}
		}
		if len(gone) != 1 || !gone["open"] {
			t.Errorf("%v left the list, want one", gone)
		}
	})
}

// What the list says of an order holds where it has a field for it, even if that is empty now; and the details are asked for
// again, whatever has changed.
func TestAListThatSaysSomethingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := api.Order{OrderCode: "1", Status: api.OrderDone, OrderType: api.OrderChange, ChangeType: "1", ApplicationDate: "19991230", HopeToStartAt: "20000120"}
		f := &fakeIPoE{order: map[string]api.OrderDetail{"1": {Order: full, CaseName: "a"}}, orders: []api.Order{full}}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobOrders)
		asked := func(says string, want int) {
			t.Helper()
			time.Sleep(time.Hour)
			once(t, i)
			if n := len(f.calls("order ")); n != want {
				t.Errorf("%s: its details were asked for %d times, want %d", says, n, want)
			}
		}
		asked("it is met as done", 0)
		renamed := full
		renamed.CustomerSiteName = "Shibuya"
		f.orders[0] = renamed
		asked("another name", 1)
		asked("the same", 0)
		moved := renamed
		moved.HopeToStartAt = "20000220"
		f.orders[0], f.order["1"] = moved, api.OrderDetail{Order: full, CaseName: "b"} // which lag behind
		asked("another day", 1)
		if got := orderOf(sink, "1"); got.HopeToStartAt.V != schema.DateOf(time.Date(2000, 2, 20, 0, 0, 0, 0, time.UTC)) || got.CaseName != "b" {
			t.Errorf("%+v", got)
		}
		empty := api.Order{OrderCode: "1", OrderType: api.OrderChange, Nulls: "changeType status applicationDate hopeToStartAt "}
		f.orders[0] = empty
		asked("nothing any more", 1)
		if got := orderOf(sink, "1"); got.HopeToStartAt.Known || got.ApplicationDate.Known || got.ChangeType != "" || got.StatusCode != "" || got.Status != schema.IPoEOrderUnknown {
			t.Errorf("%+v", got)
		}
		f.orders[0] = full
		asked("all of it again", 1)
		f.orders[0] = api.Order{OrderCode: "1", OrderType: api.OrderChange, Status: api.OrderDone}
		asked("some fields not at all", 1)
		if got := orderOf(sink, "1"); !got.HopeToStartAt.Known || got.ChangeType != "1" {
			t.Errorf("%+v", got)
		}
		i = newIPoE(f, sink, JobOrders)
		i.Restore(schema.State{IPoEOrders: []schema.IPoEOrder{orderOf(sink, "1")}})
		asked("the same after a restart", 0)
		i = newIPoE(f, sink, JobOrders)
		i.Restore(schema.State{IPoEOrders: []schema.IPoEOrder{orderOf(sink, "1")}})
		f.orders[0] = moved
		asked("another day after a restart", 1)
	})
}

// An order that leaves the list under way is asked about once: how it ended may be in its details alone.
func TestAnOrderThatLeavesUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{order: map[string]api.OrderDetail{}}
		for _, code := range []string{"1", "2", "3", "4", "5"} {
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderInProgress})
			f.order[code] = api.OrderDetail{Order: api.Order{OrderCode: code, Status: api.OrderInProgress}}
		}
		sink := new(collectortest.Sink)
		i := newIPoE(f, sink, JobOrders)
		once(t, i)
		f.calls("order ")
		f.orders = f.orders[2:]
		f.order["1"] = api.OrderDetail{Order: api.Order{OrderCode: "1", Status: api.OrderCancelled}}
		delete(f.order, "2")
		for hour := range 4 {
			time.Sleep(time.Hour)
			once(t, i)
			if got := f.calls("order "); hour == 0 && !slices.Equal(got, []string{"1", "2"}) || hour > 0 && len(got) > 0 {
				t.Errorf("hour %d: asked for %v", hour, got)
			}
		}
		if got := orderOf(sink, "1"); got.Status != schema.IPoEOrderCancelled || got.Listed {
			t.Errorf("%+v", got)
		}
		if got := orderOf(sink, "2"); got.Status != schema.IPoEOrderInProgress || got.Listed {
			t.Errorf("%+v", got)
		}
	})
}

// A cancellation is planned for the day on which the site ends, any other order for the one on which it begins.
func TestTheDayThatAnOrderIsPlannedFor(t *testing.T) {
	f := &fakeIPoE{orders: []api.Order{
		{OrderCode: "new", OrderType: api.OrderNew, Status: api.OrderInProgress, HopeToStartAt: "20261201", HopeToEndAt: "20271201"},
		{OrderCode: "ends", OrderType: api.OrderCancel, Status: api.OrderInProgress, HopeToStartAt: "20161201", HopeToEndAt: "20261215"},
		{OrderCode: "never", OrderType: api.OrderCancel, Status: api.OrderInProgress, HopeToStartAt: "20161201"},
	}}
	reg := prometheus.NewRegistry()
	i := New(collector.Account{Source: "ip", Zone: time.FixedZone("JST", 9*3600), Workers: 1,
		Jobs: map[string]collector.JobConfig{JobOrders: {Interval: time.Hour}}}, f, collectortest.Deps(new(collectortest.Sink), reg))
	i.Restore(schema.State{})
	once(t, i)
	const want = `
# HELP kaisen_order_planned_timestamp_seconds The day for which an open order is planned, its beginning in Japan; absent where it has none.
# TYPE kaisen_order_planned_timestamp_seconds gauge
kaisen_order_planned_timestamp_seconds{api="ipoe",contract_id="",order_id="ends",source="ip",status="in_progress"} 1.7972604e+09
kaisen_order_planned_timestamp_seconds{api="ipoe",contract_id="",order_id="new",source="ip",status="in_progress"} 1.7960508e+09
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "kaisen_order_planned_timestamp_seconds"); err != nil {
		t.Error(err)
	}
}

// A run that has an end leaves the details for which there was no time; they come first in the next.
func TestDetailsOfOrdersKeepToTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{order: map[string]api.OrderDetail{}, takes: 25 * time.Minute}
		for _, code := range []string{"a", "b", "c", "d"} {
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderInProgress})
			f.order[code] = api.OrderDetail{Order: api.Order{OrderCode: code, Status: api.OrderInProgress}}
		}
		i := newIPoE(f, new(collectortest.Sink), JobOrders)
		sweep, err := i.SweepOnce(t.Context(), JobOrders, true)
		if err != nil {
			t.Fatal(err)
		}
		if left, got := sweep.Left(), f.calls("order "); left != 2 || !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("%d left, asked for %v", left, got)
		}
		_, _ = i.SweepOnce(t.Context(), JobOrders, true)
		if got := f.calls("order "); !slices.Equal(got, []string{"c", "d"}) {
			t.Errorf("asked for %v", got)
		}
	})
}

// Details that a pause holds up are left for the next sweep, and do not keep the list from being read in time.
func TestDetailsOfOrdersDoNotHoldUpTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIPoE{order: map[string]api.OrderDetail{}, holds: "b"}
		for _, code := range []string{"a", "b", "c"} {
			f.orders = append(f.orders, api.Order{OrderCode: code, Status: api.OrderInProgress})
			f.order[code] = api.OrderDetail{Order: api.Order{OrderCode: code, Status: api.OrderInProgress}}
		}
		i := newIPoE(f, new(collectortest.Sink), JobOrders)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		sweep, err := i.SweepOnce(ctx, JobOrders, true)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != time.Hour || sweep.Failed() != 0 || sweep.Left() != 2 {
			t.Errorf("the sweep took %s, %d failed, %d are left", took, sweep.Failed(), sweep.Left())
		}
		f.calls("order ")
		f.holds = ""
		if _, err := i.SweepOnce(ctx, JobOrders, true); err != nil {
			t.Fatal(err)
		}
		if got := f.calls("order "); !slices.Equal(got, []string{"b", "c"}) {
			t.Errorf("then asked for %v", got)
		}
	})
}

func TestProductsThatLeaveTheList(t *testing.T) {
	price := int64(1900)
	negative := int64(-1)
	f := &fakeIPoE{products: []api.Product{
		{ProductCode: "1-1-1-1-1", MonthlyPrice: &price, PurchasePrice: &negative, Detail: &api.ProductDetail{CPE: api.CPEDedicated}},
		{ProductCode: "0-1", ProductDependencies: []api.ProductDependency{{ProductCode: "1-1-1-1-1"}}},
	}}
	sink := new(collectortest.Sink)
	i := newIPoE(f, sink, JobProducts)
	once(t, i)
	f.products = f.products[:1]
	once(t, i)
	once(t, i)
	rows := sink.All().IPoEProducts
	if len(rows) != 5 || rows[0].MonthlyPrice != schema.Some(uint64(1900)) || rows[0].PurchasePrice.Known || rows[0].CPE != "1" ||
		rows[1].Dependencies[0] != "1-1-1-1-1" || rows[3].ProductCode != "0-1" || rows[3].Listed {
		t.Errorf("%+v", rows)
	}
}

// An account is ready when one of its lists was read, or at once where it has none; what goes wrong is reported.
func TestAnAccountWithoutLinesIsReady(t *testing.T) {
	f := &fakeIPoE{fails: &carrier.Error{Kind: carrier.KindUnauthorised, Status: 401}}
	i := newIPoE(f, new(collectortest.Sink), JobSites, JobOrders)
	if _, err := i.Once(t.Context()); !errors.Is(err, f.fails) || strings.Count(err.Error(), "source ip, job ") != 2 {
		t.Errorf("error %v", err)
	}
	if err := i.Ready(); err == nil || !strings.Contains(err.Error(), "source ip has no list yet") || i.Trouble() == nil {
		t.Errorf("ready %v, trouble %v", err, i.Trouble())
	}
	f.fails = nil
	once(t, i)
	if i.Ready() != nil || i.Trouble() != nil {
		t.Errorf("ready %v, trouble %v", i.Ready(), i.Trouble())
	}
	none := newIPoE(f, new(collectortest.Sink))
	once(t, none)
	if none.Ready() != nil {
		t.Errorf("nothing to wait for, and %v", none.Ready())
	}
}
