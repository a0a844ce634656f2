package spool

import "errors"

const (
	slack  = 4 << 10 // bytes that a group needs beside its records
	enough = 64      // a round that frees less than this part of the limit is the last for now
)

// eviction makes room in a full spool. What loses nothing comes first: records that came since the last time are
// packed, as soon as they are enough for a packed record. Only then every second sample of a line is given up, from
// the oldest on, in rounds; a round stops where there is room for what has to be written, and goes on from there when
// there is none again.
type eviction struct {
	packed      uint64 // segments up to this one are packed
	round       int    // of downsampling; 0 before the first
	at          uint64 // the last segment that the round has come to
	freed       int    // bytes, by the round
	spent       bool   // nothing more can be given up until something is delivered
	delivered   uint64 // when it was looked at last, the last record that was delivered
	downsampler downsampler
	dropped     map[string]int // rows by table, by all rounds
}

// makeRoom is those of a group that can be written now, the first of them at least; there may have to be given up
// something for them. The turn is held.
func (o *Outbox) makeRoom(group []*write) ([]*write, error) {
	if o.cfg.MaxBytes <= 0 {
		return group, nil
	}
	for {
		fit := o.fitting(group)
		if fit == len(group) {
			return group, nil
		}
		if o.state != o.file.onDisk { // what is delivered makes room, and is not written again
			if err := o.save(); err != nil {
				return nil, err
			}
			continue
		}
		if err := o.evict(); errors.Is(err, errFull) && fit > 0 {
			return group[:fit], nil
		} else if err != nil {
			return nil, err
		}
	}
}

// fitting is how many of a group there is room for, as if none of them could be packed.
func (o *Outbox) fitting(group []*write) (n int) {
	used := o.file.bytes() + slack
	for ; n < len(group); n++ {
		if used += group[n].bytes; used > o.cfg.limit() && o.cfg.MaxBytes > 0 {
			break
		}
	}
	return n
}

// evict makes a little room, or fails with errFull. The turn is held.
func (o *Outbox) evict() error {
	if o.eviction == nil {
		o.log.Info("the spool has come to its bound; what waits in it is packed", "spool", o.file.path, "bound", o.cfg.MaxBytes)
		o.eviction = &eviction{downsampler: newDownsampler(), dropped: map[string]int{}, delivered: o.file.onDisk.delivered}
	}
	r := o.eviction
	if r.spent {
		return errFull
	}
	run, err := o.file.run(r.packed, o.state.under.last)
	if err != nil {
		return err
	}
	if len(run) > 0 {
		if err := o.rewrite(run, false); err != nil {
			return err
		}
		r.packed = run[len(run)-1].seq
		return nil
	}
	if r.round == 0 {
		o.metrics.change(func(own *share) { own.full = true })
		o.nextRound(r)
	}
	before := o.file.bytes()
	if run, err = o.file.run(r.at, o.state.under.last); err != nil {
		return err
	}
	if len(run) > 0 {
		if err := o.rewrite(run, true); err != nil {
			return err
		}
		r.at = run[len(run)-1].seq
		r.packed = max(r.packed, r.at)
		r.freed += before - o.file.bytes()
		return nil
	}
	if r.freed < o.cfg.limit()/enough {
		r.spent = true
		o.log.Error("the spool is full and has no samples left to give up; sweeps wait for the store", "spool", o.file.path)
		return errFull
	}
	o.nextRound(r)
	return nil
}

// run is the next segments behind one that may be rewritten together: they have records behind a number, and are as much as
// one. The last segment is among them only if it is full, or half so: it ends then.
func (j *journal) run(behind, number uint64) (run []*segment, err error) {
	bytes := int64(0)
	for i, s := range j.segments {
		if s.seq <= behind || s.last <= number && len(run) == 0 {
			continue
		}
		if bytes += s.size; len(run) > 0 && bytes > j.each {
			break
		}
		if i == len(j.segments)-1 && s.seq == j.next-1 {
			if s.size < j.each/2 {
				break
			}
			if err := j.seal(); err != nil {
				return nil, err
			}
		}
		run = append(run, s)
	}
	return run, nil
}

// nextRound goes back to the oldest. The further it goes, the less news it is.
func (o *Outbox) nextRound(r *eviction) {
	r.round, r.at, r.freed = r.round+1, 0, 0
	r.downsampler.restart()
	if r.round&(r.round-1) == 0 {
		o.log.Warn("the spool is full; every second sample of a line that waits is given up, the oldest first",
			"spool", o.file.path, "round", r.round, trafficSamples, r.dropped[trafficSamples], sessionSamples, r.dropped[sessionSamples])
	}
}

// endEviction ends the eviction once there is room again. The turn is held.
func (o *Outbox) endEviction() {
	if o.eviction == nil || o.state.delivered == o.eviction.delivered {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wakeWaiting()
	o.eviction.delivered = o.state.delivered
	o.eviction.spent, o.refused = false, nil
	if o.file.bytes() < o.cfg.limit()/4*3 {
		o.log.Info("the spool has room again; samples that were given up",
			trafficSamples, o.eviction.dropped[trafficSamples], sessionSamples, o.eviction.dropped[sessionSamples])
		o.eviction = nil
		o.metrics.change(func(own *share) { own.full = false })
	}
}
