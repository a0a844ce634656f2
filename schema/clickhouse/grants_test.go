package clickhouse_test

import (
	"os"
	"regexp"
	"testing"

	"kaisen/schema/chdb/chdbtest"
)

// The embedded engine has no users, so grants.sql can only be parsed here, and its tables looked up.
func TestGrantsParse(t *testing.T) {
	text, err := os.ReadFile("../grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, chdbtest.Start(t))
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	statements := statementsOf(string(text))
	if len(statements) < 10 {
		t.Fatalf("%d statements", len(statements))
	}
	for _, statement := range statements {
		query(t, db, "EXPLAIN AST "+statement)
		if m := regexp.MustCompile(`ON kaisen\.(\w+)`).FindStringSubmatch(statement); m != nil && query(t, db, "EXISTS TABLE "+m[1]) != "1\n" {
			t.Errorf("there is no table %s: %s", m[1], statement)
		}
	}
}
