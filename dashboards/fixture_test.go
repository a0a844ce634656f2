package dashboards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	clickhousego "github.com/ClickHouse/clickhouse-go/v2"
	promclient "github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/serviceorder"
	"kaisen/collector/unom"
	"kaisen/internal/app"
	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/porttest"
	"kaisen/internal/simulator"
	"kaisen/internal/wait"
	ch "kaisen/schema/clickhouse"
)

func TestMain(m *testing.M) { chdbtest.Main(m) }

// fixture is a simulated carrier, a ClickHouse, and a kaisen between them, to which everything happens that a dashboard
// shows.
type fixture struct {
	t      *testing.T
	sim    *simulator.Carrier
	server *httptest.Server
	dsn    string // as kaisen itself
	shown  string // as the account grafana, over HTTP
	cfg    *config.Config

	contract string
	lines    []simulator.LineTruth // of the contract, on their own and with a volume
}

// daysWatched is how long kaisen has watched when the dashboards are opened.
const daysWatched = 5

// began is when it began to: in the middle of a month, because on its last days nothing can run out any more, and at
// an hour at which the carrier answers for service orders.
func began(t *testing.T) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 5, 15, 10, 0, 0, 0, zone)
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	dsn, shown := startEngine(t)
	return newFixtureOn(t, dsn, shown)
}

// newFixtureOn is newFixture with a database of the test's own, as kaisen itself and as who looks at dashboards.
func newFixtureOn(t *testing.T, dsn, shown string) *fixture {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines, cfg.Speed, cfg.Orders, cfg.ServiceOrders, cfg.IPoESites = 24, 2, 4, 0, 4, 12, 8
	cfg.Start = began(t)
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &fixture{t: t, sim: sim, server: httptest.NewServer(sim.Handler()), dsn: dsn, shown: shown, contract: sim.Contracts()[0]}
	t.Cleanup(w.server.Close)
	w.cfg = w.config()
	for l := range sim.Truth(simulator.TruthQuery{Contract: w.contract, Days: 1}) {
		if l.Share == nil && l.Session != nil && l.Traffic[0].RemainingBytes != nil {
			w.lines = append(w.lines, l)
		}
	}
	if len(w.lines) < 5 {
		t.Fatalf("%d lines on their own with a volume, want 5", len(w.lines))
	}
	return w
}

// startEngine starts one with the accounts that the embedded engine has.
func startEngine(t *testing.T) (dsn, shown string) {
	t.Helper()
	cfg := chdbtest.ChildConfig(t.TempDir())
	var err error
	if cfg.Users, err = app.EngineUsers(config.Store{Path: cfg.Path}, cfg.Database); err != nil {
		t.Fatal(err)
	}
	password, err := chdb.Password(cfg.Path, "grafana")
	if err != nil {
		t.Fatal(err)
	}
	engine := chdbtest.StartWith(t, cfg)
	dsn = engine.Supervisor.DSN()
	target, err := url.Parse(engine.HTTP(dsn))
	if err != nil {
		t.Fatal(err)
	}
	target.User = url.UserPassword("grafana", password)
	return dsn, target.String()
}

// config watches the three kinds of account, as fast as the carrier answers.
func (w *fixture) config() *config.Config {
	cfg := config.DefaultConfig()
	cfg.Store = config.Store{Kind: config.StoreClickHouse, DSN: config.NewDSN(w.dsn), AutoMigrate: true, Spool: w.t.TempDir()}
	cfg.Exporter.Listen = porttest.Address(w.t)
	id, secret := w.sim.Credentials()
	for _, kind := range kinds.All() {
		source := config.DefaultSource(kind)
		source.Name, source.BaseURL, source.TokenURL = kind.Name, w.server.URL, w.server.URL+"/oauth/v1/accesstokens"
		source.ClientID, source.ClientSecret = id, config.NewSecret(secret)
		source.RateLimit = config.RateLimit{RequestsPerSecond: 1e6, Burst: 1000, MaxInFlight: 8, DailyRequests: 1e8}
		switch settings := source.Settings.(type) {
		case *unom.Settings:
			settings.Contracts, source.TokenURL = w.sim.Contracts(), w.server.URL+"/v1/oauth/accesstokens"
		case *serviceorder.Settings:
			settings.ServiceNames = []string{"uno", "ucaas", "mss"}
		}
		cfg.Sources = append(cfg.Sources, source)
	}
	return &cfg
}

// often makes all jobs run every few seconds, so that rates have something to show within a test, and those that can by a plan. On a busy machine they
// may come late, and that is no reason to hide the lines.
func (w *fixture) often() {
	w.cfg.Exporter.StaleAfter = config.Duration(10 * time.Minute)
	for i, source := range w.cfg.Sources {
		w.cfg.Sources[i].Schedule = config.ScheduleAdaptive
		for name, job := range source.Jobs {
			job.Interval = config.Duration(4 * time.Second)
			source.Jobs[name] = job
		}
	}
}

func (w *fixture) app() *app.App {
	w.t.Helper()
	a, err := app.New(w.cfg, slog.New(slog.DiscardHandler), app.Options{Kinds: kinds.All(), Version: "test", Revision: "none"})
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// migrate makes the tables, and puts nothing into them.
func (w *fixture) migrate() {
	w.t.Helper()
	db, err := ch.Open(w.t.Context(), ch.Config{DSN: w.dsn, CreateDatabase: true}, ch.NewMetrics(promclient.NewRegistry()), slog.New(slog.DiscardHandler))
	if err == nil {
		err = errors.Join(db.Migrate(w.t.Context()), db.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// sweep runs every job once, in a kaisen of its own.
func (w *fixture) sweep() {
	w.t.Helper()
	if _, err := w.app().Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// run runs kaisen until the end of the test, and returns where its metrics are.
func (w *fixture) run() (address string) {
	w.t.Helper()
	a := w.app()
	if err := a.Listen(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Errorf("kaisen ended with %v", err)
		}
	})
	return w.cfg.Exporter.Listen
}

func (w *fixture) inject(events ...simulator.Event) {
	w.t.Helper()
	if err := w.sim.Inject(events...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *fixture) faults(list string) {
	w.t.Helper()
	if err := w.sim.SetFaults(list); err != nil {
		w.t.Fatal(err)
	}
}

// advance moves the carrier's clock, which stands still otherwise.
func (w *fixture) advance(d time.Duration) {
	w.t.Helper()
	if err := w.sim.SetClock(simulator.ClockChange{Advance: d.String()}); err != nil {
		w.t.Fatal(err)
	}
}

// ask is ClickHouse's answer to who looks at a dashboard, in a format that the statement names.
func (w *fixture) ask(sql string) (string, error) {
	w.t.Helper()
	return chdbtest.AskHTTP(w.shown, sql)
}

// do runs a statement as kaisen, which must work.
func (w *fixture) do(sql string) {
	w.t.Helper()
	options, err := clickhousego.ParseDSN(w.dsn)
	if err != nil {
		w.t.Fatal(err)
	}
	conn, err := clickhousego.Open(options)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Exec(w.t.Context(), sql); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// fetch is the body of an answer; where the status is not 200, it is also an error.
func fetch(response *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(body)))
	}
	return string(body), err
}

// eventually waits for something that other processes do, up to two minutes.
func (w *fixture) eventually(what string, happened func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	if wait.Until(ctx, 100*time.Millisecond, happened) != nil {
		w.t.Fatalf("not within two minutes: %s", what)
	}
}
