package collector

import (
	"iter"
	"slices"
	"sync"
	"time"
)

const (
	// doubtFor and doubtTimes are how long, and how often, a list must say without a break that it has lost most of its
	// rows before it is believed. What a carrier loses by mistake it loses in several answers in a row, but is told of
	// within the day.
	doubtFor   = 24 * time.Hour
	doubtTimes = 3
)

// Doubt decides whether a list that has lost rows is believed. One that has lost most of what it had, at once or within
// a day, is not: neither at once, nor because it says so twice. The zero Doubt is ready; it is safe for concurrent use.
type Doubt struct {
	mu    sync.Mutex
	since time.Time // of the first answer in a row that lacks most rows
	times int       // how many in a row do
	had   []length  // of the list within a day: the longest first, each later one shorter
}

// length is how many rows a list was known to have at some time.
type length struct {
	at   time.Time
	rows int
}

// Lost is how many rows a list has lost that were on it, and whether it is believed; of reports of a row whether it was on
// the list and is.
func Lost[R any](d *Doubt, rows iter.Seq[R], of func(R) (was, is bool)) (missing int, believed bool) {
	known := 0
	for row := range rows {
		if was, is := of(row); was {
			known++
			if !is {
				missing++
			}
		}
	}
	return missing, d.Believes(known, missing, time.Now())
}

// Believes reports whether a list is believed that lacks some of the rows that it is known to have.
func (d *Doubt) Believes(known, missing int, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.had = slices.DeleteFunc(d.had, func(l length) bool { return now.Sub(l.at) >= doubtFor || l.rows <= known })
	d.had = append(d.had, length{now, known})
	if missing == 0 || 2*(known-missing) >= d.had[0].rows {
		d.times = 0
		return true
	}
	if d.times == 0 {
		d.since = now
	}
	d.times++
	return d.times >= doubtTimes && now.Sub(d.since) >= doubtFor
}
