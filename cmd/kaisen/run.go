package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
)

func newRun() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "The service: collector, exporter and, unless told otherwise, an embedded ClickHouse",
		Example: "  kaisen run --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hangup, stop := hangups()
		defer stop()
		cfg, log, err := flags.loadSources(config.Load, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		flags.pin()
		build := buildInfo()
		service, err := app.New(cfg, log, app.Options{Kinds: kinds.All(), Version: build.version, Revision: build.revision})
		if err != nil {
			return misconfigured(err)
		}
		notifier := newNotifier(service.WaitReady, log)
		go notifier.run(cmd.Context())
		go (&reloader{service, flags, notifier}).run(cmd.Context(), hangup)
		return service.Run(cmd.Context())
	}
	return cmd
}

const (
	// readyMaxWait is how long a start waits to be ready. A carrier that is down for the night must not make the
	// service manager give up and start kaisen again: what is missing then comes when it comes.
	readyMaxWait = time.Minute
	// statusEvery is the longest time until a change shows in systemctl status.
	statusEvery = 15 * time.Second
	// probeMaxWait is how long a probe waits for the service to be ready. Whether it is makes no difference to the
	// watchdog; that the question is answered does.
	probeMaxWait = time.Second
)

// notifier reports to the service manager how kaisen is: ready, alive, stopping, and a sentence for a person (systemd's
// sd_notify protocol). Without a manager that listens it does nothing.
type notifier struct {
	ready func(context.Context) error // waits until kaisen is ready; once ctx ends before that it says why not
	send  func(state string)
	every time.Duration // between two signs of life

	started atomic.Bool // the manager knows that kaisen runs

	mu    sync.Mutex
	ended bool // the manager knows that kaisen stops
}

// tell sends a state, unless kaisen stops: to the manager READY=1 after STOPPING=1 would be a service that goes on.
func (n *notifier) tell(state string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.ended {
		n.send(state)
	}
}

// stopping is the last that the manager is told. Telling it again does nothing.
func (n *notifier) stopping() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.ended {
		n.ended = true
		n.send(daemon.SdNotifyStopping + "\nSTATUS=stopping: writing what is still held")
	}
}

// newNotifier reads from the environment what the manager wants to hear; it is nil where there is none.
func newNotifier(ready func(context.Context) error, log *slog.Logger) *notifier {
	notify := func(state string) (bool, error) { return daemon.SdNotify(false, state) }
	listens, err := notify("STATUS=waiting for the database and the first list of lines")
	if err != nil {
		log.Warn("the service manager cannot be told that kaisen starts", "error", err)
	}
	if !listens {
		return nil
	}
	n := &notifier{ready: ready, every: statusEvery}
	n.send = func(state string) {
		if _, err := notify(state); err != nil {
			log.Warn("the service manager was not told", "state", state, "error", err)
		}
	}
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the service manager's watchdog is not served", "error", err)
	}
	if watchdog > 0 {
		n.every = min(n.every, watchdog/2)
	}
	return n
}

// run notifies until ctx ends. It must not be waited for: where the service hangs, so does the probe, and then the
// missing sign of life is the point.
func (n *notifier) run(ctx context.Context) {
	if n == nil {
		return
	}
	defer context.AfterFunc(ctx, n.stopping)() // also while a probe hangs
	defer func() {
		if ctx.Err() != nil {
			n.stopping() // the end of ctx may be seen here before AfterFunc has seen it
		}
	}()
	status := n.probe(ctx, readyMaxWait)
	if ctx.Err() != nil {
		return
	}
	n.tell(daemon.SdNotifyReady + "\nSTATUS=" + status)
	n.started.Store(true)
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if status := n.probe(ctx, probeMaxWait); ctx.Err() == nil {
			n.tell(daemon.SdNotifyWatchdog + "\nSTATUS=" + status)
		}
	}
}

// probe asks whether kaisen is ready and puts the answer in a sentence. It goes through the locks of the store and of
// every source, so that it comes back only where none of them is stuck; an answer of no is an answer.
func (n *notifier) probe(ctx context.Context, maxWait time.Duration) string {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	err := n.ready(ctx)
	if err == nil {
		return "ready"
	}
	return "running, but not ready: " + statusText(err.Error())
}

// statusMost is how many bytes of a reason the manager is sent: it is read on one line of a terminal.
const statusMost = 600

// statusText is a text for the manager, by whose protocol each line is another message: one line, without numbers of lines.
func statusText(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	text = strings.Join(strings.FieldsFunc(schema.MaskLines(strings.Join(lines, "; ")), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) > statusMost {
		return strings.ToValidUTF8(text[:statusMost], "") + " …"
	}
	return text
}
