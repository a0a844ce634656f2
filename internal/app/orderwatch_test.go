package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	unomapi "kaisen/collector/unom/api"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// orderWatch compares what kaisen says of orders with what the carrier knows.
type orderWatch struct {
	*fixture
	client   *unomapi.Client
	since    map[string]statusTime // by order
	itemised map[string]bool       // orders that call 11 is asked about
	all      bool                  // those that are new are
}

type statusTime struct {
	status string
	at     time.Time
}

// client is a customer's own way to the carrier, beside the service's.
func (r *fixture) client() *unomapi.Client {
	r.t.Helper()
	client, err := NewClient(r.cfg, r.cfg.Sources[0], carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler), Options{Kinds: kinds.All(), Version: "test"})
	if err != nil {
		r.t.Fatal(err)
	}
	return unomapi.New(client, tokyo(r.t))
}

// process is one run of the service, which ends when it is stopped.
func (r *fixture) process() (address string, stop func()) {
	r.t.Helper()
	a := r.app()
	if err := a.Listen(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("the service ended with %v", err)
		}
	})
	r.t.Cleanup(stop)
	return "http://" + a.server.Addr().String(), stop
}

func (w *orderWatch) accepted(answer carrier.Answer[unomapi.OrderAccepted], err error) string {
	w.t.Helper()
	if err != nil || answer.Value.Result != unomapi.ResultOK {
		w.t.Fatalf("%+v, %v", answer.Value, err)
	}
	return answer.Value.OrderID
}

func reserved(t *testing.T) func(carrier.Answer[unomapi.Reservation], error) string {
	return func(answer carrier.Answer[unomapi.Reservation], err error) string {
		t.Helper()
		if err != nil || answer.Value.Result != unomapi.ResultOK {
			t.Fatalf("%+v, %v", answer.Value, err)
		}
		return answer.Value.ReserveID
	}
}

// cancel takes an order back, and returns the ID of the cancellation.
func (w *orderWatch) cancel(id string) string {
	w.t.Helper()
	return w.accepted(w.client.CancelOrder(w.t.Context(), unomapi.CancelOrderRequest{ContractID: w.contract(), OrderID: id, Agreement: unomapi.Agreed}))
}

// cancellation is what call 30 says.
func (w *orderWatch) cancellation(id string) unomapi.OrderStatus {
	w.t.Helper()
	answer, err := w.client.Cancellation(w.t.Context(), w.contract(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.Value.Status
}

// asked is how often the carrier was asked for an operation.
func (w *orderWatch) asked(operation string) (n uint64) {
	for _, times := range w.sim.Stats().Requests[operation] {
		n += times
	}
	return n
}

// follow begins to expect the items of orders: those that are placed from now on.
func (w *orderWatch) follow() { w.all = true }

// pass lets time go by, and compares.
func (w *orderWatch) pass(d time.Duration, address string) {
	w.t.Helper()
	w.advance(d)
	w.agrees(address)
}

// words are those of the document's codes.
func words() map[string]string {
	return map[string]string{
		"01": "waiting", "02": "processing", "03": "processed", "04": "rejected", "05": "system_error", "10": "registered",
		"11": "cancelled", "15": "confirmed", "16": "under_way", "30": "under_way", "60": "completed",
	}
}

func final(word string) bool {
	return slices.Contains([]string{"processed", "rejected", "system_error", "cancelled", "completed"}, word)
}

// orders are the carrier's, without the cancellations of orders, which no list has.
func (w *orderWatch) orders() []simulator.OrderTruth {
	return slices.DeleteFunc(w.sim.Orders(time.Time{}, ""), func(o simulator.OrderTruth) bool { return o.Cancels != "" })
}

// notice remembers since when kaisen can know each order's status.
func (w *orderWatch) notice() {
	for _, o := range w.orders() {
		word := words()[o.Status]
		known, met := w.since[o.OrderID]
		switch {
		case !met:
			y, m, d := o.Placed.Date()
			w.since[o.OrderID] = statusTime{word, time.Date(y, m, d, 0, 0, 0, 0, tokyo(w.t))}
			w.itemised[o.OrderID] = w.all
		case known.status != word:
			w.since[o.OrderID] = statusTime{word, w.sim.Now()}
		}
	}
}

const selectOrders = `SELECT contract_id, order_id, number, applied, requested, scheduled, status_code, status, error_id, cancel_status,
	told_by, gone, toUnixTimestamp(status_since) FROM orders FINAL`

// rows are the truth in the form of table orders.
func (w *orderWatch) rows() (rows []string) {
	for _, o := range w.orders() {
		word, opened, by := words()[o.Status], o.Opened, "orders"
		if opened == "" {
			opened = `\N`
		}
		if final(word) {
			by = "completed_orders"
		}
		items := 0
		if w.itemised[o.OrderID] {
			items = o.Items
		}
		for number := range items + 1 {
			if number > 0 {
				by = "order"
			}
			rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\tnone\t%s\tfalse\t%d", o.ContractID, o.OrderID, number,
				o.Placed.Format(time.DateOnly), o.Requested, opened, o.Status, word, o.MessageID, by, w.since[o.OrderID].at.Unix()))
		}
	}
	return rows
}

