package labels

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kaisen/schema"
)

// table is where the columns of a file stand.
type table struct {
	contract, line, name int // name is -1 where there is none
	columns              []string
	places               []int // of columns
	width                int   // cells of the header
}

func newTable(header []string) (*table, error) {
	t := &table{contract: -1, line: -1, name: -1, width: len(header)}
	for i, column := range header {
		column = strings.TrimSpace(column)
		var known *int
		switch strings.ToLower(column) {
		case "contract_id":
			known = &t.contract
		case "line_no":
			known = &t.line
		case "name":
			known = &t.name
		case "":
			continue // a spreadsheet leaves them behind the last one
		}
		again := func(other string) bool {
			return other == column || other == schema.NearCapColumn && strings.EqualFold(column, other)
		}
		switch {
		case known != nil && *known >= 0 || known == nil && slices.ContainsFunc(t.columns, again):
			return nil, fmt.Errorf("row 1: column %q is there twice", column)
		case known != nil:
			*known = i
		case strings.EqualFold(column, schema.NearCapColumn):
			t.columns, t.places = append(t.columns, schema.NearCapColumn), append(t.places, i)
		default:
			t.columns, t.places = append(t.columns, column), append(t.places, i)
		}
	}
	if t.contract < 0 || t.line < 0 {
		return nil, errors.New("row 1: columns contract_id and line_no are missing: write contract_id,line_no,name and any others")
	}
	for _, column := range t.columns {
		if err := check("row 1: the name of a column", column); err != nil {
			return nil, err
		}
	}
	if len(t.columns) > maxColumns {
		return nil, fmt.Errorf("row 1: %d columns beside contract_id, line_no and name: at most %d", len(t.columns), maxColumns)
	}
	return t, nil
}

func (t *table) read(rows *rows) (Labels, error) {
	all := Labels{Columns: t.columns}
	type line struct{ contract, number string }
	first := map[line]int{}
	for {
		record, number, unclosed := rows.next()
		if errors.Is(unclosed, io.EOF) {
			return all, nil
		}
		if !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			continue
		}
		label, err := t.label(record)
		if unclosed != nil {
			err = unclosed
		}
		if err == nil {
			if before, twice := first[line{label.ContractID, label.LineNo}]; twice {
				err = fmt.Errorf("the line is in row %d already", before)
			}
		}
		if err != nil {
			all.Mistakes = append(all.Mistakes, fmt.Errorf("row %d: %w", number, err))
			if label.LineNo != "" {
				all.LeftOut = append(all.LeftOut, Label{ContractID: label.ContractID, LineNo: label.LineNo})
			}
			continue
		}
		first[line{label.ContractID, label.LineNo}] = number
		all.Rows = append(all.Rows, label)
	}
}

// label reads one row. With an error comes its line all the same, where that can be told.
func (t *table) label(record []string) (Label, error) {
	field := func(place int) string {
		if place < 0 || place >= len(record) {
			return ""
		}
		return strings.TrimSpace(record[place])
	}
	label := Label{ContractID: field(t.contract), Name: field(t.name)}
	if !schema.IsContractID(label.ContractID) {
		return Label{}, fmt.Errorf("contract_id %q is no contract: N and nine letters or digits", clean(label.ContractID))
	}
	var err error
	if label.LineNo, err = lineNo(field(t.line)); err != nil {
		return Label{}, err
	}
	if beyond := record[min(t.width, len(record)):]; slices.ContainsFunc(beyond, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return label, fmt.Errorf("%d cells, the header has %d: put a name that has the separator in it in quotes", len(record), t.width)
	}
	if err := check("name", label.Name); err != nil {
		return label, err
	}
	if len(t.places) > 0 {
		label.Values = make([]string, len(t.places))
	}
	for i, place := range t.places {
		label.Values[i] = field(place)
		if err := check(t.columns[i], label.Values[i]); err != nil {
			return label, err
		}
		if t.columns[i] != schema.NearCapColumn {
			continue
		}
		if label.Values[i], err = percent(label.Values[i]); err != nil {
			return label, err
		}
	}
	return label, nil
}

// lineNo reads a line number as people write one, with hyphens and blanks, full-width too. Of what a spreadsheet has made
// of one that it took for a number nothing is guessed.
func lineNo(text string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune("-‐‑–−ー－ \u3000()", r):
			return -1
		}
		return r
	}, text)
	switch {
	case schema.IsLineNo(digits) && len(digits) == 10 && digits[0] >= '7' && digits[0] <= '9':
		return "", errors.New("line_no has lost its leading 0: make the column a text column in the spreadsheet")
	case schema.IsLineNo(digits):
		return digits, nil
	case strings.ContainsAny(digits, "eE."):
		return "", errors.New("line_no was turned into a number: make the column a text column in the spreadsheet")
	}
	return "", errors.New("line_no is no line number of 1 to 11 digits")
}

// percent reads a share of the volume as people write one, with a percent sign or without, and writes it as ClickHouse reads a
// number. Empty is the common one.
func percent(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	number := strings.TrimSpace(strings.TrimSuffix(norm.NFKC.String(text), "%"))
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !(value >= 0 && value <= 100) {
		return "", fmt.Errorf("%s is no number of 0 to 100", schema.NearCapColumn)
	}
	return strconv.FormatFloat(value, 'f', -1, 64), nil
}

// check refuses what would break a list, a mail or a terminal.
func check(column, value string) error {
	if utf8.RuneCountInString(value) > maxName {
		return fmt.Errorf("%s is longer than %d characters", column, maxName)
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("%s has a control character in it, such as a line break", column)
	}
	return nil
}

// clean is a text that may stand in a message: short, without digits that may be somebody's number.
func clean(text string) string {
	const enough = 20
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '*'
		}
		return r
	}, text))
	if len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return string(runes)
}
