package page

import (
	"math"
	"net/url"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// View is what one page shows: Fleet, Detail, Found or Missing.
type View interface{ template() string }

func (Fleet) template() string   { return "fleet" }
func (Detail) template() string  { return "detail" }
func (Found) template() string   { return "found" }
func (Missing) template() string { return "missing" }

// Head is what every page begins and ends with.
type Head struct {
	Now     time.Time // in the zone in which times are shown
	Version string    // kaisen's own
	Labels  string    // what lines are called: plain, masked or hashed
	Query   string    // what was looked for
}

// Fleet is the page at /.
type Fleet struct {
	Head
	NotReady string   // why kaisen is not ready; empty: it is
	Notes    []string // what else a person should know
	fleet.Overview
	Health Health
}

// Detail is a line's page.
type Detail struct {
	Head
	fleet.Detail
}

// Found is the answer to a search, or a list.
type Found struct {
	Head
	List  string
	Lines []fleet.Summary // at most as many as are shown
	Total int
}

// Missing says that there is no such line.
type Missing struct {
	Head
	fleet.Name
	Elsewhere []fleet.Name // lines of the same label in other contracts
}

// Path is where a line's page is.
func Path(line fleet.Name) string {
	return "/line?" + url.Values{"source": {line.Source}, "contract": {line.ContractID}, "line": {line.Label}}.Encode()
}

// Figure is what was used on a day.
type Figure struct {
	Day   schema.Date
	Bytes schema.Opt[uint64]
}

// figures are days as a table, the newest first.
func figures(d fleet.Days) []Figure {
	var rows []Figure
	for i := len(d.Bytes) - 1; i >= 0; i-- {
		row := Figure{Day: d.Day(i)}
		if !math.IsNaN(d.Bytes[i]) {
			row.Bytes = schema.Some(uint64(d.Bytes[i]))
		}
		rows = append(rows, row)
	}
	return rows
}
