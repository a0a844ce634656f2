package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// promise is a row of promises.csv: a figure that a benchmark's metric has to keep.
type promise struct {
	figure string // what a person calls it, with its unit
	metric
	atLeast bool // rather than at most
	target  float64
}

// readPromises reads a table with the columns figure, benchmark, unit, bound ("at most", "at least") and target.
func readPromises(text string) ([]promise, error) {
	reader := csv.NewReader(strings.NewReader(text))
	if header, err := reader.Read(); err != nil || strings.Join(header, ",") != "figure,benchmark,unit,bound,target" {
		return nil, errors.New("its first row has to be figure,benchmark,unit,bound,target")
	}
	var promises []promise
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return promises, nil
		}
		if err != nil {
			return nil, err
		}
		target, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: the target %q is no number", row[0], row[4])
		}
		if row[3] != "at most" && row[3] != "at least" {
			return nil, fmt.Errorf("%s: the bound is %q and has to be \"at most\" or \"at least\"", row[0], row[3])
		}
		promises = append(promises, promise{figure: row[0], metric: metric{row[1], row[2]}, atLeast: row[3] == "at least", target: target})
	}
}

// holds says whether a value keeps the promise.
func (p promise) holds(value float64) bool {
	if p.atLeast {
		return value >= p.target
	}
	return value <= p.target
}

// printTable prints the promises in their order, and how many of them hold.
func printTable(out io.Writer, promises []promise, m measured) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIGURE\tTARGET\tMEASURED\tHOLDS")
	var held, missed, unmeasured int
	for _, p := range promises {
		bound := "≤ "
		if p.atLeast {
			bound = "≥ "
		}
		value, verdict := "not measured", "–"
		switch median, found := m.median(p.metric); {
		case !found:
			unmeasured++
		case p.holds(median):
			value, verdict = number(median), "yes"
			held++
		default:
			value, verdict = number(median), "NO"
			missed++
		}
		fmt.Fprintf(table, "%s\t%s%s\t%s\t%s\n", p.figure, bound, number(p.target), value, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d hold, %d do not, %d were not measured\n", held, missed, unmeasured)
	return err
}

// number has three significant digits, and all of those before the point.
func number(value float64) string {
	if value >= 100 || value <= -100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}
