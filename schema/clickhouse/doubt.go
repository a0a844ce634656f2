package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"kaisen/schema"
)

// A table without replicas notes the token of an insert before the insert's part gets its name. A server that is killed between the
// two takes the insert for done when it is sent again: it says that all is well, and the rows are nowhere. So after an insert that got
// no answer, or another than that, and after the start, when the kaisen before may have left one, it is seen whether the rows are there.

// doubts are the inserts that a server may have been killed at.
type doubts struct {
	mu     sync.Mutex
	tokens map[string]bool // of those that were sent, and not acknowledged
	sure   map[string]bool // the tables into which an insert was acknowledged since the start

	engines map[string]string // of the tables
}

// add notes an insert that was not acknowledged.
func (d *doubts) add(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tokens == nil {
		d.tokens = map[string]bool{}
	}
	d.tokens[token] = true
}

// about reports whether an insert that is acknowledged now may have been sent before.
func (d *doubts) about(table, token string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tokens[token] || !d.sure[table]
}

// settle takes an insert for done.
func (d *doubts) settle(table, token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sure == nil {
		d.sure = map[string]bool{}
	}
	d.sure[table] = true
	delete(d.tokens, token)
}

// ensure sees to it that the rows of an acknowledged insert are in their table. Where they are not, they are sent once more, with
// a token that no insert had. A row that was too old to be kept is then there again until it is taken away again.
func (t *table) ensure(ctx context.Context, db *DB, rows schema.Rows) error {
	key, err := db.keyOf(ctx, t)
	if err != nil || key.isReplicated || len(key.columns) == 0 { // by no column: nobody can say
		return err
	}
	for _, row := range t.ofEachPart(spanOf(rows), key.time) {
		there, err := t.isThere(ctx, db, row, key.columns)
		if err != nil {
			return err
		}
		if !there {
			_, _, err := t.send(ctx, db, rows, strconv.FormatInt(time.Now().UnixNano(), 16))
			return err
		}
	}
	return nil
}

// tableKey is what tells the rows of a table apart, and its parts.
type tableKey struct {
	columns      []keyColumn
	time         string // the column by whose time the table is parted; "" if it is not
	isReplicated bool   // tokens and parts are noted at once, in Keeper
}

// keyColumn is one of those that a row has in common with what has taken its place, or whose largest value wins among them.
type keyColumn struct {
	name, kind string
	isVersion  bool
}

// keyOf asks the server for a table's key.
func (db *DB) keyOf(ctx context.Context, t *table) (key tableKey, err error) {
	engine, err := db.engine(ctx, t.name+db.suffix)
	if err != nil {
		return key, err
	}
	form := regexp.MustCompile(`^(?:Replacing)?MergeTree(?:\((\w+)\))?`).FindStringSubmatch(engine)
	if form == nil {
		return tableKey{isReplicated: true}, nil
	}
	columns, err := db.types.columns(ctx, db, t.name+db.suffix, t.names)
	for name, column := range columns {
		if !slices.Contains(t.names, name) { // somebody's own
			continue
		}
		isVersion := name == form[1] && !column.sorts
		if column.sorts || isVersion {
			key.columns = append(key.columns, keyColumn{name, column.kind, isVersion})
		}
		if column.parts {
			key.time = name
		}
	}
	return key, err
}

// engine is a table's, with its settings. All are asked for at once: an insert is mostly not the only one.
func (db *DB) engine(ctx context.Context, table string) (string, error) {
	d := &db.doubts
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.engines[table] == "" {
		var names, engines []string
		err := db.conn.QueryRow(ctx, "SELECT groupArray(name), groupArray(engine_full) FROM system.tables WHERE database = currentDatabase()").Scan(&names, &engines)
		if err != nil {
			return "", fmt.Errorf("engines of the tables: %w", err)
		}
		d.engines = make(map[string]string, len(names))
		for i, name := range names {
			d.engines[name] = engines[i]
		}
	}
	return d.engines[table], nil
}

// ofEachPart are rows of which each part that the insert has become has at least one. Parts are of months or years, whose ends depend on the
// server's time zone: it is the earliest and the latest row of each month in UTC, of which the one or the other is in the zone's month.
func (t *table) ofEachPart(rows span, by string) []span {
	column := slices.Index(t.names, by)
	if column < 0 {
		return []span{rows.from(0, 1)}
	}
	values, _ := t.columns[column].values(rows, nil, nil) // as they were sent
	times, ok := values.([]time.Time)
	if !ok {
		return []span{rows.from(0, 1)}
	}
	type month struct {
		year  int
		month time.Month
	}
	first, last := map[month]int{}, map[month]int{}
	for i, at := range times {
		of := month{at.UTC().Year(), at.UTC().Month()}
		if before, known := first[of]; !known || at.Before(times[before]) {
			first[of] = i
		}
		if before, known := last[of]; !known || at.After(times[before]) {
			last[of] = i
		}
	}
	var some []span
	for of, i := range first {
		if some = append(some, rows.from(i, 1)); last[of] != i {
			some = append(some, rows.from(last[of], 1))
		}
	}
	return some
}

// isThere reports whether a row is in the table, or one that has taken its place.
func (t *table) isThere(ctx context.Context, db *DB, row span, key []keyColumn) (there bool, err error) {
	var conditions []string
	var args []any
	for _, c := range key {
		value, err := t.parameter(row, c)
		if err != nil {
			return false, err
		}
		sign := "="
		if c.isVersion {
			sign = ">="
		}
		conditions = append(conditions, fmt.Sprintf("%s %s {%s:%s}", c.name, sign, c.name, c.kind))
		args = append(args, clickhouse.Named(c.name, value))
	}
	err = db.conn.QueryRow(ctx, "SELECT count() > 0 FROM "+t.name+db.suffix+" WHERE "+strings.Join(conditions, " AND "), args...).Scan(&there)
	return there, err
}

// parameter is a row's value in a column, as the parameter of a query.
func (t *table) parameter(row span, c keyColumn) (string, error) {
	values, err := t.columns[slices.Index(t.names, c.name)].values(row, nil, nil)
	if err != nil {
		return "", err
	}
	switch values := values.(type) {
	case []string:
		return values[0], nil
	case []time.Time:
		switch {
		case strings.HasPrefix(c.kind, "DateTime64"):
			return textOf(values[0]), nil
		case strings.HasPrefix(c.kind, "DateTime"):
			return strconv.FormatInt(values[0].Unix(), 10), nil
		}
		return values[0].Format(time.DateOnly), nil
	case []uint8, []uint16, []uint64:
		return strings.Trim(fmt.Sprint(values), "[]"), nil
	}
	return "", fmt.Errorf("table %s: column %s of its key is a %T", t.name, c.name, values)
}
