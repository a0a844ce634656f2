package fleet

import (
	"testing"
	"time"

	"kaisen/schema"
)

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
