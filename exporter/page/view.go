package page

import (
	"math"
	"net/url"
	"strings"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// View is what one page shows: Fleet, Detail, Found, Orders, Sites or Missing.
type View interface {
	template() string
	refresh() int
}

func (Fleet) template() string   { return "fleet" }
func (Detail) template() string  { return "detail" }
func (Found) template() string   { return "found" }
func (Orders) template() string  { return "orders" }
func (Sites) template() string   { return "sites" }
func (Missing) template() string { return "missing" }

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
	Pollable bool  // the reader may have the carrier asked about the line now
	Pace     *Pace // nil: not known
}

// Found is the answer to a search, or a list.
type Found struct {
	Head
	Query   fleet.Query
	Lines   []fleet.Summary
	Choices fleet.Choices
	Part
}

// Orders is the page of orders.
type Orders struct {
	Head
	List string
	Rows []fleet.Order
	Part
}

// Sites is the page of sites.
type Sites struct {
	Head
	List string
	Rows []fleet.Site
	Part
}

// Missing says that there is no such line.
type Missing struct {
	Head
	fleet.Name
	Elsewhere []fleet.Called // lines of the same label in other contracts
}

// Path is where a line's page is.
func Path(line fleet.Name) string {
	return "/line?" + url.Values{"source": {line.Source}, "contract": {line.ContractID}, "line": {line.Label}}.Encode()
}

// PollPath is where a form asks the carrier about the line.
func (d Detail) PollPath() string { return "/-/poll" + strings.TrimPrefix(Path(d.Name), "/line") }

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
