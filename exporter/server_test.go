package exporter

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"golang.org/x/crypto/bcrypt"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/schema"
)

// start runs a server on a free port until the test ends, and gives its base URL.
func start(t *testing.T, config Config, f *fleet.Fleet, registry *prometheus.Registry, health Health) string {
	t.Helper()
	config.Listen = "127.0.0.1:0"
	server, err := New(config, f, registry, health, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return "http://" + server.Addr().String()
}

// fetch gets a URL without keeping the connection.
func fetch(t *testing.T, url string, header ...string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

// TestServer: every path, before and after kaisen is ready, over real connections; and nothing is left behind.
func TestServer(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) }) // runs last
	reason := errors.New("the store does not answer")
	notes := []string{"source hq: the carrier is down"}
	health := Health{Ready: func() error { return reason }, Notes: func() []string { return notes }, Shard: 1, Shards: 2}
	url := start(t, DefaultConfig(), awkwardFleet(30), prometheus.NewRegistry(), health)
	expect := func(path string, wantStatus int, wantBody string) {
		t.Helper()
		if status, body := fetch(t, url+path); status != wantStatus || !strings.Contains(body, wantBody) {
			t.Errorf("%s: %d %.300s, want %d with %q", path, status, body, wantStatus, wantBody)
		}
	}
	expect("/metrics", http.StatusOK, "\nkaisen_line_remaining_bytes{")
	expect("/metrics", http.StatusOK, "\nkaisen_lines_not_exported 0\n")
	expect("/-/healthy", http.StatusOK, "kaisen is healthy.\n")
	expect("/-/ready", http.StatusServiceUnavailable, "kaisen is not ready: the store does not answer\nIt watches shard 1 of 2; whether others watch the rest is not seen from here.\nnote: source hq: the carrier is down\n")
	expect("/", http.StatusOK, "kaisen is not ready: the store does not answer")
	expect("/nothing", http.StatusNotFound, "")
	reason, notes = nil, nil
	expect("/-/ready", http.StatusOK, "kaisen is ready.\nIt watches shard 1 of 2; ")
	expect("/", http.StatusOK, "shard 1 of 2")
	expect("/lines?list=unknown", http.StatusOK, "shard 1 of 2")
	if status, _ := fetch(t, url+"/-/ready", "Accept", "*/*"); status != http.StatusOK {
		t.Errorf("ready: %d", status)
	}
}

// TestGzipOverHTTP: Go's client, which asks for gzip by itself, reads the same as one that asks for none.
func TestGzipOverHTTP(t *testing.T) {
	url := start(t, DefaultConfig(), awkwardFleet(200), prometheus.NewRegistry(), Health{})
	_, unpacked := fetch(t, url+"/metrics")
	_, plain := fetch(t, url+"/metrics", "Accept-Encoding", "identity")
	if unpacked != plain || len(plain) < 100_000 {
		t.Errorf("%d bytes by gzip, %d without", len(unpacked), len(plain))
	}
}

// TestPortTaken: one line that says which, and what to do.
func TestPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	config := Config{Listen: taken.Addr().String()}
	server, err := New(config, fleet.New(fleet.DefaultConfig()), prometheus.NewRegistry(), Health{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if server.Addr() != nil {
		t.Errorf("address %s before Listen", server.Addr())
	}
	err = server.Run(t.Context())
	want := "exporter.listen " + config.Listen + " is taken: listen tcp " + config.Listen + ": bind: address already in use; choose another in exporter.listen"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestListenErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "web.yml")
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"no such address": {Config{Listen: "256.0.0.1:1"}, "exporter.listen 256.0.0.1:1: "},
		"no web config":   {Config{Listen: "127.0.0.1:0", WebConfigFile: missing}, "exporter.web_config_file " + missing + ": "},
	} {
		server, err := New(test.config, fleet.New(fleet.DefaultConfig()), prometheus.NewRegistry(), Health{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Listen(t.Context()); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s…", name, err, test.want)
		}
	}
}

// TestBasicAuth by a web config file, on every path.
func TestBasicAuth(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte("basic_auth_users:\n  prometheus: "+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := start(t, Config{WebConfigFile: file}, awkwardFleet(1), prometheus.NewRegistry(), Health{})
	for _, path := range []string{"/", "/metrics", "/-/ready"} {
		if status, _ := fetch(t, url+path); status != http.StatusUnauthorized {
			t.Errorf("%s without a password: %d", path, status)
		}
		good := "Basic " + base64.StdEncoding.EncodeToString([]byte("prometheus:secret"))
		if status, _ := fetch(t, url+path, "Authorization", good); status != http.StatusOK {
			t.Errorf("%s with the password: %d", path, status)
		}
	}
}

// TestNameTaken: nothing else may have a metric of the fleet's names, before or after.
func TestNameTaken(t *testing.T) {
	thief := prometheus.NewGauge(prometheus.GaugeOpts{Name: "kaisen_line_month_bytes", Help: "Mine."})
	registry := prometheus.NewRegistry()
	registry.MustRegister(thief)
	if _, err := New(DefaultConfig(), fleet.New(fleet.DefaultConfig()), registry, Health{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a registry with a metric of the fleet's was accepted")
	}
	registry = prometheus.NewRegistry()
	if _, err := New(DefaultConfig(), fleet.New(fleet.DefaultConfig()), registry, Health{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := registry.Register(thief); err == nil {
		t.Error("a metric of the fleet's was registered beside it")
	}
}

// TestShutdownIsBounded: a client that stopped reading in the middle of a scrape does not keep kaisen from ending.
func TestShutdownIsBounded(t *testing.T) {
	server, err := New(Config{Listen: "127.0.0.1:0"}, bigFleet(20_000), prometheus.NewRegistry(), Health{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.shutdownTimeout = 50 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	client, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.WriteString(client, "GET /metrics HTTP/1.1\r\nHost: kaisen\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != nil { // the answer has begun, and does not fit the buffers
		t.Fatal(err)
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still running")
	}
}

func bigFleet(lines int) *fleet.Fleet {
	f := fleet.New(fleet.DefaultConfig())
	for i := range lines {
		f.Write(fleettest.Traffic(fleettest.Answer(benchLine(i).LineNo, schema.ScopeLine)))
	}
	return f
}
