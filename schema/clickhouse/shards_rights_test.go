package clickhouse_test

import (
	"net/url"
	"os"
	"regexp"
	"testing"
	"time"

	"kaisen/internal/chdb"
	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema"
)

// grants.sql is enough on shards too: one user migrates, another writes and reads what it needs at a start.
func TestShardsWithLeastRights(t *testing.T) {
	text, err := os.ReadFile("../grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	user := func(name, role string) chdb.User {
		user := chdb.User{Name: name, Password: name}
		for _, grant := range regexp.MustCompile(`(?m)^GRANT (.*) TO `+role+`;`).FindAllStringSubmatch(string(text), -1) {
			user.Grants = append(user.Grants, grant[1])
		}
		return user
	}
	cluster := chdbtest.StartCluster(t, 3, user("migrator", schema.RoleMigrator), user("writer", schema.RoleWriter))
	as := func(name string) string {
		dsn, err := url.Parse(cluster.DSN(0, "kaisen"))
		if err != nil {
			t.Fatal(err)
		}
		dsn.User = url.UserPassword(name, name)
		return dsn.String()
	}
	onShards(t, as("migrator"))
	cfg := shardsConfig(as("writer"))
	cfg.CreateDatabase = false
	db := openWith(t, cfg)
	if pending, err := db.Pending(t.Context()); err != nil || len(pending) > 0 {
		t.Errorf("pending: %v, %v", pending, err)
	}
	batch := everyRow()
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Error(err)
	}
	wholeState(t, db, key(1).Source, time.Hour)
}
