package fleet

import (
	"slices"
	"strings"
	"unicode"
	"unique"

	"kaisen/exporter/exposition"
	"kaisen/exporter/linelabel"
	"kaisen/schema"
)

// Names says whose words name a line on metrics, page and alerts.
type Names string

const (
	NamesFile Names = "name" // labels_file
	NamesNote Names = "note" // labels_file, and the carrier's note of a line that it does not name
	NamesNone Names = "none" // nobody's: for surfaces whose readers may not know them
)

// Label is a further column of labels_file, and what it says of a line.
type Label struct{ Column, Value string }

// named is what labels_file says of a line, as it may be shown. Names differ; columns and what is in them mostly do not, so they
// are kept once for all lines.
type named struct {
	name, folded    string                // folded is for the search
	columns, values unique.Handle[string] // the further columns, a line of text each; parallel
	near            float64               // the line's own threshold of near; negative: none
	observed        int64
	gone            bool // it says nothing any more
}

// writeNames takes rows of labels_file. They may come before their lines do.
func (f *Fleet) writeNames(rows []schema.LineName) {
	for i := range rows {
		row := &rows[i]
		c, number := f.contract(row.Source, row.ContractID), exposition.CleanLabel(row.LineNo)
		was, known := c.names[number]
		switch is := f.newNamed(row, number); {
		case known && was.observed > is.observed:
			continue
		case row.Present:
			c.names[strings.Clone(number)] = is
		case known: // which is remembered, because an older row may come from the database yet
			c.names[number] = named{near: -1, observed: is.observed, gone: true}
		}
		if l := c.lines[number]; l != nil {
			l.touch()
		}
	}
}

func (f *Fleet) newNamed(row *schema.LineName, number string) named {
	is := named{near: -1, observed: row.ObservedAt.UnixMilli()}
	if own := row.NearCap(); own.Known {
		is.near = own.V
	}
	if f.config.Names == NamesNone {
		return is
	}
	is.name = f.shown(row.Name, number)
	is.folded = fold(is.name)
	columns, values := make([]string, 0, len(row.Columns)), make([]string, 0, len(row.Columns))
	for i, column := range row.Columns {
		if i < len(row.Values) {
			columns, values = append(columns, f.shown(column, number)), append(values, f.shown(row.Values[i], number))
		}
	}
	is.columns, is.values = unique.Make(strings.Join(columns, "\n")), unique.Make(strings.Join(values, "\n"))
	return is
}

// Unlisted are lines that labels_file names and no list of their contract has: how many, and the masked numbers of the first few.
// A contract of which no list is known yet is left out.
func (f *Fleet) Unlisted(first int) (lines int, masked []string) {
	for _, c := range f.everyContract() {
		numbers := c.unlisted()
		lines += len(numbers)
		for _, number := range numbers[:min(len(numbers), first-len(masked))] {
			masked = append(masked, c.labels.Last()+" "+schema.MaskLine(number))
		}
	}
	return lines, masked
}

// unlisted are the numbers that labels_file has of the contract and its list has not, in order.
func (c *contract) unlisted() (numbers []string) {
	c.fleet.mu.Lock()
	defer c.fleet.mu.Unlock()
	for number, n := range c.names {
		if l := c.lines[number]; !n.gone && (l == nil || !l.listed.known) {
			numbers = append(numbers, number)
		}
	}
	for _, l := range c.lines {
		if len(numbers) == 0 || l.listed.known {
			slices.Sort(numbers)
			return numbers
		}
	}
	return nil // no list is known
}

// maxShown is how many characters of a name are shown, as many as labels_file may have: the carrier's note may be longer.
const maxShown = 200

// shown is a text of people's own words about a line, ready to be shown anywhere: one line of text that leaves the direction of
// others alone, and that says no line's number where labels do not.
func (f *Fleet) shown(text, number string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, exposition.CleanLabel(text))
	if !f.config.Labels.Plain() {
		text = linelabel.HideNumbers(text, number)
	}
	characters := 0
	for at := range text {
		if characters++; characters > maxShown {
			text = text[:at]
			break
		}
	}
	return strings.Clone(strings.TrimSpace(text))
}

// words are what the inventory says of a line alone, as far as people may know it.
type words struct {
	note   string // the carrier's, where it may name the line
	folded string // note, IMEI and addresses, a line of text each, for the search
}

func (l *line) setWords(row *schema.Line) {
	f, plain := l.contract.fleet, l.contract.fleet.config.Labels.Plain()
	var is words
	var texts []string
	note := func() string { return f.shown(row.Note, l.number) }
	switch {
	case f.config.Names == NamesNote:
		is.note = note()
		texts = append(texts, is.note)
	case f.config.Names == NamesFile && plain:
		texts = append(texts, note())
	}
	if plain { // who may not know a number may not try whose IMEI or address one is
		texts = append(texts, row.IMEI, row.ACTIPAddress, row.SBYIPAddress, row.RoamingIPAddress)
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	is.folded = fold(strings.Join(texts, "\n"))
	if l.words = nil; is != (words{}) {
		l.words = &is
	}
}

// displayName is what people call the line; empty: it has no name, or none that may be shown.
func (l *line) displayName() string {
	if name := l.contract.names[l.number].name; name != "" || l.words == nil {
		return name
	}
	return l.words.note
}

// labels are the further columns of labels_file that say something of the line.
func (n named) labels() []Label {
	var all []Label
	n.each(func(column, value string) {
		if value != "" {
			all = append(all, Label{column, value})
		}
	})
	return all
}

// value is what a column says of the line, empty where it says nothing.
func (n named) value(of string) (found string) {
	n.each(func(column, value string) {
		if column == of {
			found = value
		}
	})
	return found
}

func (n named) each(do func(column, value string)) {
	if n.columns == (unique.Handle[string]{}) {
		return
	}
	columns, values := n.columns.Value(), n.values.Value()
	for columns != "" {
		var column, value string
		column, columns, _ = strings.Cut(columns, "\n")
		value, values, _ = strings.Cut(values, "\n")
		do(column, value)
	}
}

// nearCap is the share of its volume below which the line is near its cap, and whether labels_file says so.
func (l *line) nearCap() (ratio float64, own bool) {
	if n, known := l.contract.names[l.number]; known && n.near >= 0 {
		return n.near, true
	}
	return NearRatio, false
}
