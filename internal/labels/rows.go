package labels

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// rows are the text lines of a file, each cut into its cells.
type rows struct {
	left   []byte
	comma  rune
	number int // of the row that was read last, from 1
	line   *bufio.Reader
}

func newRows(text []byte) *rows {
	return &rows{left: text, comma: separator(text), line: bufio.NewReader(nil)}
}

// errUnclosed is the error of a row with a quote that nothing closes before the row's end.
var errUnclosed = errors.New("a quote is not closed: write a second one at the end of its cell, or none")

// next is the next row that is not empty, with its number, and io.EOF after the last. With errUnclosed come the cells as they are
// without any quotes, which may be cut in the wrong places.
func (r *rows) next() (cells []string, number int, err error) {
	for len(r.left) > 0 {
		line, rest, _ := bytes.Cut(r.left, []byte("\n"))
		r.left = rest
		r.number++
		text := strings.TrimSuffix(string(line), "\r")
		if strings.TrimSpace(text) == "" {
			continue
		}
		cells, err := r.cut(text)
		return cells, r.number, err
	}
	return nil, r.number, io.EOF
}

func (r *rows) cut(text string) ([]string, error) {
	r.line.Reset(strings.NewReader(text + "\n"))
	reader := csv.NewReader(r.line)
	reader.Comma, reader.FieldsPerRecord, reader.TrimLeadingSpace, reader.LazyQuotes = r.comma, -1, true, true
	cells, err := reader.Read()
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(cells[len(cells)-1], "\n") { // the line's own end: still within quotes
		return strings.Split(strings.ReplaceAll(text, `"`, ""), string(r.comma)), errUnclosed
	}
	return cells, nil
}
