package spool

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"kaisen/schema"
)

// stretch is some records in a row that may become one.
type stretch struct {
	numbers []uint64
	whole   bool // with the next one it would be too large
	packed  int  // of the records
	rows    int
	bytes   int
	since   time.Time
	batches []*schema.Batch
}

// next is the number behind s.
func (s *stretch) next() uint64 { return s.numbers[len(s.numbers)-1] + 1 }

// pack makes one record of the next few that are not packed. It is false when they are too few to be worth it.
func (o *Outbox) pack(r *relief) (bool, error) {
	s, err := o.stretch(r.packed)
	if err != nil || !s.whole {
		return false, err
	}
	r.packed = s.next()
	batch := schema.Merge(s.batches)
	r.thinner.learn(&batch)
	if len(s.batches) == 0 || s.packed == len(s.numbers) && s.packed == 1 {
		return true, nil // nothing to gain; what cannot be read is seen to when it is delivered
	}
	_, err = o.replace(s, &batch)
	return true, err
}

// thin gives up every second sample of the next few records. It is false when the round has come to the end.
func (o *Outbox) thin(r *relief) (more bool, err error) {
	s, err := o.stretch(r.at)
	if err != nil || len(s.numbers) == 0 {
		return false, err
	}
	r.at = s.next()
	batch := schema.Merge(s.batches)
	gone := r.thinner.thin(&batch)
	if len(s.batches) == 0 || gone == (given{}) && s.packed == len(s.numbers) {
		return true, nil
	}
	done, err := o.replace(s, &batch)
	if err != nil || !done {
		return true, err
	}
	r.packed = max(r.packed, r.at)
	r.given.traffic += gone.traffic
	r.given.sessions += gone.sessions
	o.metrics.thinned.WithLabelValues(trafficSamples).Add(float64(gone.traffic))
	o.metrics.thinned.WithLabelValues(sessionSamples).Add(float64(gone.sessions))
	return true, nil
}

// stretch reads records from a number on, but none of the delivery under way, until they are enough rows for one. A
// record that cannot be read ends it, or is one of its own.
func (o *Outbox) stretch(from uint64) (s stretch, err error) {
	err = o.file.view(func(tx *bbolt.Tx) error {
		records := waiting(tx).Cursor()
		for key, record := records.Seek(keyOf(max(from, o.mark.last+1))); key != nil; key, record = records.Next() {
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

func (s *stretch) add(h head, bytes int, batch *schema.Batch) {
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

// replace writes the record that a stretch has become in the place of its last one. It is false where there is no room
// for it in one piece; others may fit.
func (o *Outbox) replace(s stretch, batch *schema.Batch) (done bool, err error) {
	var record []byte
	rows, records := batch.Rows(), 0
	if rows > 0 {
		if record, err = o.codec.encode(batch, s.since, packed); err != nil {
			return false, err
		}
		records = 1
	}
	err = o.update(func(tx *bbolt.Tx) error {
		for _, number := range s.numbers {
			if err := waiting(tx).Delete(keyOf(number)); err != nil {
				return fmt.Errorf("record %d: %w", number, err)
			}
		}
		if rows == 0 {
			return nil
		}
		return waiting(tx).Put(keyOf(s.next()-1), record)
	})
	if errors.Is(err, bbolterrors.ErrMaxSizeReached) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.window.keep(o.mark.last)
	o.waiting.records += records - len(s.numbers)
	o.waiting.rows += rows - s.rows
	o.waiting.bytes += len(record) - s.bytes
	o.show()
	return true, nil
}
