package api

import (
	"errors"
	"slices"

	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// maxParts bounds in how many parts a list is read.
const maxParts = 200

// inParts reads a list that is longer than offsets reach, by narrower requests: each part that is too long itself is
// narrowed further, until nothing narrows it. Then what is left of it is missing, and the error says so; it does as well
// where a row that the whole list had is in none of the parts, for then the parts are not all of it.
func inParts[T, R any](l *listing[T], r R, pages func(R) asking[T], narrower func(R, []T) []R) error {
	whole := l.keys()
	found := map[string]bool{}
	parts, failure := narrower(r, l.rows), error(nil)
	if len(parts) == 0 {
		return l.goesOn(len(whole))
	}
	for n := 0; n < len(parts); n++ {
		if n == maxParts {
			return errors.Join(failure, l.goesOn(len(l.rows)))
		}
		rows, long, err := readPart(l, pages(parts[n]), found)
		if errors.Is(err, ErrMoved) || errors.Is(err, errCut) { // so was this part alone
			failure, err = err, nil
		}
		if err != nil {
			return errors.Join(failure, err)
		}
		if !long {
			continue
		}
		smaller := narrower(parts[n], rows)
		if len(smaller) == 0 {
			failure = l.goesOn(len(l.rows))
		}
		parts = append(parts, smaller...)
	}
	if failure == nil && slices.ContainsFunc(whole, func(key string) bool { return !found[key] }) {
		failure = l.goesOn(len(l.rows)) // rows without a status or a day, of which there may be more
	}
	return failure
}

// readPart reads a part, and marks what is in it. One that is too long is only looked into, at its beginning and where
// offsets end; the rows that were seen there are returned.
func readPart[T any](l *listing[T], ask asking[T], found map[string]bool) (seen []T, long bool, err error) {
	part := &listing[T]{operation: l.operation, key: l.key, rows: []T{}, places: map[string]int{}, most: l.most}
	end, err := ask(lastOffset-l.most+1, l.most)
	if err != nil {
		return nil, false, err
	}
	if len(end.Value) >= l.most {
		begin, err := ask(0, l.most)
		if err != nil {
			return nil, false, err
		}
		part.add(begin, map[string]bool{})
		part.add(end, map[string]bool{})
		long = true
	} else if err = part.readAll(ask); errors.Is(err, errGoesOn) { // of a carrier whose pages are shorter
		long, err = true, nil
	}
	l.lost += part.lost
	page := part.answer
	page.Value = part.rows
	if long { // its own parts have to have them
		found = map[string]bool{}
	}
	l.add(page, found)
	return part.rows, long, err
}

// keys are those of all rows.
func (l *listing[T]) keys() []string {
	keys := make([]string, len(l.rows))
	for i := range l.rows {
		keys[i] = l.key(&l.rows[i])
	}
	return keys
}

// narrowSites narrows a search by status, then by the day on which a site was set up.
func narrowSites(r SitesRequest, rows []Site) (parts []SitesRequest) {
	if r.Status == "" {
		for _, r.Status = range []SiteStatus{SiteInUse, SiteEnded} {
			parts = append(parts, r)
		}
		return parts
	}
	var days []schema.Date
	for i := range rows {
		days = appendDay(days, rows[i].StartAt)
	}
	for _, p := range halves(r.StartAtFrom, r.StartAtTo, days) {
		r.StartAtFrom, r.StartAtTo = p.from, p.to
		parts = append(parts, r)
	}
	return parts
}

// narrowOrders narrows a search by status, then by type, then by the day that was asked for: of a cancellation the last,
// of all others the first.
func narrowOrders(r OrdersRequest, rows []Order) (parts []OrdersRequest) {
	switch {
	case r.Status == "":
		for _, r.Status = range []OrderStatus{OrderInProgress, OrderDone, OrderFailed, OrderCancelled, OrderPartlyFailed} {
			parts = append(parts, r)
		}
		return parts
	case r.OrderType == "":
		for _, r.OrderType = range []OrderType{OrderNew, OrderChange, OrderCancel} {
			parts = append(parts, r)
		}
		return parts
	}
	from, to, day := &r.HopeToStartAtFrom, &r.HopeToStartAtTo, func(o *Order) lenient.Date { return o.HopeToStartAt }
	if r.OrderType == OrderCancel {
		from, to, day = &r.HopeToEndAtFrom, &r.HopeToEndAtTo, func(o *Order) lenient.Date { return o.HopeToEndAt }
	}
	var days []schema.Date
	for i := range rows {
		days = appendDay(days, day(&rows[i]))
	}
	for _, p := range halves(*from, *to, days) {
		*from, *to = p.from, p.to
		parts = append(parts, r)
	}
	return parts
}

func appendDay(days []schema.Date, day lenient.Date) []schema.Date {
	if known := day.Day(); known.Known {
		return append(days, known.V)
	}
	return days
}

// period is some days; an end that is not given is open.
type period struct{ from, to lenient.Date }

// halves divides a period at the middle of days that are in it. One day is not divided, nor is a period of which no day
// is known.
func halves(from, to lenient.Date, days []schema.Date) []period {
	begin, end := from.Day(), to.Day()
	if len(days) == 0 || begin.Known && end.Known && begin.V >= end.V {
		return nil
	}
	slices.Sort(days)
	middle := days[len(days)/2]
	if begin.Known {
		middle = max(middle, begin.V)
	}
	if end.Known {
		middle = min(middle, end.V.AddDays(-1))
	}
	return []period{{from, lenient.DateOf(middle)}, {lenient.DateOf(middle.AddDays(1)), to}}
}
