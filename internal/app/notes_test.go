package app

import (
	"context"
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
	a := &App{accounts: []account{{name: "hq", Collector: untroubled{}, client: client}}}
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
