package clickhouse

import (
	"fmt"
	"regexp"
	"strings"
)

// Layout is where the tables lie: on one server, or on the shards of a cluster. The migrations are written for one
// server. On a cluster each table becomes two: NAME_local on every server, and NAME, the Distributed table over them
// through which all is read. So views and queries are the same in all layouts.
//
// There are two kinds of cluster. Where tables are replicated, ClickHouse hands every statement on (ON CLUSTER) and keeps
// the replicas of a shard alike, which takes a Keeper. Shards alone need none: each statement is run on each of them.
type Layout struct {
	Cluster    string // its name, or a macro such as {cluster}; "" for one server
	Replicated bool   // whether a shard has replicas, kept alike by ClickHouse
}

// alone reports whether the servers are shards that nothing but kaisen keeps together.
func (l Layout) alone() bool { return l.Cluster != "" && !l.Replicated }

// render is what a statement of a migration is in this layout. It fails for a statement of a form that it does not
// know, because guessing would leave a cluster half migrated.
func (l Layout) render(statement string) ([]string, error) {
	if l.Cluster == "" {
		return []string{statement}, nil
	}
	for _, form := range []struct {
		begin  string
		render func(head []string, rest string) ([]string, error)
	}{
		{`CREATE TABLE IF NOT EXISTS (\w+)( AS \w+)?\s`, l.table},
		{`CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+) AS\s`, l.materialized},
		{`CREATE OR REPLACE VIEW (\w+)\s`, l.view},
		{`DROP (VIEW|TABLE) IF EXISTS (\w+)`, l.drop},
		{`ALTER TABLE (\w+)\s`, l.alter},
	} {
		if head := regexp.MustCompile(`^` + form.begin).FindStringSubmatch(statement); head != nil {
			return form.render(head, statement[len(head[0]):])
		}
	}
	begin, _, _ := strings.Cut(statement, "\n")
	return nil, fmt.Errorf("no form on a cluster is known for the statement %q", begin)
}

// on is what has ClickHouse run a statement on all servers.
func (l Layout) on() string {
	if l.Cluster == "" || l.alone() {
		return ""
	}
	return " ON CLUSTER '" + l.Cluster + "'"
}

// table is the table on each server and the Distributed one over it. A row always goes to the shard of its line, so that
// all rows of a line meet there and the newest can win.
func (l Layout) table(head []string, rest string) ([]string, error) {
	name, as := head[1], head[2]
	if as != "" {
		as += "_local"
	}
	key := sortingKey(rest)
	engine := regexp.MustCompile(`(?m)^ENGINE = \w*MergeTree(?:\(.*\))?$`)
	if key == "" || !engine.MatchString(rest) {
		return nil, fmt.Errorf("table %s has no ENGINE and ORDER BY on lines of their own", name)
	}
	if !l.alone() {
		rest = engine.ReplaceAllStringFunc(rest, l.replicated)
		rest = strings.ReplaceAll(rest, "non_replicated_deduplication_window", "replicated_deduplication_window")
	}
	local := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s_local%s%s\n%s", name, l.on(), as, rest)
	over := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s%s AS %s_local\nENGINE = Distributed('%s', currentDatabase(), '%s_local', cityHash64(%s))",
		name, l.on(), name, l.Cluster, name, shardKey(key))
	if comment := regexp.MustCompile(`(?m)^COMMENT .*$`).FindString(rest); comment != "" {
		over += "\n" + comment
	}
	return []string{local, over}, nil
}

// replicated is an engine with a place in Keeper that says whose table it is: the replicas of a shard find one another there,
// whenever they are made. The place that ClickHouse would choose has the UUID of the statement in it, so that a replica made by a later
// one would be alone.
func (l Layout) replicated(engine string) string {
	name, arguments, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(engine, "ENGINE = "), ")"), "(")
	if arguments != "" {
		arguments = ", " + arguments
	}
	return fmt.Sprintf("ENGINE = Replicated%s('/clickhouse/%s/tables/{shard}/{database}/{table}', '{replica}'%s)", name, l.Cluster, arguments)
}

// sortingKey is what a table is sorted by; "" where that has no line of its own.
func sortingKey(create string) string {
	key := regexp.MustCompile(`(?m)^ORDER BY (?:\((.*)\)|(\w+))$`).FindStringSubmatch(create)
	if key == nil {
		return ""
	}
	return key[1] + key[2]
}

// shardKey is the part of a table's sorting key that decides on which shard a row lies: up to the line, or the
// contract, or else the whole key.
func shardKey(sorting string) string {
	for _, last := range []string{"line_no", "contract_id"} {
		if before, _, found := strings.Cut(sorting, last); found {
			return before + last
		}
	}
	return sorting
}

// materialized is a view that works on each server, from its own rows into its own rows.
func (l Layout) materialized(head []string, rest string) ([]string, error) {
	local := regexp.MustCompile(`\bFROM (\w+)`).ReplaceAllString(rest, "FROM ${1}_local")
	return []string{fmt.Sprintf("CREATE MATERIALIZED VIEW IF NOT EXISTS %s%s TO %s_local AS\n%s", head[1], l.on(), head[2], local)}, nil
}

// view reads the Distributed tables. The views put every table in a subquery of its own, which each is read from all
// shards and joined where the question was asked.
func (l Layout) view(head []string, rest string) ([]string, error) {
	return []string{fmt.Sprintf("CREATE OR REPLACE VIEW %s%s\n%s", head[1], l.on(), rest)}, nil
}

func (l Layout) drop(head []string, _ string) ([]string, error) {
	drop := fmt.Sprintf("DROP %s IF EXISTS %s%s", head[1], head[2], l.on())
	if head[1] == "VIEW" {
		return []string{drop}, nil
	}
	return []string{drop, fmt.Sprintf("DROP TABLE IF EXISTS %s_local%s SYNC", head[2], l.on())}, nil // else Keeper knows it for eight minutes more
}

// alter changes the table on each server, and the Distributed one where the change is of columns and not of how they are
// kept.
func (l Layout) alter(head []string, rest string) ([]string, error) {
	local := fmt.Sprintf("ALTER TABLE %s_local%s %s", head[1], l.on(), rest)
	if regexp.MustCompile(`\b(CODEC|TTL|SETTING|INDEX|PROJECTION|MATERIALIZE)\b`).MatchString(rest) {
		return []string{local}, nil
	}
	return []string{local, fmt.Sprintf("ALTER TABLE %s%s %s", head[1], l.on(), rest)}, nil
}
