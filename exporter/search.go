package exporter

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"kaisen/exporter/page"
)

// foundShown is how many lines a search lists.
const foundShown = 200

// search finds the lines that have the word in their label or in their contract's number, and are on a list of the page:
// restricted, near, out (expected to run out), silent, or empty for any line. The most urgent come first; on no list the
// order is by contract and label.
func (f *Fleet) search(word, list string, now time.Time) page.Found {
	var matching []ranked
	for _, c := range f.everyContract() {
		matching = append(matching, f.searchIn(c, word, list, now.UnixMilli())...)
	}
	slices.SortStableFunc(matching, func(a, b ranked) int { return cmp.Compare(a.key, b.key) })
	shown := make([]*line, min(len(matching), foundShown))
	for i := range shown {
		shown[i] = matching[i].line
	}
	return page.Found{Head: f.head(now, word), List: list, Lines: f.standings(shown, now), Total: len(matching)}
}

func (f *Fleet) searchIn(c *contract, word, list string, now int64) []ranked {
	f.mu.Lock()
	defer f.mu.Unlock()
	var matching []ranked
	whole := strings.Contains(strings.ToLower(c.id.values[1]), word)
	for _, l := range c.lines {
		if !whole && !strings.Contains(strings.ToLower(l.label()), word) {
			continue
		}
		if urgency := f.grade(l, now).urgency(list); !math.IsNaN(urgency) {
			matching = append(matching, ranked{urgency, l})
		}
	}
	slices.SortFunc(matching, func(a, b ranked) int { return cmp.Compare(a.label(), b.label()) })
	return matching
}

// urgency is where in a list a line stands, the smallest first; NaN: it is not on it.
func (g grade) urgency(list string) float64 {
	switch {
	case list == page.ListRestricted && g.throttled:
		return -float64(g.since)
	case list == page.ListNear && g.near():
		return g.left
	case list == page.ListOut && g.out != 0:
		return float64(g.out)
	case list == page.ListSilent && g.silent, list == page.ListAll:
		return 0
	}
	return math.NaN()
}
