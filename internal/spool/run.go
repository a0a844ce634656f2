package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/internal/wait"
	"kaisen/schema"
)

// Run delivers until ctx ends, and then what is left, for DrainTimeout at most. It returns nil when the outbox is
// empty, else an error that says how many rows stay on disk. A store that fails is tried again for as long as it
// takes. An error before ctx has ended says that the file is damaged.
func (o *Outbox) Run(ctx context.Context) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(o.cfg.DrainTimeout, end) })()
	var posting conc.WaitGroup
	defer posting.Wait()
	posts, stop := context.WithCancel(life)
	defer stop()
	posting.Go(func() { o.post(posts) })
	for o.gather(ctx) {
		if err := o.dispatch(life); err != nil {
			return o.ended(err)
		}
	}
	return nil
}

// ended closes the outbox before all is delivered, and says what becomes of the rest.
func (o *Outbox) ended(why error) error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	_ = o.save()
	o.shut()
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Errorf("%d rows are not in the store yet; they stay in %s and are sent at the next start: %w", o.waiting.rows, o.cfg.path(), why)
}

// dispatch makes one delivery.
func (o *Outbox) dispatch(ctx context.Context) error {
	o.stay()
	d, err := o.take(ctx)
	if err != nil {
		return err
	}
	if err := o.deliver(ctx, d); err != nil {
		return err
	}
	o.finish(ctx, d)
	o.countDamaged()
	return nil
}

// gather waits until there is something to deliver and a reason to do it now. It is false when ctx has ended and
// nothing is left; the outbox is closed then.
func (o *Outbox) gather(ctx context.Context) bool {
	for {
		ending := ctx.Err() != nil
		left, empty := o.due(ending)
		if empty && ending && o.shutIfEmpty() {
			return false
		}
		if !empty && left <= 0 {
			return true
		}
		select {
		case <-o.wake:
		case <-time.After(left):
			if empty {
				o.saveIdle()
			}
		case <-ctx.Done():
		}
	}
}

// due is how long the rows that wait may still wait for others.
func (o *Outbox) due(ending bool) (left time.Duration, empty bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	oldest, rows, posted := o.waiting.oldest, o.waiting.rows, o.firstPosted()
	switch {
	case o.waiting.records == 0 && posted == nil && o.unsaved:
		return o.cfg.FlushEvery, true
	case o.waiting.records == 0 && posted == nil:
		return time.Hour, true // Write wakes
	case o.held && !ending && !o.leftEarlier():
		return time.Hour, true // Release wakes
	case o.waiting.records == 0:
		oldest = posted.since
	}
	if ending || o.flushing > 0 || rows >= o.cfg.FlushRows {
		return 0, false
	}
	age := time.Since(oldest)
	if age < 0 { // by a record, from before the machine's clock was set back
		return 0, false
	}
	return o.cfg.FlushEvery - age, false
}

// shutIfEmpty closes the outbox if nothing waits.
func (o *Outbox) shutIfEmpty() bool {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.mu.Lock()
	empty := o.waiting.records == 0 && o.posted == 0
	o.mu.Unlock()
	if empty {
		_ = o.save() // else the last delivery is made again
		o.shut()
	}
	return empty
}

// saveIdle writes what is delivered where nothing comes with which it could be written.
func (o *Outbox) saveIdle() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if o.trouble.left() > 0 {
		return
	}
	if err := o.save(); err != nil {
		o.failing(err)
	}
}

// stay sees to it that the file is where the next process looks for it. Only Run's goroutine may: it reads the file
// without the turn.
func (o *Outbox) stay() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	switch gone, err := o.file.remade(); {
	case err == nil:
		o.lost = false
		if gone {
			o.log.Error("the spool was removed while it is in use; it is made again, with the rows that wait in it", "spool", o.file.path)
		}
	case o.lost: // that was said
	case gone:
		o.lost = true
		o.log.Error("the spool was removed while it is in use, and cannot be made again: the rows that wait are lost if kaisen ends now; trying again", "error", err)
	default:
		o.lost = true
		o.log.Error("whether the spool is still in its folder cannot be told; trying again", "error", err)
	}
}

// deliver gives a delivery to the store. Rows that the store refuses for what they say end up in dead_letters.
func (o *Outbox) deliver(ctx context.Context, d *delivery) error {
	if d.batch.Rows() == 0 {
		return nil
	}
	if d.done == 0 {
		err := o.insist(ctx, &d.batch)
		if err == nil {
			d.batch.Clear()
			o.used = d.batch
		}
		if err == nil || !isBadData(err) {
			return err
		}
	}
	return o.bisect(ctx, d)
}

// insist gives a batch to the store until it takes it, or refuses it for its data, or ctx ends. An outage is logged
// when it begins and when it is over.
func (o *Outbox) insist(ctx context.Context, batch *schema.Batch) error {
	for pauses := o.backoff(); ; {
		err := o.store.Insert(ctx, batch)
		switch {
		case err == nil:
			o.over()
			return nil
		case isBadData(err), ctx.Err() != nil:
			return err
		}
		o.setFailed(err)
		if o.outage.IsZero() {
			o.outage = time.Now()
			o.log.Error("the store does not take rows; they wait on disk and are sent again", "error", err)
		}
		o.stay()
		pause := pauses.Next() / 2
		if wait.For(ctx, pause+rand.N(pause+1)) != nil {
			return err
		}
	}
}

// backoff is for tries of the store or of the disk.
func (o *Outbox) backoff() wait.Backoff {
	return wait.Backoff{Min: o.cfg.RetryMin, Max: o.cfg.RetryMax}
}

func (o *Outbox) setFailed(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = err
}

func (o *Outbox) over() {
	o.setFailed(nil)
	if !o.outage.IsZero() {
		o.log.Info("the store takes rows again", "after", time.Since(o.outage).Round(time.Millisecond))
		o.outage = time.Time{}
	}
}

func isBadData(err error) bool {
	var refused interface{ BadData() bool }
	return errors.As(err, &refused) && refused.BadData()
}
