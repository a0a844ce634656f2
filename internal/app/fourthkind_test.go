package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// A fourth API that no carrier has: trouble tickets. It is written as CONTRIBUTING.md says a kind is, and shows that one
// takes a folder (here a file), a line in the list, and a migration: nothing else of kaisen knows that it is there.

// ticketsRequest is the one operation of the API.
type ticketsRequest struct {
	Queue string `json:"queue" arg:"1" doc:"the queue"`
}

func (r *ticketsRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("queue", r.Queue)
	return c.Err()
}

func (r *ticketsRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: "/tickets/v1/tickets", Query: url.Values{"queue": {r.Queue}}}
}

// ticket is a row of the answer.
type ticket struct {
	Number   string `json:"number" need:"true"`
	Priority int64  `json:"priority"`
}

func readTickets(d *lenient.Decoder, body []byte) ([]ticket, []carrier.Warning, error) {
	return lenient.FindRows[ticket](d, body)
}

// ticketRow is a row of table tickets.
type ticketRow struct {
	Source     string    `column:"source"`
	Queue      string    `column:"queue"`
	Number     string    `column:"number"`
	Priority   uint8     `column:"priority"`
	Listed     bool      `column:"listed"`
	ObservedAt time.Time `column:"observed_at"`
}

// ticketsMigration is what a file of schema/migrations would hold.
const ticketsMigration = `CREATE TABLE tickets (source LowCardinality(String), queue LowCardinality(String), number String, priority UInt8,
	listed Bool, observed_at DateTime64(3, 'Asia/Tokyo'))
	ENGINE = ReplacingMergeTree(observed_at) ORDER BY (source, queue, number) SETTINGS non_replicated_deduplication_window = 1000`

// ticketSettings are the keys of a source of this kind.
type ticketSettings struct {
	Queues []string `koanf:"queues,omitempty" doc:"tickets: the queues to read."`
}

func (s *ticketSettings) Check(_ map[string]collector.JobConfig, report func(key, problem, advice string)) {
	if len(s.Queues) == 0 {
		report("queues", "empty, so there is nothing to read", "list a queue")
	}
}

func (*ticketSettings) Warn(func(key, problem string)) {}

const ticketsTable = "tickets"

// ticketKind is the API as the rest of kaisen sees it.
func ticketKind() collector.Kind {
	return collector.Kind{
		Name: "tickets", Title: "Trouble Ticket API",
		Jobs:     []collector.JobDefault{{Name: "tickets", JobConfig: collector.JobConfig{Interval: time.Hour}}},
		Tables:   []schema.Table{schema.NewTable[ticketRow](ticketsTable, "queue, number")},
		Settings: func() collector.Settings { return new(ticketSettings) },
		Operations: []carrier.Operation{{
			API: "tickets", Name: "tickets", Command: []string{"tickets", "list"}, Summary: "the tickets of a queue",
			Method: http.MethodGet, Path: "/tickets/v1/tickets", Document: "Trouble Ticket API, §1",
			New: func() carrier.Request { return new(ticketsRequest) }, Decode: lenient.Printable(readTickets),
		}},
		Open: func(reg prometheus.Registerer) func(collector.Account, *carrier.Client, collector.Deps) (collector.Collector, error) {
			open := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kaisen_tickets", Help: "Open trouble tickets."}, []string{"source", "queue"})
			reg.MustRegister(open)
			return func(account collector.Account, client *carrier.Client, deps collector.Deps) (collector.Collector, error) {
				return newTickets(account, client, deps, open), nil
			}
		},
	}
}

// tickets watches one account of the API.
type tickets struct {
	*collector.Engine
	api    lenient.Account
	queues []string
	known  *collector.Catalogue[string, ticketRow]
	open   *prometheus.GaugeVec
}

func newTickets(account collector.Account, client *carrier.Client, deps collector.Deps, open *prometheus.GaugeVec) *tickets {
	queues := account.Settings.(*ticketSettings).Queues
	t := &tickets{
		Engine: collector.NewEngine(account, deps, client.Now, queues), queues: queues, open: open,
		api: lenient.Account{Client: client, Decoder: new(lenient.Decoder)},
		known: collector.NewCatalogue(
			func(row *ticketRow) string { return row.Queue + "\x00" + row.Number },
			func(row *ticketRow) *bool { return &row.Listed },
			func(row *ticketRow) *time.Time { return &row.ObservedAt }, nil),
	}
	begin := func(context.Context) {
		if !t.On("tickets") { // then there is no list to wait for
			t.Loaded()
		}
	}
	t.Prepare(begin, collector.Job{Name: "tickets", Sweep: func(ctx context.Context, sweep *collector.Sweep, _ bool) {
		collector.ForEach(ctx, t.Engine, sweep, t.queues,
			func(ctx context.Context, queue string) error { return t.read(ctx, sweep, queue) }, t.SetList)
	}})
	return t
}

