package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/collectortest"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// Without a place for what is observed nothing is started, and the reason is reported at once.
func TestASpoolThatCannotBeHadIsTheEnd(t *testing.T) {
	r := newFixture(t, nil)
	r.cfg.Store.Spool = filepath.Join(t.TempDir(), "spool")
	if err := os.WriteFile(r.cfg.Store.Spool, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.app().Run(t.Context()); err == nil || !strings.Contains(err.Error(), "name a folder that it may write to (store.spool)") {
		t.Errorf("a file for a folder: %v", err)
	}
	if served := r.sim.Served(); len(served.Traffic) > 0 {
		t.Errorf("asked the carrier %d times", len(served.Traffic))
	}
}

// A service and a sweep of the same configuration do not get into each other's way; two services do.
func TestASweepRunsBesideAService(t *testing.T) {
	r := newFixture(t, nil)
	run(t, r.app())
	r.eventually("the service has its lines", func() bool { return len(r.sim.Served().Traffic) >= 30 })
	var log bytes.Buffer
	beside, err := New(r.cfg, slog.New(slog.NewTextHandler(&log, nil)), Options{Kinds: kinds.All(), Once: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := beside.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "a service is running beside this sweep") {
		t.Errorf("the sweep does not say that it has a budget of its own:\n%s", log.String())
	}
	if err := r.app().Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another kaisen is using it") {
		t.Errorf("a second service: %v", err)
	}
}

// An alert sees a counter grow, not appear: those of dead letters are there at 0 for each source and job.
func TestDeadLettersBeginAtZero(t *testing.T) {
	r := newFixture(t, nil)
	reg := prometheus.NewRegistry()
	newTee(r.cfg, nil, nil, reg)
	want := 0
	for _, source := range r.cfg.Sources {
		want += len(source.JobConfigs())
	}
	got := collectortest.Gauges(t, reg, "kaisen_dead_letters_total")
	if want == 0 || len(got) != want {
		t.Errorf("%d counters, want %d: %v", len(got), want, got)
	}
	for _, series := range got {
		if !strings.HasSuffix(series, " 0") {
			t.Errorf("%s does not begin at 0", series)
		}
	}
}

// store.flush_interval is how long rows wait for others, of services and commands.
func TestRowsWaitForTheFlushInterval(t *testing.T) {
	store := config.DefaultConfig().Store
	if got := spoolConfig(store, "run", nil).FlushEvery; got != time.Second {
		t.Errorf("unless configured: %s", got)
	}
	store.FlushInterval = config.Duration(10 * time.Second)
	if got := spoolConfig(store, "run", nil).FlushEvery; got != 10*time.Second {
		t.Errorf("configured: %s", got)
	}
}
