package spool

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/schema"
)

// recordRun is some records in a row that may become one.
type recordRun struct {
	numbers []uint64
	whole   bool // with the next one it would be too large
	packed  int  // of the records
	rows    int
	bytes   int
	since   time.Time
	batches []*schema.Batch
}

// next is the number behind s.
func (s *recordRun) next() uint64 { return s.numbers[len(s.numbers)-1] + 1 }

// pack makes one record of the next few that are not packed. It is false when they are too few to be worth it.
func (o *Outbox) pack(r *eviction) (bool, error) {
	s, err := o.recordRun(r.packed)
	if err != nil || !s.whole {
		return false, err
	}
	r.packed = s.next()
	batch := schema.Merge(s.batches)
	r.downsampler.observe(&batch)
	if len(s.batches) == 0 || s.packed == len(s.numbers) && s.packed == 1 {
		return true, nil // nothing to gain; what cannot be read is seen to when it is delivered
	}
	_, err = o.replace(s, &batch, dropped{})
	return true, err
}

// downsample gives up every second sample of the next few records. It is false when the round has come to the end.
func (o *Outbox) downsample(r *eviction) (more bool, err error) {
	s, err := o.recordRun(r.at)
	if err != nil || len(s.numbers) == 0 {
		return false, err
	}
	r.at = s.next()
	batch := schema.Merge(s.batches)
	gone := r.downsampler.downsample(&batch)
	if len(s.batches) == 0 || gone == (dropped{}) && s.packed == len(s.numbers) {
		return true, nil
	}
	done, err := o.replace(s, &batch, gone)
	if done {
		r.packed = max(r.packed, r.at)
	}
	return true, err
}

// recordRun reads records from a number on, but none of the delivery under way, until they are enough rows for one. A
// record that cannot be read ends it, or is one of its own.
func (o *Outbox) recordRun(from uint64) (s recordRun, err error) {
	err = o.file.view(func(tx *bbolt.Tx) error {
		records := waiting(tx).Cursor()
		for key, record := records.Seek(keyOf(max(from, o.checkpoint.last+1))); key != nil; key, record = records.Next() {
			h := headOf(record)
			batch, err := o.codec.decode(record)
			if len(s.numbers) > 0 && (err != nil || s.rows+h.rows > o.cfg.together()) {
				s.whole = true
				return nil
			}
			s.numbers = append(s.numbers, numberOf(key))
			if err != nil {
				s.whole = true
				return nil
			}
			s.add(h, len(record), &batch)
		}
		return nil
	})
	return s, err
}

func (s *recordRun) add(h head, bytes int, batch *schema.Batch) {
	if len(s.batches) == 0 {
		s.since = h.since
	}
	if h.packed {
		s.packed++
	}
	s.rows += h.rows
	s.bytes += bytes
	s.batches = append(s.batches, batch)
}

// swap is one record in the place of a run of records; none where no rows are left.
type swap struct {
	recordRun
	record []byte
	left   int     // rows
	gone   dropped // the others
}

// replace writes the record that a run has become in the place of its last one. It is false where there is no room
// for it in one piece; others may fit.
func (o *Outbox) replace(s recordRun, batch *schema.Batch, gone dropped) (done bool, err error) {
	next := &swap{recordRun: s, left: batch.Rows(), gone: gone}
	if next.left > 0 {
		if next.record, err = o.codec.encode(batch, s.since, packed); err != nil {
			return false, err
		}
	}
	return o.exchange(o.file.update, next)
}

// exchange makes a swap by one of the file's ways to change it. What fails is in doubt from then on.
func (o *Outbox) exchange(way func(func(*bbolt.Tx) error) error, s *swap) (done bool, err error) {
	o.doubt = s
	switch err = o.update(way, func(*bbolt.Tx) error { return nil }); {
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		o.doubt = nil
		return false, nil
	case err != nil: // then what is on disk is known there alone
		o.mu.Lock()
		defer o.mu.Unlock()
		o.window.keep(o.checkpoint.last)
	}
	return err == nil, err
}

// apply does it, and once more where it was done already.
func (s *swap) apply(tx *bbolt.Tx) error {
	for _, number := range s.numbers {
		if err := waiting(tx).Delete(keyOf(number)); err != nil {
			return fmt.Errorf("record %d: %w", number, err)
		}
	}
	if s.left == 0 {
		return nil
	}
	return waiting(tx).Put(keyOf(s.next()-1), s.record)
}

// swapped counts what a swap has changed. The turn is held.
func (o *Outbox) swapped(s *swap) {
	if o.eviction != nil {
		o.eviction.dropped.traffic += s.gone.traffic
		o.eviction.dropped.sessions += s.gone.sessions
	}
	o.metrics.downsampled.WithLabelValues(trafficSamples).Add(float64(s.gone.traffic))
	o.metrics.downsampled.WithLabelValues(sessionSamples).Add(float64(s.gone.sessions))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.window.keep(o.checkpoint.last)
	o.waiting.records += min(s.left, 1) - len(s.numbers)
	o.waiting.rows += s.left - s.rows
	o.waiting.bytes += len(s.record) - s.bytes
	o.show()
}