func (t *tickets) read(ctx context.Context, sweep *collector.Sweep, queue string) error {
	key := schema.LineKey{Source: t.Source}
	answer, err := lenient.Call(ctx, t.api, "tickets", &ticketsRequest{queue}, readTickets)
	if err != nil {
		return t.Failed(ctx, sweep, key, "tickets", err)
	}
	listed := make([]ticketRow, len(answer.Value))
	for i, told := range answer.Value {
		listed[i] = ticketRow{t.Source, queue, told.Number, uint8(min(max(told.Priority, 0), 255)), true, answer.ObservedAt}
	}
	rows := schema.Batch{DeadLetters: collector.DeadLetters(key, "tickets", answer)}
	*schema.More[ticketRow](&rows, ticketsTable) = t.known.Compare(listed, carrier.LeftOut(answer.Warnings) == 0, answer.ObservedAt)
	if err := t.Write(ctx, sweep, rows); err != nil {
		return err
	}
	t.known.Keep(*schema.More[ticketRow](&rows, ticketsTable)...)
	t.open.WithLabelValues(t.Source, queue).Set(float64(len(listed)))
	return nil
}

func (t *tickets) Restore(state schema.State) {
	t.known.Keep(*schema.More[ticketRow](&state, ticketsTable)...)
}

// TestAFourthKind configures the kind, sweeps it twice, restarts in between, and looks at table, gauge, key and operation.
func TestAFourthKind(t *testing.T) {
	all := append(kinds.All(), ticketKind())
	answer := `{"tickets": [{"number": "T1", "priority": "2"}, {"number": "T2", "priority": 1}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			fmt.Fprint(w, `{"accessToken": "a", "expiresIn": "3600", "tokenType": "BearerToken"}`)
		case r.Header.Get("Authorization") != "Bearer a" || r.URL.RequestURI() != "/tickets/v1/tickets?queue=lines":
			http.Error(w, "{}", http.StatusBadRequest)
		default:
			fmt.Fprint(w, answer)
		}
	}))
	t.Cleanup(server.Close)
	r := newFixture(t, nil)
	source := fmt.Sprintf("sources: [{name: desk, kind: tickets, base_url: %[1]q, token_url: %[1]q, client_id: a, client_secret: b, queues: [lines]}]",
		server.URL)
	source = strings.Replace(source, fmt.Sprintf("token_url: %q", server.URL), fmt.Sprintf("token_url: %q", server.URL+"/token"), 1)
	file := filepath.Join(t.TempDir(), "kaisen.yaml")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(all, file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(kinds.All(), file, nil, nil); err == nil || !strings.Contains(err.Error(), `"tickets"`) {
		t.Errorf("without the kind: %v", err)
	}
	r.cfg.Sources = loaded.Sources
	db, err := openDatabase(t.Context(), r.cfg, r.dsn, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r.query(ticketsMigration)
	sweep := func() *App {
		a := r.appWith(Options{Kinds: all, Version: "test", Once: true})
		if sweeps, err := a.Sweep(t.Context()); err != nil || len(sweeps) != 1 || sweeps[0].OK != 1 {
			t.Fatalf("%+v, %v", sweeps, err)
		}
		return a
	}
	sweep()
	answer = `{"tickets": [{"number": "T2", "priority": 1}]}`
	sweep() // another process, which learns from the database that there was T1
	want := []string{"desk\tlines\tT1\t2\tfalse", "desk\tlines\tT2\t1\ttrue"}
	if diff := cmp.Diff(want, r.query("SELECT source, queue, number, priority, listed FROM tickets FINAL ORDER BY number")); diff != "" {
		t.Errorf("table tickets: %s", diff)
	}
	address := run(t, r.appWith(Options{Kinds: all, Version: "test"}))
	r.eventually("the gauge of the kind", func() bool {
		return strings.Join(gauges(t, address, "kaisen_tickets"), "\n") == `{queue="lines",source="desk"} 1`
	})
	text, err := config.Schema(all)
	if err != nil || !json.Valid(text) || !strings.Contains(string(text), `"tickets: the queues to read."`) {
		t.Errorf("JSON Schema without the kind's key: %v", err)
	}
}
