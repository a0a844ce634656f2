package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"kaisen/internal/volume"
	"kaisen/schema/clickhouse"
)

// mostRows is how much of an answer a table shows: its columns are as wide as the widest row, so it is held whole.
const mostRows = 10_000

// table writes an answer as a table for people, through a pager where it is long.
func (q *queryFlags) table(ctx context.Context, db *clickhouse.DB, sql string, out io.Writer) (err error) {
	answer, err := db.Query(ctx, sql, "JSONCompactEachRowWithNames")
	if err != nil {
		return err
	}
	defer answer.Close()
	rows := json.NewDecoder(answer)
	rows.UseNumber() // a UInt64 is more than a float64 holds
	var names []string
	if err := rows.Decode(&names); errors.Is(err, io.EOF) {
		return nil // a statement without an answer
	} else if err != nil {
		return err
	}
	for i, name := range names { // a pager obeys them too
		names[i] = harmless(name)
	}
	var lines []table.Row
	n := 0
	for ; ; n++ {
		var row []json.RawMessage
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if n < mostRows {
			lines = append(lines, q.line(names, row))
		}
	}
	var page strings.Builder
	if q.upright {
		page.WriteString(upright(names, lines))
	} else {
		page.WriteString(flat(names, lines))
	}
	switch {
	case n > mostRows:
		fmt.Fprintf(&page, "%d rows, of which the first %d are shown; --format TSV shows all\n", n, mostRows)
	case n != 1:
		fmt.Fprintf(&page, "%d rows\n", n)
	}
	return q.show(ctx, page.String(), out)
}

// flat is a table with a line for each row.
func flat(names []string, lines []table.Row) string {
	t := newTable(io.Discard, names...)
	var columns []table.ColumnConfig
	for i, name := range names {
		if isBytes(name) || isRatio(name) {
			columns = append(columns, table.ColumnConfig{Number: i + 1, Align: text.AlignRight})
		}
	}
	t.SetColumnConfigs(columns)
	t.AppendRows(lines)
	return t.Render() + "\n"
}

// upright is a table with a line for each column, and a column for each row.
func upright(names []string, lines []table.Row) string {
	t := newTable(io.Discard)
	t.ResetHeaders()
	for i, name := range names {
		row := table.Row{name}
		for _, line := range lines {
			row = append(row, line[i])
		}
		t.AppendRow(row)
	}
	return t.Render() + "\n"
}

// line is a row as a table has it.
func (q *queryFlags) line(names []string, row []json.RawMessage) table.Row {
	line := make(table.Row, len(row))
	for i, value := range row {
		line[i] = q.cell(names[i], value)
	}
	return line
}

// cell is one value: figures rounded for people, texts without their quotes, everything else as ClickHouse writes it.
func (q *queryFlags) cell(name string, value json.RawMessage) string {
	if bytes.Equal(value, []byte("null")) {
		return "-"
	}
	var s string
	quoted := json.Unmarshal(value, &s) == nil
	if !quoted {
		s = string(value)
	}
	if isBytes(name) && !q.exact {
		if text, is := roundBytes(s); is {
			return text
		}
	}
	if quoted {
		return harmless(s)
	}
	if !q.exact {
		if rounded, is := roundNumber(name, s); is {
			return rounded
		}
	}
	var labels map[string]string
	if json.Unmarshal(value, &labels) == nil {
		var pairs []string
		for _, column := range slices.Sorted(maps.Keys(labels)) {
			pairs = append(pairs, column+"="+labels[column])
		}
		return harmless(strings.Join(pairs, ", "))
	}
	return harmless(string(value))
}

// roundBytes is a volume, a mean of volumes, or the difference of two.
func roundBytes(value string) (text string, is bool) {
	if n, err := strconv.ParseUint(value, 10, 64); err == nil {
		return volume.Text(n), true
	}
	const most = 1 << 63 // and every difference fits
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil || !(math.Abs(n) < most):
		return "", false
	case n < 0:
		return "-" + volume.Text(uint64(-n)), true
	}
	return volume.Text(uint64(n)), true
}

// roundNumber is a number with a fraction as people read it: a ratio in percent, as the page has it, anything else with three decimals
// at most, and more where it would be nothing.
func roundNumber(name, value string) (text string, is bool) {
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil || math.IsInf(n, 0) || math.IsNaN(n):
		return "", false
	case isRatio(name):
		return strconv.FormatFloat(100*n, 'f', 1, 64) + " %", true
	case n == math.Trunc(n):
		return "", false
	case math.Abs(n) < 0.001:
		return strconv.FormatFloat(n, 'g', 3, 64), true
	}
	return strconv.FormatFloat(math.Round(n*1000)/1000, 'f', -1, 64), true
}

// isBytes recognises columns of bytes by their name, which in kaisen's tables and views ends so, and sums and the like of them.
func isBytes(name string) bool {
	function, inner, called := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	if called && slices.Contains([]string{"sum", "min", "max", "avg", "any", "median"}, function) {
		name = inner
	}
	return name == "bytes" || strings.HasSuffix(name, "_bytes")
}

// isRatio recognises columns of parts of 1.
func isRatio(name string) bool { return name == "ratio" || strings.HasSuffix(name, "_ratio") }
