package clickhouse_test

import (
	"errors"
	"testing"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// A database that was made for one layout is refused by a kaisen that is configured for another, before it has changed
// anything or taken a row.
func TestAnotherLayoutIsRefused(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 1)
	one, shards, replicated := clickhouse.Layout{}, clickhouse.Layout{Cluster: chdbtest.ClusterName}, clickhouse.Layout{Cluster: chdbtest.ClusterName, Replicated: true}
	for _, test := range []struct {
		name   string
		made   clickhouse.Layout
		other  clickhouse.Layout
		should string
	}{
		{"one", one, shards, "for one server, and store.cluster is test; remove store.cluster, or name a new database in store.dsn"},
		{"one", one, replicated, "for one server, and store.cluster is test; remove store.cluster, or name a new database in store.dsn"},
		{"shards", shards, one, "for a cluster, and store.cluster is empty; set store.cluster"},
		{"shards", shards, replicated, "for shards alone, and store.replicated is true; set store.replicated: false"},
	} {
		cfg := shardsConfig(cluster.HTTP(0, test.name))
		cfg.Cluster = test.made.Cluster
		openWith(t, cfg)
		steps, err := clickhouse.Steps(test.made)
		if err != nil {
			t.Fatal(err)
		}
		plain := open(t, cluster.HTTP(0, test.name))
		for _, statement := range steps[0].Statements {
			query(t, plain, statement)
		}
		before := definitions(t, plain)
		cfg.Cluster, cfg.Replicated = test.other.Cluster, test.other.Replicated
		db := openWith(t, cfg)
		_, pending := db.Pending(t.Context())
		for _, err := range []error{db.Migrate(t.Context()), pending} {
			if !errors.Is(err, clickhouse.ErrOtherLayout) {
				t.Errorf("made for %+v, asked for %+v: %v", test.made, test.other, err)
			}
			saysInALine(t, err, "database "+test.name, test.should, "deploy/README.md")
		}
		if after := definitions(t, plain); after != before {
			t.Errorf("made for %+v, asked for %+v: the tables were changed", test.made, test.other)
		}
	}
}
