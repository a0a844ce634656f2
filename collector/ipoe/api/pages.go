package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

const (
	// pageRows is how many rows are asked for at once, as in the document's example: about 350 KB of sites.
	pageRows = 500
	// lastOffset is the greatest offset that the document allows: four digits.
	lastOffset = 9999
	// maxRounds bounds how often a list is read again because its rows moved.
	maxRounds = 3
	// maxPage is how large a page may be: 32 KiB a row. A larger one is asked for in halves.
	maxPage = 16 << 20
	// maxLost bounds how many rows are left out because one alone is larger than a page.
	maxLost = 3
)

// PageRows is how many rows of a list a request asks for.
const PageRows = pageRows

// Pages is how many requests it takes to read a list of so many rows whose rows do not move: pages overlap by a row, and the
// end shows by a page without a new one.
func Pages(rows int) float64 {
	if rows == 0 {
		return 1
	}
	return 1 + math.Ceil(float64(max(1, rows-1))/(pageRows-1))
}

// pageOf is the request of one page of a list.
func pageOf[T any](path string, r *T) carrier.RequestSpec {
	spec := lenient.Get(path, r)
	spec.MaxBody = maxPage
	return spec
}

// PartialError is of a list that could not be read to its end. The answer beside it has the rows that were: what is not
// among them may be on the list all the same.
type PartialError struct{ Err error }

// Error is the cause's.
func (e *PartialError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *PartialError) Unwrap() error { return e.Err }

// IsPartial reports whether an answer has rows, although there is an error.
func IsPartial(err error) bool {
	var partial *PartialError
	return errors.As(err, &partial)
}

// paged is the request of a list that comes in pages.
type paged[R any] interface {
	*R
	page() (limit, offset *int)
}

func (r *ProductsRequest) page() (limit, offset *int) { return &r.Limit, &r.Offset }
func (r *SitesRequest) page() (limit, offset *int)    { return &r.Limit, &r.Offset }
func (r *OrdersRequest) page() (limit, offset *int)   { return &r.Limit, &r.Offset }

// all reads a list to its end, row by row known by its key. A page overlaps the one before by one row, so that it
// shows whether rows moved in between: then the list is read again, three times at most, until none do.
// A row that comes twice is kept once, as given last. A page that is shorter than asked for is not the end: a page
// without a new row is. Behind a page with a row that could not be read the next begins without an overlap, since nobody
// knows which row that was. A list that is longer than offsets reach is read in parts, as narrower says.
//
// The answer has the times of the first page, the warnings of all, and the payload of the last page that had any. It
// fails with a *PartialError where some pages were read, of ErrMoved where rows moved each time.
func all[T, R any, P paged[R]](
	ctx context.Context, operation string, r R,
	ask func(context.Context, R) (carrier.Answer[[]T], error), key func(*T) string, narrower func(R, []T) []R,
) (carrier.Answer[[]T], error) {
	most, _ := P(&r).page()
	l := &listing[T]{operation: operation, key: key, rows: []T{}, places: map[string]int{}, most: cmp.Or(*most, pageRows)}
	pages := func(r R) asking[T] {
		limit, offset := P(&r).page()
		return func(from, rows int) (carrier.Answer[[]T], error) {
			*limit, *offset = rows, from
			return ask(ctx, r)
		}
	}
	err := l.readAll(pages(r))
	if errors.Is(err, errGoesOn) && narrower != nil {
		err = inParts(l, r, pages, narrower)
	}
	if (err == nil || errors.Is(err, ErrMoved)) && l.lost > 0 {
		err = l.tooLarge("%d rows are larger than %d bytes each, and are missing", l.lost, maxPage)
	}
	switch {
	case err == nil:
		l.answer.Value = l.rows
		return l.answer, nil
	case l.answer.Status == 0: // not one page
		return carrier.Answer[[]T]{}, err
	}
	l.answer.Value = l.rows
	return l.answer, &PartialError{err}
}

// asking asks for a page; offset 0 is from the first row, as 1 is.
type asking[T any] func(offset, rows int) (carrier.Answer[[]T], error)

// listing collects the rows of a list from its pages.
type listing[T any] struct {
	operation string
	key       func(*T) string
	rows      []T
	places    map[string]int // in rows, by key
	answer    carrier.Answer[[]T]
	most      int // rows that a page has
	lost      int // rows that are too large for an answer
}

// errGoesOn is the cause where a list goes on beyond the last offset.
var errGoesOn = errors.New("narrow the search")

// ErrMoved is the cause where rows changed their places each time that a list was read: one that was not met may have
// been on pages that were read before it came there. Where every row that was known is among those that were, none is
// missing.
var ErrMoved = errors.New("a row that was not met may be on the list all the same")

// errCut is the cause where a list ended before a row that it had a moment ago.
var errCut = errors.New("what is behind that is missing")

func (l *listing[T]) tooLarge(format string, args ...any) *carrier.Error {
	return &carrier.Error{Operation: l.operation, Kind: carrier.KindTooLarge, ObservedAt: time.Now(), Message: fmt.Sprintf(format, args...)}
}

func (l *listing[T]) malformed(cause error, format string, args ...any) *carrier.Error {
	return &carrier.Error{Operation: l.operation, Kind: carrier.KindMalformed, Status: l.answer.Status, ObservedAt: time.Now(),
		Message: fmt.Sprintf(format, args...), Err: cause}
}

