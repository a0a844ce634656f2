package spool

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/internal/wait"
)

// trouble is a disk that does not take what is written.
type trouble struct {
	err    error // nil while all is well
	since  time.Time
	pauses wait.Backoff
	until  time.Time // not worth a try before
}

// left is how long to leave the disk alone.
func (t *trouble) left() time.Duration {
	if t.err == nil {
		return 0
	}
	return time.Until(t.until)
}

// failing notes that a change did not reach the disk, and says when to try again. The turn is held.
func (o *Outbox) failing(err error) time.Duration {
	o.noteDamage(err) // which may have been met while reading
	t := &o.trouble
	if t.err == nil {
		t.since, t.pauses = time.Now(), o.backoff()
		o.log.Error("the spool cannot be written; sweeps wait until it can", "error", err)
	}
	o.refuse(err)
	pause := t.pauses.Next()
	t.err, t.until = err, time.Now().Add(pause)
	return pause
}

// recovered notes that a change has reached the disk. The turn is held.
func (o *Outbox) recovered() {
	if o.trouble.err != nil {
		o.log.Info("the spool can be written again", "after", time.Since(o.trouble.since).Round(time.Millisecond))
		o.trouble = trouble{}
		o.refuse(nil)
	}
}

// refuse notes why batches find no place now, or that they may do so again.
func (o *Outbox) refuse(why error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused = why
}

// update changes the file. What a failing disk made of a change is not known: the numbers that it gave out are orphaned,
// and the next change deletes what may stand under them, and repeats what is in doubt. The way is one of the file's. The
// turn is held.
func (o *Outbox) update(way func(func(*bbolt.Tx) error) error, do func(tx *bbolt.Tx) error) error {
	first := o.next
	err := way(func(tx *bbolt.Tx) error {
		for _, number := range o.orphaned {
			if err := waiting(tx).Delete(keyOf(number)); err != nil {
				return err
			}
		}
		if o.doubt != nil {
			if err := o.doubt.apply(tx); err != nil {
				return err
			}
		}
		return do(tx)
	})
	switch {
	case err == nil:
		if o.doubt != nil {
			o.swapped(o.doubt)
		}
		o.orphaned, o.doubt = nil, nil
		o.recovered()
		return nil
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		return err // before anything was written
	}
	for number := first; number < o.next; number++ {
		o.orphaned = append(o.orphaned, number)
	}
	o.noteDamage(err)
	return err
}

// noteDamage ends Run where an error says that the file is of no use any more. Others it leaves alone.
func (o *Outbox) noteDamage(err error) {
	if errors.Is(err, errDamaged) {
		o.mu.Lock()
		o.damage = err
		o.giveUp()
		o.mu.Unlock()
		o.nudge()
	}
}

// settle brings the file to what it should be, before it is read. The turn is held.
func (o *Outbox) settle() error {
	if len(o.orphaned) == 0 && o.doubt == nil {
		return nil
	}
	return o.update(o.file.grow, func(*bbolt.Tx) error { return nil })
}

// damaged is why the file is of no use any more, nil while it is.
func (o *Outbox) damaged() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.damage
}

// number is that of a new record. The turn is held.
func (o *Outbox) number() uint64 {
	o.next++
	return o.next - 1
}

// change changes the file for Run, again and again until the disk takes it or ctx ends, and calls then with the turn
// and mu held.
func (o *Outbox) change(ctx context.Context, do func(tx *bbolt.Tx) error, then func()) error {
	for {
		again, err := o.tryChange(do, then)
		if err == nil || errors.Is(err, errDamaged) {
			return err
		}
		if wait.For(ctx, again) != nil {
			return err
		}
	}
}

// tryChange does it once, and says when to try again.
func (o *Outbox) tryChange(do func(tx *bbolt.Tx) error, then func()) (again time.Duration, err error) {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if again := o.trouble.left(); again > 0 {
		return again, o.trouble.err
	}
	if err := o.update(o.file.grow, do); err != nil {
		return o.failing(err), err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	then()
	o.show()
	return 0, nil
}
