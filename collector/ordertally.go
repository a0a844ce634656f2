package collector

import "time"

// orderTally counts orders for the gauges.
type orderTally[S ~string] struct {
	counts map[string]int       // by status, all of them
	oldest map[string]time.Time // likewise, open ones only
}

func newOrderTally[S ~string](statuses []S) orderTally[S] {
	t := orderTally[S]{make(map[string]int), make(map[string]time.Time)}
	for _, status := range statuses {
		t.counts[string(status)] = 0
	}
	return t
}

func (t orderTally[S]) add(status S, open bool, since time.Time) {
	word := string(status)
	t.counts[word]++
	if oldest, some := t.oldest[word]; open && (!some || since.Before(oldest)) {
		t.oldest[word] = since
	}
}
