package unom

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"kaisen/collector"
	"kaisen/schema"
)

// Settings are the configuration keys of a source of this kind.
type Settings struct {
	Contracts      []string `koanf:"contracts,omitempty" doc:"unom: the contracts to watch, N and nine characters each."`
	ExtraLinesFile string   `koanf:"extra_lines_file" after:"rate_limit" doc:"unom: file of lines that the carrier's 1,000-row list cannot show, one contract,line a row; empty for none."`
}

// Check implements collector.Settings.
func (s *Settings) Check(_ map[string]collector.JobConfig, report func(key, problem, advice string)) {
	if len(s.Contracts) == 0 {
		report("contracts", "empty, so there is nothing to watch", "list the contract IDs, like [N123456789]")
	}
	for i, contract := range s.Contracts {
		key := "contracts[" + strconv.Itoa(i) + "]"
		if !schema.IsContractID(contract) {
			report(key, collector.Quote(contract)+" is not a contract ID", "write N and nine letters or digits, half-width, like N123456789")
		} else if first := slices.Index(s.Contracts, contract); first < i {
			report(key, contract+" is in the list twice", "remove one")
		}
	}
	if _, err := s.ExtraLines(); err != nil {
		report("extra_lines_file", strings.ReplaceAll(err.Error(), "\n", ", "), "write one contract,line a row, like N123456789,09012345678")
	}
}

// ContractIDs lists the contracts, one of which a request that names none is for.
func (s *Settings) ContractIDs() []string { return s.Contracts }

// Files implements collector.Files.
func (s *Settings) Files() []string {
	if s.ExtraLinesFile == "" {
		return nil
	}
	return []string{s.ExtraLinesFile}
}

// Warn implements collector.Settings.
func (s *Settings) Warn(func(key, problem string)) {}

// maxRowErrors bounds what is said of a file that is something else altogether.
const maxRowErrors = 10

// ExtraLine is a line that kaisen is to watch although the carrier's list, which stops at 1,000 rows, may not have it.
type ExtraLine struct {
	ContractID string
	LineNo     string // 1 to 11 digits
}

// ExtraLines reads extra_lines_file anew, in its order and each line once; without a file there are none. Rows for a
// contract that is not of the source are errors, because nobody would ever see those lines.
func (s *Settings) ExtraLines() ([]ExtraLine, error) {
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
	if !schema.IsContractID(line.ContractID) {
		return ExtraLine{}, fmt.Errorf("%s is not a contract ID", collector.Quote(line.ContractID))
	}
	if !schema.IsLineNo(line.LineNo) {
		return ExtraLine{}, fmt.Errorf("%s is not a line number of 1 to 11 digits", collector.Quote(schema.MaskLine(line.LineNo)))
	}
	return line, nil
}
