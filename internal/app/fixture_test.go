package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/unom"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

func TestMain(m *testing.M) {
	if os.Getenv(answeringVariable) != "" {
		serveAnswers()
		return
	}
	chdbtest.Main(m)
}

// serveAnswers is the benchmark's server, until its stdin is closed.
func serveAnswers() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() { _ = http.Serve(listener, http.HandlerFunc(answering)) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// tokyo is where the simulated carrier's days turn.
func tokyo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// fixture is a simulated carrier, a database and a configuration that brings them together.
type fixture struct {
	t      testing.TB
	sim    *simulator.Carrier
	server *httptest.Server
	dsn    string
	cfg    *config.Config
	answer func(sql string) []string // what query gives instead; nil: the database is asked

	forecasts bool // of the services too
}

// newFixture makes a carrier whose clock stands still unless edit lets it run.
func newFixture(t testing.TB, edit func(*simulator.Config)) *fixture {
	t.Helper()
	return newFixtureOn(t, chdbtest.StartHTTPFrom(t, migrate), edit)
}

// migrate makes kaisen's tables in a database.
func migrate(dsn string) error {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN = dsn
	db, err := clickhouse.Open(context.Background(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(context.Background()), db.Close())
}

// newFixtureOn is newFixture with a database of the test's own.
func newFixtureOn(t testing.TB, dsn string, edit func(*simulator.Config)) *fixture {
	t.Helper()
	simCfg := simulator.DefaultConfig()
	simCfg.Lines, simCfg.Contracts, simCfg.ShareLines, simCfg.Speed = 30, 2, 5, 0
	simCfg.Start = time.Date(2026, 5, 20, 14, 30, 0, 0, tokyo(t))
	if edit != nil {
		edit(&simCfg)
	}
	sim, err := simulator.New(simCfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	r := &fixture{t: t, sim: sim, server: server, dsn: dsn}
	r.cfg = r.config()
	return r
}

// config watches the fixture's carrier as fast as it answers.
func (r *fixture) config() *config.Config {
	cfg := config.DefaultConfig()
	cfg.Store = config.Store{Kind: config.StoreClickHouse, DSN: config.NewDSN(r.dsn), AutoMigrate: true, Spool: r.t.TempDir()}
	cfg.Exporter.Listen = "127.0.0.1:0"
	source := config.DefaultSource(unom.Kind())
	id, secret := r.sim.Credentials()
	source.Name, source.BaseURL, source.TokenURL = "hq", r.server.URL, r.server.URL+"/v1/oauth/accesstokens"
	source.ClientID, source.ClientSecret = id, config.NewSecret(secret)
	source.Settings = &unom.Settings{Contracts: r.sim.Contracts()}
	source.RateLimit = config.RateLimit{RequestsPerSecond: 1e6, Burst: 1000, MaxInFlight: 8}
	cfg.Sources = []config.Source{source}
	return &cfg
}

// app is a service of the fixture's configuration, not yet started.
func (r *fixture) app() *App { return r.appWith(Options{Kinds: kinds.All(), Version: "test"}) }

func (r *fixture) appWith(opts Options) *App {
	r.t.Helper()
	a, err := New(r.cfg, slog.New(slog.DiscardHandler), opts)
	if err != nil {
		r.t.Fatal(err)
	}
	a.forecasts = r.forecasts
	return a
}

// sweep runs every job once, in a kaisen of its own, which forecasts nothing: that costs the engine more than all else, and is for
// tests of forecasts (sweepWhole).
func (r *fixture) sweep() []schema.Sweep {
	r.t.Helper()
	sweeps, err := r.app().sweep(r.t.Context(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return sweeps
}

// sweepWhole is App.Sweep.
func (r *fixture) sweepWhole() {
	r.t.Helper()
	if _, err := r.app().Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// during is one kaisen's life: what is done with it, which may sweep every job of its accounts any number of times.
func (r *fixture) during(do func(sweep func(context.Context) ([]schema.Sweep, error))) {
	r.t.Helper()
	a := r.app()
	defer a.closeClients()
	ctx, fail := context.WithCancelCause(context.WithoutCancel(r.t.Context()))
	defer fail(nil)
	if err := a.withStore(ctx, fail, func(ctx context.Context) error {
		a.restore(ctx)
		do(func(ctx context.Context) ([]schema.Sweep, error) {
			sweeps, err := a.sweepAccounts(ctx)
			flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Minute) // also what a sweep has seen that was cut short
			defer cancel()
			return sweeps, errors.Join(err, a.outbox.Flush(flushing))
		})
		return nil
	}); err != nil {
		r.t.Error(err)
	}
	if err := context.Cause(ctx); err != nil {
		r.t.Error(err)
	}
}

// sweeping is during with sweeps of which nothing may fail.
func (r *fixture) sweeping(do func(sweep func())) {
	r.t.Helper()
	r.during(func(sweep func(context.Context) ([]schema.Sweep, error)) {
		do(func() {
			r.t.Helper()
			if _, err := sweep(r.t.Context()); err != nil {
				r.t.Fatal(err)
			}
		})
	})
}

// advance moves the carrier's clock.
func (r *fixture) advance(d time.Duration) {
	r.t.Helper()
	if err := r.sim.SetClock(simulator.ClockChange{Advance: d.String()}); err != nil {
		r.t.Fatal(err)
	}
}

// inject makes things happen at the carrier.
func (r *fixture) inject(events ...simulator.Event) {
	r.t.Helper()
	if err := r.sim.Inject(events...); err != nil {
		r.t.Fatal(err)
	}
}

// query is the answer of a statement, a line a row with tabs between.
func (r *fixture) query(sql string) []string {
	r.t.Helper()
	if r.answer != nil {
		return r.answer(sql)
	}
	rows, err := ask(r.dsn, sql)
	if err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// ask is query of any database that is reached over HTTP.
func ask(dsn, sql string) ([]string, error) {
	body, err := chdbtest.AskHTTP(dsn, sql)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(body, "\n")
	if text == "" {
		return nil, nil
	}
	return strings.Split(text, "\n"), nil
}

// sorted joins what a query gives and what the truth says into comparable form.
func sorted(rows []string) []string {
	slices.Sort(rows)
	return rows
}

// null writes a value that may be missing as ClickHouse does.
func null[T any](v *T) string {
	if v == nil {
		return `\N`
	}
	return fmt.Sprint(*v)
}

// run runs an app until the end of the test, and returns the address of its exporter.
func run(t testing.TB, a *App) string {
	t.Helper()
	begin(t, a)
	return "http://" + a.server.Addr().String()
}

// begin is run for who ends it earlier, by stop.
func begin(t testing.TB, a *App) (stop func()) {
	t.Helper()
	if err := a.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits for something that other processes do, up to three minutes: one is not enough on a machine with much else
// to do. A question that takes the database long is asked the more seldom: what it waits for needs the processor too.
func (r *fixture) eventually(what string, happened func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		began := time.Now()
		if happened() {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("not within three minutes: %s", what)
		}
		<-time.After(max(20*time.Millisecond, 4*time.Since(began)))
	}
}

// formatSeconds writes a time as the exposition does.
func formatSeconds(t time.Time) string { return strconv.FormatFloat(float64(t.Unix()), 'g', -1, 64) }
