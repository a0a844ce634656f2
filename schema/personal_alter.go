package schema

import "slices"

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
	if match(`^(MODIFY (SETTING|TTL|COMMENT|ORDER BY)|(ADD|DROP|MATERIALIZE) (INDEX|PROJECTION)|UPDATE) `, change) != nil {
		return nil
	}
	return unread("ALTER TABLE " + table + " " + change)
}
