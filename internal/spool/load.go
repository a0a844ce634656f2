package spool

import (
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// waiting is the bucket of the records that wait. They only ever come at its end, so that its pages may be full.
func waiting(tx *bbolt.Tx) *bbolt.Bucket {
	b := tx.Bucket([]byte(bucketWaiting))
	b.FillPercent = 1
	return b
}

func keyOf(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

func numberOf(key []byte) uint64 {
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// load learns what an earlier process left. The turn and mu are held.
func (o *Outbox) load() error {
	o.waiting, o.window, o.orphaned, o.doubt, o.eviction, o.trouble, o.damage = totals{}, window{}, nil, nil, nil, trouble{}, nil
	last := uint64(0)
	err := o.file.view(func(tx *bbolt.Tx) error {
		o.checkpoint = checkpointOf(tx.Bucket([]byte(bucketState)).Get([]byte(keyDelivery)))
		if key, _ := tx.Bucket([]byte(bucketQuarantine)).Cursor().Last(); key != nil {
			last = numberOf(key)
		}
		return waiting(tx).ForEach(func(key, record []byte) error {
			h := headOf(record)
			if o.waiting.records == 0 {
				o.waiting.oldest = h.since
			}
			o.waiting.records++
			o.waiting.rows += h.rows
			o.waiting.bytes += len(record)
			last = max(last, numberOf(key))
			return nil
		})
	})
	if err != nil {
		return err
	}
	last = max(last, o.checkpoint.last)
	o.next, o.accepted, o.delivered = last+1, last, 0
	o.window.behind = o.waiting.records > 0
	if o.waiting.records > 0 {
		o.log.Info("rows of an earlier run wait in the spool", "spool", o.file.path, "rows", o.waiting.rows, "since", o.waiting.oldest)
	}
	return o.retryQuarantined()
}

// retryQuarantined lets records wait again that could not be used before and can be read now, by another version of kaisen
// or for another version of the database.
func (o *Outbox) retryQuarantined() error {
	type found struct{ key, record []byte }
	var readable []found
	err := o.file.view(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucketQuarantine)).ForEach(func(key, record []byte) error {
			if _, err := o.codec.decode(record); err == nil {
				readable = append(readable, found{append([]byte(nil), key...), append([]byte(nil), record...)})
			}
			return nil
		})
	})
	if err != nil || len(readable) == 0 {
		return err
	}
	first := o.next
	err = o.file.grow(func(tx *bbolt.Tx) error { // a full one has to open, too
		for _, r := range readable {
			if err := tx.Bucket([]byte(bucketQuarantine)).Delete(r.key); err != nil {
				return err
			}
			if err := waiting(tx).Put(keyOf(o.number()), r.record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.window.behind = true // they are not in memory
	for i, r := range readable {
		h := headOf(r.record)
		o.added(entry{number: first + uint64(i), rows: h.rows, bytes: len(r.record), since: h.since})
	}
	return nil
}
