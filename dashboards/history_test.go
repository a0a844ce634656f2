package dashboards

import (
	"fmt"
	"log/slog"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	ipoeapi "kaisen/collector/ipoe/api"
	"kaisen/internal/app"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// The parts that lines play: everything that a panel of one line shows happens to the hero.
func (w *fixture) hero() string    { return w.lines[0].LineNo }
func (w *fixture) nearest() string { return w.lines[1].LineNo }
func (w *fixture) roamer() string  { return w.lines[2].LineNo }
func (w *fixture) refused() string { return w.lines[3].LineNo }
func (w *fixture) gone() string    { return w.lines[4].LineNo }

// liveThrough lets days pass, up to now.
func (w *fixture) liveThrough() {
	w.t.Helper()
	now := w.sim.Now()
	w.inject(
		simulator.Event{Type: "gone", Contract: w.contract, Line: w.gone(), At: now.Add(24 * time.Hour)},
		simulator.Event{Type: "unlist", Contract: w.contract, Line: w.gone(), At: now.Add(24 * time.Hour)},
		simulator.Event{Type: "share", Contract: w.contract, Line: w.hero(), Status: "reserved", At: now.Add(24 * time.Hour)},
	)
	w.orderSite()
	w.faults("ipoe_order_create.order-stuck:1")
	w.orderSite()
	w.faults("")
	for range daysWatched {
		w.visitAbroad(w.sim.Now())
		w.sweep()
		w.advance(24 * time.Hour)
	}
	now = w.sim.Now()
	w.visitAbroad(now.Add(-time.Hour))
	w.inject(
		simulator.Event{Contract: w.contract, Log: "authentications", Count: 30, Lines: []string{w.refused(), w.hero()}, Result: "ng", From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)},
		simulator.Event{Contract: w.contract, Log: "authentications", Count: 3, Lines: []string{w.roamer()}, Result: "ng", SessionType: "roaming", From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)},
		simulator.Event{Contract: w.contract, Log: "session_events", Count: 1, Lines: []string{w.hero()}, Event: "start", From: now.Add(-2 * time.Hour), To: now.Add(-2 * time.Hour)},
	)
	w.useUp()
	w.sweep()
	w.foreseeApril()
	w.do(fmt.Sprintf(`INSERT INTO session_samples (source, contract_id, line_no, observed_at, received_at, session_type, connected, result_code)
		VALUES ('unom', '%s', '%s', %d, now64(3), 'roaming', true, 0)`, w.contract, w.roamer(), now.Unix()+1)) // no event puts a line abroad for call 26
}

// visitAbroad is half an hour of the roamer's, whose stop is in the log.
func (w *fixture) visitAbroad(at time.Time) {
	w.t.Helper()
	row := func(event string, at time.Time) simulator.Event {
		return simulator.Event{Contract: w.contract, Log: "session_events", Count: 1, Lines: []string{w.roamer()}, SessionType: "roaming", Event: event, From: at, To: at}
	}
	w.inject(row("start", at.Add(-40*time.Minute)), row("stop", at.Add(-10*time.Minute)))
}

// useUp leaves the hero with nothing, so that it is restricted, and the nearest with so little that it is about to run
// out. The carrier says what is left in whole MiB, rounded down.
func (w *fixture) useUp() {
	w.t.Helper()
	const mib = 1 << 20
	for truth := range w.sim.Truth(simulator.TruthQuery{Contract: w.contract, Days: 1}) {
		event := simulator.Event{Type: "traffic", Contract: w.contract, Line: truth.LineNo}
		switch truth.LineNo {
		case w.hero():
			event.Bytes = *truth.Traffic[0].RemainingBytes + 2*mib
		case w.nearest():
			event.Bytes = *truth.Traffic[0].RemainingBytes - 2*mib
		default:
			continue
		}
		w.inject(event)
	}
}

// cross leaves the one that the carrier refuses with a tenth of its volume, which is near its cap.
func (w *fixture) cross() {
	w.t.Helper()
	for truth := range w.sim.Truth(simulator.TruthQuery{Contract: w.contract, Days: 1}) {
		if truth.LineNo == w.refused() {
			w.inject(simulator.Event{Type: "traffic", Contract: w.contract, Line: truth.LineNo, Bytes: *truth.Traffic[0].RemainingBytes * 9 / 10})
		}
	}
}

// orderSite orders a site of the IPoE account; it is there a day later.
func (w *fixture) orderSite() {
	w.t.Helper()
	for _, source := range w.cfg.Sources {
		if source.Name != "ipoe" {
			continue
		}
		client, err := app.NewClient(w.cfg, source, carrier.NewMetrics(promclient.NewRegistry()), slog.New(slog.DiscardHandler), app.Options{Kinds: kinds.All(), Version: "test"})
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = ipoeapi.New(client).CreateOrder(w.t.Context(), ipoeapi.CreateOrderRequest{OrderType: ipoeapi.OrderNew, Start: &ipoeapi.StartOrder{
			CustomerSiteName: "Osaka", CaseName: "test", LineID: "CAF1234567890", LineAccessKey: "k3yk3yk3",
			Products: []ipoeapi.OrderedProduct{{ProductCode: "1-1-5-2-1"}},
		}})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// foreseeApril keeps forecasts of a month before kaisen began: of half of the lines that they would use what they did, of the others
// that they would run out.
func (w *fixture) foreseeApril() {
	w.t.Helper()
	w.do(`INSERT INTO line_forecasts (source, contract_id, line_no, day, month, month_bytes, quota_bytes, days_of_history, month_end_bytes, month_end_bytes_low, month_end_bytes_high, exhaustion_at, observed_at)
SELECT source, contract_id, line_no, toDate('2026-04-10') + number, month, 0, 1, 30, bytes + rowNumberInAllBlocks() % 2 * intDiv(bytes, 10), bytes, bytes, if(rowNumberInAllBlocks() % 2, toDateTime('2026-04-29 00:00:00'), NULL), toDateTime64('2026-04-10 10:00:00', 3, 'Asia/Tokyo')
FROM (SELECT * FROM traffic_monthly FINAL WHERE scope = 'line' AND month = '2026-04-01') AS m CROSS JOIN numbers(2) AS n`)
}
