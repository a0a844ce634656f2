package clickhouse_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// BenchmarkSync is what it costs that rows are on the disk when an insert is answered. The same batches of traffic
// answers go in turn into tables that sync, as they do by the engine's configuration, and into tables that do not; it
// reports the time of a batch in each, their ratio, and what the engine wrote to the disk.
func BenchmarkSync(b *testing.B) {
	engine := chdbtest.StartOwn(b)
	databases := map[string]*clickhouse.DB{"synced": benchTables(b, engine, false), "unsynced": benchTables(b, engine, true)}
	for _, answers := range []int{1, 100, 1400} { // 35 rows, 3,500, and a whole delivery of 49,000
		b.Run(fmt.Sprintf("%d rows", 35*answers), func(b *testing.B) {
			took, wrote, round := map[string]time.Duration{}, map[string]float64{}, 0
			for b.Loop() {
				round++
				var batch schema.Batch
				for n := range answers {
					batch.Append(answer(n, time.Date(2026, 1, 31, 0, 0, round, 0, time.UTC)))
				}
				for _, name := range []string{"synced", "unsynced"} {
					before, began := engineWrites(b, engine), time.Now()
					if err := databases[name].Insert(b.Context(), &batch); err != nil {
						b.Fatal(err)
					}
					took[name] += time.Since(began)
					wrote[name] += engineWrites(b, engine) - before
				}
			}
			for name := range databases {
				b.ReportMetric(float64(took[name].Microseconds())/1e3/float64(round), name+"-ms/batch")
				b.ReportMetric(wrote[name]/1e3/float64(round), name+"-kB/batch")
			}
			b.ReportMetric(float64(took["synced"])/float64(took["unsynced"]), "time-ratio")
		})
	}
}

// benchTables is a database with kaisen's tables, which sync or do not.
func benchTables(b *testing.B, engine *chdbtest.Engine, not bool) *clickhouse.DB {
	b.Helper()
	db := open(b, engine.HTTP(engine.Database(b)))
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if not {
		for _, table := range strings.Fields(query(b, db, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'")) {
			query(b, db, "ALTER TABLE "+table+" MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0, min_rows_to_fsync_after_merge = 0, min_compressed_bytes_to_fsync_after_merge = 0")
		}
	}
	return db
}

// engineWrites is how many bytes the engine has written since it began, whether or not they have come to the disk yet.
func engineWrites(b *testing.B, engine *chdbtest.Engine) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", engine.Supervisor.PID()))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "write_bytes: ")
	var bytes float64
	fmt.Sscan(rest, &bytes)
	return bytes
}
