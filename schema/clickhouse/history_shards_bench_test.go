package clickhouse_test

import (
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// BenchmarkHistoryOnShards asks the usual questions of one node and of three shards with the same past, on one machine.
// KAISEN_HISTORY_DAYS as for BenchmarkHistory. A year of a thousand lines, 35 million samples, on two cores, in
// milliseconds; three_skipping is three with optimize_skip_unused_shards = 1, without which a condition on a line does not
// reach the other shards through a view that groups:
//
//	                               one   three   three_skipping
//	line_status                     19      50               48
//	near_cap_lines                 181     325              288
//	line_forecast                  155     267              252
//	one_line_30_days                 6      17                7
//	one_line_30_days_hourly         49     936               53
//	fleet_month                     14      25               11
//	fleet_month_from_samples       112      95               82
//	fleet_month_hourly             352    1240             1224
//	restriction_episodes          3138    4538             5720
//	restriction_episodes_one_line   51    1335               65
//	data_share_pools                16      27               33
func BenchmarkHistoryOnShards(b *testing.B) {
	h := historyOf(b)
	cluster := chdbtest.StartCluster(b, 3)
	database := func(cfg clickhouse.Config) func(string) string {
		cfg.Timeout = 30 * time.Minute
		db := openWith(b, cfg)
		if err := db.Migrate(b.Context()); err != nil {
			b.Fatal(err)
		}
		return func(sql string) string { return query(b, db, sql) }
	}
	one := database(clickhouse.Config{DSN: cluster.HTTP(0, "one"), CreateDatabase: true})
	three := database(shardsConfig(cluster.HTTP(0, "three")))
	h.make(b, one)
	cluster.Spread(b, "one", "three")
	for i := range 3 {
		for _, table := range []string{"traffic_samples_local", "traffic_latest_local", "traffic_daily_local"} {
			query(b, open(b, cluster.HTTP(i, "three")+"?read_timeout=30m"), "OPTIMIZE TABLE "+table+" FINAL")
		}
	}
	b.Run("one", func(b *testing.B) { askHistory(b, one) })
	b.Run("three", func(b *testing.B) { askHistory(b, three) })
	skipping := database(shardsConfig(cluster.HTTP(0, "three") + "?optimize_skip_unused_shards=1"))
	b.Run("three_skipping", func(b *testing.B) { askHistory(b, skipping) })
}
