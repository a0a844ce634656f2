package chdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// TestAnInsertThatWasCutOffIsNotTakenForDone: an engine that is killed when it has noted an insert's token, and not yet given the insert's part
// its name, takes the rows when they are sent again; and one whose part is there, or was merged into another, drops them.
func TestAnInsertThatWasCutOffIsNotTakenForDone(t *testing.T) {
	cfg := chdbtest.ChildConfig(filepath.Join(t.TempDir(), "data"))
	cfg.Database = "default"
	engine := chdbtest.StartWith(t, cfg)
	ask := func(sql string) string {
		t.Helper()
		answer, err := engine.Ask(engine.Supervisor.DSN(), sql)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(answer)
	}
	insert := func(n string) {
		ask("INSERT INTO rows SETTINGS insert_deduplication_token = '" + n + "' VALUES (" + n + ")")
	}
	ask("CREATE TABLE rows (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000")
	insert("1")
	insert("2")
	ask("OPTIMIZE TABLE rows FINAL")
	insert("3")
	insert("4")
	newest := ask("SELECT name FROM system.parts WHERE database = currentDatabase() AND table = 'rows' AND active AND rows = 1 ORDER BY min_block_number DESC LIMIT 1")
	folder := ask("SELECT arrayElement(data_paths, 1) FROM system.tables WHERE database = currentDatabase() AND name = 'rows'")

	engine.End()
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(engine.Folder(), folder)
	}
	if err := os.Rename(filepath.Join(folder, newest), filepath.Join(folder, "tmp_insert_"+newest)); err != nil { // as it was before
		t.Fatal(err)
	}
	log := filepath.Join(folder, "deduplication_logs", "deduplication_log_1.txt")
	file, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("1\tall_9"); err != nil { // cut off
		t.Fatal(err)
	}
	file.Close()

	engine = chdbtest.StartWith(t, cfg)
	if rows := ask("SELECT groupArray(n) FROM (SELECT n FROM rows ORDER BY n)"); rows != "[1,2,3]" {
		t.Fatalf("rows %s after the end, want those whose parts are done", rows)
	}
	for _, n := range []string{"1", "2", "3", "4"} {
		insert(n)
	}
	if rows := ask("SELECT groupArray(n) FROM (SELECT n FROM rows ORDER BY n)"); rows != "[1,2,3,4]" {
		t.Errorf("rows %s when all were sent again", rows)
	}
}
