package clickhouse_test

import (
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

// onShards is a database on the shards of a cluster, migrated, or the mistake that makes it none.
func onShards(t testing.TB, dsn string) *clickhouse.DB {
	t.Helper()
	db := openShards(t, dsn)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// openShards is a new database without tables.
func openShards(t testing.TB, dsn string) *clickhouse.DB {
	t.Helper()
	return openWith(t, shardsConfig(dsn))
}

func shardsConfig(dsn string) clickhouse.Config {
	cfg := clickhouse.DefaultConfig()
	cfg.DSN, cfg.CreateDatabase, cfg.Cluster = dsn, true, chdbtest.ClusterName
	cfg.Retention = clickhouse.Retention{Samples: 400 * 24 * time.Hour, Events: 400 * 24 * time.Hour}
	return cfg
}

// An empty cluster, and one of each earlier version, becomes what a new one is, on every shard; and again, and from half
// way.
func TestMigrateShards(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3)
	const name = "kaisen_new"
	made := onShards(t, cluster.HTTP(1, name)) // the shards are reached natively all the same
	want := definitions(t, open(t, cluster.HTTP(0, name)))
	if n := strings.Count(want, "ENGINE = Distributed("); n < 20 {
		t.Errorf("%d Distributed tables", n)
	}
	same := func(t *testing.T, database string) {
		t.Helper()
		for i := range 3 {
			if diff := cmp.Diff(want, strings.ReplaceAll(definitions(t, open(t, cluster.HTTP(i, database))), database, name)); diff != "" {
				t.Errorf("shard %d (-new +migrated):\n%s", i+1, diff)
			}
		}
	}
	same(t, name)
	for database, upgrade := range map[string]func(*testing.T, clickhouse.Layout, *clickhouse.DB, []*clickhouse.DB){
		"kaisen_climbed": versionByVersion, "kaisen_jumped": firstVersionAtOnce,
	} {
		t.Run(database, func(t *testing.T) {
			db := openShards(t, cluster.HTTP(0, database))
			var shards []*clickhouse.DB
			for i := range 3 {
				shards = append(shards, open(t, cluster.HTTP(i, database)))
			}
			upgrade(t, clickhouse.Layout{Cluster: chdbtest.ClusterName}, db, shards)
			same(t, database)
		})
	}
	t.Run("from half way", func(t *testing.T) {
		db, third := made, open(t, cluster.HTTP(2, name))
		query(t, third, "DROP VIEW traffic_latest_mv")
		query(t, third, "DROP TABLE traffic_daily_local")
		query(t, third, "TRUNCATE TABLE schema_migrations") // the third shard is as if it had been new
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, name)
		if pending, err := db.Pending(t.Context()); err != nil || len(pending) != 0 {
			t.Errorf("pending: %v, %v", pending, err)
		}
		if rules, err := db.PendingRetention(t.Context()); err != nil || len(rules) != 0 {
			t.Errorf("pending: %v, %v", rules, err)
		}
	})
	t.Run("somebody drops a table of one shard", func(t *testing.T) {
		db := made
		batch := everyRow()
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
		second := open(t, cluster.HTTP(1, name))
		before := query(t, second, "SELECT * FROM traffic_latest_local FINAL ORDER BY ALL")
		query(t, second, "DROP TABLE traffic_latest_local SYNC")
		if gone, err := db.Gone(t.Context()); err != nil || !slices.Equal(gone, []string{"traffic_latest_local on shard 2 at " + cluster.Address(1)}) {
			t.Errorf("gone are %v, %v", gone, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := query(t, second, "SELECT * FROM traffic_latest_local FINAL ORDER BY ALL"); after != before {
			t.Errorf("the latest samples are\n%s, were\n%s", after, before)
		}
		if gone, err := db.Gone(t.Context()); err != nil || len(gone) > 0 {
			t.Errorf("gone are still %v, %v", gone, err)
		}
	})
	t.Run("a shard is away", func(t *testing.T) {
		const database = "kaisen_away"
		db := openShards(t, cluster.HTTP(0, database))
		cluster.Kill(2)
		err := db.Migrate(t.Context())
		if err == nil || !strings.Contains(err.Error(), "shard 3 at "+cluster.Address(2)) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the error is %v", err)
		}
		cluster.Restart(t, 2)
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, database)
	})
}

// What cannot work is refused with a line that says what is wrong.
func TestOpenShardsSaysWhatIsWrong(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 1)
	cfg := shardsConfig(cluster.HTTP(0, "kaisen"))
	cfg.Cluster = "nosuch"
	_, err := clickhouse.Open(t.Context(), cfg, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "cluster nosuch: the server knows no cluster of the name nosuch") {
		t.Errorf("the error is %v", err)
	}
	cfg.Cluster = "{cluster}"
	if err := openWith(t, cfg).Migrate(t.Context()); err != nil {
		t.Errorf("named by a macro: %v", err)
	}
}
