package clickhouse_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"kaisen/schema"
)

func TestX(t *testing.T) {
	db := migrated(t)
	sweep := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	var batch schema.Batch
	for n := range 10000 {
		batch.Append(answer(n, sweep))
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	batch = schema.Batch{}
	t0, c := time.Now(), cpu()
	st, err := db.State(t.Context(), "hq", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println(len(st.Daily), time.Since(t0), time.Duration(cpu()-c), m.HeapAlloc>>20)
	fmt.Print(query(t, db, "SELECT table, sum(rows), sum(bytes_on_disk), sum(bytes_on_disk)/sum(rows) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table"))
	fmt.Print(query(t, db, "SHOW CREATE TABLE traffic_latest"))
	for range 3 {
		t0 = time.Now()
		query(t, db, "SELECT count(), max(age_seconds) FROM line_status")
		fmt.Println(time.Since(t0))
	}
}
