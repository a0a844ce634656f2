package fleet

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Lists of lines that have a page of their own.
const (
	ListAll        = ""
	ListRestricted = "restricted" // throttled now, the latest first
	ListNear       = "near"       // near their cap, the nearest first
	ListOut        = "out"        // expected to run out before the month ends, the first of them first
	ListSilent     = "silent"     // active, without a fresh traffic answer
)

// Lists is every list.
func Lists() []string { return []string{ListAll, ListRestricted, ListNear, ListOut, ListSilent} }

// NearRatio is the share of the month's volume below which a line, or its share group, is near its cap, as in view
// near_cap_lines, unless labels_file has another for the line.
const NearRatio = 0.2

// foundShown is how many lines a search returns.
const foundShown = 200

// Search finds the lines that have the text in their label, in people's words for them, in what the inventory
// says of them or in their contract's number, and are on a list. It returns the
// first of them, and how many there are. The most urgent come first; on no list the order is by contract and label.
func (f *Fleet) Search(text, list string, now time.Time) (found []Summary, total int) {
	var matching []ranked
	q := newQuery(text)
	for _, c := range f.everyContract() {
		matching = append(matching, f.searchIn(c, q, list, now.UnixMilli())...)
	}
	slices.SortStableFunc(matching, func(a, b ranked) int { return cmp.Compare(a.key, b.key) })
	return f.summaries(matching[:min(len(matching), foundShown)], now), len(matching)
}

func (f *Fleet) searchIn(c *contract, q *query, list string, now int64) []ranked {
	f.mu.Lock()
	defer f.mu.Unlock()
	var matching []ranked
	whole := strings.Contains(strings.ToLower(c.id()), q.text)
	for _, l := range c.lines {
		if !whole && !q.matches(l) {
			continue
		}
		if urgency := l.severity(now).urgency(list); !math.IsNaN(urgency) {
			matching = append(matching, ranked{urgency, l})
		}
	}
	slices.SortFunc(matching, func(a, b ranked) int { return cmp.Compare(a.label(), b.label()) })
	return matching
}

// severity is to which lists a line belongs, and where in them.
type severity struct {
	silent    bool    // wanted, but without a fresh answer on its own traffic
	unknown   bool    // wanted, but nobody can say whether it is restricted
	throttled bool    // restricted now
	since     int64   // when that began
	left      float64 // share of the volume that is left; NaN: not known, or there is none
	nearCap   float64 // below which it is near its cap
	out       int64   // when it is expected to have nothing left; 0: not before the month ends
}

// severity needs the lock. The answer that decides says all of it but the forecast, which is the line's own: a member of a
// share group goes on with the group's volume.
func (l *line) severity(now int64) severity {
	result := severity{left: math.NaN()}
	if !l.wanted() {
		return result
	}
	d := l.deciding(now)
	result.silent, result.unknown = !l.trafficFresh(now), d.unknown(l.contract.fleet.codes)
	result.nearCap, _ = l.nearCap()
	result.left, result.throttled = d.left(), d.restricted(l.contract.fleet.codes)
	if result.throttled {
		result.since = d.episodes.now().from
	}
	if d.ofPool || result.silent || result.throttled {
		return result
	}
	if held, _ := l.forecastNow(now); held != nil {
		result.out = held.at
	}
	return result
}

// near reports whether the line will hit its cap, but has not yet.
func (s severity) near() bool { return !s.throttled && s.left < s.nearCap } // NaN is not less

// urgency is where in a list a line stands, the smallest first; NaN: it is not on it.
func (s severity) urgency(list string) float64 {
	switch {
	case list == ListRestricted && s.throttled:
		return -float64(s.since)
	case list == ListNear && s.near():
		return s.left
	case list == ListOut && s.out != 0:
		return float64(s.out)
	case list == ListSilent && s.silent, list == ListAll:
		return 0
	}
	return math.NaN()
}
