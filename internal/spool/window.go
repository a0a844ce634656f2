package spool

import (
	"time"

	"kaisen/schema"
)

// entry is a record as it is known in memory.
type entry struct {
	number      uint64
	batch       schema.Batch
	rows, bytes int // bytes on disk
	since       time.Time
}

// window keeps the batches that come next in memory as well: reading a traffic answer back takes some eight times as
// long as its whole way out of here otherwise. While the store is away it fills up and then stays behind: what comes
// later is on disk alone.
type window struct {
	entries []entry
	bytes   int
	behind  bool // records follow that are not in it
}

// add appends the newest record, if nothing is missing between.
func (w *window) add(e entry, bound int) {
	if w.behind = w.behind || w.bytes+e.bytes > bound; !w.behind {
		w.entries = append(w.entries, e)
		w.bytes += e.bytes
	}
}

// drop takes the first n records out.
func (w *window) drop(n int) {
	for _, e := range w.entries[:n] {
		w.bytes -= e.bytes
	}
	clear(w.entries[:n]) // lets the rows go
	if w.entries = w.entries[n:]; len(w.entries) == 0 {
		w.entries = nil
	}
}

// keep takes all records out but those up to last.
func (w *window) keep(last uint64) {
	kept := window{behind: true}
	for _, e := range w.entries {
		if e.number > last {
			break
		}
		kept.entries = append(kept.entries, e)
		kept.bytes += e.bytes
	}
	*w = kept
}
