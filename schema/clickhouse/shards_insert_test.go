package clickhouse_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// TestRowsOnShards needs one cluster, which was migrated with no more rights than that takes; each part begins with empty
// tables, and the last one kills the shards.
func TestRowsOnShards(t *testing.T) {
	cluster := chdbtest.StartCluster(t, 3, leastRights(t)...)
	onShards(t, asUser(t, cluster, "migrator"))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *chdbtest.Cluster)
	}{
		{"least rights", leastRightsAreEnough},
		{"where Distributed puts them", rowsLieWhereDistributedPutsThem},
		{"questions mean whole tables", questionsMeanWholeTables},
		{"a shard is away", insertWhileAShardIsAway},
	} {
		t.Run(part.name, func(t *testing.T) {
			for i := range 3 {
				shard := open(t, cluster.HTTP(i, "kaisen"))
				for table := range strings.FieldsSeq(query(t, shard, "SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(name, '_local')")) {
					query(t, shard, "TRUNCATE TABLE "+table)
				}
			}
			part.run(t, cluster)
		})
	}
}

// Kaisen brings each row to the shard on which its Distributed table would have put it; and what it reads back is what it
// wrote.
func rowsLieWhereDistributedPutsThem(t *testing.T, cluster *chdbtest.Cluster) {
	db := openShards(t, cluster.HTTP(0, "kaisen"))
	batch := everyRow()
	for n := range 60 {
		batch.Append(logged(n, n))
		batch.Sweeps = append(batch.Sweeps, schema.Sweep{Source: "hq", Job: "traffic", StartedAt: base.Add(time.Duration(n) * 1001 * time.Millisecond), FinishedAt: base, ObservedAt: base})
		batch.Watermarks = append(batch.Watermarks, schema.LogWatermark{Source: "hq", ContractID: "N" + itoa(n), Log: "authentications", Watermark: base, ObservedAt: base})
	}
	for range 2 { // a replay adds nothing
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	for _, part := range batch.Parts() {
		if got, want := query(t, db, "SELECT count() FROM "+part.Table), itoa(part.Rows.Len())+"\n"; got != want {
			t.Errorf("%s: %s rows, expected %s", part.Table, got, want)
		}
		key := query(t, db, "SELECT extract(engine_full, 'cityHash64[(][^)]*[)]') FROM system.tables WHERE database = currentDatabase() AND name = '"+part.Table+"'")
		for i := range 3 {
			misplaced := query(t, open(t, cluster.HTTP(i, "kaisen")), fmt.Sprintf("SELECT count() FROM %s_local WHERE %s %% 3 != %d", part.Table, strings.TrimSpace(key), i))
			if misplaced != "0\n" {
				t.Errorf("%s: %s rows of shard %d belong elsewhere by %s", part.Table, strings.TrimSpace(misplaced), i+1, key)
			}
		}
	}
	for i := range 3 {
		if got := query(t, open(t, cluster.HTTP(i, "kaisen")), "SELECT count() > 10 FROM traffic_samples_local"); got != "1\n" {
			t.Errorf("shard %d has few rows", i+1)
		}
	}
	one := migrated(t)
	if err := one.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	want, got := wholeState(t, one, key(1).Source, time.Hour), wholeState(t, db, key(1).Source, time.Hour)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state (-one node +three shards):\n%s", diff)
	}
}

// A question with IN or JOIN means whole tables, wherever their rows lie.
func questionsMeanWholeTables(t *testing.T, cluster *chdbtest.Cluster) {
	db := openShards(t, cluster.HTTP(0, "kaisen"))
	var batch schema.Batch
	for n := range 60 {
		batch.Append(logged(n, n))
		batch.Watermarks = append(batch.Watermarks, schema.LogWatermark{Source: key(n).Source, ContractID: key(n).ContractID, Log: "of " + itoa(n), Watermark: base, ObservedAt: base})
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT count() FROM traffic_samples FINAL WHERE line_no IN (SELECT line_no FROM authentications FINAL)",
		"SELECT count() FROM traffic_samples FINAL WHERE contract_id IN (SELECT contract_id FROM log_watermarks FINAL)", // which lies elsewhere
		"SELECT count() FROM traffic_samples AS t INNER JOIN (SELECT DISTINCT contract_id FROM log_watermarks) AS w ON w.contract_id = t.contract_id",
		"SELECT count() FROM traffic_samples AS t INNER JOIN authentications AS a ON a.contract_id = t.contract_id AND a.line_no = t.line_no",
		"SELECT uniqExact(line_no) FROM traffic_latest FINAL",
	} {
		if got := query(t, db, sql); got != "60\n" {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

// While a shard is away the others take their rows, and the error has those of the one.
func insertWhileAShardIsAway(t *testing.T, cluster *chdbtest.Cluster) {
	db := openShards(t, cluster.HTTP(0, "kaisen"))
	var batch schema.Batch
	for n := range 60 {
		batch.Append(logged(n, 1))
	}
	batch.Watermarks = []schema.LogWatermark{{Source: "hq", ContractID: "N1", Log: "authentications", Watermark: base, ObservedAt: base}}
	cluster.Kill(1)
	err := db.Insert(t.Context(), &batch)
	var away *clickhouse.ShardsAway
	if !errors.As(err, &away) || len(away.Waiting) != 1 || away.Waiting[0].Shard != 2 || len(away.Watermarks.Watermarks) != 1 {
		t.Fatalf("the error is %v", err)
	}
	if !strings.Contains(err.Error(), "shard 2 at "+cluster.Address(1)) {
		t.Errorf("the error is %v", err)
	}
	stored := func(i int) string {
		return query(t, open(t, cluster.HTTP(i, "kaisen")), "SELECT count() FROM traffic_samples_local")
	}
	waiting := len(away.Waiting[0].Batch.Traffic)
	if got := stored(0) + stored(2); waiting == 0 || waiting == 60 || !strings.HasSuffix(got, "\n") {
		t.Errorf("%d rows wait; shards 1 and 3 have %q", waiting, got)
	}
	cluster.Restart(t, 1)
	for _, rest := range []schema.Batch{away.Waiting[0].Batch, batch, away.Waiting[0].Batch} { // whichever way they come again
		if err := db.Insert(t.Context(), &rest); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"traffic_samples", "authentications"} {
		if got := query(t, db, "SELECT count() FROM "+table); got != "60\n" {
			t.Errorf("%s: %s", table, got)
		}
	}
	cluster.Kill(0)
	cluster.Kill(1)
	cluster.Kill(2)
	if err := db.Insert(t.Context(), &schema.Batch{Traffic: logged(3, 9).Traffic}); err == nil || errors.As(err, &away) {
		t.Errorf("with all away: %v", err)
	}
}
