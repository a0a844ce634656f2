package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"kaisen/schema"
)

// Run delivers until ctx ends, and then what is left, for DrainTimeout at most. It returns nil when the outbox is
// empty, else an error that says how many rows were lost. A store that fails is tried again for as long as it takes.
func (o *Outbox) Run(ctx context.Context) error {
	defer o.close()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(o.cfg.DrainTimeout, end) })()
	for o.gather(ctx) {
		batch, entries := o.head()
		if err := o.deliver(life, batch); err != nil {
			return fmt.Errorf("%d rows are not in the store and are lost: %w", o.shut(), err)
		}
		o.remove(entries)
	}
	return nil
}

// gather waits until there is something to deliver and a reason to do it now. It is false when ctx has ended and
// nothing is left; the outbox is closed then.
func (o *Outbox) gather(ctx context.Context) bool {
	for {
		wait, more := o.due(ctx.Err() != nil)
		if !more || wait <= 0 {
			return more
		}
		timer := time.NewTimer(wait)
		select {
		case <-o.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// due is how long the rows in the queue may still wait for company.
func (o *Outbox) due(ending bool) (wait time.Duration, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case len(o.queue) == 0 && ending:
		o.closeLocked()
		return 0, false
	case len(o.queue) == 0:
		return time.Hour, true // Write wakes
	case ending || o.flushing > 0 || o.rows >= o.cfg.FlushRows:
		return 0, true
	}
	return o.cfg.FlushEvery - time.Since(o.queue[0].since), true
}

// head is the next delivery: batches from the head of the queue, merged, until they have FlushRows.
func (o *Outbox) head() (*schema.Batch, int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var batches []*schema.Batch
	for rows := 0; len(batches) < len(o.queue) && rows < o.cfg.FlushRows; {
		next := &o.queue[len(batches)]
		batches = append(batches, &next.batch)
		rows += next.rows
	}
	if len(batches) == 1 {
		batch := o.queue[0].batch
		return &batch, 1
	}
	batch := schema.Merge(batches)
	return &batch, len(batches)
}

// remove takes delivered batches off the queue and makes room.
func (o *Outbox) remove(entries int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.queue[:entries] {
		o.rows -= e.rows
		o.bytes -= e.bytes
		o.room.Release(o.weight(e.rows))
	}
	clear(o.queue[:entries]) // lets the rows go
	o.queue = o.queue[entries:]
	o.delivered += uint64(entries)
	o.show()
	close(o.progress)
	o.progress = make(chan struct{})
}

// shut closes the outbox and counts the rows that are left.
func (o *Outbox) shut() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeLocked()
	return o.rows
}

// closeLocked refuses writers from now on and lets those go that wait in Flush; mu is held.
func (o *Outbox) closeLocked() {
	o.closed = true
	close(o.progress)
	o.progress = make(chan struct{})
}

// deliver gives a batch to the store until it takes it, or ctx ends. Rows that the store refuses for what they say
// end up in dead_letters. An outage is logged when it begins and when it is over.
func (o *Outbox) deliver(ctx context.Context, batch *schema.Batch) error {
	for wait := o.cfg.RetryMin; ; wait = min(2*wait, o.cfg.RetryMax) {
		err := o.store.Insert(ctx, batch)
		switch {
		case err == nil:
			o.over()
			return nil
		case isBadData(err):
			return o.salvage(ctx, batch, err)
		case ctx.Err() != nil:
			return err
		}
		if o.outage.IsZero() {
			o.outage = time.Now()
			o.log.Error("the store does not take rows; they wait in memory and are sent again", "error", err)
		}
		if sleep(ctx, wait/2+rand.N(wait/2+1)) != nil {
			return err
		}
	}
}

func (o *Outbox) over() {
	if !o.outage.IsZero() {
		o.log.Info("the store takes rows again", "after", time.Since(o.outage).Round(time.Millisecond))
		o.outage = time.Time{}
	}
}

func isBadData(err error) bool {
	var refused interface{ BadData() bool }
	return errors.As(err, &refused) && refused.BadData()
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
