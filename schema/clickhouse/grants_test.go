package clickhouse_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"kaisen/internal/chdb/chdbtest"
)

// The embedded engine stores no roles, so it can only parse grants.sql here and look its tables up. TestRolesWork and
// its neighbours try what the roles may.
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
		m := regexp.MustCompile(`ON kaisen\.(\w+)`).FindStringSubmatch(statement)
		if m == nil {
			continue
		}
		if name := strings.TrimSuffix(m[1], "_local"); query(t, db, "EXISTS TABLE "+name) != "1\n" { // of a cluster's tables
			t.Errorf("there is no table %s: %s", name, statement)
		}
	}
}
