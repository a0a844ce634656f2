package collector

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Catalogue is what was last known of a list that the carrier always answers whole: what is no longer on it has left
// it, unless that is most of it (Doubt). It is safe for concurrent use.
type Catalogue[K comparable, R any] struct {
	id     func(*R) K
	listed func(row *R) *bool   // the row's own mark that it is on the list
	at     func(*R) *time.Time  // when that was observed
	carry  func(before, row *R) // takes over what the carrier does not say again; nil: nothing
	mu     sync.Mutex
	known  map[K]R
	doubt  Doubt
	kept   int // rows that the last list lacks, and that are believed to be on it all the same
}

// NewCatalogue makes an empty catalogue of rows that id identifies.
func NewCatalogue[K comparable, R any](id func(*R) K, listed func(*R) *bool, at func(*R) *time.Time, carry func(before, row *R)) *Catalogue[K, R] {
	return &Catalogue[K, R]{id: id, listed: listed, at: at, carry: carry, known: make(map[K]R)}
}

// Compare returns the rows that a list means: its own, and, if all of it was read, those known that are no longer on it.
// Nothing of it is known before Keep.
func (c *Catalogue[K, R]) Compare(list []R, whole bool, observedAt time.Time) []R {
	c.mu.Lock()
	defer c.mu.Unlock()
	rows := slices.Clone(list)
	on := make(map[K]bool, len(rows))
	for i := range rows {
		id := c.id(&rows[i])
		if before, known := c.known[id]; known && c.carry != nil {
			c.carry(&before, &rows[i])
		}
		on[id] = true
	}
	c.kept = 0
	if !whole {
		return rows
	}
	var left []R
	known := 0
	for id, row := range c.known {
		if !*c.listed(&row) {
			continue
		}
		known++
		if !on[id] {
			*c.listed(&row), *c.at(&row) = false, observedAt
			left = append(left, row)
		}
	}
	believed := c.doubt.Believes(known, len(left), time.Now())
	if !believed {
		c.kept = len(left)
		return rows
	}
	return append(rows, left...)
}

// Unmet is how many rows are known to be on the list that a part of it has not.
func (c *Catalogue[K, R]) Unmet(part []R) (rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := make(map[K]bool, len(part))
	for i := range part {
		on[c.id(&part[i])] = true
	}
	for id, row := range c.known {
		if *c.listed(&row) && !on[id] {
			rows++
		}
	}
	return rows
}

// Doubted is how many rows the last list lacks although they are believed to be on it: it has lost most of its rows.
func (c *Catalogue[K, R]) Doubted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

// Keep remembers rows: those of Compare once they are written, or what an earlier process knew.
func (c *Catalogue[K, R]) Keep(rows ...R) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range rows {
		c.known[c.id(&rows[i])] = rows[i]
	}
}

// Remember takes in what an earlier process knew. Of a row that was listed meanwhile only that counts which the carrier
// does not say again.
func (c *Catalogue[K, R]) Remember(rows ...R) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range rows {
		id := c.id(&rows[i])
		if row, known := c.known[id]; !known {
			c.known[id] = rows[i]
		} else if c.carry != nil {
			c.carry(&rows[i], &row)
			c.known[id] = row
		}
	}
}

// All returns the rows that are known, in no order.
func (c *Catalogue[K, R]) All() []R {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.known))
}
