package app

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/internal/config"
	"kaisen/internal/simulator"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// Every view and every example gives on three shards what it gives on one node, to the row. -v prints the table.
func TestThreeShardsAnswerAsOneNodeDoes(t *testing.T) {
	t.Parallel()
	cluster := chdbtest.StartCluster(t, 3)
	one, three := cluster.HTTP(0, "one"), cluster.HTTP(0, "three")
	r := newFixtureOn(t, one, func(c *simulator.Config) {
		c.Start = time.Now().Add(-6 * 24 * time.Hour).Truncate(time.Second)
		c.Orders = 4
	})
	r.liveThrough()
	migrateShards(t, three)
	cluster.Spread(t, "one", "three")
	same := &comparison{t: t, one: one, three: three}
	const views = "SELECT name FROM system.tables WHERE database = 'one' AND engine = 'View' AND name NOT IN ('closed_months', 'closed_session_months') ORDER BY name" // in six days none is closed
	for _, view := range r.query(views) {
		same.compare(view, "SELECT * EXCEPT ('age_seconds$') FROM "+view) // an answer that takes over a second has other ages
	}
	examples, err := schema.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range examples {
		same.compare(fmt.Sprintf("example %d: %s", i+1, e.Question), e.SQL)
	}
	t.Log(same.table.String())
}

// migrateShards makes a database on the shards of a cluster.
func migrateShards(t *testing.T, dsn string) {
	t.Helper()
	store := config.Store{Kind: config.StoreClickHouse, DSN: config.NewDSN(dsn), Cluster: chdbtest.ClusterName, AutoMigrate: true}
	db, err := openDatabase(t.Context(), &config.Config{Store: store}, dsn, clickhouse.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// comparison asks two databases the same.
type comparison struct {
	t          *testing.T
	one, three string
	table      strings.Builder
}

// compare asks both at once, again where a second has passed between them, because ages are counted in seconds.
func (c *comparison) compare(name, sql string) {
	c.t.Helper()
	var diff string
	var rows [2]int
	for range 20 {
		var one []string
		var unasked error
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			one, unasked = ask(c.one, sql)
		}()
		three, err := ask(c.three, sql)
		<-asked
		if unasked != nil {
			c.t.Fatalf("%s on one node: %v", name, unasked)
		}
		if err != nil {
			c.t.Errorf("%s on three shards: %v", name, err)
			return
		}
		rows = [2]int{len(one), len(three)}
		if diff = cmp.Diff(sorted(one), sorted(three)); diff == "" && len(one) > 0 {
			break
		}
	}
	fmt.Fprintf(&c.table, "\n%-95s %5d %5d  %t", name, rows[0], rows[1], diff == "")
	if diff != "" || rows[0] == 0 {
		c.t.Errorf("%s (-one node +three shards):\n%.3000s", name, diff)
	}
}
