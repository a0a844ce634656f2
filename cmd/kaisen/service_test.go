package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/porttest"
	"kaisen/internal/simulator"
)

// service is a kaisen of its own, run as a user would.
type service struct {
	t         *testing.T
	binary    string
	config    string // its file
	cmd       *exec.Cmd
	log       said
	data      string // folder of the embedded ClickHouse
	sql, http string // addresses
}

// said is what a process has written so far, to be read while it runs.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes what the process writes.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Reset forgets it.
func (s *said) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Reset()
}

// newService is a kaisen that watches a simulated carrier; it is not started yet.
func newService(t *testing.T, carrier *simulator.Carrier) *service {
	t.Helper()
	return newServiceIn(t, carrier, t.TempDir())
}

// newServiceIn is newService with all that it writes in a folder.
func newServiceIn(t *testing.T, carrier *simulator.Carrier, folder string) *service {
	t.Helper()
	api := httptest.NewServer(carrier.Handler())
	t.Cleanup(api.Close)
	s := &service{t: t, binary: kaisenBinary(t)}
	at := porttest.Addresses(t, 2)
	s.sql, s.http = at[0], at[1]
	s.data = filepath.Join(folder, "data")
	id, secret := carrier.Credentials()
	job := map[string]string{"interval": "1s"}
	log := map[string]string{"interval": "1s", "lookback": "24h"}
	config := map[string]any{
		"sources": []any{map[string]any{
			"name": "hq", "kind": "unom", "base_url": api.URL, "token_url": api.URL + "/v1/oauth/accesstokens",
			"client_id": id, "client_secret": secret, "contracts": carrier.Contracts(),
			"rate_limit": map[string]any{"requests_per_second": 2000, "burst": 100, "max_in_flight": 8},
			"jobs":       map[string]any{"traffic": job, "data_share": job, "session": job, "authentications": log, "sessions": log},
		}},
		"store":    map[string]any{"path": s.data, "listen": s.sql, "listen_native": "127.0.0.1:0", "spool": filepath.Join(s.data, "spool")},
		"exporter": map[string]any{"listen": s.http},
	}
	text, err := json.Marshal(config) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	s.config = filepath.Join(t.TempDir(), "kaisen.yaml")
	if err := os.WriteFile(s.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs it.
func (s *service) start() {
	s.t.Helper()
	s.log.Reset()
	s.startTo(&s.log)
}

// startTo is start with another place for what it writes to stderr.
func (s *service) startTo(stderr io.Writer) {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, "run", "--config", s.config)
	s.cmd.Stderr = stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// startService runs kaisen until the end of the test, and waits until it is ready.
func startService(t *testing.T, carrier *simulator.Carrier) *service {
	t.Helper()
	s := newService(t, carrier)
	s.start()
	t.Cleanup(s.stop)
	s.eventually("ready", s.ready)
	return s
}

func (s *service) ready() bool { return s.status("http://"+s.http+"/-/ready") == http.StatusOK }

// kill ends it as a power cut would.
func (s *service) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatalf("%v\n%s", err, s.log.String())
	}
	_ = s.cmd.Wait()
}

// kaisenBinary is this test binary under the name by which TestMain knows the command. It has to be a file of that
// name, because kaisen starts its own program again for the engine.
func kaisenBinary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "kaisen")
	if err := os.WriteFile(name, program, 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

func (s *service) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("kaisen run ended with %v\n%s", err, s.log.String())
	}
}

// engine is the process number of the embedded ClickHouse, which it writes into its folder.
func (s *service) engine() int {
	text, err := os.ReadFile(filepath.Join(s.data, "status"))
	if err != nil {
		return 0
	}
	pid := 0
	fmt.Sscanf(string(text), "PID: %d", &pid)
	return pid
}

// get is what an address answers; empty where it does not.
func (s *service) get(address string) string {
	response, err := http.Get(address)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // of which as much as came is enough
	return string(body)
}

func (s *service) status(address string) int {
	response, err := http.Get(address)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// query asks the embedded ClickHouse; nil while it is away.
func (s *service) query(sql string) []string {
	request, err := http.NewRequest(http.MethodPost, "http://"+s.sql+"/?database=kaisen", strings.NewReader(sql))
	if err != nil {
		s.t.Fatal(err)
	}
	password, err := os.ReadFile(filepath.Join(s.data, "kaisen.password"))
	if err != nil {
		return nil // it was never started
	}
	request.SetBasicAuth("kaisen", strings.TrimSpace(string(password)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	rows := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	slices.Sort(rows)
	return rows
}

func (s *service) eventually(what string, happened func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !happened(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within two minutes: %s\n%s\n%s", what, s.get("http://"+s.http+"/-/ready"), s.log.String())
		}
		<-time.After(20 * time.Millisecond)
	}
}
