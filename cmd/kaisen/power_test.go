package main

import (
	"syscall"
	"testing"
	"time"

	"kaisen/internal/disktest"
	"kaisen/internal/envtest"
	"kaisen/internal/simulator"
)

// The power goes again and again, with the spool and the database on the same disk: what the one has forgotten is in the
// other, whatever of both the disk has, and no part is broken.
func TestNothingIsLostWhenThePowerGoes(t *testing.T) {
	disk := disktest.New(t, 512<<20)
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 40, 2, 6
	cfg.Start, cfg.Speed = time.Date(2026, 5, 20, 14, 56, 0, 0, time.UTC), 60
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newServiceIn(t, carrier, disk.Folder)
	nothingIsLostOf(t, carrier, cfg, s, envtest.Number(t, "KAISEN_POWER_CUTS", 3), func() {
		// kaisen first, for it would start an engine that does not answer again.
		pids := []int{s.cmd.Process.Pid, s.engine()}
		for _, pid := range pids {
			if pid != 0 {
				_ = syscall.Kill(pid, syscall.SIGSTOP)
			}
		}
		disk.CutPower(t, func() {
			s.kill() // and with it the engine
			s.eventually("the engine is dead", func() bool {
				return pids[1] == 0 || syscall.Kill(pids[1], 0) != nil
			})
		})
	})
	if broken := s.query("SELECT table, name, reason FROM system.detached_parts"); len(broken) != 1 || broken[0] != "" {
		t.Errorf("detached parts: %q", broken)
	}
}
