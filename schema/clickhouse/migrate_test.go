package clickhouse_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// definitions is the whole schema of a database as text.
func definitions(t *testing.T, db *clickhouse.DB) string {
	t.Helper()
	return query(t, db, "SELECT replaceAll(create_table_query, currentDatabase() || '.', '') FROM system.tables WHERE database = currentDatabase() ORDER BY name")
}

func TestMigrateAgainAndFromHalfWay(t *testing.T) {
	db := migrated(t)
	want := definitions(t, db)
	steps, err := schema.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"SELECT 1", "TRUNCATE TABLE schema_migrations", "DROP VIEW traffic_latest_mv"} {
		query(t, db, statement)
		if statement == "DROP VIEW traffic_latest_mv" {
			query(t, db, "TRUNCATE TABLE schema_migrations")
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("after %s: %v", statement, err)
		}
		if got := definitions(t, db); got != want {
			t.Errorf("after %s the schema differs:\n%s", statement, got)
		}
	}
	if got := query(t, db, "SELECT count(), max(version) FROM schema_migrations FINAL"); got != itoa(len(steps))+"\t"+itoa(len(steps))+"\n" {
		t.Errorf("history: %s", got)
	}
	if pending, err := db.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
}

func TestMigratorsAtOnce(t *testing.T) {
	dsn := chdbtest.Start(t)
	one, two := open(t, dsn), open(t, dsn)
	var both sync.WaitGroup
	for _, db := range []*clickhouse.DB{one, two} {
		both.Go(func() {
			if err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if got, want := definitions(t, one), definitions(t, migrated(t)); got != want {
		t.Errorf("the schema differs:\n%s", got)
	}
}

func TestLaterDatabaseIsRefused(t *testing.T) {
	for _, record := range []string{"99, '0099_future.sql'", "1, '0001_other.sql'"} {
		db := migrated(t)
		query(t, db, "INSERT INTO schema_migrations (version, name) SELECT "+record)
		if err := db.Migrate(t.Context()); !errors.Is(err, clickhouse.ErrNewerSchema) || !strings.Contains(err.Error(), ".sql") {
			t.Errorf("%s: %v", record, err)
		}
	}
}

// What --print shows is what Migrate does.
func TestScript(t *testing.T) {
	db := open(t, chdbtest.Start(t))
	pending, err := db.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := clickhouse.Script(clickhouse.Layout{}, pending, nil)
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) != "" {
			query(t, db, statement)
		}
	}
	if got, want := definitions(t, db), definitions(t, migrated(t)); got != want {
		t.Errorf("the schema differs:\n%s", got)
	}
	if pending, err := db.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
	if text, err := clickhouse.Script(clickhouse.Layout{}, nil, nil); text != "" || err != nil {
		t.Errorf("nothing to do: %q, %v", text, err)
	}
}

// Every table has observed_at, every column a comment: they are the analysts' documentation.
func TestTablesAreDocumented(t *testing.T) {
	db := migrated(t)
	if got := query(t, db, "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND table NOT IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%View')"); got != "" {
		t.Errorf("columns without a comment:\n%s", got)
	}
	if got := query(t, db, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND comment = ''"); got != "" {
		t.Errorf("tables without a comment:\n%s", got)
	}
	for _, table := range written() {
		if got := query(t, db, "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = '"+table+"' AND name = 'observed_at'"); got != "1\n" {
			t.Errorf("%s has no observed_at", table)
		}
	}
}
