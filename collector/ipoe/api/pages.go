package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
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
// shows whether rows moved in between: then the list is read again, three times at most, until nothing new turns up.
// A row that comes twice is kept once, as given last. A page that is shorter than asked for is not the end: a page
// without a new row is, which also ends the list of a carrier that does not heed the offset. Behind a page with a row that
// could not be read the next begins without an overlap, since nobody knows which row that was. A list that is longer than
// offsets reach is read in parts, as narrower says.
//
// The answer has the times of the first page, the warnings of all, and the payload of the last page that had any. It
// fails with a *PartialError where some pages were read.
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
	if err == nil && l.lost > 0 {
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

func (l *listing[T]) tooLarge(format string, args ...any) *carrier.Error {
	return &carrier.Error{Operation: l.operation, Kind: carrier.KindTooLarge, ObservedAt: time.Now(), Message: fmt.Sprintf(format, args...)}
}

// readAll reads a list, again where its rows moved.
func (l *listing[T]) readAll(ask asking[T]) error {
	for round := 1; ; round++ {
		before := len(l.rows)
		moved, err := l.round(ask)
		if err != nil {
			return err
		}
		if !moved || round > 1 && len(l.rows) == before || round == maxRounds {
			return nil
		}
	}
}

// round reads the list once from its beginning; moved reports whether a page did not begin where the one before ended.
func (l *listing[T]) round(ask asking[T]) (moved bool, err error) {
	seen := map[string]bool{}
	offset, last, limit := 0, "", l.most
	for {
		page, err := ask(offset, limit)
		if kind, _ := carrier.KindOf(err); kind == carrier.KindTooLarge && l.lost < maxLost {
			switch {
			case limit > 1:
				limit /= 2
			default: // one row alone
				l.lost++
				offset, last, limit = max(offset, 1)+1, "", l.most
			}
			if limit == 1 && last != "" { // that would be the last row once more
				offset, last = offset+1, ""
			}
			if offset > lastOffset {
				return moved, l.goesOn(len(seen))
			}
			continue
		}
		if err != nil {
			return moved, err
		}
		limit = min(2*limit, l.most)
		rows, leftOut := page.Value, carrier.LeftOut(page.Warnings)
		overlaps := last != "" && len(rows) > 0 && l.key(&rows[0]) == last
		moved = moved || last != "" && !overlaps && leftOut == 0
		if l.add(page, seen) == 0 && (leftOut == 0 || !overlaps) {
			return moved, nil
		}
		// The next page begins with the last row of this one, unless that is all it would bring.
		step := len(rows) + leftOut - 1
		last = l.key(&rows[len(rows)-1])
		if step == 0 || leftOut > 0 {
			step, last = step+1, ""
		}
		if offset = max(offset, 1) + step; offset > lastOffset {
			return moved, l.goesOn(len(seen))
		}
	}
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
