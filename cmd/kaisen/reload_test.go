//go:build unix

package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// TestAHangupReadsTheConfigurationAgain in a process that nobody listens to any more: SIGHUP takes a contract out, a wrong
// configuration changes nothing, and neither ends it, nor does a stderr whose reader has gone.
func TestAHangupReadsTheConfigurationAgain(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 20, 2, 4
	cfg.Start, cfg.Speed = time.Now(), 1
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, carrier)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.startTo(write)
	write.Close()
	t.Cleanup(s.stop)
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		_, _ = io.Copy(&s.log, read)
	}()
	s.eventually("ready", s.ready)
	read.Close()
	<-reading
	both := carrier.Contracts()
	metrics := func() string { return s.get("http://" + s.http + "/metrics") }
	s.eventually("both contracts are shown", func() bool {
		text := metrics()
		return strings.Contains(text, both[0]) && strings.Contains(text, both[1])
	})
	s.reload(func(c map[string]any) { c["sources"].([]any)[0].(map[string]any)["contracts"] = both[:1] })
	s.eventually("one of them is shown no more", func() bool { return !strings.Contains(metrics(), both[1]) })
	s.eventually("its lines are removed", func() bool {
		rows := s.query("SELECT DISTINCT contract_id, state FROM lines FINAL")
		return len(rows) == 2 && rows[1] == both[1]+"\tremoved"
	})
	s.reload(func(c map[string]any) { c["sources"] = "none" })
	s.eventually("a wrong one is told", func() bool { return strings.Contains(metrics(), "kaisen_config_last_reload_successful 0") })
	s.eventually("the other contract is asked about on", s.arriving("traffic_samples"))
	if err := s.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it has ended: %v", err)
	}
}

// reload changes the configuration, and has it read again.
func (s *service) reload(edit func(map[string]any)) {
	s.t.Helper()
	text, err := os.ReadFile(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		s.t.Fatal(err)
	}
	edit(config)
	if text, err = json.Marshal(config); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.config, text, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
}
