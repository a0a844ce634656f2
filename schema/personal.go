package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Relation is a table or view with what may be shown of it.
type Relation struct {
	Name   string
	View   bool
	Closed bool     // nothing of it may be shown
	Open   []string // columns that may be shown, in their order
	Hidden []string // columns of personal data
}

// personal stands in the comment of every column that is personal data.
const personal = "personal data"

// lineNumber is personal data too, but without it a dashboard could not say which line it speaks of: it stays open.
const lineNumber = "line_no"

// closed are the tables of which nothing is shown: contracts say little but who people are, and dead letters are answers
// of the carrier with whatever is in them.
func closed() []string { return []string{"contracts", "dead_letters"} }

// Relations reads the migrations for all tables and views, and the comments of their columns for what is personal
// data. Materialized views are left out: nobody asks them. It fails at a statement that it does not understand, because
// what it missed might be shown to everybody.
func Relations() ([]Relation, error) {
	steps, err := Migrations()
	if err != nil {
		return nil, err
	}
	var d definitions
	for _, step := range steps {
		for _, statement := range step.Statements {
			if err := d.read(statement); err != nil {
				return nil, fmt.Errorf("%s: %w", step.Name, err)
			}
		}
	}
	var all []Relation
	for _, r := range d.all {
		relation := Relation{Name: r.name, View: r.view, Closed: slices.Contains(closed(), r.name)}
		for _, c := range r.columns {
			if strings.Contains(c.comment, personal) && c.name != lineNumber {
				relation.Hidden = append(relation.Hidden, c.name)
			} else {
				relation.Open = append(relation.Open, c.name)
			}
		}
		all = append(all, relation)
	}
	slices.SortFunc(all, func(a, b Relation) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// definitions are the tables and views as the statements read so far have left them.
type definitions struct{ all []definition }

type definition struct {
	name    string
	view    bool
	columns []commented
}

type commented struct{ name, comment string }

// read takes a statement in. Each column stands on a line of its own.
func (d *definitions) read(statement string) error {
	if m := match(`(?s)^CREATE (OR REPLACE VIEW|TABLE IF NOT EXISTS) (\w+)\n\(\n(.*?)\n\)\n`, statement); m != nil {
		columns, err := columnsOf(m[3])
		if err == nil {
			d.put(definition{m[2], strings.HasSuffix(m[1], "VIEW"), columns})
		}
		return err
	}
	if m := match(`^CREATE TABLE IF NOT EXISTS (\w+) AS (\w+)\n`, statement); m != nil {
		other := d.find(m[2])
		if other == nil {
			return fmt.Errorf("table %s is like %s, which is not there", m[1], m[2])
		}
		d.put(definition{m[1], false, slices.Clone(other.columns)})
		return nil
	}
	if m := match(`^CREATE OR REPLACE VIEW (\w+) AS\n`, statement); m != nil {
		d.put(definition{m[1], true, nil}) // its columns have no comments
		return nil
	}
	if m := match(`^DROP (?:TABLE|VIEW) IF EXISTS (\w+)$`, statement); m != nil {
		d.all = slices.DeleteFunc(d.all, func(r definition) bool { return r.name == m[1] })
		return nil
	}
	if m := match(`(?s)^ALTER TABLE (\w+) (.*)$`, statement); m != nil {
		return d.alter(m[1], m[2])
	}
	if match(`^CREATE MATERIALIZED VIEW `, statement) != nil {
		return nil
	}
	return unread(statement)
}

func unread(statement string) error {
	begin, _, _ := strings.Cut(statement, "\n")
	return fmt.Errorf("which columns are personal data after %q?", begin)
}

func (d *definitions) find(name string) *definition {
	i := slices.IndexFunc(d.all, func(r definition) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return &d.all[i]
}

func (d *definitions) put(r definition) {
	if old := d.find(r.name); old != nil {
		*old = r
		return
	}
	d.all = append(d.all, r)
}

func columnsOf(text string) ([]commented, error) {
	var columns []commented
	for line := range strings.SplitSeq(text, "\n") {
		m := match(`^\s*(\w+)\s.*?(?: COMMENT '((?:[^']|'')*)')?[^']*$`, line)
		if m == nil {
			return nil, unread(line)
		}
		columns = append(columns, commented{m[1], m[2]})
	}
	return columns, nil
}

func match(pattern, text string) []string {
	return regexp.MustCompile(pattern).FindStringSubmatch(text)
}

// alter takes a change of a table in, one in a statement.
func (d *definitions) alter(table, change string) error {
	r := d.find(table)
	if r == nil {
		return unread("ALTER TABLE " + table)
	}
	at := func(column string) int {
		return slices.IndexFunc(r.columns, func(c commented) bool { return c.name == column })
	}
	comment := func(definition string) (string, bool) {
		m := match(`(?s)COMMENT '((?:[^']|'')*)'(?: (?:AFTER \w+|FIRST))?$`, definition)
		if m == nil {
			return "", false
		}
		return m[1], true
	}
	if m := match(`(?s)^ADD COLUMN (?:IF NOT EXISTS )?((\w+) .*)$`, change); m != nil {
		text, _ := comment(m[1])
		if at(m[2]) < 0 {
			r.columns = append(r.columns, commented{m[2], text})
		}
		return nil
	}
	if m := match(`(?s)^COMMENT COLUMN (?:IF EXISTS )?(\w+) '((?:[^']|'')*)'$`, change); m != nil && at(m[1]) >= 0 {
		r.columns[at(m[1])].comment = m[2]
		return nil
	}
	if m := match(`(?s)^MODIFY COLUMN (?:IF EXISTS )?((\w+) .*)$`, change); m != nil && at(m[2]) >= 0 {
		if text, has := comment(m[1]); has {
			r.columns[at(m[2])].comment = text
		}
		return nil
	}
	if m := match(`^DROP COLUMN (?:IF EXISTS )?(\w+)$`, change); m != nil {
		r.columns = slices.DeleteFunc(r.columns, func(c commented) bool { return c.name == m[1] })
		return nil
	}
	if m := match(`^RENAME COLUMN (?:IF EXISTS )?(\w+) TO (\w+)$`, change); m != nil && at(m[1]) >= 0 {
		r.columns[at(m[1])].name = m[2]
		return nil
	}
	if match(`^(MODIFY (SETTING|TTL|COMMENT|ORDER BY)|(ADD|DROP|MATERIALIZE) (INDEX|PROJECTION)|MATERIALIZE COLUMN|UPDATE) `, change) != nil {
		return nil
	}
	return unread("ALTER TABLE " + table + " " + change)
}
