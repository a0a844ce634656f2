package clickhouse_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// firstRelease is the number of steps that the first kaisen had.
const firstRelease = 3

// TestMigrateFromEveryVersion: a database of any earlier version, with rows in it, becomes what a new one is, and keeps its rows.
func TestMigrateFromEveryVersion(t *testing.T) {
	want := definitions(t, migrated(t))
	for name, upgrade := range map[string]func(*testing.T, clickhouse.Layout, *clickhouse.DB, []*clickhouse.DB){
		"one after the other": versionByVersion, "from the first at once": firstVersionAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, chdbtest.Start(t))
			upgrade(t, clickhouse.Layout{}, db, []*clickhouse.DB{db})
			if diff := cmp.Diff(want, definitions(t, db)); diff != "" {
				t.Errorf("the schema (-new +migrated):\n%s", diff)
			}
		})
	}
}

// versionByVersion takes a database through all versions. Each of them gets rows of a source of its own, as its kaisen wrote
// them, which are looked at after every step that comes later.
func versionByVersion(t *testing.T, layout clickhouse.Layout, db *clickhouse.DB, servers []*clickhouse.DB) {
	steps, err := clickhouse.Steps(layout)
	if err != nil {
		t.Fatal(err)
	}
	taken, before := 0, map[string]string{}
	for version := firstRelease; version <= len(steps); version++ {
		name := steps[version-1].Name
		takeByHand(t, layout, steps[taken:version], servers)
		taken = version
		if pending, err := db.Pending(t.Context()); err != nil || !cmp.Equal(pending, steps[version:], cmpopts.EquateEmpty()) {
			t.Fatalf("after %s %d steps are pending, error %v", name, len(pending), err)
		}
		source := fmt.Sprintf("version_%d", version)
		batch := rowsFor(t, db, source)
		if err := db.Insert(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
		after := contents(t, db)
		for table, rows := range after {
			others := withoutSource(rows, source)
			if diff := cmp.Diff(before[table], others); diff != "" || others == rows {
				t.Errorf("%s after %s (-before +after):\n%s", table, name, diff)
			}
		}
		for table := range before {
			if _, there := after[table]; !there {
				t.Errorf("%s has no %s any more", name, table)
			}
		}
		before = after
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, contents(t, db)); diff != "" {
		t.Errorf("with nothing left to do (-before +after):\n%s", diff)
	}
}

// firstVersionAtOnce takes a database of the first version, with rows in it, to the last.
func firstVersionAtOnce(t *testing.T, layout clickhouse.Layout, db *clickhouse.DB, servers []*clickhouse.DB) {
	steps, err := clickhouse.Steps(layout)
	if err != nil {
		t.Fatal(err)
	}
	takeByHand(t, layout, steps[:firstRelease], servers)
	batch := rowsFor(t, db, key(1).Source)
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	before := contents(t, db)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := contents(t, db)
	for table, rows := range before {
		if diff := cmp.Diff(rows, after[table]); diff != "" || rows == "" {
			t.Errorf("%s (-before +after):\n%s", table, diff)
		}
	}
}

// takeByHand runs the statements of steps as an administrator would: each on every server before the next one.
func takeByHand(t *testing.T, layout clickhouse.Layout, steps []schema.Migration, servers []*clickhouse.DB) {
	t.Helper()
	script, err := clickhouse.Script(layout, steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statementsOf(script) {
		for _, server := range servers {
			query(t, server, statement)
		}
	}
}

// withoutSource leaves out the rows of a source, of a table as text.
func withoutSource(rows, source string) string {
	var others strings.Builder
	for row := range strings.Lines(rows) {
		if !slices.Contains(strings.Split(strings.TrimSuffix(row, "\n"), "\t"), source) {
			others.WriteString(row)
		}
	}
	return others.String()
}

// rowsFor is a row of a source for every table that the database has.
func rowsFor(t *testing.T, db *clickhouse.DB, source string) schema.Batch {
	t.Helper()
	batch := everyRow()
	for _, part := range batch.Parts() {
		rows := reflect.ValueOf(part.Rows.All()).Elem()
		for i := range rows.Len() {
			rows.Index(i).FieldByName("Source").SetString(source)
		}
	}
	var some schema.Batch
	there := tablesOf(t, db)
	for i, part := range batch.Parts() {
		if there[part.Table] {
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
	all, there := map[string]string{}, tablesOf(t, db)
	for _, part := range new(schema.Batch).Parts() {
		if there[part.Table] {
			all[part.Table] = query(t, db, fmt.Sprintf("SELECT * FROM %s ORDER BY ALL", part.Table))
		}
	}
	for _, table := range []string{"traffic_latest", "session_latest"} {
		all[table] = query(t, db, "SELECT * FROM "+table+" FINAL ORDER BY ALL")
	}
	return all
}

// tablesOf are the names of the tables and views that a database has.
func tablesOf(t *testing.T, db *clickhouse.DB) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for name := range strings.FieldsSeq(query(t, db, "SHOW TABLES")) {
		names[name] = true
	}
	return names
}
