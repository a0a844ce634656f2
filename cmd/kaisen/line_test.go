package main

import (
	"fmt"
	"slices"
	"testing"

	"kaisen/exporter/linelabel"
)

// TestLinesNamedExactly: who writes the whole name, number, or contract and number of a line gets it, whatever others have that as
// a part of theirs.
func TestLinesNamedExactly(t *testing.T) {
	var all []storedLine
	for i := range 106 {
		all = append(all, storedLine{Source: "hq", ContractID: "N1", LineNo: fmt.Sprintf("090%08d", i), Words: fmt.Sprintf("端末 6%d\nnote\nT3001328", i)})
	}
	all = append(all,
		storedLine{"hq", "N1", "09100000000", "端末 6\nnote"}, storedLine{"hq", "N2", "09100000000", "\nnote"}, // moved from one contract to the other
		storedLine{"hq", "N1", "09100000001", "Twin\n"}, storedLine{"hq", "N1", "09100000002", "twin\n"}, storedLine{"hq", "N1", "09100000003", "twins, both\n"},
		storedLine{"hq", "N1", "0910000000", "short\n"})
	moved := []string{"N1 09100000000", "N2 09100000000"}
	for name, want := range map[string][]string{
		"端末 6": moved, "端末　６ ": moved, "09100000000": moved, "091-0000-0000": moved, "+81 91 0000 0000": moved,
		"N1 09100000000": {"N1 09100000000"}, "n2/091-0000-0000": {"N2 09100000000"},
		"0910000000": {"N1 0910000000"}, "091-000-0000": {"N1 0910000000"},
		"TWIN": {"N1 09100000001", "N1 09100000002"}, "short": {"N1 0910000000"}, "shor": {"N1 0910000000"}, "none": nil, "N3 09100000000": nil,
	} {
		var got []string
		for _, line := range linesNamed(all, linelabel.Labels{}, name) {
			got = append(got, line.ContractID+" "+line.LineNo)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if n := len(linesNamed(all, linelabel.Labels{}, "端末")); n != 107 {
		t.Errorf("a part of the name finds %d lines", n)
	}
}
