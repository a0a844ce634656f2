package spool

import (
	"context"
	"slices"
	"time"

	"kaisen/schema"
)

// checkpoint says on disk which delivery is under way, before it is made. After a crash it is made again from the same
// records, whatever has come since.
type checkpoint struct {
	last uint64 // its last record; 0 while none is under way
	done int    // rows that are in the store or became dead letters, in the order in which Batch.Parts has them
}

// delivery is the records that go to the store together.
type delivery struct {
	checkpoint
	totals
	behind   place // where the next one begins, where it was read from disk
	rewrites int   // of the outbox, then
	reaches  bool  // nothing waits behind it
	batch    schema.Batch
}

// take marks what goes next, and reads it.
func (o *Outbox) take(ctx context.Context) (d *delivery, err error) {
	err = o.change(ctx, func() error {
		d, err = o.mark()
		return err
	})
	return d, err
}

// mark chooses the records of the next delivery and notes it on disk; what was posted meanwhile goes with it, in the same
// frame, as far as there is room. The turn is held.
func (o *Outbox) mark() (*delivery, error) {
	d, err := o.choose()
	if err != nil {
		return nil, err
	}
	group := o.joining(d)
	if len(group) > 0 {
		e := o.entryOf(group)
		d.last = e.number
		d.add(1, e.rows, len(e.record))
		d.batch.AppendAll(e.batches)
		if err := o.file.provide(); err != nil {
			return nil, err
		}
		return d, o.write(e, state{o.state.delivered, d.checkpoint}, o.file.append)
	}
	next := state{o.state.delivered, d.checkpoint}
	if next != o.file.onDisk {
		err = o.note(frame{state: next}, o.file.press)
	}
	if err == nil {
		o.state = next
	}
	return d, err
}

// joining is the pending writes that go with a delivery: those for which there is room, the first at least where nothing else
// goes.
func (o *Outbox) joining(d *delivery) []*write {
	o.mu.Lock()
	posted := o.posted > 0
	o.mu.Unlock()
	if o.state.under.last != 0 || d.records > 0 && d.last <= o.earlier || !posted || d.rows >= o.cfg.FlushRows || !d.reaches {
		return nil
	}
	group := o.pendingGroup()
	n := o.fitting(group)
	if d.records == 0 {
		n = max(n, 1)
	}
	if group = group[:min(n, len(group))]; slices.ContainsFunc(group, func(w *write) bool { return w.batch != nil }) {
		return group
	}
	return nil
}

// choose picks the records of the next delivery: those of the one that was under way when an earlier process ended,
// else the first, until they have FlushRows. The turn is held.
func (o *Outbox) choose() (*delivery, error) {
	d := &delivery{checkpoint: o.state.under, behind: o.readAt, rewrites: o.rewrites, reaches: true, batch: o.used}
	o.used = schema.Batch{}
	if !o.Waits() {
		return d, nil
	}
	var bad []frame
	var why []error
	all := min(o.rowsToCome(), o.cfg.FlushRows)
	d.behind = o.file.records(o.readAt, o.state.delivered, func(number uint64, record []byte) bool {
		if under := o.state.under.last; under != 0 {
			d.reaches = number <= under
		} else if d.reaches = d.rows < o.cfg.FlushRows; d.reaches && d.records > 0 && d.last <= o.earlier && number > o.earlier {
			d.reaches, d.last = false, o.earlier // the rest may be held
		}
		if !d.reaches {
			return false
		}
		d.last = max(d.last, number)
		if err := o.codec.decodeBehind(&d.batch, record, all-d.rows); err != nil {
			bad, why = append(bad, frame{kind: frameAside, number: number, record: record}), append(why, err)
		}
		d.add(1, headOf(record).rows, len(record))
		return true
	})
	for i, f := range bad {
		if err := o.quarantine(f, why[i]); err != nil {
			return nil, err
		}
	}
	if d.reaches {
		o.complete(d)
	}
	return d, nil
}

// rowsToCome are those that wait, on disk or for it.
func (o *Outbox) rowsToCome() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.waiting.rows
	for _, w := range o.pending {
		all += w.count
	}
	return all
}

// complete makes a delivery that reaches the end be all that waits: what a failing disk has made of some records cannot be
// found any more. The turn is held.
func (o *Outbox) complete(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if lost := o.waiting.records - d.records; lost > 0 {
		o.log.Error("batches in the spool cannot be found any more; its file is damaged", "spool", o.file.path, "batches", lost)
	}
	d.last = max(d.last, o.accepted)
	d.records, d.rows, d.bytes = o.waiting.records, o.waiting.rows, o.waiting.bytes
}

// quarantine keeps a record aside that cannot be used, where it holds up nothing. The turn is held.
func (o *Outbox) quarantine(f frame, why error) error {
	if o.file.aside[f.number] {
		return nil
	}
	f.state = o.file.onDisk
	if err := o.file.press(f); err != nil {
		return err
	}
	o.mu.Lock()
	o.aside = len(o.file.aside)
	o.mu.Unlock()
	o.metrics.unreadable.Inc()
	o.log.Error("a batch in the spool cannot be read; it is kept aside there, and tried again at the next start",
		"spool", o.file.path, "number", f.number, "bytes", len(f.record), "error", why)
	return nil
}

// finish lets a delivery go that the store has. That it is on disk with the next frame is soon enough: made again, the store
// would recognize it.
func (o *Outbox) finish(ctx context.Context, d *delivery) {
	if o.finished(d) { // those who wait for room need it on disk
		_ = o.change(ctx, o.save)
	}
}

// finished does it, and reports whether the spool is full.
func (o *Outbox) finished(d *delivery) bool {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = state{delivered: max(o.state.delivered, d.last)}
	o.unsaved = o.state != o.file.onDisk
	o.waiting.add(-d.records, -d.rows, -d.bytes)
	if d.rewrites == o.rewrites {
		o.readAt = d.behind
	}
	o.waiting.oldest = o.oldest()
	o.delivered = d.last
	o.wakeWaiting()
	o.show()
	return o.eviction != nil
}

// oldest is when the first record that waits was accepted. The turn and mu are held.
func (o *Outbox) oldest() (since time.Time) {
	if o.waiting.records > 0 {
		o.file.records(o.readAt, o.state.delivered, func(_ uint64, record []byte) bool {
			since = headOf(record).since
			return false
		})
	}
	return since
}
