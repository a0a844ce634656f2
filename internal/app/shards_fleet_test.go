package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"kaisen/collector/unom"
	"kaisen/exporter/exposition"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/kinds"
	"kaisen/internal/simulator"
)

// Two kaisen, each with half of the fleet, write into one cluster of three shards at the same time: it holds the truth.
func TestTwoKaisenWriteIntoThreeShards(t *testing.T) {
	t.Parallel()
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

// Of two processes that share the lines of each contract, the one that has the contract shows when its group runs out, and both
// say it on their pages.
func TestOneProcessShowsWhenAPoolRunsOut(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(c *simulator.Config) { c.Lines, c.ShareLines = 60, 12 })
	r.only(unom.JobLines, unom.JobDataShare, unom.JobTraffic)
	parts := func() (all []*App) {
		for _, part := range []string{"1/2", "2/2"} {
			cfg := *r.cfg
			cfg.Store.Spool, cfg.Collector.Shard = t.TempDir(), part
			a, err := New(&cfg, slog.New(slog.DiscardHandler), Options{Kinds: kinds.All(), Version: "test"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			all = append(all, a)
		}
		return all
	}
	parts()
	r.query("INSERT INTO traffic_samples SELECT * REPLACE (intDiv(month_bytes, 200) AS remaining_bytes, observed_at + 1 AS observed_at) FROM traffic_latest FINAL WHERE scope = 'data_share'")
	want := map[string]bool{}
	for _, contract := range r.query("SELECT contract_id FROM pool_forecast WHERE isNotNull(exhaustion_at)") {
		want[contract] = true
	}
	if len(want) == 0 {
		t.Fatal("no group runs out: the test proves nothing")
	}
	for i, a := range parts() {
		var body bytes.Buffer
		a.fleet.Exposition().Render()
		if err := a.fleet.Exposition().Write(&body, exposition.Text, false, nil); err != nil {
			t.Fatal(err)
		}
		outlooks := map[string]bool{}
		for _, pool := range a.fleet.Overview(time.Now()).Pools {
			outlooks[pool.ContractID] = pool.Outlook.Out.Known()
		}
		for contract := range want {
			series := fmt.Sprintf("kaisen_data_share_exhaustion_timestamp_seconds{source=%q,contract_id=%q}", "hq", contract)
			if shown, own := strings.Contains(body.String(), series), a.kept.shard.Owns(contract); shown != own || !outlooks[contract] {
				t.Errorf("part %d: the gauge of %s is shown: %t, want %t; on the page: %t", i+1, contract, shown, own, outlooks[contract])
			}
		}
	}
}
