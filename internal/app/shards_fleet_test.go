package app

import (
	"log/slog"
	"sync"
	"testing"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// Two kaisen, each with half of the fleet, write into one cluster of three shards at the same time: it holds the truth.
func TestTwoKaisenWriteIntoThreeShards(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3)
	r := newFixtureOn(t, cluster.HTTP(0, "kaisen"), func(c *simulator.Config) { c.Lines, c.ShareLines = 90, 9 })
	var both sync.WaitGroup
	for _, part := range []string{"1/2", "2/2"} {
		cfg := r.config()
		cfg.Store.Cluster, cfg.Collector.Shard = chdbtest.ClusterName, part
		a, err := New(cfg, slog.New(slog.DiscardHandler), Options{Kinds: kinds.All(), Version: "test"})
		if err != nil {
			t.Fatal(err)
		}
		both.Go(func() {
			if _, err := a.Sweep(t.Context()); err != nil {
				t.Errorf("part %s: %v", part, err)
			}
		})
	}
	both.Wait()
	r.holdsTheTruth()
	r.heldWhatWasServed()
	if n := r.query("SELECT count() FROM line_status"); n[0] != "90" {
		t.Errorf("line_status has %s rows, want 90", n[0])
	}
	for i := range 3 {
		on, err := ask(cluster.HTTP(i, "kaisen"), "SELECT uniqExact(line_no) > 10 FROM traffic_samples_local")
		if err != nil || on[0] != "1" {
			t.Errorf("shard %d has few lines: %v, %v", i+1, on, err)
		}
	}
}
