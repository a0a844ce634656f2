package clickhouse

import (
	"bytes"
	"context"
	"fmt"
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
}

// of is the types in which the columns are sent. A LowCardinality goes as what it is made of, and the server makes
// the dictionary: clickhouse-go takes 20 times longer for it than for plain strings.
func (c *columnTypes) of(ctx context.Context, db *DB, table string, names []string) ([]clickhouse.ColumnNameAndType, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.tables[table]; ok {
		return known, nil
	}
	actual, err := db.describe(ctx, table)
	if err != nil {
		return nil, err
	}
	sent := make([]clickhouse.ColumnNameAndType, len(names))
	for i, name := range names {
		kind, ok := actual[name]
		if !ok {
			return nil, fmt.Errorf("table %s has no column %s: \"kaisen migrate\" brings the database to this version", table, name)
		}
		sent[i] = clickhouse.ColumnNameAndType{Name: name, Type: withoutDictionary(kind)}
	}
	if c.tables == nil {
		c.tables = map[string][]clickhouse.ColumnNameAndType{}
	}
	c.tables[table] = sent
	return sent, nil
}

func (db *DB) describe(ctx context.Context, table string) (map[string]string, error) {
	rows, err := db.conn.Query(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
		clickhouse.Named("table", table))
	if err != nil {
		return nil, fmt.Errorf("columns: %w", err)
	}
	defer rows.Close()
	types := map[string]string{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, fmt.Errorf("columns: %w", err)
		}
		types[name] = kind
	}
	return types, rows.Err()
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
