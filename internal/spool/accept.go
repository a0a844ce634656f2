package spool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"kaisen/schema"
)

// write is a batch on its way to the disk.
type write struct {
	batch  *schema.Batch // nil: it only waits for those before it
	count  int           // of rows
	bytes  int           // about
	since  time.Time
	posted bool
	then   func()        // called once it is on disk; may be nil
	done   chan struct{} // closed once it is on disk, or the outbox is closed; nil where nobody waits
	err    error         // read after done
}

const (
	maxYields = 20      // how often pendingGroup lets others run; it costs a microsecond where nobody comes
	urgent    = 1 << 20 // bytes of posted rows that do not wait for others
	maxPosted = 2 << 20 // bytes of posted rows behind which Post waits for the disk
	maxGroup  = 4 << 20 // bytes of a group, beside its first
)

// errFull says that what waits leaves no room, and that there is nothing that may be given up.
var errFull = errors.New("the spool is full")

// Write accepts a batch, whole: when it returns nil, the batch is on disk. While the spool is full, or its disk takes
// nothing, it waits until ctx ends: then, and after Run has ended, it returns an error and has accepted nothing. The
// caller does not change the rows afterwards.
func (o *Outbox) Write(ctx context.Context, b schema.Batch) error {
	w, err := o.prepare(&b)
	if w == nil {
		return err
	}
	return o.accept(ctx, w)
}

// prepare makes the write of a batch, nil where it has no rows or too many.
func (o *Outbox) prepare(b *schema.Batch) (*write, error) {
	w := &write{batch: b, count: b.Rows(), bytes: o.codec.bytes(b), since: time.Now()}
	switch {
	case w.count == 0:
		return nil, nil
	case o.cfg.MaxBytes > 0 && w.bytes+slack > o.cfg.limit():
		return nil, fmt.Errorf("%d rows, %d bytes: %w", w.count, w.bytes, ErrTooLarge)
	}
	return w, nil
}

// enqueue puts a write behind those that wait for the disk.
func (o *Outbox) enqueue(w *write) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return ErrClosed
	}
	o.pending = append(o.pending, w)
	if w.posted {
		if o.posted += w.bytes; o.posted == w.bytes || o.posted >= urgent {
			o.nudge()
			nudge(o.poster)
		}
	}
	return nil
}

// accept enqueues a write and waits until it is on disk. Whoever gets the turn first writes all that is pending, in one
// frame: the more writers there are, the more share it, and none waits for more than the one under way and
// its own.
func (o *Outbox) accept(ctx context.Context, w *write) error {
	w.done = make(chan struct{})
	if err := o.enqueue(w); err != nil {
		return err
	}
	var failed error
	why := func() error {
		if failed == nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ctx.Err(), failed)
	}
	for {
		progress := o.progressing()
		select {
		case <-w.done:
			return w.err
		case <-ctx.Done():
			return o.withdraw(w, why())
		case o.turn <- struct{}{}:
		}
		var again time.Duration
		if again, failed = o.commit(); failed == nil {
			continue // w is done, unless there was room for a part only
		}
		select {
		case <-w.done:
		case <-progress: // there may be room now
		case <-time.After(again):
		case <-ctx.Done():
			return o.withdraw(w, why())
		}
	}
}

// progressing is closed when the next delivery is done, or the first of those who wait has gone.
func (o *Outbox) progressing() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.progress
}

// withdraw takes back a write whose writer waits no longer, unless it is on disk after all.
func (o *Outbox) withdraw(w *write, why error) error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	select {
	case <-w.done:
		return w.err
	default:
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.pending) > 0 && o.pending[0] == w {
		o.wakeWaiting() // those behind it may be smaller, and fit
	}
	o.pending = slices.DeleteFunc(o.pending, func(other *write) bool { return other == w })
	return why
}

