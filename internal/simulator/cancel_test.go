package simulator_test

import (
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// cancelled asks call 30 what became of a cancellation.
func (c *client) cancelled(contract, id string) (status string, message any) {
	c.t.Helper()
	answer := c.get(contract + "/orders/" + id + "?status=asyncCancelAccepting")
	if answer["orderId"] != id || answer["contractId"] != contract || answer["referenceErrorInfo"] != nil {
		c.t.Fatalf("cancellation %s: %v", id, answer)
	}
	if info, ok := answer["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	return answer["orderStatus"].(string), message
}

// cancel sends call 28 and reads its answer.
func (c *client) cancel(contract, id string) (result, cancellation string, message any) {
	c.t.Helper()
	answer := c.change("DELETE", contract+"/orders/"+id+"?agreement=yes", "")
	if answer["acceptDateTime"] != stamp(c.carrier.Now()) {
		c.t.Errorf("accepted at %v, want %s", answer["acceptDateTime"], stamp(c.carrier.Now()))
	}
	if info, ok := answer["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	cancellation, _ = answer["orderId"].(string)
	return answer["resultCode"].(string), cancellation, message
}

// An order is placed, watched, cancelled, and nothing comes of it.
func TestCancelledOrder(t *testing.T) {
	inEveryStyle(t, func(t *testing.T, c *client) {
		contract := c.carrier.Contracts()[0]
		id := c.order("POST", contract+"/lines", deliveryBody("20260410", lineBody("T3001326", "T2000537", "1")))
		c.clock(simulator.ClockChange{Advance: "10m"})
		result, cancellation, message := c.cancel(contract, id)
		if result != "0001" || cancellation == "" || cancellation == id || message != nil {
			t.Fatalf("call 28: %s, %s, %v", result, cancellation, message)
		}
		for _, want := range []struct{ cancellation, order string }{{"01", "15"}, {"02", "15"}, {"03", "11"}} {
			if status, _ := c.cancelled(contract, cancellation); status != want.cancellation {
				t.Errorf("call 30: %s, want %s", status, want.cancellation)
			}
			if status, _ := c.status(contract, id); status != want.order {
				t.Errorf("call 11: %s, want %s", status, want.order)
			}
			c.clock(simulator.ClockChange{Advance: "1m"})
		}
		if row := c.listed(contract, "complete", id); row == nil || row["orderStatus"] != "11" || row["serviceDateStartScheduled"] != nil {
			t.Errorf("call 08: %v", row)
		}
		for _, list := range []string{"accepting", "complete"} {
			if row := c.listed(contract, list, cancellation); row != nil {
				t.Errorf("the cancellation is %s", list)
			}
		}
		before := len(c.lines())
		c.clock(simulator.ClockChange{Now: time.Date(2026, 4, 11, 0, 0, 0, 0, tokyo)})
		if n := len(c.lines()); n != before {
			t.Errorf("%d lines, want %d", n, before)
		}
	})
}

// Each kind of order that can be cancelled does nothing afterwards.
func TestCancelledChanges(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.pick()
	plan := "T3001328"
	if l.PlanCode == plan {
		plan = "T3001326"
	}
	at := l.ContractID + "/lines/" + l.LineNo
	for _, id := range []string{
		c.order("PUT", at+"/courses", courseBody(plan, "20260401")),
		c.order("DELETE", at+"?requestDate=20260410&agreement=yes", ""),
	} {
		if result, _, _ := c.cancel(l.ContractID, id); result != "0001" {
			t.Errorf("order %s: result %s", id, result)
		}
	}
	c.clock(simulator.ClockChange{Now: time.Date(2026, 4, 11, 0, 0, 0, 0, tokyo)})
	if now := c.truth(l); now.PlanCode != l.PlanCode || !now.Exists {
		t.Errorf("plan %s, there %v", now.PlanCode, now.Exists)
	}
	// The line is not leaving any more, so it can be removed after all.
	id := c.order("DELETE", at+"?requestDate=20260420&agreement=yes", "")
	c.clock(simulator.ClockChange{Now: time.Date(2026, 4, 20, 0, 0, 0, 0, tokyo)})
	if status, _ := c.status(l.ContractID, id); status != "60" || c.truth(l).Exists {
		t.Errorf("removed at last: status %s", status)
	}
}

func TestCancellationsThatCannotBe(t *testing.T) {
	c := newClient(t, frozen(noon()))
	l := c.capped()
	device := deliveryBody("20260322", `{"number":"1","deviceCode":"T2000556"}`)
	atOnce := c.order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", volumeBody)
	reserved := c.order("POST", l.ContractID+"/devices", device)
	late := c.order("POST", l.ContractID+"/devices", device)
	other := c.order("POST", c.carrier.Contracts()[1]+"/devices", device)
	_, cancellation, _ := c.cancel(l.ContractID, reserved)
	_, again, _ := c.cancel(l.ContractID, reserved)

	for name, want := range map[string]struct{ id, result, message string }{
		"order there is none": {"AGU2603209999999", "0003", "100000021"},
		"order of another":    {other, "0003", "100000021"},
		"a cancellation":      {cancellation, "0003", "100000021"},
		"carried out at once": {atOnce, "0002", "100000022"},
	} {
		if result, id, message := c.cancel(l.ContractID, want.id); result != want.result || id != "" || message != want.message {
			t.Errorf("%s: %s, %q, %v", name, result, id, message)
		}
	}
	answer := c.change("DELETE", l.ContractID+"/orders/"+late+"?agreement=no", "")
	if info, _ := answer["checkErrorInfo"].(map[string]any); answer["resultCode"] != "0002" || info["messageId"] != "100000001" {
		t.Errorf("without agreement: %v", answer)
	}
	c.clock(simulator.ClockChange{Now: time.Date(2026, 3, 21, 0, 0, 0, 0, tokyo)}) // it is being carried out
	_, tooLate, _ := c.cancel(l.ContractID, late)
	c.clock(simulator.ClockChange{Advance: "2m"})
	for name, id := range map[string]string{"cancelled twice": again, "under way": tooLate} {
		if status, message := c.cancelled(l.ContractID, id); status != "04" || message != "100000023" {
			t.Errorf("%s: %s, %v", name, status, message)
		}
	}
	if status, _ := c.status(l.ContractID, late); status != "16" {
		t.Errorf("cancelled too late: order %s", status)
	}
	for _, path := range []string{"AGU2603209999999", reserved} { // row 11: no such cancellation
		checkRefusal(t, c.do("GET", base+l.ContractID+"/orders/"+path+"?status=asyncCancelAccepting", ""), 404, false, "The order is not found")
	}
	checkRefusal(t, c.do("GET", base+l.ContractID+"/orders/"+cancellation+"?status=asyncAccepting", ""), 404, false, "Not Found")
}
