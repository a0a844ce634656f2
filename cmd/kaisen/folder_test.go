package main

import (
	"fmt"
	"os/exec"
	"testing"

	"kaisen/internal/chdb"
	"kaisen/internal/simulator"
)

// A person who asks the stopped service's database something while it starts makes it wait, and does not end it.
func TestAQueryDoesNotEndTheServiceThatStarts(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 5, 1, 0
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, carrier)
	s.start()
	s.eventually("ready", s.ready)
	s.stop()
	for round := range 3 {
		question := exec.Command(s.binary, "query", "--config", s.config, "SELECT sleepEachRow(1) FROM numbers(2) SETTINGS max_block_size = 1")
		if err := question.Start(); err != nil {
			t.Fatal(err)
		}
		s.eventually("the query has the folder", func() bool {
			owner, err := chdb.FindOwner(s.data)
			return err == nil && owner != nil && owner.Private
		})
		s.start()
		s.eventually(fmt.Sprintf("ready, round %d", round), s.ready)
		if err := question.Wait(); err != nil {
			t.Errorf("the query: %v", err)
		}
		s.stop()
	}
}
