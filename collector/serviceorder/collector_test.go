package serviceorder

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// latestOrders are the rows that the table would show.
func latestOrders(rows []schema.ServiceOrder) map[string]schema.ServiceOrder {
	latest := map[string]schema.ServiceOrder{}
	for _, row := range rows {
		latest[row.Service+" "+row.OrderRequestNum] = row
	}
	return latest
}

func TestServiceOrdersAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{
			"uno": {{OrderRequestNum: "1", OrderStatus: "1", OrderType: "2", ContractID: "N1"}, {OrderRequestNum: "2", OrderStatus: "5"}}, "mss": {},
		}}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		first := time.Now()
		sweep := func() {
			t.Helper()
			if _, err := o.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		sweep()
		time.Sleep(time.Hour)
		sweep() // nothing new
		time.Sleep(time.Hour)
		second := time.Now()
		f.orders["uno"] = []api.Order{{OrderRequestNum: "1", OrderStatus: "2", OrderType: "2", ContractID: "N1"}}
		f.orders["mss"] = []api.Order{{OrderRequestNum: "1"}}
		sweep()
		got := latestOrders(sink.All().ServiceOrders)
		for key, want := range map[string]schema.ServiceOrder{
			"uno 1": {StatusCode: "2", Status: schema.ServiceOrderInvestigated, TypeCode: "2", Type: schema.OrderTypeChange, ContractID: "N1", Listed: true, FirstSeen: first, StatusSince: second},
			"uno 2": {StatusCode: "5", Status: schema.ServiceOrderCompleted, Type: schema.OrderTypeUnknown, FirstSeen: first, StatusSince: first},
			"mss 1": {Status: schema.ServiceOrderCompleted, Type: schema.OrderTypeUnknown, Listed: true, FirstSeen: second, StatusSince: second},
		} {
			want.Source, want.ObservedAt = "hq", second
			want.Service, want.OrderRequestNum, _ = strings.Cut(key, " ")
			if diff := cmp.Diff(want, got[key]); diff != "" {
				t.Errorf("%s: %s", key, diff)
			}
		}

		again := serviceOrders(f, sink) // a restart remembers, and what was given up stays so
		again.Restore(schema.State{ServiceOrders: slices.Collect(mapValues(got))})
		if again.Ready() != nil {
			t.Error("not ready with orders of an earlier process")
		}
		before := len(sink.All().ServiceOrders)
		time.Sleep(time.Hour)
		if _, err := again.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows := sink.All().ServiceOrders[before:]
		if len(rows) != 2 || !latestOrders(rows)["uno 1"].StatusSince.Equal(second) {
			t.Errorf("after a restart %+v", rows)
		}
	})
}

func mapValues[K comparable, V any](m map[K]V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// TestOrdersOfOneNumberAreShownEach: a request may order several contracts, and two services may have the same number.
func TestOrdersOfOneNumberAreShownEach(t *testing.T) {
	order := func(contract, status, day string) api.Order {
		return api.Order{OrderRequestNum: "W1", OrderStatus: api.OrderStatus(status), ContractID: contract, OfferPlanDate: lenient.Date(day)}
	}
	f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{
		"uno": {
			order("S1", "1", "20260602"), order("S2", "1", "20260603"), order("S3", "6", "20260604"), order("S4", "1", "20260605"),
		}, "mss": {order("S4", "1", "20260603")}}}
	reg := prometheus.NewRegistry()
	o := newServiceOrder(f, new(collectortest.Sink), reg, slog.New(slog.DiscardHandler))
	if _, err := o.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, series := range collectortest.Gauges(t, reg, "kaisen_order_planned_timestamp_seconds") {
		_, labels, _ := strings.Cut(series, " contract_id=")
		got = append(got, labels)
	}
	want := []string{
		"S1 order_id=W1 source=hq status=received 1780326000", "S2 order_id=W1 source=hq status=received 1780412400",
		"S4 order_id=W1 source=hq status=in_progress 1780412400", "S4 order_id=W1 source=hq status=received 1780585200",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A service that the carrier does not let us ask about fails alone.
func TestOneServiceFailsAlone(t *testing.T) {
	f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{"uno": {{OrderRequestNum: "1", OrderStatus: "1"}}}}
	sink := new(collectortest.Sink)
	o := serviceOrders(f, sink)
	if o.Ready() == nil {
		t.Error("ready before anything was told")
	}
	_, err := o.Once(t.Context())
	if err == nil || !strings.Contains(err.Error(), "orders of service mss") || len(sink.All().ServiceOrders) != 1 {
		t.Errorf("%v, %d rows", err, len(sink.All().ServiceOrders))
	}
	if o.Ready() != nil || o.Trouble() == nil {
		t.Errorf("ready %v, trouble %v", o.Ready(), o.Trouble())
	}
}

// Details are asked for a month the first time, then since two days before the last success; a failure moves nothing.
func TestDetailsSlide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		failing := false
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: func(schema.Date, schema.Date) ([]api.Detail, error) {
			if failing {
				return nil, &carrier.Error{Kind: carrier.KindServer, Status: 500}
			}
			return []api.Detail{{WebEntryID: "W1"}}, nil
		}}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		for _, failing = range []bool{false, true, false} {
			if _, err := o.Once(t.Context()); (err != nil) != failing {
				t.Fatalf("failing %v: %v", failing, err)
			}
			time.Sleep(24 * time.Hour)
		}
		marks := sink.All().Watermarks
		if len(marks) != 2 || marks[0].Log != "service_order_details" || marks[0].Source != "hq" {
			t.Fatalf("watermarks %+v", marks)
		}
		restarted := serviceOrders(f, sink)
		restarted.Restore(schema.State{Watermarks: marks[1:]})
		if _, err := restarted.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"details 1999-12-04 2000-01-04", "details 2000-01-02 2000-01-05",
			"details 2000-01-02 2000-01-06", "details 2000-01-04 2000-01-07",
		}
		if diff := cmp.Diff(want, f.calls("details")); diff != "" {
			t.Error(diff)
		}
	})
}

