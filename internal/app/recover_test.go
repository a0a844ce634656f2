package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/internal/spool"
	"kaisen/schema"
)

// Rows that waited in a spool that is damaged come to the database by the command, all but those of the damaged place, and
// those that it had already are not there twice.
func TestADamagedSpoolIsRecovered(t *testing.T) {
	r := newFixture(t, nil)
	if _, closeAll, err := OpenDatabase(t.Context(), r.cfg, true, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	} else if err := closeAll(); err != nil {
		t.Fatal(err)
	}
	const lines = 400
	started := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	out := spool.New(spoolConfig(r.cfg.Store, "run", nil), nil, spool.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err := out.Open(); err != nil {
		t.Fatal(err)
	}
	for i := range lines {
		row := schema.Sweep{Source: "hq", Job: "traffic", StartedAt: started.Add(time.Duration(i) * time.Second), FinishedAt: started.Add(time.Duration(i)*time.Second + time.Second)}
		if err := out.Write(t.Context(), schema.Batch{Sweeps: []schema.Sweep{row}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.cfg.Store.Spool, "run.00000001.log")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(content[:40]) // the beginning of the first record
	damaged := path + ".corrupt-20260520T000000"
	if err := os.WriteFile(damaged, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	recover := func(files ...string) []RecoveredFile {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		done, err := RecoverSpool(ctx, r.cfg, kinds.All(), files, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	first := recover()
	if len(first) != 1 || first[0].Rows != lines-1 || first[0].Path != damaged || !strings.Contains(first[0].Kept, "recovered") {
		t.Fatalf("%+v", first)
	}
	if again := recover(); len(again) != 0 {
		t.Errorf("then %+v", again)
	}
	if names, err := spool.Names(r.cfg.Store.Spool); err != nil || len(names) != 0 {
		t.Errorf("spools with rows are %v, %v", names, err)
	}
	if again := recover(first[0].Kept); len(again) != 1 || again[0].Rows != first[0].Rows {
		t.Errorf("by its name %+v", again)
	}
	if rows := r.query(`SELECT count() FROM sweeps FINAL`); !slices.Equal(rows, []string{strconv.Itoa(lines - 1)}) {
		t.Errorf("%s rows", rows)
	}
}

// A batch that is damaged where it waits is kept aside, and the page for people says so, and where to look.
func TestABatchThatIsKeptAsideIsTold(t *testing.T) {
	r := newFixture(t, nil)
	out := spool.New(spoolConfig(r.cfg.Store, "run", nil), nil, spool.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err := out.Open(); err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)
	if err := out.Write(t.Context(), schema.Batch{Sweeps: []schema.Sweep{{Source: "hq", Job: "traffic", StartedAt: started, FinishedAt: started}}}); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.cfg.Store.Spool, "run.00000001.log")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 0xff
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	address := run(t, r.app())
	r.eventually("the page says so", func() bool {
		page := get(t, address+"/-/ready")
		return strings.Contains(page, "batches in the spool that cannot be read: 1") && strings.Contains(page, r.cfg.Store.Spool)
	})
	if aside, err := spool.KeptAside(r.cfg.Store.Spool); err != nil || len(aside) != 1 || aside[0].Batches != 1 {
		t.Errorf("in the files: %+v, error %v", aside, err)
	}
}

// Where there is nothing to recover, or no database that rows are missing from, none is made, and no spool.
func TestRecoveryMakesNoDatabase(t *testing.T) {
	dir := t.TempDir()
	cfg := config.DefaultConfig()
	cfg.Store.Path, cfg.Store.Spool = filepath.Join(dir, "data"), filepath.Join(dir, "spool")
	for _, named := range [][]string{nil, {filepath.Join(dir, "run.db")}} {
		done, err := RecoverSpool(t.Context(), &cfg, kinds.All(), named, slog.New(slog.DiscardHandler))
		if (err != nil) != (named != nil) || err != nil && !strings.Contains(err.Error(), "no database in "+cfg.Store.Path) || len(done) != 0 {
			t.Errorf("%v: %+v, error %v", named, done, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("made %v, error %v", entries, err)
	}
}
