// Command benchtable ends `make bench`: it reads what go test -bench printed, from the files named as arguments, and prints
// every figure that was promised beside what was measured, and whether it holds. The promises are in promises.csv.
//
// It exits with 1 where it cannot read a file, and with 0 otherwise, whatever holds: a machine that is busy with other
// things misses promises of milliseconds, so a person judges them.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/perf/benchfmt"
)

//go:embed promises.csv
var promisesCSV string

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

func run(paths []string, out io.Writer) error {
	promises, err := readPromises(promisesCSV)
	if err != nil {
		return fmt.Errorf("promises.csv: %w", err)
	}
	m := measured{}
	for _, path := range paths {
		if err := m.readFile(path); err != nil {
			return err
		}
	}
	return printTable(out, promises, m)
}

// measured has the values of each benchmark's metrics, one for each time that it ran.
type measured map[metric][]float64

// metric is a benchmark by its name, as go test prints it without "Benchmark" and the number of processors, and a unit.
type metric struct{ benchmark, unit string }

func (m measured) readFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return m.read(file, path)
}

// read takes the results out of a text; lines that are none, as those of failing tests, are passed over.
func (m measured) read(text io.Reader, name string) error {
	reader := benchfmt.NewReader(text, name)
	for reader.Scan() {
		result, isResult := reader.Result().(*benchfmt.Result)
		if !isResult {
			continue
		}
		for _, v := range result.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit // ns/op, which the reader turned into sec/op
			}
			key := metric{withoutProcessors(result.Name), unit}
			m[key] = append(m[key], value)
		}
	}
	return reader.Err()
}

// median is the middle of a metric's values.
func (m measured) median(of metric) (value float64, found bool) {
	values := slices.Sorted(slices.Values(m[of]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}

// withoutProcessors is the name without -2 at its end.
func withoutProcessors(name benchfmt.Name) string {
	base, parts := name.Parts()
	whole := string(base)
	for _, part := range parts {
		if part[0] == '/' {
			whole += string(part)
		}
	}
	return whole
}
