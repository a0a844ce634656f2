package spool

import (
	"context"
	"time"

	"kaisen/schema"
)

// Post takes a batch that Run brings to the disk together with others, a second later at most, behind all that came before
// it; then is called when it is there. Where much is on its way, the spool is full, or its disk takes nothing, it waits as
// Write does. The caller does not change the rows afterwards.
func (o *Outbox) Post(ctx context.Context, b schema.Batch, then func()) error {
	w, err := o.prepare(&b)
	if w == nil {
		return err
	}
	w.then = then
	if w.posted = o.mayPost(); !w.posted {
		return o.accept(ctx, w)
	}
	return o.enqueue(w)
}

// Sync waits until all that was posted before the call is on disk.
func (o *Outbox) Sync(ctx context.Context) error {
	return o.accept(ctx, new(write))
}

// mayPost reports whether nothing speaks against leaving a batch to Run.
func (o *Outbox) mayPost() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refused == nil && o.posted < maxPosted
}

// post brings what was posted to the disk where no delivery does, which would have had it with it.
func (o *Outbox) post(ctx context.Context) {
	for ctx.Err() == nil {
		progress := o.progressing()
		left, again := o.postDue(), time.Duration(0)
		if left <= 0 {
			o.turn <- struct{}{}
			if again, _ = o.commit(); again == 0 {
				continue
			}
			left = again
		}
		if again == 0 {
			progress = nil
		}
		select {
		case <-o.poster:
		case <-progress:
		case <-time.After(left):
		case <-ctx.Done():
		}
	}
}

// postDue is how long what was posted may still wait for a delivery.
func (o *Outbox) postDue() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.posted == 0:
		return time.Hour
	case o.posted >= urgent:
		return 0
	}
	return o.cfg.FlushEvery*5/4 - time.Since(o.firstPosted().since)
}

// firstPosted is the oldest write that was posted and is not on disk, nil where there is none; mu is held.
func (o *Outbox) firstPosted() *write {
	for _, w := range o.pending {
		if w.posted {
			return w
		}
	}
	return nil
}
