package spool

import (
	"errors"
)

const (
	slack    = 64 << 10 // bytes of pages that a transaction writes anew beside its records
	overhead = 24       // bytes a record takes in its page
	enough   = 64       // a round that frees less than this part of the limit is the last for now
)

// eviction makes room in a full spool. What loses nothing comes first: records that came since the last time are
// packed, as soon as they are enough for a packed record. Only then every second sample of a line is given up, from
// the oldest on, in rounds; a round stops where there is room for what has to be written, and goes on from there when
// there is none again.
type eviction struct {
	packed      uint64 // every record before this one is packed
	round       int    // of downsampling; 0 before the first
	at          uint64 // the first record that the round has not come to
	freed       int    // bytes, by the round
	spent       bool   // nothing more can be given up until something is delivered
	refused     int    // bytes of the smallest record that found no room since something was delivered; 0: none
	downsampler downsampler
	dropped     dropped // by all rounds
}

// makeRoom is those of a group that can be written now, the first of them at least; there may have to be given up
// something for them. The turn is held.
func (o *Outbox) makeRoom(group []*write) ([]*write, error) {
	if o.cfg.MaxBytes <= 0 {
		return group, nil
	}
	if o.eviction.refuses(len(group[0].record)) {
		return nil, errFull
	}
	for {
		used, _ := o.file.sizes()
		need, fit := slack, 0
		for ; fit < len(group); fit++ {
			if need += len(group[fit].record) + overhead; used+need > o.cfg.limit() {
				break
			}
		}
		if fit == len(group) {
			return group, nil
		}
		if err := o.evict(); errors.Is(err, errFull) && fit > 0 {
			return group[:fit], nil
		} else if err != nil {
			return nil, err
		}
	}
}

// refuse remembers a record that found no room.
func (r *eviction) refuse(bytes int) {
	if r.refused == 0 || bytes < r.refused {
		r.refused = bytes
	}
}

// refuses reports whether a record would find no room either. Trying all the same would be a matter of luck: bbolt
// picks among the gaps of a full file as it likes, and those behind would be let in before those who wait.
func (r *eviction) refuses(bytes int) bool { return r != nil && r.refused > 0 && bytes >= r.refused }

// evict makes a little room, or fails with errFull. The turn is held.
func (o *Outbox) evict() error {
	if o.eviction == nil {
		o.log.Info("the spool has come to its bound; what waits in it is packed", "spool", o.file.path, "bound", o.cfg.MaxBytes)
		o.eviction = &eviction{downsampler: newDownsampler()}
	}
	if o.eviction.spent {
		return errFull
	}
	if err := o.settle(); err != nil {
		return err
	}
	if packed, err := o.pack(o.eviction); packed || err != nil {
		return err
	}
	if o.eviction.round == 0 {
		o.metrics.showFull(true)
		o.nextRound(o.eviction)
	}
	before, _ := o.file.sizes()
	more, err := o.downsample(o.eviction)
	if err != nil {
		return err
	}
	after, _ := o.file.sizes()
	o.eviction.freed += before - after
	switch {
	case more:
		return nil
	case o.eviction.freed < o.cfg.limit()/enough:
		o.eviction.spent = true
		o.log.Error("the spool is full and has no samples left to give up; sweeps wait for the store", "spool", o.file.path)
		return errFull
	}
	o.nextRound(o.eviction)
	return nil
}

// nextRound goes back to the oldest. The further it goes, the less news it is.
func (o *Outbox) nextRound(r *eviction) {
	r.round, r.at, r.freed = r.round+1, 0, 0
	r.downsampler.restart()
	if r.round&(r.round-1) == 0 {
		o.log.Warn("the spool is full; every second sample of a line that waits is given up, the oldest first",
			"spool", o.file.path, "round", r.round, trafficSamples, r.dropped.traffic, sessionSamples, r.dropped.sessions)
	}
}

// endEviction ends the eviction once there is room again. The turn and mu are held.
func (o *Outbox) endEviction() {
	if o.eviction == nil {
		return
	}
	o.eviction.spent, o.eviction.refused, o.refused = false, 0, nil
	if used, _ := o.file.sizes(); used < o.cfg.limit()/4*3 {
		o.log.Info("the spool has room again; samples that were given up",
			trafficSamples, o.eviction.dropped.traffic, sessionSamples, o.eviction.dropped.sessions)
		o.eviction = nil
		o.metrics.showFull(false)
	}
}
