package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc"

	"kaisen/exporter"
	"kaisen/internal/config"
)

// reloads is how a service comes to another configuration than that of its start.
type reloads struct {
	asked chan reload
	files map[string]string // what stood in the files that are read at the start alone
	look  time.Duration     // how often the files of secrets are looked into

	successful, last prometheus.Gauge

	mu      sync.Mutex
	refused string            // why the last configuration was; empty: it was taken
	unread  map[string]string // by source, why the secret in its file cannot be read now
}

// reload is one request for another configuration.
type reload struct {
	load func() (*config.Config, error)
	done chan error
}

const (
	// secretsEvery is how often the files of secrets are looked into.
	secretsEvery = 10 * time.Second
	// reloadFlush is how long a reload waits for rows to be stored that accounts start again with; what comes later is read twice.
	reloadFlush = 10 * time.Second
)

func newReloads(cfg *config.Config, reg prometheus.Registerer) *reloads {
	r := &reloads{asked: make(chan reload), files: cfg.FixedFiles(), look: secretsEvery,
		successful: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kaisen_config_last_reload_successful",
			Help: "1 if the configuration in force is the one that was read last, at the start or by SIGHUP; 0 if that was refused."}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kaisen_config_last_reload_success_timestamp_seconds",
			Help: "When the configuration in force was taken, in seconds since 1970."})}
	reg.MustRegister(r.successful, r.last)
	r.ended(nil)
	return r
}

// ended shows how a reload ended.
func (r *reloads) ended(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.refused = err.Error()
		r.successful.Set(0)
		return
	}
	r.refused = ""
	r.successful.Set(1)
	r.last.Set(float64(time.Now().UnixMilli()) / 1000)
}

// setUnread notes which secrets cannot be read now, and why, and returns those of before.
func (r *reloads) setUnread(unread map[string]string) (before map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.unread = r.unread, unread
	return before
}

// notes says why the configuration or a secret in force is another than that on disk, if it is.
func (r *reloads) notes() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var notes []string
	if r.refused != "" {
		notes = append(notes, "the last configuration was refused, and the one before is in force: "+strings.Join(strings.Fields(r.refused), " "))
	}
	for _, source := range slices.Sorted(maps.Keys(r.unread)) {
		notes = append(notes, fmt.Sprintf("the secret of source %s cannot be read, and the one that was read before is used on: after a restart there is none: %s", source, r.unread[source]))
	}
	return notes
}

// logRefused logs every mistake by itself.
func (a *App) logRefused(err error) {
	const text = "the configuration is refused as a whole, and kaisen goes on as it was"
	var mistakes config.Mistakes
	if !errors.As(err, &mistakes) {
		a.log.Error(text, "error", err)
		return
	}
	for _, m := range mistakes {
		a.log.Error(text, "key", m.Path, "problem", m.Problem, "advice", m.Advice)
	}
}

// Reload has a running service go on by the configuration that load reads, and returns when it does. What a configuration has
// that cannot change while kaisen runs, or that is wrong, refuses it as a whole, and the service goes on as it was. Requests wait
// for one another, and for the service to begin watching.
func (a *App) Reload(ctx context.Context, load func() (*config.Config, error)) error {
	one := reload{load: load, done: make(chan error, 1)}
	select {
	case a.reloads.asked <- one:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serveReloads does what Reload asks for, and looks after the files of secrets, until ctx ends.
func (a *App) serveReloads(ctx context.Context) {
	var later conc.WaitGroup
	defer later.Wait()
	secrets := time.NewTicker(a.reloads.look)
	defer secrets.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-secrets.C:
			a.renewSecrets()
		case one := <-a.reloads.asked:
			err := a.reload(ctx, &later, one.load)
			if a.reloads.ended(err); err != nil {
				a.logRefused(err)
			}
			one.done <- err
		}
	}
}

