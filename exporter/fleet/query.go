package fleet

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"time"
)

// Lists of lines that have a page of their own.
const (
	ListAll        = ""
	ListRestricted = "restricted" // throttled now, the latest first
	ListNear       = "near"       // near their cap, the nearest first
	ListOut        = "out"        // expected to run out before the month ends, the first of them first
	ListSilent     = "silent"     // active, without a fresh traffic answer
	ListUnknown    = "unknown"    // active, and nobody can say whether they are restricted
	ListRoaming    = "roaming"    // with a session abroad now
	ListRefused    = "refused"    // refused by RADIUS in the last 24 hours, the most often refused first
)

// Lists is every list.
func Lists() []string {
	return []string{ListAll, ListRestricted, ListNear, ListOut, ListSilent, ListUnknown, ListRoaming, ListRefused}
}

// What a list may be sorted by instead of its own order.
const (
	SortLine      = "line"
	SortLeft      = "left" // share of the volume that decides
	SortRemaining = "remaining"
	SortUsed      = "used"
	SortToday     = "today"
	SortSince     = "since"
	SortOut       = "out"
	SortReceived  = "received"
)

// Sorts is everything that a list may be sorted by.
func Sorts() []string {
	return []string{SortLine, SortLeft, SortRemaining, SortUsed, SortToday, SortSince, SortOut, SortReceived}
}

// Query says which lines are looked for, and in which order.
type Query struct {
	Text   string // each word of it is in some field of the line; in lower case, by Unicode's NFKC
	Digits string // or these are in its number; empty: the text is no number

	List                     string
	Source, ContractID, Plan string // only of these; empty: of all
	Sort                     string // empty: the list's own order
	Descending               bool
	Skip, Most               int // lines to leave out first, and to return at most
}

// Search finds lines: those that Skip and Most ask for, and how many there are in all. The most urgent come first; on no list
// the order is by contract and label. What is not known stands last, whichever way a list is sorted.
func (f *Fleet) Search(q Query, now time.Time) (found []Summary, total int) {
	matching := f.matching(q, now.UnixMilli())
	from := min(max(q.Skip, 0), len(matching))
	return f.summaries(matching[from:min(from+max(q.Most, 0), len(matching))], now), len(matching)
}

// eachChunk is how many lines Each looks at under one lock.
const eachChunk = 256

// Each is all lines that a query finds, whatever Skip and Most say, in its order. The lines are found when it is called, and
// looked at while the caller takes them.
func (f *Fleet) Each(q Query, now time.Time) iter.Seq[Summary] {
	matching := f.matching(q, now.UnixMilli())
	return func(yield func(Summary) bool) {
		for chunk := range slices.Chunk(matching, eachChunk) {
			for _, line := range f.summaries(chunk, now) {
				if !yield(line) {
					return
				}
			}
		}
	}
}

func (f *Fleet) matching(q Query, now int64) []ranked {
	text := newMatcher(q)
	var matching []ranked
	for _, c := range f.everyContract() {
		if (q.Source == "" || q.Source == c.source()) && (q.ContractID == "" || q.ContractID == c.id()) {
			matching = append(matching, f.matchingIn(c, q, text, now)...)
		}
	}
	if q.Sort == SortLine && q.Descending {
		slices.Reverse(matching)
	}
	slices.SortStableFunc(matching, func(a, b ranked) int { return cmp.Compare(a.key, b.key) })
	return matching
}

func (f *Fleet) matchingIn(c *contract, q Query, text *matcher, now int64) []ranked {
	f.mu.Lock()
	defer f.mu.Unlock()
	var matching []ranked
	for _, l := range c.lines {
		if q.Plan != "" && (!l.listed.known || l.info.Value().planCode != q.Plan) || !text.finds(l) {
			continue
		}
		s := l.severity(now)
		urgency := l.urgency(q.List, s, now)
		if math.IsNaN(urgency) {
			continue
		}
		if q.Sort != "" {
			urgency = l.sortKey(q, s, now)
		}
		matching = append(matching, ranked{urgency, l})
	}
	slices.SortFunc(matching, func(a, b ranked) int { return cmp.Compare(a.label(), b.label()) })
	return matching
}

// sortKey is where a line stands by what the query sorts by, the smallest first.
func (l *line) sortKey(q Query, s severity, now int64) float64 {
	key := l.sortValue(q.Sort, s, now)
	switch {
	case math.IsNaN(key):
		return math.Inf(1)
	case q.Descending:
		return -key
	}
	return key
}

// sortValue is the figure that a list is sorted by; NaN: not known.
func (l *line) sortValue(by string, s severity, now int64) float64 {
	own, d := &l.traffic[scopeLine], l.deciding(now)
	figure := func(known bool, value float64) float64 {
		if !known {
			return math.NaN()
		}
		return value
	}
	switch by {
	case SortLeft:
		return s.left
	case SortRemaining:
		return figure(d.known && d.remaining.Known, float64(d.remaining.V))
	case SortUsed:
		return figure(own.known && own.month.Known, float64(own.month.V))
	case SortToday:
		return figure(own.known && own.today.Known, float64(own.today.V))
	case SortSince:
		return figure(s.since != 0, float64(s.since))
	case SortOut:
		held := l.outlookNow(&d, now)
		if held == nil || held.at == 0 {
			return math.NaN()
		}
		return float64(held.at)
	case SortReceived:
		return figure(own.known, float64(own.received))
	}
	return 0
}

// Choices are what lists may be cut down to.
type Choices struct{ Sources, Contracts, Plans []string }

// Choices are those of all lines that are known.
func (f *Fleet) Choices() Choices {
	sources, contracts, plans := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range f.everyContract() {
		f.mu.Lock()
		if len(c.lines) > 0 {
			sources[c.source()], contracts[c.id()] = true, true
		}
		for code := range c.plans {
			if code != "" && len(c.lines) > 0 {
				plans[code] = true
			}
		}
		f.mu.Unlock()
	}
	of := func(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
	return Choices{of(sources), of(contracts), of(plans)}
}
