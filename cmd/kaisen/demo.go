package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sourcegraph/conc"
	"github.com/spf13/cobra"

	"kaisen/collector/unom"
	"kaisen/internal/app"
	"kaisen/internal/chdb"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
	"kaisen/internal/wait"
)

// demoSpeed is how fast the demo's carrier lives: ten virtual minutes in a second, so that a day passes in under three
// minutes and every few seconds a line crosses something.
const demoSpeed = 600

func newDemo() *cobra.Command {
	sim := simulator.DefaultConfig()
	sim.Lines, sim.Contracts, sim.ShareLines, sim.Speed = 200, 3, 20, demoSpeed
	sim.Orders = 4 // of each contract, so that there is something to see
	sim.RPS, sim.Burst, sim.Latency = 100, 20, 5*time.Millisecond
	cfg := config.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Everything at once, with no configuration and no account",
		Long: "Starts a simulated carrier with 200 lines in three contracts, sweeps it, keeps the rows in an embedded ClickHouse\n" +
			"in a temporary folder, and exports the gauges. Everything is on this machine and gone when it ends; because it is\n" +
			"made up, ClickHouse asks for no password here.",
		Example: "  kaisen demo",
		Args:    cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.IntVar(&sim.Lines, "lines", sim.Lines, "lines of the simulated carrier")
	flags.Float64Var(&sim.Speed, "speed", sim.Speed, "virtual seconds a real second")
	flags.Uint64Var(&sim.Seed, "seed", sim.Seed, "another seed, another fleet")
	flags.StringVar(&cfg.Exporter.Listen, "exporter.listen", cfg.Exporter.Listen, "address that serves /metrics")
	flags.StringVar(&cfg.Store.Listen, "store.listen", cfg.Store.Listen, "address of ClickHouse's HTTP interface")
	flags.StringVar(&cfg.Store.ListenNative, "store.listen_native", cfg.Store.ListenNative, "address of ClickHouse's native protocol; empty is off")
	flags.StringVar(&cfg.Log.Level, "log.level", "warn", "the least that is logged: debug, info, warn, error")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return demo(cmd, smallEnough(sim), &cfg) }
	return cmd
}

// smallEnough is the carrier with no more contracts than a few lines fill, and no larger a share group than that allows.
func smallEnough(sim simulator.Config) simulator.Config {
	sim.Contracts = max(1, min(sim.Contracts, sim.Lines/4))
	return fewEnoughShares(sim)
}

// fewEnoughShares is the carrier with no larger a share group than half of a contract's lines.
func fewEnoughShares(sim simulator.Config) simulator.Config {
	if half := sim.Lines / max(1, sim.Contracts) / 2; half < 2 {
		sim.ShareLines = 0
	} else {
		sim.ShareLines = min(sim.ShareLines, half)
	}
	return sim
}

