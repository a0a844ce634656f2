package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"kaisen/schema"
)

// ExtraLine is a line that kaisen is told of because the carrier's list stops at 1,000 rows.
type ExtraLine struct {
	ContractID string
	LineNo     string // 1 to 11 digits
}

var lineNo = regexp.MustCompile(`^[0-9]{1,11}$`) // UNO Mobile API v2.1: 9 11, variable length

// maxRowErrors bounds what is said of a file that is something else altogether.
const maxRowErrors = 10

// ExtraLines reads extra_lines_file anew, in its order and each line once; without a file there are none. Rows for a
// contract that is not of the source are errors, because nobody would ever see those lines.
func (s Source) ExtraLines() ([]ExtraLine, error) {
	if s.ExtraLinesFile == "" {
		return nil, nil
	}
	file, err := os.Open(s.ExtraLinesFile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := ParseExtraLines(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.ExtraLinesFile, err)
	}
	for _, line := range lines {
		if !slices.Contains(s.Contracts, line.ContractID) {
			return nil, fmt.Errorf("%s: contract %s is not in contracts", s.ExtraLinesFile, line.ContractID)
		}
	}
	return lines, nil
}

// ParseExtraLines reads rows of the form contract,line. Empty rows, rows that begin with # and a first row
// "contract,line" are skipped, a line that is there twice counts once. The error joins one for each bad row, with its
// number counted from 1, the first ten of them, and masks line numbers.
func ParseExtraLines(r io.Reader) ([]ExtraLine, error) {
	var lines []ExtraLine
	var bad []error
	seen := map[ExtraLine]bool{}
	rows := bufio.NewScanner(r)
	for number := 1; rows.Scan(); number++ {
		row := strings.TrimSpace(strings.TrimPrefix(rows.Text(), "\ufeff")) // Excel begins a CSV with a byte order mark
		if row == "" || strings.HasPrefix(row, "#") || number == 1 && strings.ReplaceAll(row, " ", "") == "contract,line" {
			continue
		}
		line, err := parseExtraLine(row)
		switch {
		case err != nil && len(bad) == maxRowErrors:
			bad = append(bad, errors.New("and more"))
			return nil, errors.Join(bad...)
		case err != nil:
			bad = append(bad, fmt.Errorf("row %d: %w", number, err))
		case !seen[line]:
			seen[line] = true
			lines = append(lines, line)
		}
	}
	if err := rows.Err(); err != nil {
		bad = append(bad, err)
	}
	if len(bad) > 0 {
		return nil, errors.Join(bad...)
	}
	return lines, nil
}

func parseExtraLine(row string) (ExtraLine, error) {
	contract, number, comma := strings.Cut(row, ",")
	line := ExtraLine{ContractID: strings.TrimSpace(contract), LineNo: strings.TrimSpace(number)}
	if !comma {
		return ExtraLine{}, errors.New("no comma between a contract and a line")
	}
	if !contractID.MatchString(line.ContractID) {
		return ExtraLine{}, fmt.Errorf("%s is not a contract ID", quote(line.ContractID))
	}
	if !lineNo.MatchString(line.LineNo) {
		return ExtraLine{}, fmt.Errorf("%s is not a line number of 1 to 11 digits", quote(schema.MaskLine(line.LineNo)))
	}
	return line, nil
}
