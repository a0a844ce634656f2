package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// wordsReader is how texts get into a LowCardinality: in the form in which a server sends them. By itself clickhouse-go makes an
// interface of each, and looks it up twice.
type wordsReader struct {
	sent   bytes.Reader
	reader *chproto.Reader // of sent; has a buffer of 128 KiB
}

// append appends values to a column that has none.
func (w *wordsReader) append(column chcolumn.Interface, values any) error {
	texts, isTexts := values.([]string)
	if words, ok := column.(*chcolumn.LowCardinality); ok && isTexts {
		return w.set(words, texts)
	}
	_, err := column.Append(values)
	return err
}

// set makes texts, of blockRows at most, the values of a column.
func (w *wordsReader) set(column *chcolumn.LowCardinality, texts []string) error {
	const keysOf16Bits, hasWords, areNew = 1, 1 << 9, 1 << 10
	var words chproto.ColStr
	words.Append("") // the first is what a row has that has none
	places := map[string]uint16{"": 0}
	keys := make(chproto.ColUInt16, len(texts))
	for i, text := range texts {
		if i > 0 && text == texts[i-1] {
			keys[i] = keys[i-1]
			continue
		}
		place, known := places[text]
		if !known {
			place = uint16(len(places))
			places[text] = place
			words.Append(text)
		}
		keys[i] = place
	}
	var b chproto.Buffer
	b.PutUInt64(keysOf16Bits | hasWords | areNew)
	b.PutInt64(int64(words.Rows()))
	words.EncodeColumn(&b)
	b.PutInt64(int64(len(keys)))
	keys.EncodeColumn(&b)
	if w.sent.Reset(b.Buf); w.reader == nil {
		w.reader = chproto.NewReader(&w.sent)
	}
	return column.Decode(w.reader, len(texts))
}

// columnTypes remembers the types of the tables' columns. Over HTTP the client has to know them, and clickhouse-go
// would ask before every insert.
type columnTypes struct {
	mu     sync.Mutex
	tables map[string][]clickhouse.ColumnNameAndType
	actual map[string]map[string]described // by table and name, as they were asked for last
}

// described is a column as the server has it.
type described struct {
	kind         string
	sorts, parts bool // whether it is in the table's sorting key, and in the one that makes its parts
}

// of is the types in which the columns are sent. A LowCardinality goes as what it is made of, and the server makes
// the dictionary: clickhouse-go takes 20 times longer for it than for plain strings.
func (c *columnTypes) of(ctx context.Context, db *DB, table string, names []string) ([]clickhouse.ColumnNameAndType, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.tables[table]; ok {
		return known, nil
	}
	actual, err := c.ofTable(ctx, db, table, names)
	if err != nil {
		return nil, err
	}
	sent := make([]clickhouse.ColumnNameAndType, len(names))
	for i, name := range names {
		column, ok := actual[name]
		if !ok {
			return nil, fmt.Errorf("table %s has no column %s: \"kaisen migrate\" brings the database to this version", table, name)
		}
		sent[i] = clickhouse.ColumnNameAndType{Name: name, Type: withoutDictionary(column.kind)}
	}
	if c.tables == nil {
		c.tables = map[string][]clickhouse.ColumnNameAndType{}
	}
	c.tables[table] = sent
	return sent, nil
}

// columns are a table's, which has those of the names at least unless it is of another version.
func (c *columnTypes) columns(ctx context.Context, db *DB, table string, names []string) (map[string]described, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ofTable(ctx, db, table, names)
}

// ofTable is columns with the lock held. All tables are asked for at once, which takes hardly longer than one.
func (c *columnTypes) ofTable(ctx context.Context, db *DB, table string, names []string) (map[string]described, error) {
	isUnknown := func(name string) bool { _, known := c.actual[table][name]; return !known }
	if slices.ContainsFunc(names, isUnknown) {
		all, err := db.describe(ctx)
		if err != nil {
			return nil, err
		}
		c.actual = all
	}
	return c.actual[table], nil
}

// describe is all tables' columns, by table and name.
func (db *DB) describe(ctx context.Context) (map[string]map[string]described, error) {
	rows, err := db.conn.Query(ctx, "SELECT table, name, type, is_in_sorting_key = 1, is_in_partition_key = 1 FROM system.columns WHERE database = currentDatabase()")
	if err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	defer rows.Close()
	all := map[string]map[string]described{}
	for rows.Next() {
		var table, name string
		var column described
		if err := rows.Scan(&table, &name, &column.kind, &column.sorts, &column.parts); err != nil {
			return nil, fmt.Errorf("columns: %w", err)
		}
		if all[table] == nil {
			all[table] = map[string]described{}
		}
		all[table][name] = column
	}
	return all, rows.Err()
}

// withoutDictionary takes LowCardinality( ) off a type, also inside an Array.
func withoutDictionary(kind string) string {
	before, rest, found := strings.Cut(kind, "LowCardinality(")
	if !found {
		return kind
	}
	inside, after, _ := strings.Cut(rest, ")")
	return before + inside + after
}
