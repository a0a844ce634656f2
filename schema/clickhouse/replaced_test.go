package clickhouse_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// TestReplacedViewsAreLeftOut: a new database is what all statements of all steps make of it, in fewer of them.
func TestReplacedViewsAreLeftOut(t *testing.T) {
	steps, err := clickhouse.Steps(clickhouse.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, chdbtest.Start(t))
	var views int
	for _, step := range steps {
		for _, statement := range step.Statements {
			query(t, db, statement)
			views += strings.Count(statement, "CREATE OR REPLACE VIEW")
		}
	}
	fresh := migrated(t)
	query(t, db, "CREATE TABLE schema_migrations AS "+strings.TrimSpace(query(t, fresh, "SELECT currentDatabase()"))+".schema_migrations")
	if diff := cmp.Diff(definitions(t, db), definitions(t, fresh)); diff != "" {
		t.Errorf("the schema (-every statement +migrated):\n%s", diff)
	}
	for i, step := range steps {
		if got, want := query(t, fresh, "SELECT name FROM schema_migrations FINAL WHERE version = "+itoa(i+1)), step.Name+"\n"; got != want {
			t.Errorf("step %d is recorded as %q", i+1, got)
		}
	}
	script, err := clickhouse.Script(clickhouse.Layout{}, steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`CREATE OR REPLACE VIEW (\w+)`).FindAllString(script, -1)
	if there := strings.Fields(query(t, fresh, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'")); len(made) >= views || len(made) < len(there) {
		t.Errorf("%d views are made in %d statements of %d", len(there), len(made), views)
	} else {
		t.Logf("%d views are made in %d statements of %d", len(there), len(made), views)
	}
}

// A migration that failed half way has left views out that are still to be made: none of them is gone.
func TestViewsThatAreStillToBeMadeAreNotGone(t *testing.T) {
	steps, err := clickhouse.Steps(clickhouse.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	script, err := clickhouse.Script(clickhouse.Layout{}, steps, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, chdbtest.Start(t))
	taken := 0
	for _, statement := range statementsOf(script) {
		query(t, db, statement)
		if !strings.HasPrefix(statement, "INSERT INTO schema_migrations") {
			continue
		}
		taken++
		if gone, err := db.Gone(t.Context()); err != nil || len(gone) > 0 {
			t.Errorf("after %s gone are %v, error %v", steps[taken-1].Name, gone, err)
		}
		if pending, err := db.Pending(t.Context()); err != nil || len(pending) != len(steps)-taken {
			t.Errorf("after %s %d steps are pending, error %v", steps[taken-1].Name, len(pending), err)
		}
		if taken == len(steps)-3 {
			break
		}
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(definitions(t, migrated(t)), definitions(t, db)); diff != "" {
		t.Errorf("the schema (-migrated at once +half way):\n%s", diff)
	}
}
