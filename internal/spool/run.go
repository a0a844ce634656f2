package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

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
	o.mu.Lock()
	o.giveUp = end
	o.mu.Unlock()
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
	o.shut()
	o.mu.Lock()
	rows := o.waiting.rows
	if o.damage != nil {
		why = o.damage
	}
	o.mu.Unlock()
	if !errors.Is(why, errDamaged) {
		return fmt.Errorf("%d rows are not in the store yet; they stay in %s and are sent at the next start: %w", rows, o.cfg.path(), why)
	}
	go o.file.close() // it may wait for ever for a transaction that the damage has ended
	o.file = nil
	return fmt.Errorf("with %d rows in it the spool is of no use any more; the next start looks what it is worth: %w", rows, why)
}

// dispatch makes one delivery.
func (o *Outbox) dispatch(ctx context.Context) error {
	if err := o.damaged(); err != nil {
		return err
	}
	o.stay()
	d, err := o.take(ctx)
	if err != nil {
		return err
	}
	if err := o.deliver(ctx, d); err != nil {
		return err
	}
	if err := o.finish(ctx, d); err != nil {
		return err
	}
	o.tidy()
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
		timer := time.NewTimer(left)
		select {
		case <-o.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// due is how long the rows that wait may still wait for others.
func (o *Outbox) due(ending bool) (left time.Duration, empty bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.damage != nil:
		return 0, false
	case o.waiting.records == 0:
		return time.Hour, true // Write wakes
	case ending || o.flushing > 0 || o.waiting.rows >= o.cfg.FlushRows:
		return 0, false
	}
	age := time.Since(o.waiting.oldest)
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
	records := o.waiting.records
	o.mu.Unlock()
	if records == 0 {
		o.shut()
	}
	return records == 0
}

// tidy gives the disk back what an outage took of it.
func (o *Outbox) tidy() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if err := o.file.shrink(); err != nil {
		o.log.Warn("the spool could not be made smaller", "error", err)
	}
	o.countDamaged()
}

// stay sees to it that the file is where the next process looks for it. Only Run's goroutine may: it reads the file
// without the turn.
func (o *Outbox) stay() {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	switch gone, err := o.file.remade(); {
	case gone && err == nil:
		o.lost = false
		o.log.Error("the spool was removed while it is in use; it is made again, with the rows that wait in it", "spool", o.file.path)
	case gone && !o.lost:
		o.lost = true
		o.log.Error("the spool was removed while it is in use, and cannot be made again: the rows that wait are lost if kaisen ends now; trying again", "error", err)
	}
}

// deliver gives a delivery to the store. Rows that the store refuses for what they say end up in dead_letters.
func (o *Outbox) deliver(ctx context.Context, d *delivery) error {
	if d.batch.Rows() == 0 {
		return nil
	}
	if d.done == 0 {
		if err := o.insist(ctx, &d.batch); err == nil || !isBadData(err) {
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
