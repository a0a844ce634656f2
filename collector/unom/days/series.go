package days

import (
	"slices"

	"kaisen/schema"
)

// seriesLen is how many days a series remembers: the 31 of an answer, and one more, since the answer may be a day
// older than the series.
const seriesLen = 32

// Series is a row of values by period, newest first, known or not. The period is a day or a month, counted so that
// neighbours differ by one. The zero Series knows nothing.
type Series struct {
	newest int // the period of values[0]; the open one when it was written
	known  uint32
	values [seriesLen]uint64
}

// Empty reports whether no period is known.
func (b *Series) Empty() bool { return b.known == 0 }

// forgetAfter empties a series that knows of periods after the last that there can be: an answer whose clock was wrong
// wrote them, and the others with them. The next answer has all that it held.
func (b *Series) forgetAfter(last int) {
	if !b.Empty() && b.newest > last {
		*b = Series{}
	}
}

// At is the value of a period, if it is known.
func (b *Series) At(period int) (uint64, bool) {
	age := b.newest - period
	if b.Empty() || age < 0 || age >= seriesLen || b.known&(1<<age) == 0 {
		return 0, false
	}
	return b.values[age], true
}

// Set writes the value of a period and reports whether that is news. Periods too old for the series are not news.
func (b *Series) Set(period int, value uint64) bool {
	switch {
	case b.Empty():
		b.newest = period
	case period > b.newest:
		b.advance(period - b.newest)
	}
	age := b.newest - period
	if age >= seriesLen {
		return false
	}
	if b.known&(1<<age) != 0 && b.values[age] == value {
		return false
	}
	b.known |= 1 << age
	b.values[age] = value
	return true
}

// advance makes room for n newer periods.
func (b *Series) advance(n int) {
	b.newest += n
	if n >= seriesLen {
		b.known = 0
		return
	}
	copy(b.values[n:], b.values[:seriesLen-n])
	b.known <<= n
}

// contradictions counts the figures of an answer that cannot be what the series says, if the answer's first figure is
// of period first: a closed period that changed, or an open one that shrank. Compared is of how many the series says something.
func (b *Series) contradictions(figures []schema.Opt[uint64], first int) (wrong, compared int) {
	for ago, figure := range figures {
		was, known := b.At(first - ago)
		if !known || !figure.Known {
			continue
		}
		compared++
		if open := first-ago == b.newest; figure.V < was || (figure.V > was && !open) {
			wrong++
		}
	}
	return wrong, compared
}

// supports reports whether the series has a closed period, other than one without traffic, that the answer repeats.
func (b *Series) supports(figures []schema.Opt[uint64], first int) bool {
	for ago, figure := range figures {
		if was, known := b.At(first - ago); known && figure == schema.Some(was) && was > 0 && first-ago != b.newest {
			return true
		}
	}
	return false
}

// best keeps those candidates that the series contradicts least. A series that contradicts most figures under each of
// them is of no use: it was written by a clock that was wrong, or the carrier has changed its figures.
func (b *Series) best(figures []schema.Opt[uint64], candidates []int) []int {
	var kept []int
	least, use := len(figures)+1, false
	for _, first := range candidates {
		wrong, compared := b.contradictions(figures, first)
		use = use || 2*wrong <= compared
		switch {
		case wrong < least:
			least, kept = wrong, append(kept[:0:0], first)
		case wrong == least:
			kept = append(kept, first)
		}
	}
	if !use {
		return slices.Clone(candidates)
	}
	return kept
}

// Merge writes into the series what all candidates say alike, and gives each value that was news to each. The open figure of an
// answer that has stopped at an older period is no news of a closed one.
func (b *Series) Merge(figures []schema.Opt[uint64], candidates []int, each func(period int, value uint64)) {
	first := candidates[0]
	for ago := len(figures) - 1; ago >= 0; ago-- { // oldest first: the series only ever moves forward
		period, figure := first-ago, figures[ago]
		if !figure.Known || !alike(figures, candidates, period, figure.V) {
			continue
		}
		if was, known := b.At(period); known && ago == 0 && period < b.newest && figure.V < was {
			continue
		}
		if b.Set(period, figure.V) {
			each(period, figure.V)
		}
	}
}

// alike reports whether every candidate gives a period the same value.
func alike(figures []schema.Opt[uint64], candidates []int, period int, value uint64) bool {
	for _, first := range candidates {
		ago := first - period
		if ago < 0 || ago >= len(figures) || figures[ago] != schema.Some(value) {
			return false
		}
	}
	return true
}
