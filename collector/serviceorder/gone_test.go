package serviceorder

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// A list that lost most of its orders is believed after a day.
func TestAListThatLostMostOfItsOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{"uno": nil, "mss": nil}}
		for n := range 5 {
			f.orders["uno"] = append(f.orders["uno"], api.Order{OrderRequestNum: fmt.Sprint(n), OrderStatus: "1"})
		}
		o := serviceOrders(f, new(collectortest.Sink))
		listed := func() (n int) {
			for _, row := range o.orders["uno"].All() {
				if row.Listed {
					n++
				}
			}
			return n
		}
		for hour := range 26 {
			if _, err := o.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := listed(); hour < 25 && n != 5 || hour == 25 && n != 1 {
				t.Fatalf("hour %d: %d orders are on the list", hour, n)
			}
			f.orders["uno"] = f.orders["uno"][:1]
			time.Sleep(time.Hour)
		}
	})
}

// A row that could not be read may be any of those that a list lacks.
func TestAListWithoutARowProvesNoOrderGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{"mss": nil, "uno": {{OrderRequestNum: "1"}, {OrderRequestNum: "2"}, {OrderRequestNum: "3"}}}}
		o := serviceOrders(f, new(collectortest.Sink))
		left := func() bool {
			if _, err := o.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(o.orders["uno"].All(), func(row schema.ServiceOrder) bool { return !row.Listed })
		}
		left()
		f.orders["uno"], f.odd = f.orders["uno"][:2], []carrier.Warning{{Field: "items", Reason: carrier.ReasonRow, Odd: 1, Row: "7"}}
		for range 30 {
			if time.Sleep(time.Hour); left() {
				t.Fatal("an order left, which may be the row that could not be read")
			}
		}
		if f.odd = nil; !left() {
			t.Error("the order did not leave")
		}
	})
}

// A list that says that it has more orders than it gives is a part: its orders are stored, none is gone, and the job fails.
func TestAListThatIsShorterThanItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{"mss": nil}, counts: map[string]int64{"uno": 10}}
		for n := range 10 {
			f.orders["uno"] = append(f.orders["uno"], api.Order{OrderRequestNum: fmt.Sprint(n), OrderStatus: "1"})
		}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.orders["uno"] = append(f.orders["uno"][:6:6], api.Order{OrderRequestNum: "new", OrderStatus: "1"})
		time.Sleep(time.Hour)
		if _, err := o.Once(t.Context()); err == nil || !strings.Contains(err.Error(), "orders of service uno: the answer has 7 of the 10") {
			t.Errorf("error %v", err)
		}
		rows := sink.All().ServiceOrders
		if slices.ContainsFunc(rows, func(row schema.ServiceOrder) bool { return !row.Listed }) || rows[len(rows)-1].OrderRequestNum != "new" {
			t.Errorf("%+v", rows[10:])
		}
		f.counts["uno"] = 7
		time.Sleep(time.Hour)
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := latestOrders(sink.All().ServiceOrders)["uno 9"]; left.Listed {
			t.Error("an order that is not on a list that is whole did not leave")
		}
	})
}

// What an earlier process knew may come after the lists were read: what they do not say again is known, and updates from
// before this process began are read.
func TestMemoryThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awaken(t)
		f := &fakeServiceOrders{details: nothing, orders: map[string][]api.Order{"uno": {{OrderRequestNum: "1", OrderStatus: "1"}, {OrderRequestNum: "2", OrderStatus: "2"}}, "mss": nil}}
		sink := new(collectortest.Sink)
		o := serviceOrders(f, sink)
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		began, long := time.Now(), time.Now().Add(-60*24*time.Hour)
		row := schema.ServiceOrder{Source: "hq", Service: "uno", OrderRequestNum: "1", StatusCode: "1", Listed: true, FirstSeen: long, StatusSince: long}
		gone := row
		gone.OrderRequestNum = "9"
		moved := row
		moved.OrderRequestNum = "2"
		o.Restore(schema.State{ServiceOrders: []schema.ServiceOrder{row, gone, moved}, Watermarks: []schema.LogWatermark{{Source: "hq", Log: JobDetails, Watermark: long}}})
		time.Sleep(time.Hour)
		if _, err := o.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := latestOrders(sink.All().ServiceOrders)
		if is := got["uno 1"]; !is.FirstSeen.Equal(long) || !is.StatusSince.Equal(long) || !is.Listed {
			t.Errorf("%+v", is)
		}
		if is := got["uno 2"]; !is.FirstSeen.Equal(long) || !is.StatusSince.Equal(began) {
			t.Errorf("a status that was seen meanwhile is overwritten: %+v", is)
		}
		if left := got["uno 9"]; left.Listed || !left.FirstSeen.Equal(long) {
			t.Errorf("an order that left while nobody looked: %+v", left)
		}
		calls := f.calls("details ")
		if want := "details " + schema.DateOf(long.In(o.Zone)).AddDays(-updateOverlap).String(); len(calls) != 2 || !strings.HasPrefix(calls[1], want) {
			t.Errorf("asked for %v, want the second from %s", calls, want)
		}
	})
}