// readAll reads a list, again where its rows moved.
func (l *listing[T]) readAll(ask asking[T]) error {
	for round := 1; ; round++ {
		odd, err := l.round(ask)
		if err != nil {
			return err
		}
		if odd == nil || round == maxRounds {
			return odd
		}
	}
}

// round is how far a list was read from its beginning.
type round[T any] struct {
	offset, limit int    // of the next page
	first         []T    // the rows of the first page
	last          string // the row with which the next page begins; "": any
	seen          map[string]bool
	odd           error // of a page that did not begin so
}

// round reads the list once; odd is why it cannot be all of it.
func (l *listing[T]) round(ask asking[T]) (odd, err error) {
	r := &round[T]{limit: l.most, seen: map[string]bool{}}
	for {
		page, err := ask(r.offset, r.limit)
		if kind, _ := carrier.KindOf(err); kind == carrier.KindTooLarge && l.lost < maxLost {
			switch {
			case r.limit > 1:
				r.limit /= 2
			default: // one row alone
				l.lost++
				r.offset, r.last, r.limit = max(r.offset, 1)+1, "", l.most
			}
			if r.limit == 1 && r.last != "" { // that would be the last row once more
				r.offset, r.last = r.offset+1, ""
			}
			if r.offset > lastOffset {
				return r.odd, l.goesOn(len(r.seen))
			}
			continue
		}
		if err == nil && r.last != "" && carrier.LeftOut(page.Warnings) == 0 && !l.begins(page, r.last) {
			page, err = l.unexpected(ask, page, r)
		}
		if err != nil {
			return r.odd, err
		}
		r.limit = min(2*r.limit, l.most)
		rows, leftOut := page.Value, carrier.LeftOut(page.Warnings)
		if r.first == nil {
			r.first = rows
		}
		if l.add(page, r.seen) == 0 && (leftOut == 0 || r.last == "" || !l.begins(page, r.last)) {
			if len(r.seen) == 0 && len(l.rows) > 0 { // an earlier round met rows
				return l.malformed(errCut, "the list is empty, and had %d rows a moment ago", len(l.rows)), nil
			}
			return r.odd, nil
		}
		// The next page begins with the last row of this one, unless that is all it would bring.
		step := len(rows) + leftOut - 1
		r.last = l.key(&rows[len(rows)-1])
		if step == 0 || leftOut > 0 {
			step, r.last = step+1, ""
		}
		if r.offset = max(r.offset, 1) + step; r.offset > lastOffset {
			return r.odd, l.goesOn(len(r.seen))
		}
	}
}

// begins reports whether a page begins with a row.
func (l *listing[T]) begins(page carrier.Answer[[]T], key string) bool {
	return len(page.Value) > 0 && l.key(&page.Value[0]) == key
}

// unexpected looks at a page that does not begin with the row that the one before ended with. Where the carrier counts
// from 0, or has taken a row off the list since, the page one row before does, and takes its place. One that is the first
// page once more is of a carrier that does not heed the offset: that page is the list, unless it is full. Any other is
// odd.
func (l *listing[T]) unexpected(ask asking[T], page carrier.Answer[[]T], r *round[T]) (carrier.Answer[[]T], error) {
	deaf := slices.EqualFunc(page.Value, r.first, func(a, b T) bool { return l.key(&a) == l.key(&b) })
	if deaf && len(r.first) != r.limit {
		return page, nil
	}
	if r.odd == nil && !deaf { // not at every page of a list that moves all the time
		before, err := ask(r.offset-1, r.limit)
		if kind, _ := carrier.KindOf(err); err != nil && kind != carrier.KindTooLarge {
			return page, err
		}
		if err == nil && l.begins(before, r.last) {
			r.offset--
			return before, nil
		}
	}
	r.odd = l.malformed(ErrMoved, "rows moved each time that the list was read")
	if deaf || len(page.Value) == 0 {
		r.odd = l.malformed(errCut, "the page at offset %d has nothing new, and lacks the row with which the page before ended", r.offset)
	}
	return page, nil
}

func (l *listing[T]) goesOn(rows int) error {
	err := l.tooLarge("the list goes on after %d rows, but an offset has four digits", rows)
	err.Err = errGoesOn
	return err
}

// add takes the rows of a page and returns how many of them this round had not seen.
func (l *listing[T]) add(page carrier.Answer[[]T], seen map[string]bool) (fresh int) {
	for i := range page.Value {
		row := &page.Value[i]
		key := l.key(row)
		if !seen[key] {
			seen[key] = true
			fresh++
		}
		if place, known := l.places[key]; known {
			l.rows[place] = *row
			continue
		}
		l.places[key] = len(l.rows)
		l.rows = append(l.rows, *row)
	}
	if l.answer.Status == 0 {
		l.answer.ObservedAt, l.answer.ReceivedAt, l.answer.Status = page.ObservedAt, page.ReceivedAt, page.Status
	}
	l.answer.Warnings = append(l.answer.Warnings, page.Warnings...)
	if len(page.Warnings) > 0 || !page.Said.IsZero() {
		l.answer.Payload, l.answer.Said = page.Payload, page.Said
	}
	return fresh
}

// listOf reads a list under its key; a row that cannot be read is left out. An object without anything in it is an empty list: nothing in the document says
// that a list without rows keeps its key.
func listOf[T any](d *lenient.Decoder, body []byte, keys ...string) ([]T, []carrier.Warning, error) {
	if lenient.IsEmptyObject(body) {
		return []T{}, nil, nil
	}
	return lenient.DecodeEach[T](d, body, (*struct{})(nil), keys...)
}
