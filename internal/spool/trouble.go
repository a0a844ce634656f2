package spool

import (
	"context"
	"time"

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

// note writes a frame by a way of the journal, and lets go what is delivered by it. The turn is held.
func (o *Outbox) note(f frame, way func(frame) error) error {
	if err := way(f); err != nil {
		return err
	}
	o.recovered()
	o.state = f.state
	o.setUnsaved(false)
	if err := o.file.drop(); err != nil { // it is tried again with the next frame
		o.log.Warn("what is delivered could not be removed from the spool", "error", err)
	}
	o.endEviction()
	return nil
}

// save writes what is delivered, if that is not on disk. The turn is held.
func (o *Outbox) save() error {
	if o.state == o.file.onDisk {
		return nil
	}
	return o.note(frame{state: o.state}, o.file.press)
}

func (o *Outbox) setUnsaved(unsaved bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unsaved = unsaved
}

// change has do change the journal for Run, again and again until the disk takes it or ctx ends. The turn is held meanwhile.
func (o *Outbox) change(ctx context.Context, do func() error) error {
	for {
		again, err := o.tryChange(do)
		if err == nil || wait.For(ctx, again) != nil {
			return err
		}
	}
}

// tryChange does it once, and says when to try again.
func (o *Outbox) tryChange(do func() error) (again time.Duration, err error) {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	if again := o.trouble.left(); again > 0 {
		return again, o.trouble.err
	}
	if err := do(); err != nil {
		return o.failing(err), err
	}
	return 0, nil
}
