package unom_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// An order that is carried out at once goes 01, 02, 03; it is in call 07 until it is done, in call 08 from then on.
func TestOrderAtOnce(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		l := c.Capped()
		id := c.Order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
		if want := "AGU260320"; !strings.HasPrefix(id, want) {
			t.Errorf("number %s, want %s…", id, want)
		}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "01"}, {59 * time.Second, "01"}, {time.Minute, "02"}, {2*time.Minute - time.Second, "02"}, {2 * time.Minute, "03"}} {
			c.Clock(simulator.ClockChange{Now: simulatortest.Noon().Add(step.after)})
			c.CheckOrder(l.ContractID, id, step.want, nil, step.want == "03", "20260320", map[bool]string{true: "20260320"}[step.want == "03"])
		}
	})
}

// An order for a day goes 10, 15, 16 and, when the day begins, 60.
func TestOrderForADay(t *testing.T) {
	simulatortest.InEveryStyle(t, func(t *testing.T, c *simulatortest.Client) {
		contract := c.Carrier.Contracts()[0]
		id := c.Order("POST", contract+"/devices", simulatortest.DeliveryBody("20260324", `{"number":"1","deviceCode":"T2000556"},{"number":"2","deviceCode":"T2000560"}`))
		opens := time.Date(2026, 3, 24, 0, 0, 0, 0, simulatortest.Tokyo)
		for _, step := range []struct {
			at   time.Time
			want string
		}{
			{simulatortest.Noon(), "10"}, {simulatortest.Noon().Add(time.Minute), "15"}, {opens.Add(-24*time.Hour - time.Second), "15"},
			{opens.Add(-24 * time.Hour), "16"}, {opens.Add(-time.Second), "16"}, {opens, "60"},
		} {
			c.Clock(simulator.ClockChange{Now: step.at})
			c.CheckOrder(contract, id, step.want, nil, step.want == "60", "20260324", map[bool]string{true: "20260324"}[step.want == "60"])
		}
		if items := simulatortest.Rows(t, c.Get(contract+"/orders/"+id+"?status=asyncAccepting"), "orderList"); len(items) != 2 {
			t.Errorf("%d items, want 2", len(items))
		}
	})
}

// For the very day an order takes as long as it takes.
func TestOrderForToday(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	contract := c.Carrier.Contracts()[0]
	id := c.Order("POST", contract+"/devices", simulatortest.DeliveryBody("20260320", `{"number":"1","deviceCode":"T2000556"}`))
	var seen []string
	for range 5 {
		status, _ := c.Status(contract, id)
		seen = append(seen, status)
		c.Clock(simulator.ClockChange{Advance: "1m"})
	}
	if want := []string{"10", "15", "16", "60", "60"}; !slices.Equal(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}

// What cannot be is found out when an order is processed, not when it is taken: 01, 02, 04 with a message ID.
func TestRejectedOrders(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Lines = 200
	c := simulatortest.NewClient(t, cfg)
	contract := c.Carrier.Contracts()[0]
	var line, unlimited, taken string
	for _, l := range c.Lines() {
		switch {
		case l.ContractID != contract || l.Session == nil:
		case l.Traffic[0].RemainingBytes == nil:
			unlimited = l.LineNo
		case line == "":
			line = l.LineNo
		default:
			taken = l.AuthenticationID
		}
	}
	if unlimited == "" {
		t.Fatal("no line that is paid by use")
	}
	at := contract + "/lines/" + line
	newLine := func(plan, device, access string) string {
		return simulatortest.DeliveryBody("20260410", simulatortest.LineBody(plan, device, access))
	}
	tests := []struct{ name, method, path, body, message string }{
		{"plan that there is not", "POST", contract + "/lines", newLine("T3999999", "T2000537", "1"), "100000011"},
		{"device that there is not", "POST", contract + "/lines", newLine("T3001326", "T2999999", "1"), "100000012"},
		{"device of another plan", "POST", contract + "/lines", newLine("T3001326", "T2000554", "1"), "100000012"},
		{"access the device does not do", "POST", contract + "/lines", newLine("T3001326", "T2000537", "2"), "100000013"},
		{"cap that there is not", "POST", contract + "/lines", strings.Replace(newLine("T3001326", "T2000537", "1"), "T6000036", "T6000099", 1), "100000014"},
		{"ID of another line", "POST", contract + "/lines", strings.Replace(newLine("T3001326", "T2000537", "1"), "nttcom", taken, 1), "100000015"},
		{"device alone", "POST", contract + "/devices", simulatortest.DeliveryBody("20260410", `{"number":"1","deviceCode":"T2000556"},{"number":"2","deviceCode":"X"}`), "100000012"},
		{"course that there is not", "PUT", at + "/courses", simulatortest.CourseBody("T3999999", "20260401"), "100000011"},
		{"another line's ID", "PUT", at + "/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"` + taken + `"}}`, "100000015"},
		{"another domain", "PUT", at + "/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"me@example.com"}}`, "100000015"},
		{"cap for a line", "PUT", at + "/roaming", `{"agreement":"yes","lineInfo":{"roamingCode":"T6000084"}}`, "100000014"},
		{"volume for a line without", "POST", contract + "/lines/" + unlimited + "/dataVolume", simulatortest.VolumeBody, "100000017"},
	}
	before := c.Lines()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			start := c.Carrier.Now()
			id := c.Order(test.method, test.path, test.body)
			for _, want := range []string{"01", "02"} {
				if status, message := c.Status(contract, id); status != want || message != nil {
					t.Errorf("status %s, message %v; want %s", status, message, want)
				}
				c.Clock(simulator.ClockChange{Advance: "1m"})
			}
			if status, message := c.Status(contract, id); status != "04" || message != test.message {
				t.Errorf("status %s, message %v; want 04, %s", status, message, test.message)
			}
			if row := c.Listed(contract, "complete", id); row == nil || row["serviceDateStartScheduled"] != nil {
				t.Errorf("call 08: %v", row)
			}
			c.Clock(simulator.ClockChange{Now: start})
		})
	}
	c.Clock(simulator.ClockChange{Now: time.Date(2026, 5, 2, 0, 0, 0, 0, simulatortest.Tokyo)})
	for i, l := range c.Lines() {
		if l.PlanCode != before[i].PlanCode || l.AuthenticationID != before[i].AuthenticationID || !slices.Equal(l.OptionCodes, before[i].OptionCodes) {
			t.Errorf("a rejected order changed line %s", l.LineNo)
		}
	}
	if n := len(c.Lines()); n != len(before) {
		t.Errorf("%d lines, there were %d", n, len(before))
	}
}