func demo(cmd *cobra.Command, sim simulator.Config, cfg *config.Config) (err error) {
	_, stopHangups := hangups() // there is no configuration to read again
	defer stopHangups()
	if err := ensureEngine(cmd.Context(), cmd.ErrOrStderr()); err != nil {
		return err
	}
	carrier, err := simulator.New(sim)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	listener, err := listenOn(cmd.Context(), "simulator", "127.0.0.1:0")
	if err != nil {
		return err
	}
	for _, address := range []*string{&cfg.Exporter.Listen, &cfg.Store.Listen, &cfg.Store.ListenNative} {
		if *address, err = withPort(cmd.Context(), *address); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	folder, err := os.MkdirTemp("", "kaisen-demo-")
	if err != nil {
		return fmt.Errorf("temporary folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	cfg.Store.Path, cfg.Store.Spool = filepath.Join(folder, "clickhouse"), filepath.Join(folder, "spool")
	address := "http://" + listener.Addr().String()
	cfg.Sources = []config.Source{demoSource(carrier, sim, address)}

	build := buildInfo()
	service, err := app.New(cfg, newLogger(cmd.ErrOrStderr(), cfg.Log), app.Options{Kinds: kinds.All(), Version: build.version, Revision: build.revision, Open: true})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, stop := context.WithCancel(cmd.Context())
	var parts conc.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { _ = carrier.Run(ctx, listener) })
	parts.Go(func() { greet(ctx, cmd.OutOrStdout(), service, cfg, address) })
	return service.Run(ctx)
}

// withPort is an address with a free port in place of port 0, so that the greeting and its examples can name it.
func withPort(ctx context.Context, address string) (string, error) {
	if _, port, err := net.SplitHostPort(address); err != nil || port != "0" {
		return address, nil // wrong ones are reported by who listens there
	}
	listener, err := listenOn(ctx, "demo", address)
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// demoSource is the account at the simulator, polled so often that the fast clock shows.
func demoSource(carrier *simulator.Carrier, sim simulator.Config, address string) config.Source {
	source := config.DefaultSource(unom.Kind())
	id, secret := carrier.Credentials()
	source.Name, source.BaseURL, source.TokenURL = "demo", address, address+"/v1/oauth/accesstokens"
	source.ClientID, source.ClientSecret = id, config.NewSecret(secret)
	source.Settings = &unom.Settings{Contracts: carrier.Contracts()}
	source.Schedule = config.ScheduleFixed // a plan goes by how fast volume is used, and the demo's clock is faster than its own
	source.RateLimit = config.RateLimit{RequestsPerSecond: sim.RPS, Burst: sim.Burst, MaxInFlight: 16}
	for name, interval := range map[string]time.Duration{"lines": 30 * time.Second, "traffic": 5 * time.Second,
		"data_share": 5 * time.Second, "session": 10 * time.Second, "authentications": 5 * time.Second, "sessions": 5 * time.Second} {
		job := source.Jobs[name]
		job.Interval = config.Duration(interval)
		source.Jobs[name] = job
	}
	return source
}

// ensureEngine fetches the embedded ClickHouse where it is not there yet.
func ensureEngine(ctx context.Context, errs io.Writer) error {
	_, err := chdb.Library()
	if !errors.Is(err, chdb.ErrNoLibrary) || os.Getenv(chdb.LibraryVariable) != "" {
		return err
	}
	fmt.Fprintln(errs, "fetching the embedded ClickHouse engine, once")
	if _, err := chdb.Fetch(ctx, errs); err != nil {
		return fmt.Errorf("embedded ClickHouse engine: %w", err)
	}
	return nil
}

// awaitRows waits until the first question has an answer, for half a minute at most: of a few lines none may have a cap.
func awaitRows(ctx context.Context, address string) {
	const question = "SELECT throwIf(count() = 0) FROM kaisen.line_status WHERE remaining_bytes > 0"
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_ = wait.Until(ctx, 200*time.Millisecond, func() bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/", strings.NewReader(question))
		if err != nil {
			return true
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// greet prints where everything is, once there is something to see.
func greet(ctx context.Context, out io.Writer, service *app.App, cfg *config.Config, carrier string) {
	if service.WaitReady(ctx) != nil {
		return
	}
	if awaitRows(ctx, cfg.Store.Listen); ctx.Err() != nil {
		return
	}
	native := ""
	if cfg.Store.ListenNative != "" {
		native = "; clickhouse://" + cfg.Store.ListenNative + "/kaisen"
	}
	fmt.Fprintf(out, `kaisen demo: 回線 under watch

  a page to read   http://%[1]s/
  the metrics      curl -s http://%[1]s/metrics | grep kaisen_line_remaining_bytes | head
  ClickHouse       http://%[2]s/ for curl and drivers, http://%[2]s/play in a browser%[4]s
  the carrier      %[3]s/_sim/stats

A first question, who is nearest to the cap:

  curl -s 'http://%[2]s/' --data-binary "
    SELECT line_no, plan_code, formatReadableSize(month_bytes) AS used, formatReadableSize(remaining_bytes) AS remaining,
           round(100 * remaining_ratio, 1) AS percent_left, restriction
    FROM kaisen.line_status WHERE remaining_bytes > 0 ORDER BY remaining_ratio LIMIT 10 FORMAT PrettyCompact"

Ctrl-C ends it and removes everything.
`, cfg.Exporter.Listen, cfg.Store.Listen, carrier, native)
}
