package spool

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/schema"
)

const (
	slack    = 64 << 10 // bytes of pages that a transaction writes anew beside its records
	overhead = 24       // bytes a record takes in its page
	enough   = 64       // a round that frees less than this part of the limit is the last for now
)

// relief makes room in a full spool: round 0 packs what waits, and each later round gives up every second sample of
// a line, the oldest first. A round stops where there is room for what has to be written, and goes on from there
// when there is none again.
type relief struct {
	round   int
	at      uint64 // the first record that the round has not come to
	freed   int    // bytes, by the round
	spent   bool   // nothing more can be given up until something is delivered
	thinner thinner
	given   given // by all rounds
}

// makeRoom is those of a group that can be written now, the first of them at least; there may have to be given up
// something for them. The turn is held.
func (o *Outbox) makeRoom(group []*write) ([]*write, error) {
	if o.cfg.MaxBytes <= 0 {
		return group, nil
	}
	for {
		used, _ := o.file.sizes()
		need := slack
		fit := 0
		for ; fit < len(group); fit++ {
			if need += len(group[fit].record) + overhead; used+need > o.cfg.limit() {
				break
			}
		}
		if fit == len(group) {
			return group, nil
		}
		if err := o.relieve(); errors.Is(err, errFull) && fit > 0 {
			return group[:fit], nil
		} else if err != nil {
			return nil, err
		}
	}
}

// relieve gives up one step's worth, or fails with errFull. The turn is held.
func (o *Outbox) relieve() error {
	if o.relief == nil {
		o.log.Warn("the spool is full; what waits in it is packed", "spool", o.file.path, "bound", o.cfg.MaxBytes)
		o.relief = &relief{thinner: newThinner()}
		o.metrics.full.Set(1)
	}
	r := o.relief
	if r.spent {
		return errFull
	}
	before, _ := o.file.sizes()
	more, err := o.step(r)
	if err != nil {
		return err
	}
	after, _ := o.file.sizes()
	r.freed += before - after
	if more {
		return nil
	}
	if r.round > 0 && r.freed < o.cfg.limit()/enough {
		r.spent = true
		o.log.Error("the spool is full and has no samples left to give up; sweeps wait for the store", "spool", o.file.path)
		return errFull
	}
	r.round, r.at, r.freed = r.round+1, 0, 0
	r.thinner.restart()
	if r.round&(r.round-1) == 0 { // the further it goes, the less news it is
		o.log.Warn("the spool is full; every second sample of a line that waits is given up, the oldest first",
			"spool", o.file.path, "round", r.round, trafficSamples, r.given.traffic, sessionSamples, r.given.sessions)
	}
	return nil
}

// relax ends the relief once there is room again; mu is held, and the turn.
func (o *Outbox) relax() {
	if o.relief == nil {
		return
	}
	o.relief.spent = false
	if used, _ := o.file.sizes(); used < o.cfg.limit()/4*3 {
		o.log.Info("the spool has room again; samples that were given up",
			trafficSamples, o.relief.given.traffic, sessionSamples, o.relief.given.sessions)
		o.relief = nil
		o.metrics.full.Set(0)
	}
}

// stretch is some records in a row that become one.
type stretch struct {
	numbers []uint64
	rows    int
	bytes   int
	packed  int // of the records
	since   time.Time
	batches []*schema.Batch
}

// step makes one record of the next few. It is false when the round has come to the end.
func (o *Outbox) step(r *relief) (more bool, err error) {
	s, err := o.stretch(max(r.at, o.mark.last+1))
	if err != nil || len(s.numbers) == 0 {
		return false, err
	}
	r.at = s.numbers[len(s.numbers)-1] + 1
	if len(s.batches) == 0 {
		return true, nil // one that cannot be read; its delivery will see to it
	}
	batch := schema.Merge(s.batches)
	var gone given
	if r.round == 0 {
		r.thinner.learn(&batch)
	} else {
		gone = r.thinner.thin(&batch)
	}
	if gone == (given{}) && s.packed == 1 && len(s.numbers) == 1 {
		return true, nil // nothing to gain
	}
	if err := o.replace(s, &batch); errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		return true, nil // there is room, but not in one piece: others may fit
	} else if err != nil {
		return false, err
	}
	r.given.traffic += gone.traffic
	r.given.sessions += gone.sessions
	o.metrics.thinned.WithLabelValues(trafficSamples).Add(float64(gone.traffic))
	o.metrics.thinned.WithLabelValues(sessionSamples).Add(float64(gone.sessions))
	return true, nil
}

// stretch reads records from a number on, until they are enough rows for one.
func (o *Outbox) stretch(from uint64) (s stretch, err error) {
	err = o.file.view(func(tx *bbolt.Tx) error {
		records := waiting(tx).Cursor()
		for key, record := records.Seek(keyOf(from)); key != nil; key, record = records.Next() {
			h := headOf(record)
			if len(s.numbers) > 0 && s.rows+h.rows > o.cfg.together() {
				return nil
			}
			batch, err := o.codec.decode(record)
			if err != nil && len(s.numbers) > 0 {
				return nil // it stays as it is, and so ends the stretch
			}
			s.numbers = append(s.numbers, numberOf(key))
			if err != nil {
				return nil
			}
			if len(s.batches) == 0 {
				s.since = h.since
			}
			if h.packed {
				s.packed++
			}
			s.rows += h.rows
			s.bytes += len(record)
			s.batches = append(s.batches, &batch)
		}
		return nil
	})
	return s, err
}

// replace writes the record that a stretch has become in the place of its last one.
func (o *Outbox) replace(s stretch, batch *schema.Batch) error {
	record, err := o.codec.encode(batch, s.since, packed)
	if err != nil {
		return err
	}
	rows, records := batch.Rows(), 1
	if rows == 0 {
		record, records = nil, 0
	}
	last := len(s.numbers) - 1
	err = o.update(func(tx *bbolt.Tx) error {
		for i, number := range s.numbers {
			if i < last || rows == 0 {
				err = waiting(tx).Delete(keyOf(number))
			} else {
				err = waiting(tx).Put(keyOf(number), record)
			}
			if err != nil {
				return fmt.Errorf("record %d: %w", number, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.window.keep(o.mark.last)
	o.waiting.records += records - len(s.numbers)
	o.waiting.rows += rows - s.rows
	o.waiting.bytes += len(record) - s.bytes
	o.show()
	return nil
}
