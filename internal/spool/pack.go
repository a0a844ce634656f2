package spool

import "kaisen/schema"

// recordRun is some records in a row that become one.
type recordRun struct {
	last uint64
	totals
	batch schema.Batch
}

// rewriting is how segments become smaller: records are merged and packed, and samples may be given up.
type rewriting struct {
	*Outbox
	run        recordRun
	frames     []frame
	unpacked   bool // there is something to gain
	downsample bool
	before     totals
	after      totals
	gone       map[string]int // rows that were given up, by table
}

// rewrite makes one segment of some. Records of the delivery under way, and those that cannot be read, stay as they are. The
// turn is held, and all that was delivered is known on disk.
func (o *Outbox) rewrite(old []*segment, downsample bool) error {
	w := &rewriting{Outbox: o, downsample: downsample, unpacked: len(old) > 1, gone: map[string]int{}}
	for _, s := range old {
		for frames := s.scan(0); frames.next(); {
			w.frame(frames.frame)
		}
	}
	w.flush()
	if !w.unpacked && len(w.gone) == 0 {
		return nil
	}
	if err := o.file.replace(old, w.frames); err != nil {
		return err
	}
	o.readAt = place{}
	o.rewrites++
	for table, rows := range w.gone {
		o.eviction.dropped[table] += rows
		o.metrics.downsampled.WithLabelValues(table).Add(float64(rows))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting.records += w.after.records - w.before.records
	o.waiting.rows += w.after.rows - w.before.rows
	o.waiting.bytes += w.after.bytes - w.before.bytes
	o.show()
	return nil
}

// frame takes the next one.
func (w *rewriting) frame(f frame) {
	switch f.kind {
	case frameAside:
		if !w.file.aside[f.number] {
			return
		}
	case frameRows:
		if f.ref != 0 {
			w.put(frame{kind: frameRetried, number: f.ref})
			f.ref = 0
		}
		if f.number <= w.state.delivered || f.number > w.state.under.last && w.add(f) {
			return
		}
	case frameRetried:
	default:
		return
	}
	w.flush()
	w.put(f)
}

func (w *rewriting) put(f frame) { w.frames = append(w.frames, f) }

// add takes a record into the run, and reports whether it can be read.
func (w *rewriting) add(f frame) bool {
	h := headOf(f.record)
	if w.run.records > 0 && (w.run.rows+h.rows > w.cfg.together() || w.run.last <= w.earlier && f.number > w.earlier) {
		w.flush()
	}
	if w.codec.decodeBehind(&w.run.batch, f.record, w.cfg.together()-w.run.rows) != nil {
		return false
	}
	if w.run.records == 0 {
		w.run.oldest = h.since
	}
	w.run.last = f.number
	w.run.add(1, h.rows, len(f.record))
	w.unpacked = w.unpacked || w.run.records > 1 && w.run.rows < w.cfg.together()/2
	return true
}

// flush writes the record that the run becomes, with the number of its last one; none where no rows are left.
func (w *rewriting) flush() {
	run := w.run
	w.run = recordRun{}
	if run.records == 0 {
		return
	}
	w.before.add(run.records, run.rows, run.bytes)
	w.eviction.downsampler.pass(&run.batch, w.downsample, w.gone)
	if rows := run.batch.Rows(); rows > 0 {
		record := w.codec.record(run.oldest, rows, &run.batch)
		w.after.add(1, rows, len(record))
		w.put(frame{kind: frameRows, number: run.last, record: record})
	}
}

func (t *totals) add(records, rows, bytes int) {
	t.records += records
	t.rows += rows
	t.bytes += bytes
}
