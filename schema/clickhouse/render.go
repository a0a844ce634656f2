package clickhouse

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"kaisen/internal/sqltext"
)

// rowWriter writes a result row by row, for the native protocol.
type rowWriter interface {
	row(names []string, values []any) error
	end() error
}

// renderer finds the writer of a format. These are for reading; whoever needs another format uses a DSN with http.
func renderer(format string) (func(io.Writer) rowWriter, error) {
	switch format {
	case "TabSeparated", "TSV":
		return func(w io.Writer) rowWriter { return newTSV(w, false) }, nil
	case "TabSeparatedWithNames", "TSVWithNames":
		return func(w io.Writer) rowWriter { return newTSV(w, true) }, nil
	case "CSV":
		return func(w io.Writer) rowWriter { return &commas{w: csv.NewWriter(w)} }, nil
	case "CSVWithNames":
		return func(w io.Writer) rowWriter { return &commas{w: csv.NewWriter(w), header: true} }, nil
	case "JSONEachRow":
		return func(w io.Writer) rowWriter { return &jsonLines{w: bufio.NewWriter(w)} }, nil
	case "JSONCompactEachRowWithNames":
		return func(w io.Writer) rowWriter { return &jsonLists{w: json.NewEncoder(w)} }, nil
	case "Pretty", "PrettyCompact", "PrettySpace":
		return func(w io.Writer) rowWriter { return &pretty{w: tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)} }, nil
	}
	return nil, fmt.Errorf("format %s needs a store.dsn with http:// or https://; over clickhouse:// there are TSV, TSVWithNames, CSV, CSVWithNames, JSONEachRow and PrettyCompact", format)
}

func render(out io.Writer, rows driver.Rows, writer func(io.Writer) rowWriter) error {
	w := writer(out)
	names, kinds := rows.Columns(), rows.ColumnTypes()
	cells, values, layouts := make([]any, len(names)), make([]any, len(names)), make([]string, len(names))
	for i, kind := range kinds {
		layouts[i] = timeLayout(kind.DatabaseTypeName())
	}
	for rows.Next() {
		for i, kind := range kinds {
			cells[i] = reflect.New(kind.ScanType()).Interface()
		}
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		for i := range cells {
			values[i] = plain(reflect.ValueOf(cells[i]).Elem(), layouts[i])
		}
		if err := w.row(names, values); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), w.end())
}

// plain takes the pointers off a value; NULL is nil. Times are written as ClickHouse writes them.
func plain(v reflect.Value, layout string) any {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if t, ok := v.Interface().(time.Time); ok {
		return t.Format(layout)
	}
	if v.Kind() == reflect.Slice {
		items := make([]any, v.Len())
		for i := range items {
			items[i] = plain(v.Index(i), layout)
		}
		return items
	}
	return v.Interface()
}

// timeLayout is how times of a ClickHouse type are written: a Date has no time of day, and a DateTime64 as many digits as
// it was made with.
func timeLayout(kind string) string {
	digits := regexp.MustCompile(`DateTime64\((\d)`).FindStringSubmatch(kind)
	switch {
	case digits != nil && digits[1] != "0":
		n, _ := strconv.Atoi(digits[1])
		return time.DateTime + "." + strings.Repeat("0", n)
	case strings.Contains(kind, "DateTime"):
		return time.DateTime
	}
	return time.DateOnly
}

// cell is a value in one line; null is what stands for NULL.
func cell(v any, null string) string {
	switch v := v.(type) {
	case nil:
		return null
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i := range v {
			items[i] = quoted(v[i])
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	return fmt.Sprint(v)
}

// quoted is an element of a list.
func quoted(v any) string {
	if text, ok := v.(string); ok {
		return sqltext.Quote(text)
	}
	return cell(v, "NULL")
}

type tsv struct {
	w      *bufio.Writer
	escape *strings.Replacer
	header bool
}

func newTSV(w io.Writer, header bool) *tsv {
	return &tsv{bufio.NewWriter(w), strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r"), header}
}

func (t *tsv) row(names []string, values []any) error {
	if t.header {
		t.header = false
		t.w.WriteString(strings.Join(names, "\t") + "\n")
	}
	for i, v := range values {
		if i > 0 {
			t.w.WriteByte('\t')
		}
		if v == nil {
			t.w.WriteString(`\N`)
		} else {
			t.escape.WriteString(t.w, cell(v, ""))
		}
	}
	return t.w.WriteByte('\n')
}

func (t *tsv) end() error { return t.w.Flush() }

type commas struct {
	w      *csv.Writer
	header bool
}

func (c *commas) row(names []string, values []any) error {
	if c.header {
		c.header = false
		c.w.Write(names)
	}
	line := make([]string, len(values))
	for i, v := range values {
		line[i] = cell(v, `\N`)
	}
	return c.w.Write(line)
}

func (c *commas) end() error {
	c.w.Flush()
	return c.w.Error()
}

type jsonLines struct{ w *bufio.Writer }

func (j *jsonLines) row(names []string, values []any) error {
	for i, name := range names {
		key, _ := json.Marshal(name)
		value, err := json.Marshal(values[i])
		if err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
		j.w.WriteByte(",{"[btoi(i == 0)])
		j.w.Write(key)
		j.w.WriteByte(':')
		j.w.Write(value)
	}
	_, err := j.w.WriteString("}\n")
	return err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (j *jsonLines) end() error { return j.w.Flush() }

type jsonLists struct {
	w       *json.Encoder
	started bool
}

func (j *jsonLists) row(names []string, values []any) error {
	if !j.started {
		j.started = true
		if err := j.w.Encode(names); err != nil {
			return err
		}
	}
	return j.w.Encode(values)
}

func (j *jsonLists) end() error { return nil }

type pretty struct {
	w       *tabwriter.Writer
	started bool
}

func (p *pretty) row(names []string, values []any) error {
	if !p.started {
		p.started = true
		fmt.Fprintln(p.w, strings.Join(names, "\t"))
	}
	line := make([]string, len(values))
	for i, v := range values {
		line[i] = strings.NewReplacer("\t", " ", "\n", " ").Replace(cell(v, "NULL"))
	}
	_, err := fmt.Fprintln(p.w, strings.Join(line, "\t"))
	return err
}

func (p *pretty) end() error { return p.w.Flush() }
