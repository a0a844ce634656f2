package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
}

func newFindings() *findings {
	return &findings{blamed: map[string]bool{}, origins: map[string]string{}}
}

func (f *findings) add(path, problem, advice string) {
	if f.blamed[path] {
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
