package main

import (
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
)

// sweepMaxWait is how long a sweep waits for a carrier that asks for a pause: a sweep is started again by cron.
const sweepMaxWait = 2 * time.Minute

func newSweep() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Every enabled job once, then exit; for cron",
		Long: "Asks the carrier everything that is enabled once, writes it, and exits. Exit code 0 means that every item was\n" +
			"read and every row is in ClickHouse; what was left undone comes first in the next sweep. A job that the\n" +
			"carrier does not answer at this time of day or week rests, and leaves nothing undone.\n\n" +
			"A database that cannot be used is waited for up to 2 minutes, and one that refuses kaisen not at all: for its password, or\n" +
			"because a later kaisen has migrated it. The exit code is 1 then, and rows that wait in the spool are stored the next time.\n\n" +
			"Beside a running service it keeps to rate_limit by itself, and says that the two may ask twice the requests a second; those of\n" +
			"the day (daily_requests) are counted together where both have the same store.spool, and not spread over the day here.",
		Example: "  kaisen sweep --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, log, err := flags.loadSources(config.Load, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		bar := newProgress(cmd.ErrOrStderr())
		build := buildInfo()
		service, err := app.New(cfg, log, app.Options{Kinds: kinds.All(), Version: build.version, Revision: build.revision,
			Progress: bar.tell, MaxWait: sweepMaxWait, Once: true})
		if err != nil {
			return misconfigured(err)
		}
		sweeps, err := service.Sweep(cmd.Context())
		bar.done()
		summarize(cmd, sweeps)
		return err
	}
	return cmd
}

// took is how long a job ran, or until when it rests: a job that the carrier does not answer at this time has nothing to
// do, and leaves nothing undone.
func took(s schema.Sweep) string {
	if s.RestsUntil.Known {
		return "rests until " + s.RestsUntil.V.Format("Mon 2006-01-02 15:04 MST")
	}
	return s.FinishedAt.Sub(s.StartedAt).Round(time.Millisecond).String()
}

// summarize writes what each job did.
func summarize(cmd *cobra.Command, sweeps []schema.Sweep) {
	if len(sweeps) == 0 {
		return
	}
	t := table.NewWriter()
	t.SetOutputMirror(cmd.OutOrStdout())
	t.AppendHeader(table.Row{"source", "job", "ok", "failed", "requests", "throttled", "rows", "took"})
	for _, s := range sweeps {
		t.AppendRow(table.Row{s.Source, s.Job, s.OK, s.Failed, s.Requests, s.Throttled, s.Rows, took(s)})
	}
	t.Render()
}

// progress shows one bar for everything a sweep does; on anything but a terminal it shows nothing.
type progress struct {
	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	jobs map[string]share
}

type share struct{ done, total int64 }

func newProgress(errs io.Writer) *progress {
	p := &progress{jobs: make(map[string]share)}
	if isTerminal(errs) {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(beyond(errs)), progressbar.OptionSetDescription("sweep"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100_000_000))
	}
	return p
}

// tell adds what one job has done.
func (p *progress) tell(source, job string, done, total int64) {
	if p.bar == nil || total <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[source+" "+job] = share{done, total}
	var sum share
	for _, s := range p.jobs {
		sum.done += s.done
		sum.total += s.total
	}
	p.bar.ChangeMax64(sum.total)
	_ = p.bar.Set64(sum.done)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
