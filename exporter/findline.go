package exporter

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kaisen/exporter/exposition"
	"kaisen/exporter/fleet"
)

// lineChoices is how many lines an answer names that a text may mean.
const lineChoices = 10

// refusal is why a line is not asked about.
type refusal struct {
	status int
	text   string
	lines  []string
	retry  time.Duration // when it may be different; 0: nothing is said of that
}

// findLine is the one line that a request means: by its label as /metrics has it, by its name, or by what the search finds.
func findLine(lines *fleet.Fleet, values url.Values) (fleet.Name, *refusal) {
	wanted := strings.TrimSpace(exposition.CleanLabel(values.Get("line")))
	if name := (fleet.Name{Source: values.Get("source"), ContractID: values.Get("contract"), Label: wanted}); name.Source != "" && name.ContractID != "" {
		if _, known := lines.Key(name); known {
			return name, nil
		}
	}
	text, digits := searchText(wanted)
	if text == "" {
		return fleet.Name{}, &refusal{status: http.StatusBadRequest, text: "say which line: ?line=NUMBER, NAME or LABEL"}
	}
	found, total := lines.Search(fleet.Query{Text: text, Digits: digits, Source: values.Get("source"), ContractID: values.Get("contract"),
		Most: 1000}, time.Now())
	exact := slices.DeleteFunc(slices.Clone(found), func(s fleet.Summary) bool { return s.Label != wanted && s.Label != digits && s.DisplayName != wanted })
	switch {
	case len(exact) == 1:
		return exact[0].Name, nil
	case total == 1:
		return found[0].Name, nil
	case total == 0:
		return fleet.Name{}, &refusal{status: http.StatusNotFound, text: "no line has that"}
	}
	if len(exact) > 1 {
		found, total = exact, len(exact)
	}
	several := refusal{status: http.StatusConflict, text: fmt.Sprintf("%d lines have that: say which, with source and contract too where it needs be", total)}
	for _, line := range found[:min(len(found), lineChoices)] {
		several.lines = append(several.lines, line.Source+"/"+line.ContractID+"/"+line.Label)
	}
	return fleet.Name{}, &several
}
