package serviceorder

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector/collectortest"
	"kaisen/collector/serviceorder/api"
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