// commit writes what is pending to disk, as far as there is room, and ends the turn. After an error it says when to try
// again.
func (o *Outbox) commit() (again time.Duration, err error) {
	defer func() { <-o.turn }()
	group := o.pendingGroup()
	if len(group) == 0 {
		return 0, nil
	}
	if again := o.trouble.left(); again > 0 {
		return again, o.trouble.err
	}
	first := group[:1]
	group, err = o.makeRoom(group)
	if errors.Is(err, errFull) && !o.Waits() { // no delivery will ever make room for it
		group, err = first, nil
	}
	if err == nil {
		err = o.file.provide()
	}
	if err == nil {
		err = o.write(o.entryOf(group), o.state, o.file.append)
	}
	switch {
	case err == nil:
		return 0, nil
	case errors.Is(err, errFull):
		o.refuse(fmt.Errorf("%w (%d bytes), and nothing in it may be given up", err, o.cfg.MaxBytes))
		return time.Hour, err // a delivery is what changes that
	}
	return o.failing(err), err
}

// pendingGroup is what is pending. The writers of the last group are on their way back with their next batches: it lets
// them run first, for without them the first to come would have a sync to itself each time.
func (o *Outbox) pendingGroup() []*write {
	for yields := 0; ; yields++ {
		o.mu.Lock()
		n, bytes := 0, 0
		for n < len(o.pending) && (n == 0 || bytes+o.pending[n].bytes <= maxGroup) {
			bytes += o.pending[n].bytes
			n++
		}
		if n < len(o.pending) || n >= o.lastGroup || yields == maxYields {
			defer o.mu.Unlock()
			o.lastGroup = n
			return slices.Clone(o.pending[:n])
		}
		o.mu.Unlock()
		runtime.Gosched()
	}
}

// entry is a record that is new.
type entry struct {
	number  uint64
	record  []byte // none where the group has no rows
	rows    int
	since   time.Time
	group   []*write        // of which it is, all of them
	batches []*schema.Batch // of the group
}

// entryOf makes the record of a group.
func (o *Outbox) entryOf(group []*write) entry {
	e := entry{number: o.next, group: group, batches: make([]*schema.Batch, 0, len(group))}
	for _, w := range group {
		if w.batch == nil {
			continue
		}
		if e.rows == 0 {
			e.since = w.since
		}
		e.rows += w.count
		e.batches = append(e.batches, w.batch)
	}
	if e.rows > 0 {
		e.record = o.codec.record(e.since, e.rows, e.batches...)
	}
	return e
}

// write writes a group in one frame, by a way of the journal, and lets its writers go. The turn is held.
func (o *Outbox) write(e entry, with state, way func(frame) error) error {
	if e.record != nil {
		if err := o.note(frame{kind: frameRows, number: e.number, state: with, record: e.record}, way); err != nil {
			return err
		}
		o.next++
	}
	for _, w := range e.group {
		if w.then != nil {
			w.then()
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused = nil
	o.pending = slices.Delete(o.pending, 0, len(e.group))
	for _, w := range e.group {
		if w.posted {
			o.posted -= w.bytes
		}
		w.end(nil)
	}
	if e.record != nil {
		o.added(e)
	}
	o.show()
	o.nudge()
	return nil
}

// added counts a record that is on disk now; mu is held.
func (o *Outbox) added(e entry) {
	if o.waiting.records == 0 {
		o.waiting.oldest = e.since
	}
	o.waiting.add(1, e.rows, len(e.record))
	o.accepted = e.number
}

// end lets go who waits for a write.
func (w *write) end(err error) {
	if w.err = err; w.done != nil {
		close(w.done)
	}
}

// shut refuses writers from now on and lets those go that wait. The turn is held.
func (o *Outbox) shut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for _, w := range o.pending {
		w.end(ErrClosed)
	}
	o.pending, o.posted = nil, 0
	o.wakeWaiting()
}

// wakeWaiting lets all look again who wait for progress; mu is held.
func (o *Outbox) wakeWaiting() {
	close(o.progress)
	o.progress = make(chan struct{})
}
