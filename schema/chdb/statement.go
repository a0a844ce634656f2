package chdb

import (
	"maps"
	"slices"
	"strings"
)

// Statement is one statement with all that belongs to it.
type Statement struct {
	SQL      string
	Format   string            // of the output, unless SQL has a FORMAT clause; of the data, for an insert
	Database string            // the current database; "" is the engine's own "default"
	Settings map[string]string // for this statement alone
	ReadOnly bool              // refuse whatever changes data (ClickHouse's readonly=2)
	Params   map[string]string // for {name:Type} in SQL, escaped as in TSV
}

// Summary is what a statement did.
type Summary struct {
	ReadRows, ReadBytes, WrittenRows uint64
}

// preamble lists the statements that put the database and the settings of st into force, read-only last because it
// forbids some of the others.
func preamble(st Statement) []string {
	var out []string
	if st.Database != "" {
		out = append(out, "USE "+quote(st.Database, '`'))
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(st.Settings)) {
		pairs = append(pairs, quote(name, '`')+" = "+quote(st.Settings[name], '\''))
	}
	if len(pairs) > 0 {
		out = append(out, "SET "+strings.Join(pairs, ", "))
	}
	if st.ReadOnly {
		out = append(out, "SET readonly = 2")
	}
	return out
}

// quote makes a literal or an identifier of any text.
func quote(text string, mark byte) string {
	var b strings.Builder
	b.WriteByte(mark)
	for i := range len(text) {
		if text[i] == mark || text[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte(mark)
	return b.String()
}
