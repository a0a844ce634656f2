package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/porttest"
	"kaisen/internal/simulator"
)

// The move to a server, as the help describes it: copy while the service runs, stop it, copy once more, start it with the new
// store. All rows are there, and new ones arrive.
func TestAServiceMovesToAServer(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 10, 1, 3
	cfg.Start, cfg.Speed = time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, carrier)
	s.start()
	running := true
	defer func() {
		if running {
			s.stop()
		}
	}()
	s.eventually("ready", s.ready)
	s.eventually("rows arrive", s.arriving("traffic_samples"))

	server := newServer(t, s)
	said := server.copyTo(t)
	if n := len(regexp.MustCompile(`(?m)^\w+ +\d+ +\d+ +\d+ +[0-9.]+ +[0-9a-f]{16} +equal$`).FindAllString(said, -1)); n < 25 || strings.Contains(said, "DIFFERS") {
		t.Errorf("%d tables are equal:\n%s", n, said)
	}
	s.eventually("more rows arrive", s.arriving("traffic_samples"))
	s.stop()
	running = false
	said = server.copyTo(t)
	if regexp.MustCompile(`(?m)^traffic_samples +\d+ +0 `).MatchString(said) {
		t.Errorf("nothing had come meanwhile:\n%s", said)
	}
	again := server.copyTo(t)
	if !regexp.MustCompile(`(?m)^\d+ tables +\d+ +0 `).MatchString(again) {
		t.Errorf("what stands still is copied again:\n%s", again)
	}
	before := s.samplesOf(t, server)

	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	config["store"] = map[string]any{"kind": "clickhouse", "dsn_file": server.dsnFile, "spool": filepath.Join(s.data, "spool")}
	if text, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	running = true
	s.eventually("ready with the new store", s.ready)
	s.eventually("rows arrive on the server", func() bool { return s.samplesOf(t, server) > before })
}

// server is an engine of its own, where a database is copied to.
type server struct {
	service *service
	dsnFile string
}

func newServer(t *testing.T, s *service) *server {
	t.Helper()
	at := porttest.Addresses(t, 2)
	folder := t.TempDir()
	command := exec.Command(s.binary, "clickhouse", "--path", filepath.Join(folder, "server"), "--listen", at[0], "--listen-native", at[1])
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	s.eventually("the server answers", func() bool { return s.status("http://"+at[0]+"/ping") == http.StatusOK })
	password, err := os.ReadFile(filepath.Join(folder, "server", "kaisen.password"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "dsn")
	dsn := fmt.Sprintf("clickhouse://kaisen:%s@%s/moved", strings.TrimSpace(string(password)), at[1])
	if err := os.WriteFile(file, []byte(dsn), 0o600); err != nil {
		t.Fatal(err)
	}
	return &server{s, file}
}

// copyTo is kaisen copy; it returns what it says.
func (s *server) copyTo(t *testing.T) string {
	t.Helper()
	command := exec.Command(s.service.binary, "copy", "--config", s.service.config, "--to-file", s.dsnFile)
	var errs strings.Builder
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("kaisen copy: %v\n%s%s", err, out, errs.String())
	}
	return string(out)
}

// samplesOf counts the samples on the server.
func (s *service) samplesOf(t *testing.T, server *server) (n int) {
	t.Helper()
	command := exec.Command(s.binary, "query", "--config", s.config, "SELECT count() FROM traffic_samples")
	command.Env = append(os.Environ(), "KAISEN_STORE__KIND=clickhouse", "KAISEN_STORE__DSN_FILE="+server.dsnFile)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Sscan(string(out), &n)
	return n
}