// A line that is being removed cannot be removed again.
func TestRemovedTwice(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	l := pickLine(c)
	path := l.ContractID + "/lines/" + l.LineNo + "?requestDate=20260410&agreement=yes"
	c.Order("DELETE", path, "")
	again := c.Order("DELETE", path, "")
	c.Clock(simulator.ClockChange{Advance: "2m"})
	if status, message := c.Status(l.ContractID, again); status != "04" || message != "100000016" {
		t.Errorf("status %s, message %v", status, message)
	}
}

// Faults end an order with a system error, or leave it where it is, and it does nothing.
func TestOrderFaults(t *testing.T) {
	for fault, want := range map[string][3]string{
		"order-error:1": {"05", "05", "100000099"}, "order-stuck:1": {"02", "15", ""},
	} {
		t.Run(fault, func(t *testing.T) {
			c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
			l := c.Capped()
			if err := c.Carrier.SetFaults(fault); err != nil {
				t.Fatal(err)
			}
			volume := c.Order("POST", l.ContractID+"/lines/"+l.LineNo+"/dataVolume", simulatortest.VolumeBody)
			line := c.Order("POST", l.ContractID+"/lines", simulatortest.DeliveryBody("20260401", simulatortest.LineBody("T3001326", "T2000537", "1")))
			c.Clock(simulator.ClockChange{Now: time.Date(2026, 4, 20, 0, 0, 0, 0, simulatortest.Tokyo)})
			for i, id := range []string{volume, line} {
				status, message := c.Status(l.ContractID, id)
				if status != want[i] || fmt.Sprint(message) != map[bool]string{true: want[2], false: "<nil>"}[want[2] != ""] {
					t.Errorf("status %s, message %v; want %s, %q", status, message, want[i], want[2])
				}
			}
			if now := c.Truth(l); !slices.Equal(now.OptionCodes, l.OptionCodes) || len(c.Lines()) != 40 {
				t.Errorf("options %v, %d lines", now.OptionCodes, len(c.Lines()))
			}
			_ = c.Carrier.SetFaults("")
			if fault == "order-stuck:1" { // what never would have opened a line can be cancelled all the same
				c.Change("DELETE", l.ContractID+"/orders/"+line+"?agreement=yes", "")
			}
		})
	}
}

// Lists of orders end after 1,000 rows and say nothing; the newest are shown.
func TestOrderListIsCutOff(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Orders, cfg.Lines, cfg.ShareLines, cfg.Contracts = 1200, 2, 0, 1
	c := simulatortest.NewClient(t, cfg)
	contract := c.Carrier.Contracts()[0]
	if n := len(c.Carrier.Orders(time.Time{}, contract)); n != 1200 {
		t.Errorf("%d orders, want 1,200", n)
	}
	complete := simulatortest.Rows(t, c.Get(contract+"/orders?status=complete"), "orderList")
	seen := map[any]int{}
	for _, row := range complete {
		seen[row["orderStatus"]]++
	}
	if len(complete) != 1000 || complete[0]["serviceDateApply"] != "20260318" || len(seen) != 4 {
		t.Errorf("%d rows, the first of %v, statuses %v", len(complete), complete[0]["serviceDateApply"], seen)
	}
	for range 1005 {
		c.Order("POST", contract+"/devices", simulatortest.DeliveryBody("20260410", `{"number":"1","deviceCode":"T2000556"}`))
	}
	if n := len(simulatortest.Rows(t, c.Get(contract+"/orders?status=accepting"), "orderList")); n != 1000 {
		t.Errorf("%d rows of call 07, want 1,000", n)
	}
}
