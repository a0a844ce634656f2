package fleet

import (
	"testing"
	"time"

	"kaisen/schema"
)

// A cancellation of an IPoE site is late after the day on which the site was to end, whenever it began.
func TestACancellationIsPlannedForTheEnd(t *testing.T) {
	day := func(d int) schema.Opt[schema.Date] {
		return schema.Some(schema.DateOf(time.Date(2026, 12, d, 0, 0, 0, 0, time.UTC)))
	}
	order := func(code string, kind schema.OrderType, start, end schema.Opt[schema.Date]) schema.IPoEOrder {
		return schema.IPoEOrder{Source: "ip", Listed: true, IPoEOrderBrief: schema.IPoEOrderBrief{
			OrderCode: code, Type: kind, Status: schema.IPoEOrderInProgress, HopeToStartAt: start, HopeToEndAt: end}}
	}
	f := New(DefaultConfig())
	f.Write(schema.Batch{IPoEOrders: []schema.IPoEOrder{
		order("new", schema.OrderTypeNew, day(5), day(20)),
		order("ends", schema.OrderTypeCancel, day(1), day(15)),
		order("never", schema.OrderTypeCancel, day(1), schema.Opt[schema.Date]{}),
	}})
	want := map[string]schema.Opt[schema.Date]{"new": day(5), "ends": day(15), "never": {}}
	for _, o := range f.Orders("", OrdersOpen, time.Now()) {
		if o.Planned != want[o.ID] {
			t.Errorf("%s is planned for %v, want %v", o.ID, o.Planned, want[o.ID])
		}
	}
	late := f.Orders("", OrdersLate, time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC))
	if len(late) != 1 || late[0].ID != "new" {
		t.Errorf("late on the 10th are %v", late)
	}
}
