package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"kaisen/collector"
)

// Mistake is one thing wrong with the configuration.
type Mistake struct {
	Path    string // of the key: sources[1].jobs.traffic.interval
	Origin  string // the environment variable or the flag it came by; empty for the file and for defaults
	Problem string // what is wrong; never shows a secret
	Advice  string // what to do
}

// String is one line: where, what, and what to do.
func (m Mistake) String() string {
	where := m.Path
	if m.Origin != "" {
		where += " (" + m.Origin + ")"
	}
	return where + ": " + m.Problem + "; " + m.Advice
}

// Mistakes is everything wrong with a configuration, sorted by path. It is the error that Load returns.
type Mistakes []Mistake

// Error is a line that counts them, and a line for each.
func (m Mistakes) Error() string {
	var text strings.Builder
	if len(m) == 1 {
		text.WriteString("1 mistake")
	} else {
		fmt.Fprintf(&text, "%d mistakes", len(m))
	}
	for _, mistake := range m {
		text.WriteString("\n  " + mistake.String())
	}
	return text.String()
}

// findings collects mistakes while a configuration is read. One path is blamed once, by whoever looks first: what
// follows from a mistake is not another mistake.
type findings struct {
	list    Mistakes
	blamed  map[string]bool
	origins map[string]string // of paths that came by the environment or a flag
	ignored string            // a section in which nothing is a mistake; empty: none
	whole   bool              // what is in files that are read again while kaisen runs counts too
}

func newFindings() *findings {
	return &findings{blamed: map[string]bool{}, origins: map[string]string{}}
}

func (f *findings) add(path, problem, advice string) {
	if f.blamed[path] || f.ignored != "" && strings.HasPrefix(path, f.ignored) {
		return
	}
	f.blamed[path] = true
	f.list = append(f.list, Mistake{Path: path, Origin: f.origins[path], Problem: problem, Advice: advice})
}

// excuse keeps a path from being blamed for being absent.
func (f *findings) excuse(path string) { f.blamed[path] = true }

// err is the list as an error, nil when there is nothing on it.
func (f *findings) err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b Mistake) int { return cmp.Compare(a.Path, b.Path) })
	return f.list
}

// wrong blames a value for its type. It always returns nothing, so that callers can return what it returns.
func (s shaper) wrong(path string, of reflect.Type, value any, want string) (any, bool) {
	got := describe(value)
	if of != nil && holdsSecret(of) {
		got = typeName(value)
	}
	advice := "write " + want
	if _, isString := value.(string); want == "a text" && !isString && typeName(value) != "a list" && typeName(value) != "a mapping" {
		advice = "put it in quotes"
	}
	if path == "" {
		path = "the file"
	}
	s.found.add(path, fmt.Sprintf("expected %s, got %s", want, got), advice)
	return nil, false
}

// unknown blames a key that no section of this type has, with the key that was probably meant.
func (s shaper) unknown(path string, of reflect.Type, name string) {
	if before, _, glued := strings.Cut(name, ":"); glued {
		// {client_secret:hunter2} is one key; what follows the colon may be a secret
		s.found.add(join(path, before), "no blank after the colon", "write "+before+": and then the value")
		return
	}
	names := s.keyNames(of)
	full := join(path, name)
	if near := nearest(name, names); near != "" {
		s.found.add(full, "unknown key", "did you mean "+near+"?")
		s.found.excuse(join(path, near))
		return
	}
	if paths := s.elsewhere(name); len(paths) == 1 {
		s.found.add(full, "unknown key", "did you mean "+paths[0]+"?")
		return
	}
	s.found.add(full, "unknown key", "the keys here are "+strings.Join(names, ", "))
}

// typeName says what a value from YAML is, without showing it.
func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case int, int64, uint64, float64:
		return "a number"
	case []any, []string:
		return "a list"
	case map[string]any:
		return "a mapping"
	case map[any]any:
		return "a mapping whose keys are not all texts"
	default:
		return "a date"
	}
}

// describe says what a value from YAML is and, where it is short, shows it.
func describe(value any) string {
	switch shown := value.(type) {
	case string:
		return "the text " + collector.Quote(shown)
	case bool:
		return strconv.FormatBool(shown)
	case int, int64, uint64, float64:
		return fmt.Sprintf("the number %v", shown)
	}
	return typeName(value)
}

// nearest is the candidate that word was probably meant to be, or "" when none is near: at most one edit in three
// characters, and at most three edits.
func nearest(word string, candidates []string) string {
	best, fewest := "", min(len(word)/3, 3)+1
	for _, candidate := range candidates {
		if edits := distance(word, candidate); edits < fewest {
			best, fewest = candidate, edits
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
