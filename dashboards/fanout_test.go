package dashboards

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	ch "kaisen/schema/clickhouse"
)

// A panel that first looks up its lines in the session log asks each shard for them once, and not each shard all others:
// of nine shards that would be eighty-one questions for each.
func TestShardsAreNotAskedByShards(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3)
	dsn := cluster.HTTP(0, "kaisen")
	db, err := ch.Open(t.Context(), ch.Config{DSN: dsn, CreateDatabase: true, Cluster: chdbtest.ClusterName}, ch.NewMetrics(promclient.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := asking{from: began(t), to: began(t).Add(24 * time.Hour), values: map[string][]string{"source": {"unom"}, "contract": {"N123456789"}}, all: map[string]bool{}}
	var batch schema.Batch
	for n := range 30 {
		k := schema.LineKey{Source: "unom", ContractID: "N123456789", LineNo: fmt.Sprintf("090%08d", n)}
		for i, event := range []schema.SessionEventKind{schema.SessionStart, schema.SessionStop} {
			at := a.from.Add(time.Duration(i+1) * time.Minute)
			batch.SessionEvents = append(batch.SessionEvents, schema.SessionEvent{LineKey: k, EventTime: at, SessionType: schema.SessionRoaming, Event: event, ObservedAt: at})
		}
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	asked := func() (n int) {
		for i := range 3 {
			text, err := chdbtest.AskHTTP(cluster.HTTP(i, "kaisen"), "SELECT value FROM system.events WHERE event = 'SelectQuery'")
			if err != nil {
				t.Fatal(err)
			}
			count, _ := strconv.Atoi(strings.TrimSpace(text))
			n += count
		}
		return n - 3
	}
	cost := func(sql string) int {
		before := asked()
		if _, err := chdbtest.AskHTTP(dsn, sql); err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
		return asked() - before - 3
	}
	panels := 0
	for _, m := range installed(t) {
		for _, p := range m.pictures() {
			for _, q := range p.Targets {
				if !strings.Contains(q.RawSQL, "IN (SELECT source, contract_id, line_no FROM session_events") {
					continue
				}
				panels++
				sql := a.sql(t, q.RawSQL)
				is, without := cost(sql), cost(strings.ReplaceAll(sql, "GLOBAL IN", "IN"))
				if is >= without {
					t.Errorf("%s, %s: %d questions, and no more without GLOBAL, %d", m.UID, p.Title, is, without)
				}
				t.Logf("%s, %s: %d questions, %d without GLOBAL", m.UID, p.Title, is, without)
			}
		}
	}
	if panels != 1 { // Used while abroad
		t.Errorf("%d panels", panels)
	}
}
