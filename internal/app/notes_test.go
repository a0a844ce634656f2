package app

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom"
	"kaisen/exporter/fleet"
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
	a := &App{accounts: []*account{{name: "hq", Collector: untroubled{}, client: client}}, outbox: out}
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
	var running sync.WaitGroup
	running.Go(func() { _ = a.outbox.Run(ctx) })
	defer func() {
		stop()
		running.Wait()
		_ = a.outbox.Close()
	}()
	write := func() error {
		random := make([]byte, 200<<10)
		_, _ = rand.Read(random)
		return a.outbox.Write(ctx, schema.Batch{Sweeps: []schema.Sweep{{Job: string(random)}}})
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	_ = wait.Until(ctx, time.Millisecond, func() bool { return len(a.notes()) > 0 })
	if notes := strings.Join(a.notes(), "\n"); notes != "the database takes no rows, they wait in the spool: the database is not open yet" {
		t.Errorf("notes %q", notes)
	}
	running.Go(func() {
		for write() == nil { // the last one waits for room until the end
		}
	})
	const want = "neither the database nor the spool takes rows, and sweeps wait: the database is not open yet; the spool is full"
	waits, enough := context.WithTimeout(ctx, time.Minute)
	defer enough()
	_ = wait.Until(waits, time.Millisecond, func() bool { err := a.ready(); return err != nil && strings.Contains(err.Error(), want) })
	if err := a.ready(); err == nil || !strings.Contains(err.Error(), want) || len(a.notes()) > 0 {
		t.Errorf("ready: %v, notes %q", err, a.notes())
	}
}

// A labels file that goes while kaisen runs, or loses a column that is shown, takes no name away and is a note until it is back.
func TestALabelsFileThatIsGoneIsANote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const good = "contract_id,line_no,name,department\nN000000001,09000000001,Camera,Sales\n"
	write(good)
	cfg := config.DefaultConfig()
	cfg.LabelsFile, cfg.Exporter.InfoLabels = path, []string{"department"}
	source := config.DefaultSource(unom.Kind())
	source.Name, source.Settings = "hq", &unom.Settings{Contracts: []string{"N000000001"}}
	cfg.Sources = []config.Source{source}
	synctest.Test(t, func(t *testing.T) {
		log := new(liveLog)
		names := keptNames{}
		out := newOutbox(spool.DefaultConfig(), spoolStore(nil), spool.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		a := &App{names: newLineNames(&cfg, names, slog.New(slog.NewTextHandler(log, nil))), outbox: out, fleet: fleet.New(fleet.DefaultConfig())}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go a.names.run(ctx)
		for _, step := range []struct {
			do         func()
			want, name string
		}{
			{func() {}, "", "Camera"},
			{func() { _ = os.Rename(path, path+".away") }, "labels_file: open " + path + ": no such file or directory; the names of lines are as they were", "Camera"},
			{func() { _ = os.Rename(path+".away", path) }, "", "Camera"},
			{func() { write("contract_id,line_no,name,site\nN000000001,09000000001,Other,x\n") }, "labels_file: column department is missing, which exporter.info_labels names; the names of lines are as they were", "Camera"},
			{func() { write("contract_id,line_no,name,department\nN000000001,09000000001,Door,Sales\n") }, "", "Door"},
		} {
			step.do()
			time.Sleep(25 * time.Second) // two looks
			synctest.Wait()
			if got := strings.Join(a.notes(), "\n"); got != step.want {
				t.Errorf("notes %q, want %q", got, step.want)
			}
			if names["09000000001"] != step.name {
				t.Errorf("after %q the line is %q, want %q", step.want, names["09000000001"], step.name)
			}
		}
		if got := strings.Count(log.String(), "level=WARN"); got != 2 {
			t.Errorf("%d warnings:\n%s", got, log.String())
		}
	})
}

// keptNames is a sink that keeps the names of lines.
type keptNames map[string]string

func (k keptNames) Write(_ context.Context, b schema.Batch) error {
	for _, row := range b.Names {
		k[row.LineNo] = row.Name
	}
	return nil
}
