package api

import (
	"context"
	"fmt"
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
)

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
// without a new row is, which also ends the list of a carrier that does not heed the offset.
//
// The answer has the times of the first page, the warnings of all, and the payload of the last page that had any.
func all[T, R any, P paged[R]](
	ctx context.Context, operation string, r R,
	ask func(context.Context, R) (carrier.Answer[[]T], error), key func(*T) string,
) (carrier.Answer[[]T], error) {
	limit, offset := P(&r).page()
	if *limit == 0 {
		*limit = pageRows
	}
	l := listing[T]{key: key, rows: []T{}, places: map[string]int{}}
	l.ask = func(from int) (carrier.Answer[[]T], error) {
		*offset = from
		return ask(ctx, r)
	}
	for round := 1; ; round++ {
		before := len(l.rows)
		moved, err := l.round(operation)
		if err != nil {
			return carrier.Answer[[]T]{}, err
		}
		if !moved || round > 1 && len(l.rows) == before || round == maxRounds {
			l.answer.Value = l.rows
			return l.answer, nil
		}
	}
}

// listing collects the rows of a list from its pages.
type listing[T any] struct {
	ask    func(offset int) (carrier.Answer[[]T], error) // 0 is from the first row, as 1 is
	key    func(*T) string
	rows   []T
	places map[string]int // in rows, by key
	answer carrier.Answer[[]T]
}

// round reads the list once from its beginning; moved reports whether a page did not begin where the one before ended.
func (l *listing[T]) round(operation string) (moved bool, err error) {
	seen := map[string]bool{}
	offset, last := 0, ""
	for {
		page, err := l.ask(offset)
		if err != nil {
			return moved, err
		}
		rows := page.Value
		if last != "" && (len(rows) == 0 || l.key(&rows[0]) != last) {
			moved = true
		}
		if l.add(page, seen) == 0 {
			return moved, nil
		}
		// The next page begins with the last row of this one, unless that is all it would bring.
		step := len(rows) - 1
		last = l.key(&rows[step])
		if step == 0 {
			step, last = 1, ""
		}
		if offset = max(offset, 1) + step; offset > lastOffset {
			return moved, &carrier.Error{
				Operation: operation, Kind: carrier.KindTooLarge, ObservedAt: time.Now(),
				Message: fmt.Sprintf("the list goes on after %d rows, but an offset has four digits: narrow the search", len(seen)),
			}
		}
	}
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
	if len(page.Warnings) > 0 {
		l.answer.Payload = page.Payload
	}
	return fresh
}

// listOf reads a list under its key. An object without anything in it is an empty list: nothing in the document says
// that a list without rows keeps its key.
func listOf[T any](d *lenient.Decoder, body []byte, keys ...string) ([]T, []carrier.Warning, error) {
	if lenient.IsEmptyObject(body) {
		return []T{}, nil, nil
	}
	return lenient.DecodeRows[T](d, body, keys...)
}
