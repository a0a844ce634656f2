// Package report says what a month was, for those who pay for it: the month against the one before, who used most, whose plan does
// not fit, who was throttled, how share groups were used. Its figures are those of the views line_months, pool_months and
// plan_fit, added up, and of restriction_episodes what the carrier told of before there was a sample; it works out none of its own.
//
// It opens no store and writes no file: it asks what it is given, and writes HTML or CSV to where it is told.
package report

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Store is asked for rows: SQL in, an answer in a ClickHouse format out.
type Store interface {
	Query(ctx context.Context, sql, format string) (io.ReadCloser, error)
}

// Options say which report it is.
type Options struct {
	Month time.Time // any time in it, in the zone in which the carrier's months turn
	By    string    // the column of labels_file that departments are in, which must be there; empty: DefaultBy, where it is
	Now   time.Time
}

// DefaultBy is the column of labels_file that departments are in, unless another is named.
const DefaultBy = "department"

// Report is a month as the store has it.
type Report struct {
	Month, Made time.Time
	By          string
	Lines       []*Line // that used something, or could have, most bytes first
	Months      []Total // the month and the twelve before, as far as known, oldest first
	Contracts   []Group
	Departments []Group // empty where labels_file has no such column
	Pools       []Pool
	Columns     []string // the columns of labels_file

	Total, Before Total
	Partial       int      // lines of which the month's figure is not of the whole month
	Left          int      // of them, those that left in it
	Watched       int      // lines that kaisen saw on every day on which they were there
	Restricted    Affected // by a restriction
	Roamed        Affected // by a session abroad
}

// Affected is how many lines something has happened to.
type Affected struct {
	Lines   int // those that are known to
	Unknown int // those of which nothing is known
	Partly  int // those of which a part of the month is known, which are of Lines or not
}

func (a *Affected) add(seconds Maybe) {
	switch {
	case !seconds.Known:
		a.Unknown++
	case seconds.N > 0:
		a.Lines++
	}
	if seconds.AtLeast {
		a.Partly++
	}
}

// AtLeast reports whether there may be more such lines than Lines.
func (a Affected) AtLeast() bool { return a.Unknown+a.Partly > 0 }

// Total is what all lines used in a month.
type Total struct {
	Month             string `json:"month"`
	Lines             int    `json:"lines"`
	Bytes             uint64 `json:"bytes"`
	RestrictedSeconds Sum    `json:"-"`
}

// Group is lines that belong together, in the month and in the one before.
type Group struct {
	Name              string
	Lines             int
	Bytes, Before     uint64
	RestrictedSeconds Sum
}

// Sum adds up figures that may not be known.
type Sum struct {
	n       uint64
	known   bool // one at least
	atLeast bool // one was not, or was a part
}

func (s *Sum) add(m Maybe) {
	s.n += m.N
	s.known = s.known || m.Known
	s.atLeast = s.atLeast || m.AtLeast || !m.Known
}

// Maybe is the sum: not known where nothing of it is, and a lower bound where something is missing.
func (s Sum) Maybe() Maybe { return Maybe{Known: s.known, N: s.n, AtLeast: s.known && s.atLeast} }

// Read asks the store for all of it.
func Read(ctx context.Context, store Store, o Options) (*Report, error) {
	by := cmp.Or(o.By, DefaultBy)
	first := time.Date(o.Month.Year(), o.Month.Month(), 1, 0, 0, 0, 0, o.Month.Location())
	r := &Report{Month: first, Made: o.Now.In(first.Location()), By: by}
	if first.After(r.Made) {
		return nil, fmt.Errorf("%s has not begun", first.Format("2006-01"))
	}
	var err error
	if r.Months, err = rows[Total](ctx, store, fmt.Sprintf(monthsSQL, day(first))); err != nil {
		return nil, fmt.Errorf("months: %w", err)
	}
	if len(r.Months) == 0 || r.Months[len(r.Months)-1].Month != day(first) {
		return nil, fmt.Errorf("the store has no figure of %s", first.Format("2006-01"))
	}
	if r.Pools, err = rows[Pool](ctx, store, fmt.Sprintf(poolsSQL, day(first))); err != nil {
		return nil, fmt.Errorf("share groups: %w", err)
	}
	if err := r.readLines(ctx, store); err != nil {
		return nil, err
	}
	if err := r.addUntold(ctx, store); err != nil {
		return nil, err
	}
	if o.By != "" && !slices.Contains(r.Columns, o.By) {
		return nil, noColumn(o.By, r.Columns)
	}
	r.add()
	return r, nil
}

// noColumn is the error of a column that no line has, with those that there are.
func noColumn(name string, columns []string) error {
	if len(columns) == 0 {
		return fmt.Errorf("there is no column %q to group by: the store has no columns of a labels_file beyond contract_id, line_no and name", name)
	}
	return fmt.Errorf("there is no column %q to group by: labels_file has %s", name, strings.Join(columns, ", "))
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// add adds up what the lines say.
func (r *Report) add() {
	contracts, departments := map[string]*Group{}, map[string]*Group{}
	into := func(groups map[string]*Group, name string, l *Line) {
		g := groups[name]
		if g == nil {
			g = &Group{Name: name}
			groups[name] = g
		}
		g.add(l)
	}
	named := slices.Contains(r.Columns, r.By)
	for _, l := range r.Lines {
		r.count(l)
		into(contracts, l.ContractID, l)
		if named {
			into(departments, l.Labels[r.By], l)
		}
	}
	r.Contracts, r.Departments = ordered(contracts), ordered(departments)
}

// count adds a line to the totals.
func (r *Report) count(l *Line) {
	if l.There {
		r.Total.Lines++
		r.Total.Bytes += l.Bytes
		r.Total.RestrictedSeconds.add(l.RestrictedSeconds)
		r.Restricted.add(l.RestrictedSeconds)
		r.Roamed.add(l.RoamingSeconds)
		switch {
		case !l.Complete && l.State == "removed":
			r.Left++
			fallthrough
		case !l.Complete:
			r.Partial++
		}
		if l.WatchedDays >= l.Days {
			r.Watched++
		}
	}
	if l.Before.Known {
		r.Before.Lines++
		r.Before.Bytes += l.Before.N
	}
}

func (g *Group) add(l *Line) {
	g.Before += l.Before.N
	if !l.There {
		return
	}
	g.Lines++
	g.Bytes += l.Bytes
	g.RestrictedSeconds.add(l.RestrictedSeconds)
}

// ordered are groups, most bytes first.
func ordered(groups map[string]*Group) []Group {
	var all []Group
	for _, g := range groups {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name)) })
	return all
}
