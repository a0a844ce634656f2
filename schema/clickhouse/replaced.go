package clickhouse

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"kaisen/schema"
)

// withoutReplaced are steps, taken one after the other, without the views that a later one of them makes anew before anything else
// asks for them: a new database would plan each of them for nothing, and one that is mended would have them in their older form for a while.
// What a step leaves behind is the same, and so is its number.
func withoutReplaced(steps []schema.Migration) []schema.Migration {
	view := regexp.MustCompile(`^CREATE OR REPLACE VIEW (\w+)`)
	lean := slices.Clone(steps)
	anew := map[string]bool{} // what is made anew later, before it is asked for
	for i, step := range slices.Backward(steps) {
		var kept []string
		for _, statement := range slices.Backward(step.Statements) {
			name := ""
			if m := view.FindStringSubmatch(statement); m != nil {
				name = m[1]
			}
			if anew[name] {
				continue
			}
			kept = append(kept, statement)
			for word := range strings.FieldsFuncSeq(statement, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				delete(anew, word)
			}
			if name != "" {
				anew[name] = true
			}
		}
		slices.Reverse(kept)
		lean[i].Statements = kept
	}
	return lean
}
