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

// TestServiceOrdersOfTwoServices are two, whatever number and contract they share; an order told again is the same.
func TestServiceOrdersOfTwoServices(t *testing.T) {
	f := New(staleConfig())
	row := func(service, contract string) schema.ServiceOrder {
		return schema.ServiceOrder{Source: "so", Service: service, ContractID: contract, OrderRequestNum: "W1", Status: schema.ServiceOrderReceived, Listed: true}
	}
	f.Write(schema.Batch{ServiceOrders: []schema.ServiceOrder{row("uno", "S1"), row("mss", "S1"), row("uno", "S2"), row("mss", "S1")}})
	var got []string
	for _, o := range f.Orders("", OrdersOpen, time.Now()) {
		got = append(got, o.ContractID+" "+o.What)
	}
	if want := []string{"S1 mss", "S1 uno", "S2 uno"}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%q, want %q", got, want)
	}
}
