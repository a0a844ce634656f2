package ipoe

import (
	"strconv"
	"strings"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// pageRows is how many rows an answer has where the request does not say; the document does not either.
const pageRows = 100

// newWriter writes as the examples of IPoE API 3.4.0 do, with null for NULL.
func newWriter() *wire.Writer { return &wire.Writer{Null: wire.NullJSON} }

// page reads limit and offset, and returns which of so many rows are asked for. The first row is number 1: with 11,
// 先頭から11件目以降.
func (b *API) page(q *gateway.Request, rows int) (from, to int, refused *gateway.Answer) {
	limit, offset := pageRows, 1
	var problems []failure
	for _, field := range []struct {
		name string
		to   *int
	}{{"limit", &limit}, {"offset", &offset}} {
		text := q.Query.Get(field.name)
		if text == "" {
			continue
		}
		r := wire.Rule{Name: field.name, Max: 4, Known: wire.IsDigits}
		if kind, ok := r.Check(text); !ok {
			problems = append(problems, explain(kind, r))
			continue
		}
		*field.to, _ = strconv.Atoi(text) // at most four digits
	}
	if len(problems) > 0 {
		a := b.refuse(q, problems...)
		return 0, 0, &a
	}
	from = min(max(offset-1, 0), rows)
	return from, min(from+limit, rows), nil
}

// rowsOf are the rows that a search asks for, as many as its page has; or the refusal of what is not as documented.
func rowsOf[T any](b *API, q *gateway.Request, s *search, all []T, matches func(T) bool) ([]T, *gateway.Answer) {
	if len(s.problems) > 0 {
		a := b.refuse(q, s.problems...)
		return nil, &a
	}
	var found []T
	for _, row := range all {
		if matches(row) {
			found = append(found, row)
		}
	}
	from, to, refused := b.page(q, len(found))
	return found[from:to], refused
}

// search is a list's filters: what a row must be to be shown.
type search struct {
	query    func(string) string
	problems []failure
}

func newSearch(q *gateway.Request) *search { return &search{query: q.Query.Get} }

// rule looks at the form of a filter.
func (s *search) rule(r wire.Rule) {
	if text := s.query(r.Name); text != "" {
		if kind, ok := r.Check(text); !ok {
			s.problems = append(s.problems, explain(kind, r))
		}
	}
}

// dates looks at the form of days: eight digits, 但し存在する日付であること.
func (s *search) dates(names ...string) {
	for _, name := range names {
		s.rule(wire.Rule{Name: name, Min: 8, Max: 8, Known: calendar.IsDay})
	}
}

// is reports whether a value is the one asked for.
func (s *search) is(name, value string) bool {
	want := s.query(name)
	return want == "" || want == value
}

// part reports whether a value has what is asked for in it.
func (s *search) part(name, value string) bool { return strings.Contains(value, s.query(name)) }

// between reports whether a day is in the span asked for; a missing one is in no span.
func (s *search) between(from, to, day string) bool {
	first, last := s.query(from), s.query(to)
	if first == "" && last == "" {
		return true
	}
	return day != "" && day >= first && (last == "" || day <= last)
}
