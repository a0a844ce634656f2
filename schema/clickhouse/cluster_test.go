package clickhouse_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/internal/chdb/chdbtest"
	"kaisen/schema/clickhouse"
)

// TestClusterScript compares what clusters are migrated with to files that people have read, and has the engine parse
// every statement. `KAISEN_UPDATE=1 go test ./schema/clickhouse -run TestClusterScript` writes the files.
func TestClusterScript(t *testing.T) {
	t.Run("replicated", func(t *testing.T) {
		sameScript(t, clickhouse.Layout{Cluster: "{cluster}", Replicated: true}, "testdata/cluster.sql")
	})
	t.Run("shards alone", func(t *testing.T) { sameScript(t, clickhouse.Layout{Cluster: "{cluster}"}, "testdata/shards.sql") })
}

func sameScript(t *testing.T, layout clickhouse.Layout, golden string) {
	t.Helper()
	steps, err := clickhouse.Steps(layout)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := clickhouse.Retention{Samples: 400 * 24 * time.Hour, Events: 24 * time.Hour}.Statements(layout)
	if err != nil {
		t.Fatal(err)
	}
	script, err := clickhouse.Script(layout, steps, rules)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("KAISEN_UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(script), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), script); diff != "" {
		t.Errorf("%s (-file +now); KAISEN_UPDATE=1 writes it:\n%s", golden, diff)
	}
	db := open(t, chdbtest.Start(t))
	for _, statement := range statementsOf(script) {
		if strings.HasPrefix(statement, "INSERT") {
			continue // it has no tree to explain; TestScript runs them
		}
		query(t, db, "EXPLAIN AST "+statement)
	}
}

// Everything that lies on a cluster's servers is replicated, made everywhere, and reached through one Distributed table.
func TestClusterLayout(t *testing.T) {
	steps, err := clickhouse.Steps(clickhouse.Layout{Cluster: "prod", Replicated: true})
	if err != nil {
		t.Fatal(err)
	}
	local, distributed := map[string]bool{}, map[string]bool{}
	for _, step := range steps {
		for _, statement := range step.Statements {
			if !strings.Contains(statement, " ON CLUSTER 'prod'") {
				t.Errorf("%s: not on the whole cluster: %s", step.Name, statement)
			}
			if strings.Contains(statement, "non_replicated") || regexp.MustCompile(`ENGINE = (Replacing)?MergeTree`).MatchString(statement) {
				t.Errorf("%s: not replicated: %s", step.Name, statement)
			}
			if m := regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)_local `).FindStringSubmatch(statement); m != nil {
				local[m[1]] = true
			}
			if m := regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+) ON CLUSTER 'prod' AS (\w+)_local\nENGINE = Distributed\('prod', currentDatabase\(\), '(\w+)_local', cityHash64\([a-z_, ]+\)\)`).FindStringSubmatch(statement); m != nil && m[1] == m[2] && m[2] == m[3] {
				distributed[m[1]] = true
			}
		}
	}
	if diff := cmp.Diff(local, distributed); diff != "" || len(local) < 20 {
		t.Errorf("tables (-replicated +distributed):\n%s", diff)
	}
	for _, table := range written() {
		if !local[table] {
			t.Errorf("%s is not there", table)
		}
	}
}

// statementsOf splits a script as a client does.
func statementsOf(script string) []string {
	var statements []string
	for part := range strings.SplitSeq(script, ";\n") {
		part = regexp.MustCompile(`(?m)^--.*\n?`).ReplaceAllString(part, "")
		if part = strings.TrimSpace(part); part != "" {
			statements = append(statements, part)
		}
	}
	return statements
}
