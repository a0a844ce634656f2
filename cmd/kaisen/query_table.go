package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

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
		if isBytes(name) {
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

// cell is one value: bytes for people, texts without their quotes, everything else as ClickHouse writes it.
func (q *queryFlags) cell(name string, value json.RawMessage) string {
	var s string
	switch {
	case bytes.Equal(value, []byte("null")):
		return "-"
	case json.Unmarshal(value, &s) == nil:
		if n, err := strconv.ParseUint(s, 10, 64); err == nil && isBytes(name) && !q.exact {
			return humanBytes(n)
		}
		return harmless(s)
	case isBytes(name) && !q.exact:
		if n, err := strconv.ParseUint(string(value), 10, 64); err == nil {
			return humanBytes(n)
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

// harmless is a text that does nothing to a terminal but stand there: what would move its cursor, change its colours or turn its
// direction shows as a sign.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return ' '
		case r < ' ':
			return '␀' + r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// isBytes recognises columns of bytes by their name, which in kaisen's tables and views ends so.
func isBytes(name string) bool { return name == "bytes" || strings.HasSuffix(name, "_bytes") }

// humanBytes writes bytes with three digits and an IEC unit: 1.53 GiB.
func humanBytes(n uint64) string {
	if n < 1024 {
		return strconv.FormatUint(n, 10) + " B"
	}
	unit := (bits.Len64(n) - 1) / 10
	v := float64(n) / float64(uint64(1)<<(10*unit))
	digits := 2
	switch {
	case v >= 999.5: // 1023.9 MiB reads as 1.00 GiB
		unit, v = unit+1, v/1024
	case v >= 99.95:
		digits = 0
	case v >= 9.995:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + "KMGTPEZ"[unit-1:unit] + "iB"
}
