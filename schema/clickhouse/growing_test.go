package clickhouse_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
)

// told are some lines' samples and days, as answers of a minute tell them: of another one the same days are others.
func told(minute int) (b schema.Batch) {
	for n := range 40 {
		b.Append(logged(n, minute))
		b.Daily = append(b.Daily, schema.TrafficDaily{LineKey: key(n), Scope: schema.ScopeLine, Day: schema.DateOf(base), Bytes: uint64(minute), ObservedAt: base.Add(time.Duration(minute) * time.Minute)})
	}
	return b
}

// A cluster that grows by a shard has its tables there after a migration, and new rows go by the new number of shards. A
// row that is told twice, before and after, then lies on two shards and counts twice, until the rows are moved as
// deploy/README.md says; after that all is as on one server.
func TestGrowingByAShard(t *testing.T) {
	cluster := chdbtest.StartGrowing(t, 2, 3)
	before, after := told(1), told(2)
	if err := onShards(t, cluster.HTTP(0, "kaisen")).Insert(t.Context(), &before); err != nil {
		t.Fatal(err)
	}
	cluster.Grow(t, 3)
	db := onShards(t, cluster.DSN(0, "kaisen"))
	if err := db.Insert(t.Context(), &after); err != nil {
		t.Fatal(err)
	}
	const days = "SELECT count(), sum(bytes) FROM traffic_daily FINAL"
	if got := query(t, db, days); got == "40\t80\n" {
		t.Fatal("no row lies on another shard than before: this tests nothing")
	}
	for i := range 2 { // the old shards
		shard := open(t, cluster.HTTP(i, "kaisen"))
		for _, generator := range moving(t) {
			generator = strings.NewReplacer("{shards}", "3", "{shard}", strconv.Itoa(i)).Replace(generator)
			for statement := range strings.SplitSeq(query(t, shard, generator+" FORMAT TSVRaw"), "\n") {
				if statement != "" {
					query(t, shard, statement)
				}
			}
		}
	}
	if got := query(t, db, days); got != "40\t80\n" {
		t.Errorf("days: %s", got)
	}
	one := migrated(t)
	for _, batch := range []schema.Batch{before, after} {
		if err := one.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range []string{"traffic_samples FINAL", "traffic_latest FINAL", "authentications FINAL", "traffic_daily FINAL", "traffic_hourly", "line_connections"} {
		sql := fmt.Sprintf("SELECT * FROM %s ORDER BY ALL", what)
		if diff := cmp.Diff(query(t, one, sql), query(t, db, sql)); diff != "" {
			t.Errorf("%s (-one server +three shards):\n%s", what, diff)
		}
	}
}

// moving are the statements of deploy/README.md that make those with which rows are moved.
func moving(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, block := range regexp.MustCompile("(?s)```sql\n(SELECT '(?:INSERT|ALTER).*?)\n```").FindAllStringSubmatch(string(text), -1) {
		for statement := range strings.SplitSeq(block[1], ";") {
			if statement = strings.TrimSpace(statement); statement != "" {
				all = append(all, statement)
			}
		}
	}
	if len(all) != 2 {
		t.Fatalf("deploy/README.md has %d such statements", len(all))
	}
	return all
}
