package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	unomapi "kaisen/collector/unom/api"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// Orders of every kind of end are placed and watched through calls 07, 11 and 08, and one is cancelled (28, 30). At each
// status table and gauges are what the carrier knows, and they are so after a restart, for which nothing is asked twice.
func TestOrdersAreFollowedToTheirEnd(t *testing.T) {
	t.Parallel()
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed} {
		t.Run(string(style), func(t *testing.T) {
			r := newFixture(t, func(c *simulator.Config) {
				c.Style, c.Orders = style, 8
				c.Faults = "change_access.order-stuck:1,change_imei.order-error:1"
			})
			w := r.watchOrders()
			address, stop := r.process()
			w.agrees(address) // the past, which nobody asks for one by one
			if n := w.asked("order"); n != 0 {
				t.Errorf("%d questions about orders of the past, want none", n)
			}
			w.follow()
			added := w.place()
			w.agrees(address) // 01, 10
			w.pass(61*time.Second, address)
			cancellation := w.cancel(added)
			w.agrees(address) // 02, 15; the cancellation itself is in no list
			stop()

			r.advance(61 * time.Second) // 03, 04, 05, 16, while nobody looks
			if got := w.cancellation(cancellation); got != unomapi.OrderProcessing {
				t.Errorf("call 30 says %s of the cancellation, want 02", got)
			}
			address, stop = r.process()
			w.agrees(address)
			w.pass(61*time.Second, address) // 11
			if got := w.cancellation(cancellation); got != unomapi.OrderProcessed {
				t.Errorf("call 30 says %s of the cancellation, want 03", got)
			}
			stop()

			before := w.asked("order")
			address, stop = r.process()
			defer stop()
			w.agrees(address)
			w.settled()
			if n := w.asked("order"); n != before {
				t.Errorf("%d questions after a restart about what was known, want none", n-before)
			}
			w.pass(11*24*time.Hour, address) // 60
			w.sawEveryEnd()
		})
	}
}

// watchOrders is the customer, with a client of its own, and what the customer knows of the orders.
func (r *fixture) watchOrders() *orderWatch {
	r.t.Helper()
	for name, job := range r.cfg.Sources[0].Jobs {
		if job.Interval = config.Duration(time.Hour); name == "orders" {
			job.Interval = config.Duration(100 * time.Millisecond)
		}
		r.cfg.Sources[0].Jobs[name] = job
	}
	w := &orderWatch{fixture: r, client: r.client(), since: make(map[string]statusTime), itemised: make(map[string]bool)}
	if _, err := w.client.Contract(r.t.Context(), w.contract()); err != nil { // and so the client knows the carrier's time
		r.t.Fatal(err)
	}
	return w
}

func (w *orderWatch) contract() string { return w.sim.Contracts()[0] }

// line is one of the contract that is in no share group and has a volume.
func (w *orderWatch) line() (found simulator.LineTruth) {
	w.t.Helper()
	for l := range w.sim.Truth(simulator.TruthQuery{}) {
		if l.ContractID == w.contract() && l.Share == nil && l.Traffic[0].RemainingBytes != nil && *l.Traffic[0].RemainingBytes > 0 {
			return l
		}
	}
	w.t.Fatal("no line with a volume")
	return found
}

// place orders one thing for each way that an order can go, and returns the ID of the one that is for later.
func (w *orderWatch) place() (later string) {
	w.t.Helper()
	ctx, contract, line := w.t.Context(), w.contract(), w.line()
	day := func(days int) unomapi.Day { return unomapi.Day(w.sim.Now().AddDate(0, 0, days).Format("20060102")) }
	delivery := unomapi.Delivery{PostalNumber: "1008019", Prefecture: "東京都", City: "千代田区内幸町", Address1: "ー",
		Company: "海鮮商事株式会社", Mail: "office@example.com", Password: "secret-of-opening"}
	addLine := func(plan, id string, days int) unomapi.AddLineRequest {
		return unomapi.AddLineRequest{ContractID: contract, RequestDate: day(days), Delivery: delivery, Agreement: unomapi.Agreed,
			Lines: []unomapi.NewLine{{PlanCode: plan, DeviceCode: "T2000538", ACTAddress: "192.168.1.1", AuthID: id, Access: unomapi.AccessLTE}}}
	}
	later = w.accepted(w.client.AddLine(ctx, addLine("T3000001", "later", 10)))
	w.accepted(w.client.AddLine(ctx, addLine("T3000001", "sooner", 2)))
	w.accepted(w.client.AddLine(ctx, addLine("T9999999", "never", 2))) // no such plan: 04
	w.accepted(w.client.BuyDevices(ctx, unomapi.BuyDevicesRequest{ContractID: contract, RequestDate: day(0), Delivery: delivery,
		Agreement: unomapi.Agreed, Lines: make3("T2000556")}))
	w.accepted(w.client.AddDataVolume(ctx, unomapi.AddDataVolumeRequest{ContractID: contract, LineNo: line.LineNo, Agreement: unomapi.Agreed}))
	w.accepted(w.client.ChangeIMEI(ctx, unomapi.ChangeIMEIRequest{ContractID: contract, LineNo: line.LineNo, Agreement: unomapi.Agreed,
		IMEIInfo: unomapi.IMEIInfo{IMEI: "356789012345678", Option: unomapi.IMEIChecked}})) // 05
	w.accepted(w.client.ChangeAccess(ctx, unomapi.ChangeAccessRequest{ContractID: contract, LineNo: line.LineNo, Agreement: unomapi.Agreed,
		AccessInfo: unomapi.AccessInfo{Access: unomapi.AccessLTE, ACTAddress: "192.168.1.1"}})) // 02 for ever
	return later
}

