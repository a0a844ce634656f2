package unom_test

import (
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// cancelStatus asks call 30 what became of a cancellation.
func cancelStatus(c *simulatortest.Client, contract, id string) (status string, message any) {
	c.T.Helper()
	answer := c.Get(contract + "/orders/" + id + "?status=asyncCancelAccepting")
	if answer["orderId"] != id || answer["contractId"] != contract || answer["referenceErrorInfo"] != nil {
		c.T.Fatalf("cancellation %s: %v", id, answer)
	}
	if info, ok := answer["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	return answer["orderStatus"].(string), message
}

// cancelOrder sends call 28 and reads its answer.
func cancelOrder(c *simulatortest.Client, contract, id string) (result, cancellation string, message any) {
	c.T.Helper()
	answer := c.Change("DELETE", contract+"/orders/"+id+"?agreement=yes", "")
	if answer["acceptDateTime"] != simulatortest.Stamp(c.Carrier.Now()) {
		c.T.Errorf("accepted at %v, want %s", answer["acceptDateTime"], simulatortest.Stamp(c.Carrier.Now()))
	}
	if info, ok := answer["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	cancellation, _ = answer["orderId"].(string)
	return answer["resultCode"].(string), cancellation, message
}

// An order is placed, watched, cancelled, and nothing comes of it.
func TestCancelledOrder(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		contract := c.Carrier.Contracts()[0]
		id := c.Order("POST", contract+"/lines", simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "1")))
		c.Clock(simulator.ClockChange{Advance: "10m"})
		result, cancellation, message := cancelOrder(c, contract, id)
		if result != "0001" || cancellation == "" || cancellation == id || message != nil {
			t.Fatalf("call 28: %s, %s, %v", result, cancellation, message)
		}
		for _, want := range []struct{ cancellation, order string }{{"01", "15"}, {"02", "15"}, {"03", "11"}} {
			if status, _ := cancelStatus(c, contract, cancellation); status != want.cancellation {
				t.Errorf("call 30: %s, want %s", status, want.cancellation)
			}
			if status, _ := c.Status(contract, id); status != want.order {
				t.Errorf("call 11: %s, want %s", status, want.order)
			}
			c.Clock(simulator.ClockChange{Advance: "1m"})
		}
		if row := c.Listed(contract, "complete", id); row == nil || row["orderStatus"] != "11" || row["serviceDateStartScheduled"] != nil {
			t.Errorf("call 08: %v", row)
		}
		for _, list := range []string{"accepting", "complete"} {
			if row := c.Listed(contract, list, cancellation); row != nil {
				t.Errorf("the cancellation is %s", list)
			}
		}
		before := len(c.Lines())
		c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 11, 0, 0, 0, 0, simulatortest.Tokyo)})
		if n := len(c.Lines()); n != before {
			t.Errorf("%d lines, want %d", n, before)
		}
	})
}

// Each kind of order that can be cancelled does nothing afterwards.
func TestCancelledChanges(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	plan := "T3001328"
	if l.PlanCode == plan {
		plan = "T3001326"
	}
	at := l.ContractID + "/lines/" + l.LineNo
	for _, id := range []string{
		c.Order("PUT", at+"/courses", simulatortest.CourseBody(plan, "20260401")),
		c.Order("DELETE", at+"?requestDate=20260410&agreement=yes", ""),
	} {
		if result, _, _ := cancelOrder(c, l.ContractID, id); result != "0001" {
			t.Errorf("order %s: result %s", id, result)
		}
	}
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 11, 0, 0, 0, 0, simulatortest.Tokyo)})
	if now := c.Truth(l); now.PlanCode != l.PlanCode || !now.Exists {
		t.Errorf("plan %s, there %v", now.PlanCode, now.Exists)
	}
	// The line is not leaving any more, so it can be removed after all.
	id := c.Order("DELETE", at+"?requestDate=20260420&agreement=yes", "")
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 20, 0, 0, 0, 0, simulatortest.Tokyo)})
	if status, _ := c.Status(l.ContractID, id); status != "60" || c.Truth(l).Exists {
		t.Errorf("removed at last: status %s", status)
	}
}

func TestCancellationsThatCannotBe(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := c.Capped()
	device := simulatortest.DeliveryBody("20260322", `{"number":"1","deviceCode":"T2000556"}`)
	atOnce := c.Order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
	reserved := c.Order("POST", l.ContractID+"/devices", device)
	late := c.Order("POST", l.ContractID+"/devices", device)
	other := c.Order("POST", c.Carrier.Contracts()[1]+"/devices", device)
	_, cancellation, _ := cancelOrder(c, l.ContractID, reserved)
	_, again, _ := cancelOrder(c, l.ContractID, reserved)

	for name, want := range map[string]struct{ id, result, message string }{
		"order there is none": {"AGU2603209999999", "0003", "100000021"},
		"order of another":    {other, "0003", "100000021"},
		"a cancellation":      {cancellation, "0003", "100000021"},
		"carried out at once": {atOnce, "0002", "100000022"},
	} {
		if result, id, message := cancelOrder(c, l.ContractID, want.id); result != want.result || id != "" || message != want.message {
			t.Errorf("%s: %s, %q, %v", name, result, id, message)
		}
	}
	answer := c.Change("DELETE", l.ContractID+"/orders/"+late+"?agreement=no", "")
	if info, _ := answer["checkErrorInfo"].(map[string]any); answer["resultCode"] != "0002" || info["messageId"] != "100000001" {
		t.Errorf("without agreement: %v", answer)
	}
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 3, 21, 0, 0, 0, 0, simulatortest.Tokyo)}) // it is being carried out
	_, tooLate, _ := cancelOrder(c, l.ContractID, late)
	c.Clock(simulator.ClockChange{Advance: "2m"})
	for name, id := range map[string]string{"cancelled twice": again, "under way": tooLate} {
		if status, message := cancelStatus(c, l.ContractID, id); status != "04" || message != "100000023" {
			t.Errorf("%s: %s, %v", name, status, message)
		}
	}
	if status, _ := c.Status(l.ContractID, late); status != "16" {
		t.Errorf("cancelled too late: order %s", status)
	}
	for _, path := range []string{"AGU2603209999999", reserved} { // row 11: no such cancellation
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+l.ContractID+"/orders/"+path+"?status=asyncCancelAccepting", ""), 404, false, "The order is not found")
	}
	simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+l.ContractID+"/orders/"+cancellation+"?status=asyncAccepting", ""), 404, false, "Not Found")
}
