package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// How an answer is printed.
const (
	formatJSON  = "json"  // with the document's names and forms
	formatTable = "table" // for people
	formatRaw   = "raw"   // as the carrier wrote it
)

// formatFlag is --format.
type formatFlag struct {
	chosen  string
	allowed []string
}

// addFormatFlag adds --format, whose default is the first of those allowed.
func addFormatFlag(cmd *cobra.Command, allowed ...string) *formatFlag {
	f := &formatFlag{allowed: allowed}
	cmd.Flags().StringVar(&f.chosen, "format", allowed[0], "how the answer is printed: "+strings.Join(allowed, ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return f
}

func (f *formatFlag) check() error {
	if slices.Contains(f.allowed, f.chosen) {
		return nil
	}
	return misuse(fmt.Errorf("--format %q: want %s", f.chosen, strings.Join(f.allowed, " or ")))
}

// write prints an answer.
func (f *formatFlag) write(w io.Writer, answer any) error {
	if f.chosen == formatJSON {
		return writeJSON(w, answer)
	}
	if list, ok := answer.(interface{ Rows() any }); ok {
		answer = list.Rows()
	}
	written, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	writeTables(w, "", written)
	return nil
}

// writeTables prints a list as a table with a row for each item, and anything else with a row for each field; the
// lists in it follow as tables of their own.
func writeTables(w io.Writer, title string, value json.RawMessage) {
	var rows []json.RawMessage
	if json.Unmarshal(value, &rows) == nil {
		writeRows(w, title, rows)
		return
	}
	t := newTable(w, "field", "value")
	var lists []member
	for _, m := range members(value) {
		if bytes.HasPrefix(m.value, []byte("[{")) {
			lists = append(lists, m)
			continue
		}
		for _, c := range cells(m.name, m.value) {
			t.AppendRow(table.Row{c.name, c.text})
		}
	}
	t.Render()
	for _, list := range lists {
		writeTables(w, list.name, list.value)
	}
}

// writeRows prints a list, a row each. Columns in which no row has anything are left out, and a list within a row has
// a line of its cells for each of its items.
func writeRows(w io.Writer, title string, rows []json.RawMessage) {
	var columns []string
	values := make([]map[string]string, len(rows))
	for i, row := range rows {
		values[i] = map[string]string{}
		for _, c := range cells("", row) {
			if before, more := values[i][c.name]; more {
				values[i][c.name] = before + "\n" + c.text
			} else {
				values[i][c.name] = c.text
			}
			if c.text != "" && !slices.Contains(columns, c.name) {
				columns = append(columns, c.name)
			}
		}
	}
	if len(columns) == 0 {
		fmt.Fprintln(w, "no rows")
		return
	}
	t := newTable(w, columns...)
	if title != "" {
		t.SetTitle(title)
	}
	for _, row := range values {
		line := make(table.Row, len(columns))
		for i, column := range columns {
			line[i] = row[column]
		}
		t.AppendRow(line)
	}
	t.Render()
}

// newTable is a table whose heads are as the documents spell them.
func newTable(w io.Writer, heads ...string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.Style().Format.Header = text.FormatDefault
	head := make(table.Row, len(heads))
	for i, name := range heads {
		head[i] = name
	}
	t.AppendHeader(head)
	return t
}

// cell is one value of an answer with the way to it: detail.cpe, products.productCode.
type cell struct{ name, text string }

// cells takes JSON apart, in its order. A list of plain values is one cell.
func cells(name string, value json.RawMessage) []cell {
	var all []cell
	switch value[0] {
	case '{':
		for _, m := range members(value) {
			path := m.name
			if name != "" {
				path = name + "." + path
			}
			all = append(all, cells(path, m.value)...)
		}
	case '[':
		var items []json.RawMessage
		_ = json.Unmarshal(value, &items) // JSON of our own
		var texts []string
		for _, item := range items {
			if item[0] == '{' || item[0] == '[' {
				all = append(all, cells(name, item)...)
			} else {
				texts = append(texts, plain(item))
			}
		}
		if all == nil {
			all = []cell{{name, strings.Join(texts, ", ")}}
		}
	default:
		all = []cell{{name, plain(value)}}
	}
	return all
}

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members takes a JSON object apart, in its order.
func members(object json.RawMessage) []member {
	var all []member
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token()
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			return all
		}
		all = append(all, member{fmt.Sprint(name), value})
	}
	return all
}

// plain is a text without quotes and without what a terminal would obey; null is nothing.
func plain(value json.RawMessage) string {
	var s *string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	if s == nil {
		return ""
	}
	return harmless(*s)
}
