package clickhouse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
)

// jsonLines writes JSONEachRow.
type jsonLines struct {
	*bufio.Writer
	names []string
}

func (j *jsonLines) head(names []string, _ []kind) { j.names = names }

func (j *jsonLines) row(values []any) error {
	_, err := j.Write(append(appendJSON(nil, tuple{j.names, values}), '\n'))
	return err
}

func (j *jsonLines) end() error { return j.Flush() }

// jsonLists writes JSONCompactEachRowWithNames.
type jsonLists struct{ *bufio.Writer }

func (j *jsonLists) head(names []string, _ []kind) {
	texts := make([]any, len(names))
	for i, name := range names {
		texts[i] = text(name)
	}
	if len(names) > 0 {
		_ = j.row(texts) // the writer keeps its error
	}
}

func (j *jsonLists) row(values []any) error {
	line := make([]string, len(values))
	for i, v := range values {
		line[i] = string(appendJSON(nil, v))
	}
	_, err := j.WriteString("[" + strings.Join(line, ", ") + "]\n")
	return err
}

func (j *jsonLists) end() error { return j.Flush() }

func appendJSON(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case text:
		return appendString(out, string(v))
	case number:
		if strings.HasSuffix(string(v), "nan") || strings.HasSuffix(string(v), "inf") {
			return append(out, "null"...)
		}
		return append(out, v...)
	case list:
		return appendItems(out, v)
	case tuple:
		if v.names == nil {
			return appendItems(out, v.values)
		}
		keys := make([]any, len(v.names))
		for i, name := range v.names {
			keys[i] = text(name)
		}
		return appendJSON(out, pairs{keys, v.values})
	case pairs:
		out = append(out, '{')
		for i, key := range v.keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(out, cell(key))
			out = appendJSON(append(out, ':'), v.values[i])
		}
	}
	return append(out, '}')
}

func appendItems(out []byte, values []any) []byte {
	out = append(out, '[')
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendJSON(out, v)
	}
	return append(out, ']')
}

// appendString adds a text with its slashes escaped, as ClickHouse has them.
func appendString(out []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string is always JSON
	return append(out, bytes.ReplaceAll(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("/"), []byte(`\/`))...)
}
