package clickhouse_test

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// The views that fill tables have no definer where the server does not write one of its own accord, as none does unless
// told to: they outlive the account that migrated. Whoever wants one, or has to hand one over, does it by the statement in deploy/README.md,
// with no more than the rights of a migrator.
func TestDefinersOfViews(t *testing.T) {
	grants, err := os.ReadFile("../grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	migrator := func(name string) chdb.User {
		user := chdb.User{Name: name, Password: name}
		for _, grant := range regexp.MustCompile(`(?m)^GRANT (.*) TO `+schema.RoleMigrator+`;`).FindAllStringSubmatch(string(grants), -1) {
			user.Grants = append(user.Grants, grant[1])
		}
		return user
	}
	cluster := chdbtest.StartCluster(t, 1, migrator("first"), migrator("second"))
	as := func(name string) *clickhouse.DB {
		dsn, err := url.Parse(cluster.DSN(0, "kaisen"))
		if err != nil {
			t.Fatal(err)
		}
		dsn.User = url.UserPassword(name, name)
		return openShards(t, dsn.String())
	}
	if err := as("first").Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	definedBy := func(want string) {
		t.Helper()
		text := query(t, open(t, cluster.DSN(0, "kaisen")), "SELECT create_table_query FROM system.tables WHERE database = 'kaisen' AND engine = 'MaterializedView'")
		if strings.Count(text, "DEFINER = ") != strings.Count(text, "DEFINER = "+want+" SQL SECURITY") || strings.Count(text, "DEFINER = ") == 0 != (want == "nobody") {
			t.Errorf("not defined by %s: %s", want, text)
		}
	}
	definedBy("nobody")
	text, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	statement := regexp.MustCompile("`(ALTER TABLE traffic_latest_mv )ON CLUSTER '…' (.*?)`").FindStringSubmatch(string(text))
	if statement == nil {
		t.Fatal("deploy/README.md has no such statement")
	}
	for _, view := range []string{"traffic_latest_mv", "session_latest_mv"} {
		query(t, as("second"), strings.Replace(statement[1]+statement[2], "traffic_latest_mv", view, 1))
	}
	definedBy("second")
	batch := logged(1, 1)
	if err := open(t, cluster.DSN(0, "kaisen")).Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
}