// awaken moves the bubble's clock, which begins on Saturday 2000-01-01 at 9:00 in Japan, to Tuesday at 10:00.
func awaken(t *testing.T) {
	t.Helper()
	time.Sleep(3*24*time.Hour + time.Hour)
	if open, next := api.Open(time.Now(), nil); !open {
		t.Fatalf("closed at %s until %s", time.Now(), next)
	}
}

// An answer that would be too large is asked for in parts, down to a day.
func TestLargePeriodsAreHalved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		most := schema.Date(7)
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: func(from, to schema.Date) ([]api.Detail, error) {
			if to-from >= most {
				return nil, &carrier.Error{Kind: carrier.KindTooLarge, Status: 200}
			}
			var rows []api.Detail
			for day := from; day <= to; day++ {
				rows = append(rows, api.Detail{WebEntryID: day.String()})
			}
			return rows, nil
		}}
		sink := new(collectortest.Sink)
		if _, err := serviceOrders(f, sink).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		days := map[string]int{}
		for _, row := range sink.All().ServiceOrderDetails {
			days[row.WebEntryID]++
		}
		if len(days) != 32 || len(sink.All().ServiceOrderDetails) != 32 {
			t.Errorf("%d rows of %d days, want every day of 32 once", len(sink.All().ServiceOrderDetails), len(days))
		}
		most = 0
		if _, err := serviceOrders(f, sink).Once(t.Context()); err == nil || len(sink.All().DeadLetters) != 1 {
			t.Errorf("a day that is too large: %v, %d dead letters", err, len(sink.All().DeadLetters))
		}
	})
}

// The details rest from Friday evening to Monday morning: one log line, a gauge, no question, no lag.
func TestDetailsRestOverTheWeekend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: nothing, skew: 6*24*time.Hour + 8*time.Hour} // Friday 17:00
		var text bytes.Buffer
		reg := prometheus.NewRegistry()
		o := newServiceOrder(f, new(collectortest.Sink), reg, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelInfo})))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		resting := func(want string) {
			t.Helper()
			synctest.Wait()
			if err := testutil.GatherAndCompare(reg, strings.NewReader("# HELP kaisen_job_resting 1 while the carrier does not answer the job at this time of day or week, or the requests of the day are used up; 0 otherwise.\n"+
				"# TYPE kaisen_job_resting gauge\nkaisen_job_resting{job=\"service_order_details\",source=\"hq\"} "+want+"\n"), "kaisen_job_resting"); err != nil {
				t.Error(err)
			}
		}
		resting("0")
		time.Sleep(40 * time.Minute)
		resting("0") // it does not begin to rest before it would have something to do
		time.Sleep(40 * time.Minute)
		resting("1")
		for range 63 { // to Monday 9:20
			if behind := o.Behind(time.Now().Add(-100*time.Hour), time.Now())[JobDetails]; behind != 0 {
				t.Fatalf("behind by %s at %s", behind, f.Now())
			}
			time.Sleep(time.Hour)
		}
		if n := len(f.calls("details")); n != 2 {
			t.Errorf("%d questions, want one on Friday and one on Monday", n)
		}
		resting("0")
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := text.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "until=2000-01-10T09:00:00.000+09:00") {
			t.Errorf("logged:\n%s", got)
		}
	})
}