// reload takes another configuration, or none of it.
func (a *App) reload(ctx context.Context, later *conc.WaitGroup, load func() (*config.Config, error)) error {
	next, err := load()
	if err != nil {
		return err
	}
	if err := a.admit(next); err != nil {
		return err
	}
	c, err := a.change(next)
	if err != nil {
		return err
	}
	a.apply(ctx, later, next, c)
	for _, warning := range next.Warnings() {
		a.log.Warn("configuration", "warning", warning)
	}
	a.log.Info("the configuration is taken", "started", namesOf(c.started), "stopped", namesOf(c.stopped), "unchanged", len(c.accounts)-len(c.started))
	return nil
}

// admit refuses a configuration that a running service cannot take.
func (a *App) admit(next *config.Config) error {
	if err := next.RequireSources(); err != nil {
		return err
	}
	fixed := a.config().Fixed(next)
	files := next.FixedFiles()
	for _, key := range []string{"store.dsn_file", "store.users_file", "exporter.line_label_key_file"} {
		if was, named := a.reloads.files[key]; named && was != files[key] && files[key] != "" {
			fixed = append(fixed, config.Mistake{Path: key, Problem: "what stands in the file has changed, which is read at the start alone",
				Advice: "restart kaisen"})
		}
	}
	if file := next.Exporter.WebConfigFile; file != "" {
		if err := exporter.ValidateWebConfig(file); err != nil {
			fixed = append(fixed, config.Mistake{Path: "exporter.web_config_file", Problem: err.Error(), Advice: "write it as deploy/README.md shows"})
		}
	}
	if len(fixed) == 0 {
		return nil
	}
	return fixed
}

// apply ends the accounts that are to end before others begin, so that a contract that moves is never asked about by two.
func (a *App) apply(ctx context.Context, later *conc.WaitGroup, next *config.Config, c *accountChange) {
	a.endDismissing()
	for _, one := range c.renewed {
		one.account.source = one.source
		one.account.client.Renew(one.by)
	}
	var stopping conc.WaitGroup
	for _, account := range c.stopped {
		stopping.Go(account.stop)
	}
	stopping.Wait()
	for _, account := range c.stopped {
		account.client.Close()
	}
	for made, before := range c.before {
		if err := made.client.Inherit(before.client); err != nil {
			a.log.Error("what was asked of the carrier before the configuration changed is not counted", "error", err)
		}
	}
	a.mu.Lock()
	was := a.cfg
	a.cfg, a.accounts = next, c.accounts
	a.mu.Unlock()
	a.store.mend(c.accounts)
	a.names.reload(next)
	a.showNext(ctx, later, was, next)
	a.tellStaleAfter(ctx)
	a.resume(ctx, c)
	for _, account := range c.started {
		a.begin(ctx, account)
	}
	later.Go(func() { a.recallStarted(ctx, c) })
	a.beginDismissing(ctx, later)
}

// resume gives the accounts that begin what the database remembers, with what those had seen that have ended.
func (a *App) resume(ctx context.Context, c *accountChange) {
	if len(c.started) == 0 {
		return
	}
	flushing, cancel := context.WithTimeout(ctx, reloadFlush)
	defer cancel()
	if err := a.outbox.Flush(flushing); err != nil && ctx.Err() == nil {
		a.log.Warn("rows from before the configuration changed are not in the database yet; some may be asked for again", "error", err)
	}
	for _, account := range c.started {
		a.rememberAccount(ctx, account, c.shown(account))
	}
}

// recallStarted is recall for the contracts of accounts that begin.
func (a *App) recallStarted(ctx context.Context, c *accountChange) {
	if len(c.started) == 0 || a.store.wait(ctx) != nil {
		return
	}
	db, err := a.store.current()
	if err != nil {
		return
	}
	var sources []config.Source
	for _, account := range c.started {
		sources = append(sources, account.source)
	}
	a.recallSources(ctx, db, sources)
}
