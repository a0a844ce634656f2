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

// leastRights are a user who migrates and another who writes and reads what kaisen needs at a start, with the rights of
// grants.sql.
func leastRights(t *testing.T) []chdb.User {
	t.Helper()
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
	return []chdb.User{user("migrator", schema.RoleMigrator), user("writer", schema.RoleWriter)}
}

// asUser is the database of the first shard for one of them.
func asUser(t *testing.T, cluster *chdbtest.Cluster, name string) string {
	t.Helper()
	dsn, err := url.Parse(cluster.DSN(0, "kaisen"))
	if err != nil {
		t.Fatal(err)
	}
	dsn.User = url.UserPassword(name, name)
	return dsn.String()
}

// grants.sql is enough on shards too, where the one has migrated.
func leastRightsAreEnough(t *testing.T, cluster *chdbtest.Cluster) {
	cfg := shardsConfig(asUser(t, cluster, "writer"))
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
