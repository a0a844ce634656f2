package clickhouse

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
)

// cell is a value alone in its place.
func cell(v any) string {
	if v, is := v.(text); is {
		return string(v)
	}
	return string(appendInner(nil, v))
}

// appendInner adds a value as it stands inside another one.
func appendInner(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "NULL"...)
	case text:
		return append(out, "'"+escaped(string(v))+"'"...)
	case number:
		return append(out, v...)
	case list:
		return appendAll(out, '[', v, ']')
	case tuple:
		return appendAll(out, '(', v.values, ')')
	case pairs:
		out = append(out, '{')
		for i, key := range v.keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendInner(out, key)
			out = appendInner(append(out, ':'), v.values[i])
		}
	}
	return append(out, '}')
}

func appendAll(out []byte, begin byte, values []any, end byte) []byte {
	out = append(out, begin)
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendInner(out, v)
	}
	return append(out, end)
}

// escaped is a text as it stands between tabs, and between quotes inside another value.
func escaped(s string) string {
	if !strings.ContainsAny(s, "\\'\t\n\r\b\f\x00") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\b", `\b`, "\f", `\f`, "\x00", `\0`).Replace(s)
}

// tsv writes TabSeparated and TabSeparatedWithNames.
type tsv struct {
	*bufio.Writer
	named bool
}

func (t *tsv) head(names []string, _ []kind) {
	if !t.named || len(names) == 0 {
		return
	}
	line := make([]string, len(names))
	for i, name := range names {
		line[i] = escaped(name)
	}
	t.WriteString(strings.Join(line, "\t") + "\n")
}

func (t *tsv) row(values []any) error {
	for i, v := range values {
		if i > 0 {
			t.WriteByte('\t')
		}
		switch v := v.(type) {
		case nil:
			t.WriteString(`\N`)
		case text:
			t.WriteString(escaped(string(v)))
		default:
			t.WriteString(cell(v))
		}
	}
	return t.WriteByte('\n')
}

func (t *tsv) end() error { return t.Flush() }

// commas writes CSV and CSVWithNames. Each field of a tuple has a column of its own, as ClickHouse has it.
type commas struct {
	*bufio.Writer
	named bool
}

func (c *commas) head(names []string, kinds []kind) {
	if !c.named || len(names) == 0 {
		return
	}
	var line []string
	for i, name := range names {
		line = append(line, kinds[i].columns(name)...)
	}
	c.WriteString(strings.Join(line, ",") + "\n")
}

// columns are the names of a value's columns, quoted.
func (k kind) columns(name string) (names []string) {
	if k.name != "Tuple" {
		return []string{quoted(name)}
	}
	for i, of := range k.of {
		field := strconv.Itoa(i + 1)
		if i < len(k.names) {
			field = k.names[i]
		}
		names = append(names, of.columns(name+"."+field)...)
	}
	return names
}

func (c *commas) row(values []any) error {
	c.fields(values)
	return c.WriteByte('\n')
}

func (c *commas) fields(values []any) {
	for i, v := range values {
		if i > 0 {
			c.WriteByte(',')
		}
		switch v := v.(type) {
		case nil:
			c.WriteString(`\N`)
		case number:
			c.WriteString(string(v))
		case tuple:
			c.fields(v.values)
		default:
			c.WriteString(quoted(cell(v)))
		}
	}
}

// quoted is a text as CSV has it.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (c *commas) end() error { return c.Flush() }

// pretty writes a table for people: its values are as in ClickHouse's, its frame is not.
type pretty struct {
	w     *tabwriter.Writer
	names []string
}

func (p *pretty) head(names []string, _ []kind) { p.names = names }

func (p *pretty) row(values []any) error {
	if p.names != nil {
		fmt.Fprintln(p.w, strings.Join(p.names, "\t"))
		p.names = nil
	}
	line := make([]string, len(values))
	for i, v := range values {
		line[i] = strings.NewReplacer("\t", " ", "\n", " ", "\v", " ", "\f", " ").Replace(cell(v))
	}
	_, err := fmt.Fprintln(p.w, strings.Join(line, "\t"))
	return err
}

func (p *pretty) end() error { return p.w.Flush() }
