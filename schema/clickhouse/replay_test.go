package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// firstRelease is the number of steps that the first kaisen had.
const firstRelease = 3

// A database of any earlier version, with rows in it, becomes what a new one is, and keeps its rows.
func TestMigrateFromEveryVersion(t *testing.T) {
	steps, err := clickhouse.Steps(clickhouse.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	want := definitions(t, migrated(t))
	for version := firstRelease; version < len(steps); version++ {
		t.Run(steps[version-1].Name, func(t *testing.T) {
			db := open(t, chdbtest.Start(t))
			script, err := clickhouse.Script(clickhouse.Layout{}, steps[:version], nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range statementsOf(script) {
				query(t, db, statement)
			}
			batch := rowsFor(t, db)
			if err := db.Insert(t.Context(), &batch); err != nil {
				t.Fatal(err)
			}
			before := contents(t, db)
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, definitions(t, db)); diff != "" {
				t.Errorf("the schema (-new +migrated):\n%s", diff)
			}
			after := contents(t, db)
			for table, rows := range before {
				if diff := cmp.Diff(rows, after[table]); diff != "" || rows == "" {
					t.Errorf("%s (-before +after):\n%s", table, diff)
				}
			}
		})
	}
}

// rowsFor is a row for every table that the database has.
func rowsFor(t *testing.T, db *clickhouse.DB) schema.Batch {
	t.Helper()
	batch := everyRow()
	var some schema.Batch
	for i, part := range batch.Parts() {
		if query(t, db, "EXISTS TABLE "+part.Table) == "1\n" {
			head, _ := batch.Cut(count(batch, i+1))
			_, only := head.Cut(count(batch, i))
			some.Append(only)
		}
	}
	return some
}

// count is the number of rows of the first tables of a batch.
func count(b schema.Batch, tables int) (rows int) {
	for i, part := range b.Parts() {
		if i < tables {
			rows += part.Rows.Len()
		}
	}
	return rows
}

// contents is every table as text.
func contents(t *testing.T, db *clickhouse.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, part := range new(schema.Batch).Parts() {
		if query(t, db, "EXISTS TABLE "+part.Table) == "1\n" {
			all[part.Table] = query(t, db, fmt.Sprintf("SELECT * FROM %s ORDER BY ALL", part.Table))
		}
	}
	for _, table := range []string{"traffic_latest", "session_latest"} {
		all[table] = query(t, db, "SELECT * FROM "+table+" FINAL ORDER BY ALL")
	}
	return all
}
