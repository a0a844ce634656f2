// Package transfertest fills databases for tests of what copies them.
package transfertest

import (
	"fmt"
	"strings"
	"testing"

	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// RandomRows fills every table with rows of random values in several partitions: whatever its columns may hold, NULL and
// bytes that are no text among it.
func RandomRows(t testing.TB, db *clickhouse.DB, rows int) {
	t.Helper()
	tables := []string{"traffic_hours", "restriction_turns", "line_month_counts", "pool_month_counts", "paired_sessions", "border_events"} // which no batch has
	for _, part := range new(schema.Batch).Parts() {
		tables = append(tables, part.Table)
	}
	for _, table := range tables {
		var names, structure, replaced []string
		if err := db.Each(t.Context(), "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND default_kind = '' AND table = '"+table+"' ORDER BY position",
			func(v []any) error {
				name, kind := v[0].(string), v[1].(string)
				names, structure = append(names, name), append(structure, name+" "+strings.ReplaceAll(kind, "'", "\\'"))
				switch seed := len(names); {
				case strings.HasPrefix(kind, "DateTime"):
					replaced = append(replaced, fmt.Sprintf("now('Asia/Tokyo') - toIntervalSecond(rand(%d) %% 8000000) AS %s", seed, name))
				case kind == "Date":
					replaced = append(replaced, fmt.Sprintf("today() - rand(%d) %% 90 AS %s", seed, name))
				case kind == "String":
					replaced = append(replaced, fmt.Sprintf("randomString(rand(%d) %% 6) AS %s", seed, name))
				}
				return nil
			}); err != nil {
			t.Fatal(err)
		}
		sql := fmt.Sprintf("INSERT INTO %s (%s) SELECT * REPLACE (%s) FROM generateRandom('%s', NULL, 5, 3) LIMIT %d",
			table, strings.Join(names, ", "), strings.Join(replaced, ", "), strings.Join(structure, ", "), rows)
		if err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}
