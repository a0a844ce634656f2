package labels

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	textunicode "golang.org/x/text/encoding/unicode"
)

// Label is what the file says of one line.
type Label struct {
	ContractID string
	LineNo     string   // digits alone
	Name       string   // may be empty
	Values     []string // of Labels.Columns, as many of them; each may be empty
}

// Labels are the rows of a file.
type Labels struct {
	Columns []string // the columns beyond contract_id, line_no and name, in their order
	Rows    []Label
	// Mistakes are the rows that were left out, each with its number: 1 is the header, as a text editor counts. They hold no
	// line number.
	Mistakes []error
	// LeftOut are the lines of the rows that were left out, as far as they can be told: they have not left the file.
	LeftOut []Label
}

// Bounds of what is read: a name is shown in lists and mails, and labels are copied to every series of a line.
const (
	maxName    = 200     // characters of a name or a value
	maxColumns = 30      // beyond the first three
	maxSize    = 1 << 28 // bytes of a file
)

// Parse reads a file: UTF-8 with or without a byte order mark, UTF-16 with one, or Shift_JIS; columns are apart by commas,
// semicolons or tabs. Its first row names the columns, contract_id and line_no among them, in any order and case. A row ends
// where its text line ends, in quotes too: one that is not closed costs no other row. A quote within a cell that does not begin
// with one is taken literally. The error is that of a file that has no such row or cannot be read; what is wrong with single
// rows is in Labels.Mistakes.
func Parse(r io.Reader) (Labels, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Labels{}, err
	}
	if len(content) > maxSize {
		return Labels{}, fmt.Errorf("the file has more than %d MB", maxSize>>20)
	}
	text, err := decode(content)
	if err != nil {
		return Labels{}, err
	}
	rows := newRows(text)
	header, _, err := rows.next()
	if errors.Is(err, io.EOF) {
		return Labels{}, errors.New("the file is empty: write contract_id,line_no,name in its first row")
	}
	if err != nil {
		return Labels{}, fmt.Errorf("row 1: %w", err)
	}
	table, err := newTable(header)
	if err != nil {
		return Labels{}, err
	}
	return table.read(rows)
}

// decode is the text of a file in UTF-8. Spreadsheets in Japan write Shift_JIS, or UTF-16 with a mark.
func decode(content []byte) ([]byte, error) {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return textunicode.UTF16(textunicode.LittleEndian, textunicode.ExpectBOM).NewDecoder().Bytes(content)
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if utf8.Valid(content) {
		return content, nil
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, errors.New("the file is neither UTF-8 nor Shift_JIS: save it as CSV in UTF-8")
	}
	return text, nil
}

// separator is what stands between the columns of the first row.
func separator(text []byte) rune {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	for _, other := range []rune{'\t', ';'} {
		if bytes.ContainsRune(header, other) && !bytes.ContainsRune(header, ',') {
			return other
		}
	}
	return ','
}
