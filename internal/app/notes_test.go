package app

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/config"
	"kaisen/internal/spool"
	"kaisen/internal/wait"
	"kaisen/schema"
)

// untroubled is a collector whose lists are all well.
type untroubled struct{ collector.Collector }

func (untroubled) Trouble() error { return nil }

// What the carrier has paused is a note, on /-/ready and on the page, though every list is well.
func TestPausesAreNotes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"accessToken":"t","expiresIn":"3599"}`)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "System Maintainance")
	}))
	defer server.Close()
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL, cfg.ClientID, cfg.ClientSecret = "hq", server.URL, server.URL+"/token", "id", "secret"
	cfg.MaxWait = time.Second // the pause is longer: it fails at once
	client, err := carrier.New(cfg, nil, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	out := newOutbox(spool.DefaultConfig(), spoolStore(nil), spool.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	a := &App{accounts: []account{{name: "hq", Collector: untroubled{}, client: client}}, outbox: out}
	if notes := a.notes(); len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
	if _, err := client.Get(context.Background(), "session", "/", nil); err == nil {
		t.Fatal("maintenance is no error")
	}
	if notes := strings.Join(a.notes(), "\n"); !strings.HasPrefix(notes, "source hq: the carrier is under maintenance (503), requests of session wait; the next at ") {
		t.Errorf("notes %q", notes)
	}
}

// Who asks whether kaisen is ready learns that rows wait, and then that there is no place left for any.
func TestNoPlaceForRowsIsNotReady(t *testing.T) {
	log, cfg := slog.New(slog.DiscardHandler), spool.DefaultConfig()
	cfg.Dir, cfg.MaxBytes, cfg.DrainTimeout = t.TempDir(), 1<<20, 0
	store := newStore(new(config.Config), engineUse{}, prometheus.NewRegistry(), log)
	a := &App{store: store, outbox: newOutbox(cfg, store, spool.NewMetrics(prometheus.NewRegistry()), log)}
	if err := a.outbox.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.outbox.Run(ctx) }()
	defer func() {
		stop()
		<-ended
		_ = a.outbox.Close()
	}()
	write := func() error {
		random := make([]byte, 200<<10)
		_, _ = rand.Read(random)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return a.outbox.Write(short, schema.Batch{Sweeps: []schema.Sweep{{Job: string(random)}}})
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	_ = wait.Until(ctx, time.Millisecond, func() bool { return len(a.notes()) > 0 })
	if notes := strings.Join(a.notes(), "\n"); notes != "the database takes no rows, they wait in the spool: the database is not open yet" {
		t.Errorf("notes %q", notes)
	}
	for write() == nil {
	}
	const want = "neither the database nor the spool takes rows, and sweeps wait: the database is not open yet; the spool is full"
	if err := a.ready(); err == nil || !strings.Contains(err.Error(), want) || len(a.notes()) > 0 {
		t.Errorf("ready: %v, notes %q", err, a.notes())
	}
}
