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
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/simulator"
)

// service is a kaisen of its own, run as a user would.
type service struct {
	t         *testing.T
	cmd       *exec.Cmd
	log       bytes.Buffer
	data      string // folder of the embedded ClickHouse
	sql, http string // addresses
}

// startService runs kaisen against a simulated carrier.
func startService(t *testing.T, carrier *simulator.Carrier) *service {
	t.Helper()
	api := httptest.NewServer(carrier.Handler())
	t.Cleanup(api.Close)
	s := &service{t: t}
	ports := make([]string, 2)
	for i := range ports {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		ports[i] = port
	}
	s.sql, s.http = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	s.data = filepath.Join(t.TempDir(), "data")
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
		"store":    map[string]any{"path": s.data, "listen": s.sql},
		"exporter": map[string]any{"listen": s.http},
	}
	text, err := json.Marshal(config) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "kaisen.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(kaisenBinary(t), "run", "--config", file)
	s.cmd.Stderr = &s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	s.eventually("ready", func() bool { return s.status("http://"+s.http+"/-/ready") == http.StatusOK })
	return s
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
	response, err := http.Post("http://"+s.sql+"/?database=kaisen", "text/plain", strings.NewReader(sql))
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
	for deadline := time.Now().Add(time.Minute); !happened(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("not within a minute: %s\n%s", what, s.log.String())
		}
		<-time.After(20 * time.Millisecond)
	}
}

// The embedded engine is killed again and again while rows arrive: it is back within seconds, and every answer that
// the carrier gave is in the tables.
func TestNoRowIsLostWhenTheEngineIsKilled(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 60, 2, 6
	cfg.Start, cfg.Speed = time.Date(2026, 5, 20, 14, 30, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := startService(t, carrier)
	for range 5 {
		victim := s.engine()
		if victim == 0 {
			t.Fatal("no engine to kill")
		}
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		s.eventually("the engine is back", func() bool { return len(s.query("SELECT 1")) == 1 && s.engine() != victim })
		t.Logf("back after %s", time.Since(killed).Round(time.Millisecond))
		rows := s.query("SELECT count() FROM traffic_samples")[0]
		s.eventually("rows arrive again", func() bool {
			now := s.query("SELECT count() FROM traffic_samples")
			return len(now) == 1 && now[0] != rows
		})
	}
	stop, since := 0.0, cfg.Start.Add(-12*time.Hour).Unix()
	if err := carrier.SetClock(simulator.ClockChange{Speed: &stop}); err != nil {
		t.Fatal(err)
	}
	s.eventually("every answer is stored", func() bool {
		return cmp.Equal(served(carrier), s.query("SELECT DISTINCT contract_id, line_no, scope, toUnixTimestamp(observed_at) FROM traffic_samples")) &&
			cmp.Equal(logged(carrier, since), s.query(fmt.Sprintf("SELECT contract_id, line_no, toUnixTimestamp(event_time), result, ordinal FROM authentications FINAL WHERE event_time >= %d", since)))
	})
	if doubled := s.query("SELECT count() - uniqExact(source, contract_id, line_no, scope, observed_at) FROM traffic_samples FINAL"); doubled[0] != "0" {
		t.Errorf("%s samples are there twice through FINAL", doubled[0])
	}
}

// served lists the traffic answers that the carrier gave, each second of a line once.
func served(carrier *simulator.Carrier) []string {
	var rows []string
	for _, a := range carrier.Served().Traffic {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%d", a.ContractID, a.LineNo, a.Scope, a.At.Unix()))
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// logged lists the authentications that the carrier tells, from a time on.
func logged(carrier *simulator.Carrier, since int64) []string {
	var rows []string
	for l := range carrier.Truth(simulator.TruthQuery{}) {
		for _, row := range l.Authentications {
			if row.Time.Unix() < since {
				continue
			}
			rows = append(rows, fmt.Sprintf("%s\t%s\t%d\t%s\t%d", l.ContractID, l.LineNo, row.Time.Unix(), row.Result, row.Ordinal))
		}
	}
	slices.Sort(rows)
	return rows
}
