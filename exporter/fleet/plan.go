package fleet

import (
	"cmp"
	"strings"

	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// plan is what is known of a plan of a contract's lines, to tell a volume that is used up from none: a line whose remaining
// volume is 0 has no volume if its plan's courseType is zero or spare; where the plan's course is not known, if no active line
// of the same plan and contract tells a volume above 0, none of them is restricted, and neither was ever so; otherwise it is used
// up. View plan_volumes says the same.
type plan struct {
	course   schema.CourseType // empty: not known
	observed int64             // when call 06 told it
	product  string            // by what name
	showing  int               // active lines that tell a volume above 0, or are restricted
	shown    bool              // there have been such lines (carrier_findings, plan_volume)
}

// hasVolume reports whether a line of the plan with nothing left has used up a volume.
func (p *plan) hasVolume() bool {
	switch p.course {
	case schema.CourseZero, schema.CourseSpare:
		return false
	case "":
		return p.showing > 0 || p.shown
	}
	return true
}

// plan finds a plan of the contract, or makes it.
func (c *contract) plan(code string) *plan {
	p, known := c.plans[code]
	if !known {
		p = &plan{}
		c.plans[strings.Clone(code)] = p
	}
	return p
}

// noVolume reports whether nothing is left to the line because it has no volume of its own. Of a line that the inventory never
// had no plan is known, and nobody can say so.
func (l *line) noVolume() bool {
	remaining := l.traffic[scopeLine].remaining
	return l.listed.known && remaining.Known && remaining.V == 0 && !l.plan().hasVolume()
}

// plan is the plan of a line of the inventory.
func (l *line) plan() *plan { return l.contract.plan(l.info.Value().planCode) }

// count keeps plan.showing right after a change of the line. Where that changes what 0 means, all lines of the plan have to
// be rendered anew.
func (l *line) count() {
	s := &l.traffic[scopeLine]
	var shows *plan
	if l.listed.known && l.state == stateActive && s.known &&
		(s.remaining.V > 0 || restricts(schema.Restriction(l.contract.fleet.codes.restrictions[s.restriction]))) {
		shows = l.plan()
	}
	if shows == l.shows {
		return
	}
	for _, change := range []struct {
		p *plan
		n int
	}{{l.shows, -1}, {shows, 1}} {
		if change.p != nil {
			was := change.p.hasVolume()
			change.p.showing += change.n
			l.contract.replanned(change.p, was)
		}
	}
	l.shows = shows
}

// planShown notes that lines of a plan have had a volume.
func (c *contract) planShown(code string) {
	p := c.plan(exposition.CleanLabel(code))
	had := p.hasVolume()
	p.shown = true
	c.replanned(p, had)
}

// replanned asks for the plan's lines to be rendered anew where 0 means something else now.
func (c *contract) replanned(p *plan, hadVolume bool) {
	if p.hasVolume() == hadVolume {
		return
	}
	for _, l := range c.lines {
		if l.listed.known && l.plan() == p {
			l.touch()
		}
	}
}

// writeProducts takes the courses of plans. Of several products of one code the newest that tells a course counts.
func (f *Fleet) writeProducts(rows []schema.Product) {
	for i := range rows {
		row := &rows[i]
		if row.ProductCode == "" || row.CourseType == schema.CourseUnknown || row.CourseType == "" {
			continue
		}
		c := f.contract(row.Source, row.ContractID)
		p, at := c.plan(exposition.CleanLabel(row.ProductCode)), row.ObservedAt.UnixMilli()
		if cmp.Or(cmp.Compare(at, p.observed), cmp.Compare(row.ProductName, p.product)) < 0 {
			continue
		}
		had := p.hasVolume()
		p.course, p.observed, p.product = row.CourseType, at, strings.Clone(row.ProductName)
		c.replanned(p, had)
	}
}
