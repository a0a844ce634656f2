package clickhouse

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Each asks a question and hands on every row of the answer, as it comes, in a slice that is the next
// row's after row has returned; a value that may be NULL is a pointer. It holds one block of the answer at a time. An error
// of row ends it.
func (db *DB) Each(ctx context.Context, sql string, row func(values []any) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rows, err := db.conn.Query(ctx, sql)
	if err == io.EOF { // nothing to give, not even a header
		return nil
	}
	if err != nil {
		return brief(err)
	}
	defer rows.Close()
	var cells, values []any
	for _, column := range rows.ColumnTypes() {
		cells, values = append(cells, reflect.New(column.ScanType()).Interface()), append(values, nil)
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		for i, cell := range cells { // an insert takes no pointers: it tells the words of a LowCardinality apart by them
			values[i] = reflect.ValueOf(cell).Elem().Interface()
		}
		if err := row(values); err != nil {
			cancel() // the rest of the answer is not waited for
			return err
		}
	}
	return brief(rows.Err())
}

// Exec runs a statement that has no answer.
func (db *DB) Exec(ctx context.Context, sql string) error { return brief(db.conn.Exec(ctx, sql)) }

// Database is the name of the database.
func (db *DB) Database() string { return db.options.Auth.Database }

// Layout is where the tables lie.
func (db *DB) Layout() Layout { return db.layout }

// Rules are the rules by which rows expire, as ClickHouse writes them, by table; "" where they are kept for ever.
func (db *DB) Rules(ctx context.Context) (map[string]string, error) {
	rules := map[string]string{}
	for _, s := range db.servers() {
		own, err := s.rules(ctx)
		if err != nil {
			return nil, s.blame(fmt.Errorf("retention: %w", brief(err)))
		}
		for table, rule := range own {
			rules[table] = rule
		}
	}
	return rules, nil
}

// Inserter writes rows of any table as Each reads them from another database, in one insert. Rows that the table has
// already are not recognised by their token, as those of Insert are: who uses it knows what the table has.
type Inserter struct {
	table string
	batch driver.Batch
	rows  int // that are not sent yet
}

// flushEvery is how many rows an insert over the native protocol holds.
const flushEvery = 50_000

// Inserter begins an insert into the named columns of a table. It ends with Send or Abort.
func (db *DB) Inserter(ctx context.Context, table string, columns []string) (*Inserter, error) {
	options := []clickhouse.QueryOption{clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 0, "deduplicate_blocks_in_dependent_materialized_views": 0,
	})}
	if db.http {
		types, err := db.types.of(ctx, db, table, columns)
		if err != nil {
			return nil, fmt.Errorf("insert into %s: %w", table, err)
		}
		options = append(options, clickhouse.WithColumnNamesAndTypes(types))
	}
	batch, err := db.conn.PrepareBatch(clickhouse.Context(ctx, options...), "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+")")
	if err != nil {
		return nil, fmt.Errorf("insert into %s: %w", table, brief(err))
	}
	return &Inserter{table: table, batch: batch}, nil
}

// Add adds a row.
func (i *Inserter) Add(values []any) error {
	err := i.batch.Append(values...)
	if i.rows++; err == nil && i.rows%flushEvery == 0 {
		err = i.batch.Flush()
	}
	if err != nil {
		return fmt.Errorf("insert into %s: %w", i.table, brief(err))
	}
	return nil
}

// Send ends the insert: without an error its rows are stored.
func (i *Inserter) Send() error {
	if err := i.batch.Send(); err != nil {
		return fmt.Errorf("insert into %s: %w", i.table, brief(err))
	}
	return nil
}

// Abort gives an insert up; what it has sent may be stored.
func (i *Inserter) Abort() error { return i.batch.Abort() }
