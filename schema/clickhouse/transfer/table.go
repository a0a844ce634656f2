package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// table is a table that is copied, and how it is asked.
type table struct {
	*copier
	name      string
	columns   []string // that are written
	key       string   // expression by which the table is partitioned; "" where it is not
	partition string   // expression of its value as a text
	bucket    string   // expression; a number below buckets
	hash      string   // expression: of a whole row
	final     string   // " FINAL" where a newer row replaces another
	lasting   string   // condition on rows that neither database is about to drop
	bytes     uint64
	claims    bool // its rows speak for those of other tables

	held []heldRow // of a table whose rows were read before they are sent
	had  sums      // and their sums
}

// buckets is into how many a partition is divided: by as much a copy that was broken off goes back at most, and what has
// to be copied again where a row came.
const buckets = 64

// leave is how long before its end a row's retention counts as over: no database drops rows while it is compared.
const leave = 24 * time.Hour

// watermarks is the table whose rows say that other tables are complete up to a time.
const watermarks = "log_watermarks"

// tables lists those that both databases have, and those that only the one has that is copied: latest samples come after
// the samples themselves, with which the other database fills in most of them by itself.
func (c *copier) tables(ctx context.Context) (tables []*table, foreign []string, err error) {
	there := map[string]bool{}
	if err := c.to.Each(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase()", func(values []any) error {
		there[values[0].(string)] = true
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("tables: %w", err)
	}
	rules, err := c.rules(ctx)
	if err != nil {
		return nil, nil, err
	}
	const list = `SELECT name, engine, partition_key, sorting_key, ifNull(total_bytes, 0) FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY endsWith(name, '_latest'), name`
	err = c.from.Each(ctx, list, func(values []any) error {
		t := &table{copier: c, name: values[0].(string), bytes: values[4].(uint64)}
		switch {
		case t.name == clickhouse.HistoryTable, t.name == clickhouse.MonthFills:
			return nil
		case !there[t.name]:
			foreign = append(foreign, t.name)
			return nil
		}
		t.partition = "''"
		if key := values[2].(string); key != "" && key != "tuple()" {
			t.key, t.partition = key, "toString("+key+")"
		}
		t.bucket = fmt.Sprintf("toUInt64(cityHash64(%s) %% %d)", values[3].(string), buckets)
		if strings.Contains(values[1].(string), "Replacing") {
			t.final = " FINAL"
		}
		t.claims, t.lasting = t.name == watermarks, lasting(rules[t.name])
		tables = append(tables, t)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("tables: %w", err)
	}
	for _, t := range tables {
		if err := t.describe(ctx); err != nil {
			return nil, nil, fmt.Errorf("columns of %s: %w", t.name, err)
		}
	}
	return tables, foreign, nil
}

// rules are by which rows of either database expire, by table.
func (c *copier) rules(ctx context.Context) (map[string][]string, error) {
	all := map[string][]string{}
	for _, db := range []*clickhouse.DB{c.from, c.to} {
		rules, err := db.Rules(ctx)
		if err != nil {
			return nil, err
		}
		for table, rule := range rules {
			if rule != "" && !slices.Contains(all[table], rule) {
				all[table] = append(all[table], rule)
			}
		}
	}
	return all, nil
}

// lasting is the condition on rows that no rule drops yet.
func lasting(rules []string) string {
	conditions := []string{"1"}
	until := time.Now().Add(leave).Unix()
	for _, rule := range rules {
		conditions = append(conditions, fmt.Sprintf("%s > toDateTime(%d)", rule, until))
	}
	return strings.Join(conditions, " AND ")
}

// describe reads the table's columns. A hash of the whole row takes a NULL and the zero of its type for two things, and
// goes by the types alone, so that releases of ClickHouse agree on it.
func (t *table) describe(ctx context.Context) error {
	var hashed []string
	err := t.from.Each(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = "+sqltext.Quote(t.name)+
		" AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL') ORDER BY position", func(values []any) error {
		name, kind := values[0].(string), values[1].(string)
		t.columns = append(t.columns, name)
		if strings.HasPrefix(kind, "Nullable(") {
			hashed = append(hashed, "isNull("+name+")", fmt.Sprintf("ifNull(%s, defaultValueOfArgumentType(assumeNotNull(%[1]s)))", name))
		} else {
			hashed = append(hashed, name)
		}
		return nil
	})
	t.hash = "cityHash64(" + strings.Join(hashed, ", ") + ")"
	return err
}
