package unom

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
)

// Each answer of call 26 with resultCode 2 is one throttled answer in table sweeps.
func TestTooManyIsCountedOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := `{"resultCode": 2}`
		switch {
		case r.URL.Path == "/token":
			body = `{"accessToken":"t","expiresIn":"3599"}`
		case strings.HasSuffix(r.URL.Path, "/lines"):
			body = `{"linesList":[{"lineNo":"09012345678"}]}`
		}
		_, _ = io.WriteString(w, body)
	}))
	transport := &http.Transport{}
	defer server.Close()
	defer transport.CloseIdleConnections()
	cfg := carrier.DefaultConfig()
	cfg.Source, cfg.BaseURL, cfg.TokenURL = "hq", server.URL, server.URL+"/token"
	cfg.ClientID, cfg.ClientSecret, cfg.RequestsPerSecond, cfg.Inspect = "id", "secret", 0, api.Inspect
	client, err := carrier.New(cfg, transport, carrier.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	u := newUnom(api.New(client, tokyo), &collectortest.Sink{}, nil)
	if err := sweepOnce(t, u, JobLines).Err(); err != nil {
		t.Fatal(err)
	}
	row := sweepOnce(t, u, JobSession).Row("hq")
	if row.Throttled != sessionAttempts || client.Stats().Throttled != row.Throttled {
		t.Errorf("%d throttled in table sweeps, %d of the account, want %d", row.Throttled, client.Stats().Throttled, sessionAttempts)
	}
}
