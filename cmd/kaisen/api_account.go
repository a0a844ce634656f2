package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// apiMaxWait is how long somebody at a terminal waits for a carrier that asks for a pause.
const apiMaxWait = time.Minute

// account is who asks.
type account struct {
	cfg        *config.Config
	source     config.Source
	configured bool // otherwise it is only good for a dry run
	zone       *time.Location
	log        *slog.Logger
}

// findAccount reads the configuration and chooses the source. A dry run needs none.
func (c *apiCall) findAccount(cmd *cobra.Command, r carrier.Request) (account, error) {
	cfg, log, err := c.config.load(cmd.ErrOrStderr())
	if err != nil {
		return account{}, err
	}
	zone, err := cfg.Location()
	if err != nil {
		return account{}, err
	}
	if c.dryRun && c.source == "" && len(fitting(cfg, c.kind.Name)) == 0 {
		return account{cfg, config.DefaultSource(c.kind), false, zone, log}, nil
	}
	contract := ""
	if v, has := textField(r, fieldContract); has {
		contract = v.String()
	}
	source, err := choose(cfg, c.kind.Name, c.source, contract)
	return account{cfg, source, true, zone, log}, err
}

// choose finds the source of a kind: by its name, or because it is the only one, or the only one with the contract.
func choose(cfg *config.Config, kind string, name, contract string) (config.Source, error) {
	if name != "" {
		i := slices.IndexFunc(cfg.Sources, func(s config.Source) bool { return s.Name == name })
		switch {
		case i < 0:
			return config.Source{}, misuse(fmt.Errorf("--source %s: the configuration has no such source", name))
		case cfg.Sources[i].Kind != kind:
			return config.Source{}, misuse(fmt.Errorf("--source %s: its kind is %s, and this needs %s", name, cfg.Sources[i].Kind, kind))
		}
		return cfg.Sources[i], nil
	}
	found := fitting(cfg, kind)
	if len(found) > 1 {
		with := slices.DeleteFunc(slices.Clone(found), func(s config.Source) bool { return !slices.Contains(collector.ContractsOf(s.Settings), contract) })
		if len(with) == 1 {
			found = with
		}
	}
	switch len(found) {
	case 0:
		return config.Source{}, misconfigured(fmt.Errorf("the configuration has no source of kind %s: add one to sources, and name the file with --config", kind))
	case 1:
		return found[0], nil
	}
	return config.Source{}, misuse(fmt.Errorf("several sources are of kind %s: choose one with --source %s", kind, strings.Join(names(found), "|")))
}

func fitting(cfg *config.Config, kind string) []config.Source {
	return slices.DeleteFunc(slices.Clone(cfg.Sources), func(s config.Source) bool { return s.Kind != kind })
}

func names(sources []config.Source) []string {
	var all []string
	for _, s := range sources {
		all = append(all, s.Name)
	}
	return all
}

// sourceNames and contracts are what the shell completes.
func (c *apiCall) sourceNames(cfg *config.Config) []string {
	return names(fitting(cfg, c.kind.Name))
}

func (c *apiCall) contracts(cfg *config.Config) []string {
	var all []string
	for _, s := range fitting(cfg, c.kind.Name) {
		if c.source == "" || c.source == s.Name {
			all = append(all, collector.ContractsOf(s.Settings)...)
		}
	}
	return all
}

// base is the address that paths are below; of the IPoE API none is known.
func (a account) base() string {
	if a.source.BaseURL == "" {
		return "<base_url>"
	}
	return strings.TrimRight(a.source.BaseURL, "/")
}

func userAgent() string { return "kaisen/" + buildInfo().version }

func (a account) client() (*carrier.Client, error) {
	return app.NewClient(a.cfg, a.source, carrier.NewMetrics(prometheus.NewRegistry()), a.log,
		app.Options{Kinds: kinds.All(), Version: buildInfo().version, MaxWait: apiMaxWait})
}

// consent asks whether to send what was shown. Somebody must be there to be asked, unless --yes said it.
func (c *apiCall) consent(cmd *cobra.Command) error {
	if c.yes {
		return nil
	}
	in, isFile := cmd.InOrStdin().(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		return misuse(fmt.Errorf("%s changes something at the carrier, and nobody is at a terminal to be asked: nothing was sent; --yes sends it without asking", c.name()))
	}
	question := "Send this? [y/N] "
	if slices.ContainsFunc(c.fields, func(f field) bool { return f.name == fieldAgreement }) {
		question = "Send this, and accept the carrier's terms (agreement)? [y/N] "
	}
	fmt.Fprint(cmd.ErrOrStderr(), "\n"+question)
	answer, err := readLine(cmd.Context(), in)
	if err != nil {
		return fmt.Errorf("%s: nothing was sent: %w", c.name(), err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fmt.Errorf("%s: not confirmed, nothing was sent", c.name())
}

// readLine reads one line, or ends with the context: an interrupt at the question is a no.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(in).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case l := <-read:
		if errors.Is(l.err, io.EOF) {
			l.err = nil
		}
		return l.text, l.err
	}
}
