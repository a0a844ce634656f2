package page

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWordsAreComplete: every text that a template or the code asks for is in the catalogue, in every language and with the
// same gaps; and the catalogue has no text that nobody asks for.
func TestWordsAreComplete(t *testing.T) {
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	asked := askedFor(t)
	gaps := regexp.MustCompile(`%(\[\d\])?[a-z0-9.]*[a-z]`)
	for name, text := range all[0].texts {
		if !slices.ContainsFunc(asked, func(p *regexp.Regexp) bool { return p.MatchString(name) }) {
			t.Errorf("nobody asks for %s", name)
		}
		for _, w := range all {
			if strings.TrimSpace(w.texts[name]) == "" {
				t.Errorf("%s is empty in %s", name, w.tag)
			}
			if got, want := len(gaps.FindAllString(w.texts[name], -1)), len(gaps.FindAllString(text, -1)); got != want && !strings.HasPrefix(name, "format.") {
				t.Errorf("%s has %d gaps in %s, %d in %s", name, got, w.tag, want, all[0].tag)
			}
		}
	}
	for _, pattern := range asked {
		found := false
		for name := range all[0].texts {
			found = found || pattern.MatchString(name)
		}
		if !found {
			t.Errorf("the catalogue has nothing for %s", pattern)
		}
	}
}

// askedFor reads the names of texts out of the templates and the code: whole ones, and the beginnings of those that are put
// together there.
func askedFor(t *testing.T) []*regexp.Regexp {
	t.Helper()
	var sources []string
	for _, pattern := range []string{"*.html", "*.go"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "_test.go") {
				sources = append(sources, string(text))
			}
		}
	}
	text := strings.Join(sources, "\n")
	var asked []*regexp.Regexp
	add := func(find, before, after string) {
		for _, match := range regexp.MustCompile(find).FindAllStringSubmatch(text, -1) {
			asked = append(asked, regexp.MustCompile("^"+before+regexp.QuoteMeta(match[1])+after+"$"))
		}
	}
	add(`(?:\bt|\.say\() ?"([a-z_.]+[a-z_])"`, "", "")
	add(`(?:\b(?:n|some)|\.says\() ?"([a-z_.]+[a-z_])"`, "", `(\.one)?`)
	add(`\bt \(print "([a-z_.]+\.)"`, "", `[a-z_]+`)
	add(`\.say\("([a-z_.]+\.)" *\+`, "", `[a-z_]+`)
	if len(asked) < 100 {
		t.Fatalf("only %d names found: the patterns no longer fit the templates", len(asked))
	}
	return asked
}

// TestPluralsHaveBoth: what counts things has a text for one of them.
func TestPluralsHaveBoth(t *testing.T) {
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range all {
		for name := range w.texts {
			whole, isOne := strings.CutSuffix(name, ".one")
			if _, has := w.texts[whole]; isOne && !has {
				t.Errorf("%s has no %s", w.tag, whole)
			}
		}
	}
	w := all[0]
	if one, many := w.says("verdict.restricted", 1), w.says("verdict.restricted", 12_345); one != "1 line is restricted." || many != "12,345 lines are restricted." {
		t.Errorf("%q, %q", one, many)
	}
}
