package clickhouse_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

func replicasConfig(dsn string) clickhouse.Config {
	cfg := shardsConfig(dsn)
	cfg.Replicated = true
	return cfg
}

// Two replicas are migrated together; a third server, which comes later, gets all that they have from the next migration;
// and where nothing is to be done, nothing is.
func TestMigrateReplicas(t *testing.T) {
	cluster := chdbtest.StartReplicas(t, 2, 3)
	queue, dsn := startOnCluster(t, cluster, 2)
	db := openWith(t, replicasConfig(dsn("kaisen")))
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := definitions(t, open(t, cluster.HTTP(0, "kaisen")))
	if diff := cmp.Diff(want, definitions(t, open(t, cluster.HTTP(1, "kaisen")))); diff != "" {
		t.Errorf("the second replica (-first +second):\n%s", diff)
	}
	if _, waits := queue.statements(); slices.ContainsFunc(waits, func(wait string) bool { return wait != "30" }) {
		t.Errorf("statements wait for servers %v", waits)
	}
	cluster.Grow(t, 3)
	queue.set(3)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, definitions(t, open(t, cluster.HTTP(2, "kaisen")))); diff != "" {
		t.Errorf("the third server (-first +third):\n%s", diff)
	}
	before, _ := queue.statements()
	err := db.Migrate(t.Context())
	if after, _ := queue.statements(); err != nil || len(after) > len(before) {
		t.Errorf("once more: %v, %d statements", err, len(after)-len(before))
	}
}

// While a replica is away nothing is changed, and the migration says whom it misses, at once; one that goes away in the
// middle is named too; and a later migration completes what was begun.
func TestMigrateWhileAReplicaIsAway(t *testing.T) {
	cluster := chdbtest.StartReplicas(t, 2, 2)
	queue, dsn := startOnCluster(t, cluster, 2)
	cfg := replicasConfig(dsn("kaisen"))
	cluster.Kill(1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := clickhouse.Open(ctx, cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	saysInALine(t, err, "cluster test: no answer from "+cluster.Address(1), "nothing is changed", "run kaisen migrate again", "deploy/README.md")
	if seen, _ := queue.statements(); len(seen) > 0 {
		t.Errorf("statements: %v", seen)
	}
	cluster.Restart(t, 1)
	db := openWith(t, cfg)
	queue.set(2, 1) // from now on it does not take statements
	saysInALine(t, db.Migrate(t.Context()), "migrate: ", "no answer from "+cluster.Address(1)+" within", "run kaisen migrate again")
	queue.set(2)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(definitions(t, open(t, cluster.HTTP(0, "kaisen"))), definitions(t, open(t, cluster.HTTP(1, "kaisen")))); diff != "" {
		t.Errorf("the second replica (-first +second):\n%s", diff)
	}
	cluster.Kill(1) // now that there is nothing to do, nobody needs it
	if err := db.Migrate(t.Context()); err != nil {
		t.Errorf("with nothing to do: %v", err)
	}
}

// What a cluster with replicas needs and has not is said in a line, before anything is changed.
func TestMigrateSaysWhatAClusterLacks(t *testing.T) {
	cluster := chdbtest.StartReplicas(t, 2, 2)
	queue, dsn := startOnCluster(t, cluster, 2)
	migrate := func(dsn string) error {
		db, err := clickhouse.Open(t.Context(), replicasConfig(dsn), clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Migrate(t.Context())
	}
	saysInALine(t, migrate(cluster.HTTP(0, "kaisen")), "cluster test: ", "has no Keeper", "<zookeeper>", "store.replicated: false", "deploy/README.md") // the engine has none
	saysInALine(t, migrate(cluster.HTTP(0, "default")), "migrate: cluster test: ", "has no Keeper")
	cluster.Unname(t, 1, "replica")
	saysInALine(t, migrate(dsn("kaisen")), "cluster test: no macro {replica} on "+cluster.Address(1), "<macros>", "deploy/README.md")
	cluster.Name(t, 1, "replica", "server1")
	saysInALine(t, migrate(dsn("kaisen")), "cluster test: the macros {shard} and {replica} are 1 and server1 on "+cluster.Address(0)+" and on "+cluster.Address(1))
	if seen, _ := queue.statements(); len(seen) > 0 {
		t.Errorf("statements: %v", seen)
	}
}

// saysInALine compares an error with the parts that it should have.
func saysInALine(t *testing.T, err error, parts ...string) {
	t.Helper()
	said := fmt.Sprint(err)
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("the error has no %q: %s", part, said)
		}
	}
	if err == nil || strings.Contains(said, "\n") || len(said) > 400 {
		t.Errorf("not a line: %s", said)
	}
}
