package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"

	"kaisen/schema"
)

// InsertError is an insert into one table that ClickHouse did not take.
type InsertError struct {
	Table string
	Rows  int
	Err   error
	bad   bool
}

// Error names the table.
func (e *InsertError) Error() string {
	return fmt.Sprintf("insert %d rows into %s: %v", e.Rows, e.Table, e.Err)
}

// Unwrap is the cause.
func (e *InsertError) Unwrap() error { return e.Err }

// BadData reports whether the rows themselves are refused, so that sending them again will not help.
func (e *InsertError) BadData() bool { return e.bad }

// Insert writes a batch, one insert a table, the watermarks last. It stops at the first table that fails, with an
// *InsertError. The same batch may then be sent again, whole: every insert carries a token made of its table and
// rows, and ClickHouse drops one whose token it has seen among the last thousand of the table. Of shards alone each gets
// its rows whether or not the others take theirs; then the error can also be a *ShardsAway.
func (db *DB) Insert(ctx context.Context, b *schema.Batch) error {
	if db.layout.alone() {
		return db.insertShards(ctx, b)
	}
	return db.insert(ctx, b)
}

// insert writes a batch to one server.
func (db *DB) insert(ctx context.Context, b *schema.Batch) error {
	for _, part := range b.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		t, err := db.table(part.Table)
		if err != nil {
			return err
		}
		if err := t.write(ctx, db, part.Rows); err != nil {
			return err
		}
	}
	return nil
}

// write inserts the rows of one table and counts the outcome.
func (t *table) write(ctx context.Context, db *DB, rows schema.Rows) error {
	token, bad, err := t.send(ctx, db, rows, "")
	if err == nil && db.doubts.about(t.name, token) {
		err = t.ensure(ctx, db, rows)
	}
	if err != nil {
		if !bad {
			db.doubts.add(token)
		}
		db.metrics.errors.WithLabelValues(t.name).Inc()
		return &InsertError{Table: t.name, Rows: rows.Len(), Err: brief(err), bad: bad}
	}
	db.doubts.settle(t.name, token)
	db.metrics.rows.WithLabelValues(t.name).Add(float64(rows.Len()))
	return nil
}

// send returns the insert's token, which ends with more, and with an error whether the data is to blame.
func (t *table) send(ctx context.Context, db *DB, rows schema.Rows, more string) (token string, bad bool, err error) {
	all := spanOf(rows)
	values, d, err := t.values(all)
	if err != nil {
		return "", true, err
	}
	token = t.name + "-" + strconv.FormatUint(d.sum(), 16) + more
	ctx, err = db.insertContext(ctx, t, token)
	if err != nil {
		return token, false, err
	}
	batch, err := db.conn.PrepareBatch(ctx, "INSERT INTO "+t.name+db.suffix+" ("+strings.Join(t.names, ", ")+")")
	if err != nil {
		return token, false, err
	}
	columns, words := batch.Columns(), wordsReader{}
	for from := 0; from < all.len; from += blockRows {
		if from > 0 {
			if err := batch.Flush(); err != nil {
				batch.Abort()
				return token, isBadData(codeOf(err)), err
			}
		}
		for i, c := range t.columns {
			if all.len > blockRows {
				values[i], err = c.values(all.from(from, blockRows), nil, values[i])
			}
			if err == nil {
				err = words.append(columns[i], values[i])
			}
			if err != nil {
				batch.Abort()
				return token, !isOtherType(err), fmt.Errorf("column %s: %w", t.names[i], err)
			}
		}
	}
	err = batch.Send()
	return token, isBadData(codeOf(err)), err
}

// blockRows is how many rows of an insert are sent at once: what kaisen and clickhouse-go make of their values is used again for the
// next ones. The server puts them together before it writes them, and takes all or none.
const blockRows = 8192

// values are the digest of all values, and those of each column in the last block.
func (t *table) values(rows span) (values []any, d *digest, err error) {
	d = newDigest(t.name)
	values = make([]any, len(t.columns))
	for i, c := range t.columns {
		for from := 0; from < rows.len; from += blockRows {
			if values[i], err = c.values(rows.from(from, blockRows), d, values[i]); err != nil {
				return nil, nil, fmt.Errorf("column %s: %w", c.Name, err)
			}
		}
	}
	return values, d, nil
}

// insertContext carries an insert's settings. A replay whose rows the table has already is passed on to the views
// that hang on it, because their part may be what the first attempt missed; their own tables drop the duplicates.
func (db *DB) insertContext(ctx context.Context, t *table, token string) (context.Context, error) {
	options := []clickhouse.QueryOption{clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token":                         token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
	})}
	if db.http {
		types, err := db.types.of(ctx, db, t.name, t.names)
		if err != nil {
			return nil, err
		}
		options = append(options, clickhouse.WithColumnNamesAndTypes(types))
	}
	return clickhouse.Context(ctx, options...), nil
}

// isOtherType reports whether a column is not of the type that this kaisen writes, which is no row's fault.
func isOtherType(err error) bool {
	var other *chcolumn.ColumnConverterError
	return errors.As(err, &other)
}

// isBadData lists the codes that blame the rows and nothing else: values that cannot be parsed or kept in their type.
// Everything else, a full disk, a missing table or a type that has changed, may be mended while the rows wait.
func isBadData(code int) bool {
	switch code {
	case 6, 26, 27, 38, 41, 69, 131, 321, 349, 407, 469, 691:
		return true
	}
	return false
}