// gauges are the truth in the form of /metrics.
func (w *orderWatch) gauges() (lines []string) {
	for _, contract := range w.sim.Contracts() {
		counts, oldest := map[string]int{"unknown": 0}, map[string]time.Time{}
		for _, word := range words() {
			counts[word] = 0
		}
		for _, o := range w.orders() {
			if o.ContractID != contract {
				continue
			}
			since := w.since[o.OrderID]
			counts[since.status]++
			if at, is := oldest[since.status]; !final(since.status) && (!is || since.at.Before(at)) {
				oldest[since.status] = since.at
			}
		}
		labels := func(word string) string {
			return fmt.Sprintf(`{api="unom",contract_id="%s",source="hq",status="%s"} `, contract, word)
		}
		for word, n := range counts {
			lines = append(lines, "kaisen_orders"+labels(word)+strconv.Itoa(n))
		}
		for word, at := range oldest {
			lines = append(lines, "kaisen_order_oldest_timestamp_seconds"+labels(word)+formatSeconds(at))
		}
	}
	return lines
}

// agrees waits until table and gauges are the truth, up to a minute.
func (w *orderWatch) agrees(address string) {
	w.t.Helper()
	w.notice()
	gauges, rows := sorted(w.gauges()), sorted(w.rows())
	for deadline := time.Now().Add(time.Minute); ; {
		began := time.Now()
		shown, stored := sorted(ordersShown(get(w.t, address+"/metrics"))), []string(nil)
		late := began.After(deadline)
		if slices.Equal(gauges, shown) || late { // the database costs more to ask
			stored = sorted(w.query(selectOrders))
			if slices.Equal(gauges, shown) && slices.Equal(rows, stored) {
				return
			}
		}
		if late {
			w.t.Fatalf("%s (-carrier +kaisen):\n%.6000s", w.sim.Now().Format(time.DateTime), cmp.Diff(gauges, shown)+cmp.Diff(rows, stored))
		}
		<-time.After(max(20*time.Millisecond, 4*time.Since(began)))
	}
}

// ordersShown are the gauges of orders in an exposition.
func ordersShown(text string) (series []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "kaisen_orders{") || strings.HasPrefix(line, "kaisen_order_oldest_timestamp_seconds{") {
			series = append(series, strings.TrimSpace(line))
		}
	}
	return series
}

// settled waits for two more runs of the job.
func (w *orderWatch) settled() {
	w.t.Helper()
	count := func() string { return w.query("SELECT count() FROM sweeps WHERE job = 'orders' AND failed = 0")[0] }
	for range 2 {
		before := count()
		w.eventually("another run of the orders", func() bool { return count() != before })
	}
}

// sawEveryEnd makes sure that the watched orders ended in every way that there is, and one not at all.
func (w *orderWatch) sawEveryEnd() {
	w.t.Helper()
	ends := map[string]int{}
	for id, is := range w.itemised {
		if is {
			ends[w.since[id].status]++
		}
	}
	want := map[string]int{"completed": 2, "processed": 1, "rejected": 1, "system_error": 1, "cancelled": 1, "processing": 1}
	if diff := cmp.Diff(want, ends); diff != "" {
		w.t.Errorf("how the orders ended (-want +got):\n%s", diff)
	}
}

// remaining is what the gauge says of a line, 0 where it says nothing.
func remaining(t *testing.T, address string, l simulator.LineTruth) uint64 {
	t.Helper()
	series := fmt.Sprintf(`kaisen_line_remaining_bytes{source="hq",contract_id="%s",line_no="%s",scope="line"} `, l.ContractID, l.LineNo)
	for line := range strings.Lines(get(t, address+"/metrics")) {
		if value, is := strings.CutPrefix(line, series); is {
			bytes, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				t.Fatal(err)
			}
			return uint64(bytes)
		}
	}
	return 0
}
