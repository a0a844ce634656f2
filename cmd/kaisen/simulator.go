package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kaisen/internal/simulator"
)

func newSimulator() *cobra.Command {
	cfg := simulator.DefaultConfig()
	listen := "127.0.0.1:8124"
	start := ""
	cmd := &cobra.Command{
		Use:   "simulator",
		Short: "A carrier to try kaisen on: its three APIs with lines, traffic, logs, orders and faults",
		Long: "Serves the carrier's APIs with lines that use data, reach their caps, connect and roam, and orders that are\n" +
			"carried out. Everything follows from the seed and a clock that can run faster. What is true is told at /_sim/truth, what was asked at /_sim/stats,\n" +
			"and /_sim/clock, /_sim/faults, /_sim/readings and /_sim/events change it while it runs.\n" + readingsHelp(),
		Example: "  kaisen simulator --lines 1000 --contracts 2 --rps 100 --burst 10 --latency 30ms\n" +
			"  kaisen simulator --speed 600 --faults 429:0.01,cut:0.01\n" +
			"  kaisen simulator --reading session_stop_time=start --reading empty_answer=404",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&listen, "listen", listen, "address to serve on")
	flags.StringVar(&start, "start", start, "virtual time at the start, RFC 3339; empty: now")
	simulatorFlags(flags, &cfg)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if start != "" {
			at, err := time.Parse(time.RFC3339, start)
			if err != nil {
				return misuse(fmt.Errorf("--start %q: want a time like 2026-01-31T23:50:00+09:00", start))
			}
			cfg.Start = at
		}
		if !flags.Changed("share-lines") {
			cfg = fewEnoughShares(cfg)
		}
		carrier, err := simulator.New(cfg)
		if err != nil {
			return misuse(fmt.Errorf("simulator: %w", err))
		}
		listener, err := listenOn(cmd.Context(), "--listen", listen)
		if err != nil {
			return err
		}
		id, secret := carrier.Credentials()
		fmt.Fprintf(cmd.ErrOrStderr(), "the carrier answers on http://%s (client_id %s, client_secret %s)\n", listener.Addr(), id, secret)
		if err := carrier.Run(cmd.Context(), listener); err != nil {
			return fmt.Errorf("simulator: %w", err)
		}
		return nil
	}
	return cmd
}

// readingsHelp lists what --reading takes.
func readingsHelp() string {
	var b strings.Builder
	list := func(title string, trouble bool) {
		fmt.Fprintf(&b, "\n%s, the value that holds by itself first:\n\n", title)
		for _, s := range simulator.Switches() {
			if s.Trouble == trouble {
				fmt.Fprintf(&b, "  %s\n      %s\n", s, s.About)
			}
		}
	}
	list("Readings of the documents, for --reading", false)
	list("Troubles that last, for --reading too", true)
	return b.String()
}

// simulatorFlags are the simulated carrier's properties.
func simulatorFlags(flags *pflag.FlagSet, cfg *simulator.Config) {
	flags.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "everything that happens follows from it and the start")
	flags.IntVar(&cfg.Lines, "lines", cfg.Lines, "lines in all, spread over the contracts")
	flags.IntVar(&cfg.ExtraLines, "extra-lines", cfg.ExtraLines, "more lines in the first contract, beyond what its list may show")
	flags.IntVar(&cfg.Contracts, "contracts", cfg.Contracts, "contracts, named N000000001 and on")
	flags.StringSliceVar(&cfg.ContractIDs, "contract", cfg.ContractIDs, "contracts by name, instead of --contracts")
	flags.IntVar(&cfg.ShareLines, "share-lines", cfg.ShareLines, "lines of the first contract that share their data")
	flags.Float64Var(&cfg.Speed, "speed", cfg.Speed, "virtual seconds a real second; 0 stands still")
	flags.StringVar(&cfg.TimeZone, "time-zone", cfg.TimeZone, "in which the carrier's days turn")
	flags.Float64Var(&cfg.RPS, "rps", cfg.RPS, "requests a second let through, tokens included; 0: no limit")
	flags.IntVar(&cfg.Burst, "burst", cfg.Burst, "requests that may come at once")
	flags.StringVar((*string)(&cfg.RetryAfter), "retry-after", string(cfg.RetryAfter), "what a 429 says: ceil, floor, date, none")
	flags.DurationVar(&cfg.Latency, "latency", cfg.Latency, "real time that each answer takes")
	flags.DurationVar(&cfg.Jitter, "jitter", cfg.Jitter, "up to this much more")
	flags.StringVar(&cfg.Faults, "faults", cfg.Faults, "what goes wrong, such as 429:0.01,500:0.02,503:30s@60s,slow:0.01:2s,cut:0.01,html:0.01,token-death:0.005")
	flags.DurationVar(&cfg.TurnDelay, "turn-delay", cfg.TurnDelay, "figures of days and months turn this long after midnight")
	flags.StringToStringVar(&cfg.Readings, "reading", cfg.Readings, "a reading or trouble listed above, and its value; may be given again")
	flags.IntVar(&cfg.MaxRows, "max-rows", cfg.MaxRows, "rows after which lists and logs end without a word")
	flags.StringVar((*string)(&cfg.Style), "style", string(cfg.Style), "how answers are written: document, modern, mixed")
	flags.DurationVar(&cfg.SessionPeriod, "session-period", cfg.SessionPeriod, "mean virtual time between a line's sessions")
	flags.IntVar(&cfg.Orders, "orders", cfg.Orders, "orders that each contract has behind it at the start")
	flags.DurationVar(&cfg.OrderPace, "order-pace", cfg.OrderPace, "virtual time from one status of an order to the next")
	flags.IntVar(&cfg.ServiceOrders, "service-orders", cfg.ServiceOrders, "orders of the Service Order API")
	flags.IntVar(&cfg.IPoESites, "ipoe-sites", cfg.IPoESites, "sites of the IPoE API")
	flags.StringVar(&cfg.ClientID, "client-id", cfg.ClientID, "account that gets a token")
	flags.StringVar(&cfg.ClientSecret, "client-secret", cfg.ClientSecret, "its secret")
	flags.DurationVar(&cfg.TokenLife, "token-life", cfg.TokenLife, "real time that a token lasts")
}

// listenOn takes an address, or says which flag names another; what is no address is a misuse.
func listenOn(ctx context.Context, flag, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		err = fmt.Errorf("%s %s: %w; choose another address", flag, address, err)
		if wrong := (*net.AddrError)(nil); errors.As(err, &wrong) {
			return nil, misuse(err)
		}
		return nil, err
	}
	return listener, nil
}