// A question that meets the closing time is no failure; the same refusal while it is open is one.
func TestRefusedBecauseItClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		refused := &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403, Code: "E02"}
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}}
		f.details = func(schema.Date, schema.Date) ([]api.Detail, error) { return nil, refused }
		if _, err := serviceOrders(f, new(collectortest.Sink)).Once(t.Context()); !errors.Is(err, refused) {
			t.Errorf("refused while open: %v", err)
		}
		f.details = func(schema.Date, schema.Date) ([]api.Detail, error) {
			time.Sleep(8 * time.Hour)
			return nil, refused
		}
		sweeps, err := serviceOrders(f, new(collectortest.Sink)).Once(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last := sweeps[len(sweeps)-1]
		if want := time.Date(2000, 1, 5, 0, 0, 0, 0, time.UTC); !last.RestsUntil.V.Equal(want) || last.OK+last.Failed != 0 {
			t.Errorf("%+v, want a rest until %s", last, want)
		}
	})
}

// Every field of a detail arrives in the field of the same name.
func TestEveryDetailFieldArrives(t *testing.T) {
	var told api.Detail
	from := reflect.ValueOf(&told).Elem()
	day := schema.DateOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for i := range from.NumField() {
		switch from.Field(i).Interface().(type) {
		case string:
			from.Field(i).SetString(from.Type().Field(i).Name)
		case lenient.Date:
			from.Field(i).SetString(string(lenient.DateOf(day.AddDays(i))))
		default:
			t.Fatalf("a %s", from.Field(i).Type())
		}
	}
	row := reflect.ValueOf(detailRow(&told))
	for i := range from.NumField() {
		name := from.Type().Field(i).Name
		var want any = name
		if from.Field(i).Type() == reflect.TypeFor[lenient.Date]() {
			want = schema.Some(day.AddDays(i))
		}
		if got := row.FieldByName(name).Interface(); !cmp.Equal(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
		json, _, _ := strings.Cut(from.Type().Field(i).Tag.Get("json"), ",")
		field, _ := row.Type().FieldByName(name)
		if column := strings.ReplaceAll(field.Tag.Get("column"), "_", ""); column != strings.ToLower(json) {
			t.Errorf("%s is in column %s", json, field.Tag.Get("column"))
		}
	}
	if extra := row.NumField() - from.NumField(); from.NumField() != 70 || extra != 2 {
		t.Errorf("%d fields told, %d more in the row", from.NumField(), extra)
	}
}

// Rows that the table cannot hold side by side are kept as they were answered.
func TestDetailsThatCollideAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		f := &fakeServiceOrders{orders: map[string][]api.Order{"uno": {}, "mss": {}}, details: func(schema.Date, schema.Date) ([]api.Detail, error) {
			return []api.Detail{{WebEntryID: "W1", DarkID: "a"}, {WebEntryID: "W1", DarkID: "b"}}, nil
		}}
		sink := new(collectortest.Sink)
		if _, err := serviceOrders(f, sink).Once(t.Context()); err != nil || len(sink.All().DeadLetters) != 1 {
			t.Errorf("%v, %d dead letters, want one", err, len(sink.All().DeadLetters))
		}
	})
}

// Before the carrier has answered its clock is a guess; what is written down as read is by its own.
func TestTheWatermarkIsOfTheCarriersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		f := &fakeServiceOrders{details: nothing, skew: -30 * 24 * time.Hour}
		sink := new(collectortest.Sink)
		o := New(collector.Account{Source: "hq", Zone: time.UTC, Settings: new(Settings), Jobs: map[string]collector.JobConfig{JobDetails: {Interval: time.Hour}}},
			f, collectortest.Deps(sink, prometheus.NewRegistry()))
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if marks := sink.All().Watermarks; len(marks) != 1 || !marks[0].Watermark.Equal(f.Now()) {
			t.Errorf("%+v, want %s", marks, f.Now())
		}
	})
}
