package spool

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"kaisen/schema"
)

// checkpoint says on disk which delivery is under way, before it is made. After a crash it is made again from the same
// records, whatever has come since.
type checkpoint struct {
	last uint64 // its last record; 0 while none is under way
	done int    // rows that are in the store or became dead letters, in the order in which Batch.Parts has them
}

func (m checkpoint) encode() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, m.last), uint64(m.done))
}

func checkpointOf(value []byte) checkpoint {
	if len(value) != 16 {
		return checkpoint{}
	}
	return checkpoint{binary.BigEndian.Uint64(value), int(binary.BigEndian.Uint64(value[8:]))}
}

// delivery is the records that go to the store together.
type delivery struct {
	checkpoint
	numbers []uint64
	totals
	windowed int  // records of it that are in the window
	reaches  bool // nothing waits behind it
	batch    schema.Batch
}

// take marks what goes next, and reads it.
func (o *Outbox) take(ctx context.Context) (*delivery, error) {
	d := new(delivery)
	choose := func(tx *bbolt.Tx) error {
		*d = o.choose(tx)
		return tx.Bucket([]byte(bucketState)).Put([]byte(keyDelivery), d.checkpoint.encode())
	}
	var batches []*schema.Batch
	checkpointed := func() {
		o.checkpoint = d.checkpoint
		if d.reaches {
			o.window.behind = false
		}
		for i := range d.windowed {
			batches = append(batches, &o.window.entries[i].batch)
		}
	}
	err := o.change(ctx, choose, checkpointed)
	if err == nil && d.windowed == 0 {
		batches, err = o.read(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	d.batch = schema.Merge(batches)
	return d, nil
}

// choose picks the records of the next delivery: those of the one that was under way when an earlier process ended,
// else the first, until they have FlushRows. The turn is held.
func (o *Outbox) choose(tx *bbolt.Tx) delivery {
	d := delivery{checkpoint: o.checkpoint}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.window.entries) > 0 {
		for _, e := range o.window.entries {
			if d.rows >= o.cfg.FlushRows {
				break
			}
			d.add(e.number, e.rows, e.bytes)
			d.windowed++
		}
		return d
	}
	records := waiting(tx).Cursor()
	key, record := records.First()
	for ; key != nil && d.wants(numberOf(key), o.checkpoint.last, o.cfg.FlushRows); key, record = records.Next() {
		d.add(numberOf(key), headOf(record).rows, len(record))
	}
	d.reaches = key == nil
	return d
}

// wants reports whether a record still belongs to d: by the checkpoint where there is one.
func (d *delivery) wants(number, marked uint64, enough int) bool {
	if marked != 0 {
		return number <= marked
	}
	return d.rows < enough
}

func (d *delivery) add(number uint64, rows, bytes int) {
	d.last = max(d.last, number)
	d.numbers = append(d.numbers, number)
	d.rows += rows
	d.bytes += bytes
	d.records++
}

// read fetches the batches of d from disk. What cannot be read is kept aside, where it holds up nothing.
func (o *Outbox) read(ctx context.Context, d *delivery) ([]*schema.Batch, error) {
	records := make([][]byte, 0, len(d.numbers))
	err := o.file.view(func(tx *bbolt.Tx) error {
		for _, number := range d.numbers {
			records = append(records, append([]byte(nil), waiting(tx).Get(keyOf(number))...))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	batches := make([]*schema.Batch, 0, len(records))
	for i, record := range records {
		batch, err := o.codec.decode(record)
		if err != nil {
			if err := o.quarantine(ctx, d.numbers[i], record, err); err != nil {
				return nil, err
			}
			continue
		}
		batches = append(batches, &batch)
		records[i] = nil
	}
	return batches, nil
}

// quarantine moves a record out of the way.
func (o *Outbox) quarantine(ctx context.Context, number uint64, record []byte, why error) error {
	move := func(tx *bbolt.Tx) error {
		if err := tx.Bucket([]byte(bucketQuarantine)).Put(keyOf(number), record); err != nil {
			return err
		}
		return waiting(tx).Delete(keyOf(number))
	}
	return o.change(ctx, move, func() {
		o.metrics.unreadable.Inc()
		o.log.Error("a batch in the spool cannot be read; it is kept aside there, and tried again at the next start",
			"spool", o.file.path, "number", number, "bytes", len(record), "error", why)
	})
}

// finish deletes a delivery that the store has.
func (o *Outbox) finish(ctx context.Context, d *delivery) error {
	var oldest time.Time
	remove := func(tx *bbolt.Tx) error {
		records := waiting(tx)
		for _, number := range d.numbers {
			if err := records.Delete(keyOf(number)); err != nil {
				return err
			}
		}
		oldest = time.Time{}
		if key, record := records.Cursor().First(); key != nil {
			oldest = headOf(record).since
		}
		return tx.Bucket([]byte(bucketState)).Delete([]byte(keyDelivery))
	}
	err := o.change(ctx, remove, func() {
		o.checkpoint = checkpoint{}
		o.waiting.records -= d.records
		o.waiting.rows -= d.rows
		o.waiting.bytes -= d.bytes
		o.waiting.oldest = oldest
		o.window.drop(d.windowed)
		if o.waiting.records == 0 {
			o.window.behind = false
		}
		o.delivered = d.last
		o.wakeWaiting()
		o.endEviction()
	})
	if err != nil {
		return fmt.Errorf("delivered, but not removed: %w", err)
	}
	return nil
}

// entry is a record as it is known in memory.
type entry struct {
	number      uint64
	batch       schema.Batch
	rows, bytes int // bytes on disk
	since       time.Time
}

// window keeps the batches that come next in memory as well: reading a traffic answer back takes some eight times as
// long as its whole way out of here otherwise. While the store is away it fills up and then stays behind: what comes
// later is on disk alone.
type window struct {
	entries []entry
	bytes   int
	behind  bool // records follow that are not in it
}

// add appends the newest record, if nothing is missing between.
func (w *window) add(e entry, bound int) {
	if w.behind = w.behind || w.bytes+e.bytes > bound; !w.behind {
		w.entries = append(w.entries, e)
		w.bytes += e.bytes
	}
}

// drop takes the first n records out.
func (w *window) drop(n int) {
	for _, e := range w.entries[:n] {
		w.bytes -= e.bytes
	}
	clear(w.entries[:n]) // lets the rows go
	if w.entries = w.entries[n:]; len(w.entries) == 0 {
		w.entries = nil
	}
}

// keep takes all records out but those up to last.
func (w *window) keep(last uint64) {
	kept := window{behind: true}
	for _, e := range w.entries {
		if e.number > last {
			break
		}
		kept.entries = append(kept.entries, e)
		kept.bytes += e.bytes
	}
	*w = kept
}
