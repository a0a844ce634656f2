package spool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/schema"
)

// write is a batch on its way to the disk.
type write struct {
	entry
	record []byte
	done   chan struct{} // closed once it is on disk, or the outbox is closed
	err    error         // read after done
}

// maxYields is how often pendingGroup lets others run. It costs a microsecond where nobody comes.
const maxYields = 20

// errFull says that what waits leaves no room, and that there is nothing that may be given up.
var errFull = errors.New("the spool is full")

// Write accepts a batch, whole: when it returns nil, the batch is on disk. While the spool is full, or its disk takes
// nothing, it waits until ctx ends: then, and after Run has ended, it returns an error and has accepted nothing. The
// caller does not change the rows afterwards.
func (o *Outbox) Write(ctx context.Context, b schema.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	w, err := o.prepare(b)
	if err != nil {
		return err
	}
	if !o.enqueue(w) {
		return ErrClosed
	}
	return o.accept(ctx, w)
}

// prepare makes the record of a batch.
func (o *Outbox) prepare(b schema.Batch) (*write, error) {
	since := time.Now()
	record, err := o.codec.encode(&b, since, plain)
	if err != nil {
		return nil, fmt.Errorf("spooling: %w", err)
	}
	if o.cfg.MaxBytes > 0 && len(record)+slack > o.cfg.limit() {
		return nil, fmt.Errorf("%d rows, %d bytes: %w", b.Rows(), len(record), ErrTooLarge)
	}
	return &write{entry: entry{batch: b, rows: b.Rows(), bytes: len(record), since: since}, record: record, done: make(chan struct{})}, nil
}

// enqueue puts a write behind those that wait for the disk. It is false when the outbox is closed.
func (o *Outbox) enqueue(w *write) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.pending = append(o.pending, w)
	}
	return !o.closed
}

// accept waits until a pending write is on disk. Whoever gets the turn first writes all that is pending, in one
// transaction: the more writers there are, the more share it, and none waits for more than the one under way and
// its own.
func (o *Outbox) accept(ctx context.Context, w *write) error {
	for {
		progress := o.progressing()
		select {
		case <-w.done:
			return w.err
		case <-ctx.Done():
			return o.withdraw(w, ctx.Err())
		case o.turn <- struct{}{}:
		}
		again, err := o.commit()
		if err == nil {
			continue // w is done, unless there was room for a part only
		}
		timer := time.NewTimer(again)
		select {
		case <-w.done:
		case <-progress: // there may be room now
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return o.withdraw(w, fmt.Errorf("%w: %w", ctx.Err(), err))
		}
		timer.Stop()
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
	if group, err = o.makeRoom(group); err == nil {
		err = o.put(group, o.file.update)
		for errors.Is(err, bbolterrors.ErrMaxSizeReached) { // free pages, but none of the right size
			if err = o.evict(); errors.Is(err, errFull) && len(group) > 1 {
				group, err = group[:1], nil // by itself it may fit
			}
			if err == nil {
				err = o.put(group, o.file.update)
			}
		}
	}
	if errors.Is(err, errFull) && !o.Waits() { // no delivery will ever make room for it
		group = first
		err = o.put(group, o.file.grow)
	}
	switch {
	case err == nil:
		o.written(group)
		return 0, nil
	case errors.Is(err, errFull):
		o.eviction.refuse(len(first[0].record))
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
		group := slices.Clone(o.pending)
		o.mu.Unlock()
		if len(group) >= o.lastGroup || yields == maxYields {
			o.lastGroup = len(group)
			return group
		}
		runtime.Gosched()
	}
}

// put writes a group in one transaction, by one of the file's ways to change it.
func (o *Outbox) put(group []*write, way func(func(*bbolt.Tx) error) error) error {
	need := slack
	for _, w := range group {
		need += len(w.record) + overhead
	}
	if err := o.file.provide(need); err != nil {
		return err
	}
	return o.update(way, func(tx *bbolt.Tx) error {
		for _, w := range group {
			w.number = o.number()
			if err := waiting(tx).Put(keyOf(w.number), w.record); err != nil {
				return err
			}
		}
		return nil
	})
}

// written lets the writers of a group go.
func (o *Outbox) written(group []*write) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused = nil
	o.pending = slices.Delete(o.pending, 0, len(group))
	for _, w := range group {
		o.added(w.entry)
		close(w.done)
	}
	o.show()
	o.nudge()
}

// added counts a record that is on disk now; mu is held.
func (o *Outbox) added(e entry) {
	if o.waiting.records == 0 {
		o.waiting.oldest = e.since
	}
	o.waiting.records++
	o.waiting.rows += e.rows
	o.waiting.bytes += e.bytes
	o.accepted = e.number
	o.window.add(e, o.cfg.Window)
}

// shut refuses writers from now on and lets those go that wait. The turn is held.
func (o *Outbox) shut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	for _, w := range o.pending {
		w.err = ErrClosed
		close(w.done)
	}
	o.pending = nil
	o.wakeWaiting()
}

// wakeWaiting lets all look again who wait for progress; mu is held.
func (o *Outbox) wakeWaiting() {
	close(o.progress)
	o.progress = make(chan struct{})
}
