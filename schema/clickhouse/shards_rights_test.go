package clickhouse_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaisen/schema/chdb/chdbtest"
)

// grants.sql is enough on shards too: one user migrates, another writes and reads what it needs at a start.
func TestShardsWithLeastRights(t *testing.T) {
	text, err := os.ReadFile("../grants.sql")
	if err != nil {
		t.Fatal(err)
	}
	granted := func(role string) (all []string) {
		for _, grant := range regexp.MustCompile(`(?m)^GRANT (.*) TO `+role+`;`).FindAllStringSubmatch(string(text), -1) {
			all = append(all, grant[1])
		}
		return all
	}
	cluster := chdbtest.StartCluster(t, 3, chdbtest.ClusterUser{Name: "migrator", Grants: granted("kaisen_migrator")},
		chdbtest.ClusterUser{Name: "writer", Grants: granted("kaisen_writer")})
	as := func(user string) string { return strings.Replace(cluster.HTTP(0, "kaisen"), "kaisen:", user+":", 1) }
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
	if _, err := db.State(t.Context(), key(1).Source, time.Hour); err != nil {
		t.Error(err)
	}
}
