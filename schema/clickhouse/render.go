package clickhouse

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"reflect"
	"text/tabwriter"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// rowWriter writes a result row by row, for the native protocol: nothing of a statement that has no columns.
type rowWriter interface {
	head(names []string, kinds []kind) // before the first row
	row(values []any) error
	end() error
}

// renderer finds the writer of a format. These are for reading; whoever needs another format uses a DSN with http.
func renderer(format string) (func(io.Writer) rowWriter, error) {
	switch format {
	case "TabSeparated", "TSV":
		return func(w io.Writer) rowWriter { return &tsv{Writer: bufio.NewWriter(w)} }, nil
	case "TabSeparatedWithNames", "TSVWithNames":
		return func(w io.Writer) rowWriter { return &tsv{bufio.NewWriter(w), true} }, nil
	case "CSV":
		return func(w io.Writer) rowWriter { return &commas{Writer: bufio.NewWriter(w)} }, nil
	case "CSVWithNames":
		return func(w io.Writer) rowWriter { return &commas{bufio.NewWriter(w), true} }, nil
	case "JSONEachRow":
		return func(w io.Writer) rowWriter { return &jsonLines{Writer: bufio.NewWriter(w)} }, nil
	case "JSONCompactEachRowWithNames":
		return func(w io.Writer) rowWriter { return &jsonLists{bufio.NewWriter(w)} }, nil
	case "Pretty", "PrettyCompact", "PrettySpace":
		return func(w io.Writer) rowWriter { return &pretty{w: tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)} }, nil
	}
	return nil, fmt.Errorf("format %s needs a store.dsn with http:// or https://, which takes all of ClickHouse's; over clickhouse:// there are TSV, TSVWithNames, "+
		"CSV, CSVWithNames, JSONEachRow, JSONCompactEachRowWithNames and PrettyCompact", format)
}

func render(out io.Writer, rows driver.Rows, writer func(io.Writer) rowWriter) error {
	w := writer(out)
	names, columns := rows.Columns(), rows.ColumnTypes()
	cells, values, kinds := make([]any, len(names)), make([]any, len(names)), make([]kind, len(names))
	for i, column := range columns {
		kinds[i] = kindOf(column.DatabaseTypeName())
	}
	w.head(names, kinds)
	for rows.Next() {
		for i, column := range columns {
			if cells[i] = reflect.New(column.ScanType()).Interface(); kinds[i].name == "Map" {
				cells[i] = new(pairs)
			}
		}
		if err := rows.Scan(cells...); err != nil { // as of a tuple in a tuple, both without names
			return fmt.Errorf("%w; with http:// or https:// in store.dsn the server writes the answer, and every type works", err)
		}
		for i := range cells {
			values[i] = kinds[i].plain(reflect.ValueOf(cells[i]))
		}
		if err := w.row(values); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), w.end())
}
