package dashboards

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promclient "github.com/prometheus/client_golang/prometheus"
	"github.com/sourcegraph/conc/pool"

	"kaisen/internal/chdb/chdbtest"
	ch "kaisen/schema/clickhouse"
)

// Every panel that asks ClickHouse shows on three shards what it shows on one node. -v prints the table.
func TestThreeShardsShowTheSame(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3)
	w := newFixtureOn(t, cluster.HTTP(0, "one"), cluster.HTTP(0, "one"))
	w.liveThrough()
	three := cluster.HTTP(0, "three")
	db, err := ch.Open(t.Context(), ch.Config{DSN: three, CreateDatabase: true, Cluster: chdbtest.ClusterName}, ch.NewMetrics(promclient.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	cluster.Spread(t, "one", "three")
	var table strings.Builder
	for _, m := range installed(t) {
		if m.store() != clickhouse() {
			continue
		}
		a := asking{from: began(t), to: w.sim.Now().Add(time.Minute), values: map[string][]string{}, all: map[string]bool{}}
		w.choose(t, m, a)
		for _, p := range m.pictures() {
			for _, q := range p.Targets {
				name := m.UID + ", " + p.Title
				one, other, diff := w.compare(three, a.sql(t, q.RawSQL))
				fmt.Fprintf(&table, "\n%-70s %5d %5d  %t", name, one, other, diff == "")
				if diff != "" {
					t.Errorf("%s (-one node +three shards):\n%.3000s\n%s", name, diff, a.sql(t, q.RawSQL))
				}
			}
		}
	}
	t.Log(table.String())
}

// compare counts the rows of two databases' answers, and says where these differ. Ages are counted in seconds: both are asked at
// once, and again at the beginning of a second where one has passed between the two.
func (w *fixture) compare(other, sql string) (one, three int, diff string) {
	w.t.Helper()
	for range 5 {
		var rows [2][]string
		both := pool.New().WithErrors()
		for i, dsn := range []string{w.dsn, other} {
			both.Go(func() error {
				text, err := chdbtest.AskHTTP(dsn, sql)
				rows[i] = slices.Sorted(strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n"))
				return err
			})
		}
		if err := both.Wait(); err != nil {
			return 0, 0, err.Error()
		}
		one, three = len(rows[0]), len(rows[1])
		if diff = cmp.Diff(rows[0], rows[1]); diff == "" {
			break
		}
		time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	}
	return one, three, diff
}