func make3(device string) []unomapi.NewDevice {
	return []unomapi.NewDevice{{DeviceCode: device}, {DeviceCode: device}, {DeviceCode: device}}
}

// A share group is made, its reservations are cancelled or carried out, a member leaves (22, 10, 29, 23): after each
// step data_share_members is the carrier's list.
func TestAShareGroupIsFollowed(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Lines, c.ShareLines = 20, 0 })
	client, ctx, contract := r.client(), t.Context(), r.sim.Contracts()[1]
	var lines []string
	for l := range r.sim.Truth(simulator.TruthQuery{}) {
		if l.ContractID == contract {
			lines = append(lines, l.LineNo)
		}
	}
	agrees := func(what string, members ...string) {
		t.Helper()
		r.sweep()
		r.same(what, selectMembers, truthOf(r.sim).members)
		r.same(what, "SELECT line_no || ' ' || status FROM data_share_members FINAL WHERE member", members)
	}
	add := func(numbers ...string) string {
		t.Helper()
		request := unomapi.AddToDataShareRequest{ContractID: contract, Agreement: unomapi.Agreed}
		for _, number := range numbers {
			request.Lines = append(request.Lines, unomapi.ShareLine{LineNo: number})
		}
		return reserved(t)(client.AddToDataShare(ctx, request))
	}
	cancel := func(id string) {
		t.Helper()
		reserved(t)(client.CancelReservation(ctx, unomapi.CancelReservationRequest{ContractID: contract, ReserveID: id, Agreement: unomapi.Agreed}))
	}
	remove := func(number string) string {
		t.Helper()
		return reserved(t)(client.RemoveFromDataShare(ctx, unomapi.RemoveFromDataShareRequest{ContractID: contract, LineNo: number, Agreement: unomapi.Agreed}))
	}

	add(lines[0], lines[1])
	agrees("reserved", lines[0]+" reserved", lines[1]+" reserved")
	again := add(lines[2])
	agrees("reserved too", lines[0]+" reserved", lines[1]+" reserved", lines[2]+" reserved")
	cancel(again)
	r.advance(time.Minute)
	agrees("one cancelled", lines[0]+" reserved", lines[1]+" reserved")
	r.advance(15 * 24 * time.Hour) // the 1st of next month passes
	agrees("registered", lines[0]+" registered", lines[1]+" registered")
	leaving := remove(lines[0])
	r.advance(time.Minute)
	agrees("leaving", lines[0]+" removal_reserved", lines[1]+" registered")
	cancel(leaving)
	r.advance(time.Minute)
	agrees("staying", lines[0]+" registered", lines[1]+" registered")
	remove(lines[1])
	r.advance(30 * 24 * time.Hour)
	agrees("left", lines[0]+" registered")
}

// Volume that is bought shows in call 03, and so in the gauge after the next poll.
func TestATopUpShowsInTheGauge(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	w := r.watchOrders()
	job := r.cfg.Sources[0].Jobs["traffic"]
	job.Interval = config.Duration(time.Second)
	r.cfg.Sources[0].Jobs["traffic"] = job
	address, stop := r.process()
	defer stop()
	line := w.line()
	shows := func(what string, want uint64) {
		t.Helper()
		r.eventually(what, func() bool { return remaining(t, address, line) == want })
	}
	had := *line.Traffic[0].RemainingBytes
	shows("the volume before", had)
	w.accepted(w.client.AddDataVolume(t.Context(), unomapi.AddDataVolumeRequest{ContractID: line.ContractID, LineNo: line.LineNo, Agreement: unomapi.Agreed}))
	r.advance(2*time.Minute + time.Second)
	answer, err := w.client.Traffic(t.Context(), line.ContractID, line.LineNo)
	if err != nil {
		t.Fatal(err)
	}
	told := answer.Value.Remaining
	if !told.Known || told.V <= had {
		t.Fatalf("call 03 tells %d bytes, there were %d before the volume was added", told.V, had)
	}
	shows("the volume after", told.V)
}

// Contracts name people: the answer of call 01 is in its table, and neither in logs nor in metrics, also where the answer
// cannot be read.
func TestContractsStayOutOfLogsAndMetrics(t *testing.T) {
	r := newFixture(t, nil)
	r.cfg.Sources[0].Jobs["contract"] = config.Job{Interval: config.Duration(50 * time.Millisecond)}
	log := new(liveLog)
	a, err := New(r.cfg, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Options{Kinds: kinds.All(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log begins with\n%.4000s", log)
		}
	})
	a.forecasts = false
	address := run(t, a)
	r.eventually("contracts are stored", func() bool {
		return strings.Contains(get(t, address+"/metrics"), `kaisen_rows_written_total{table="contracts"}`)
	})
	if err := r.sim.SetFaults("contract.malformed:1"); err != nil {
		t.Fatal(err)
	}
	r.eventually("answers cannot be read", func() bool { return strings.Contains(log.String(), "malformed answer") })
	shown := log.String() + get(t, address+"/metrics") + get(t, address+"/")
	people := r.query(`SELECT DISTINCT arrayJoin([customer_name, customer_name_kana, address, tech_person_name, tech_phone_number, tech_mail_address,
		contact_person_name, contact_phone_number, contact_mail_address, billing_address, billing_person_name, billing_phone_number]) AS v FROM contracts`)
	if len(people) < 8 {
		t.Fatalf("%q is all that contracts tell: the test proves nothing", people)
	}
	for _, one := range people {
		if one != "" && strings.Contains(shown, one) {
			t.Errorf("%q is shown", one)
		}
	}
}
