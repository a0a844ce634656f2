package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// load learns what an earlier process left. The turn and mu are held.
func (o *Outbox) load() error {
	o.waiting, o.eviction, o.trouble, o.unsaved, o.readAt = totals{}, nil, trouble{}, false, place{}
	err := o.file.load()
	if err == nil {
		err = o.file.importOlder()
	}
	if err != nil {
		return o.file.explain(err)
	}
	o.state = o.file.onDisk
	o.file.records(place{}, o.state.delivered, func(number uint64, record []byte) bool {
		h := headOf(record)
		if o.waiting.records == 0 {
			o.waiting.oldest = h.since
		}
		o.waiting.records++
		o.waiting.rows += h.rows
		o.waiting.bytes += len(record)
		delete(o.file.aside, number) // the delivery that was to leave it out is made again
		return true
	})
	last := max(o.file.highest, o.state.delivered, o.state.under.last)
	o.next, o.accepted = last+1, last
	if o.waiting.records > 0 {
		o.log.Info("rows of an earlier run wait in the spool", "spool", o.file.path, "rows", o.waiting.rows, "since", o.waiting.oldest)
	}
	return o.retryQuarantined()
}

// load reads the frames of all segments: the state, and what is kept aside. A segment that is damaged is used as far as it can
// be read, and a copy kept.
func (j *journal) load() error {
	for i := 0; i < len(j.segments); i++ {
		s := j.segments[i]
		frames := s.scan(0)
		for frames.next() {
			switch f := frames.frame; f.kind {
			case frameLater:
				return fmt.Errorf("%s: %w; start that version again, or move the file away", filepath.Base(s.path), errLater)
			case frameRewritten:
				for i > 0 && j.segments[i-1].seq >= f.number { // it had been replaced, but not removed yet
					i--
					_ = j.segments[i].file.Close()
					_ = os.Remove(j.segments[i].path)
					j.segments = append(j.segments[:i], j.segments[i+1:]...)
				}
			}
			j.note(s, frames.frame)
			j.onDisk = frames.frame.state
		}
		last := i == len(j.segments)-1
		if frames.damaged || frames.end < s.size && !(last && s.isTorn(frames.end, s.size)) {
			if err := j.repair(s); err != nil {
				return err
			}
		} else if frames.end < s.size {
			j.torn = errDamaged
			s.size = frames.end
		}
	}
	return nil
}

// repair makes a damaged segment anew from what can be read of it.
func (j *journal) repair(s *segment) error {
	j.keepDamaged(s)
	var whole []frame
	for frames := s.scan(0); frames.next(); {
		whole = append(whole, frames.frame)
	}
	return j.replace([]*segment{s}, whole)
}

// keepDamaged copies a damaged segment.
func (j *journal) keepDamaged(s *segment) {
	name := s.path + corruptMark + time.Now().Format(corruptTime)
	b := make([]byte, s.size)
	readAll(s.file, b, 0)
	_, err := j.disk.write(name, slices.Values([][]byte{b}))
	if err != nil { // a full disk: what can be read is as good without
		_ = os.Remove(name)
		j.log.Error("a part of the spool is damaged; what can be read of it is sent, and no copy of it could be kept", "file", s.path, "error", err)
		return
	}
	j.log.Error("a part of the spool is damaged; what can be read of it is sent, and a copy is kept", "copy", name)
}

// retryQuarantined lets records wait again that could not be used before and can be read now, by another version of kaisen
// or for another version of the database.
func (o *Outbox) retryQuarantined() error {
	var readable []frame
	for _, s := range o.file.segments {
		for frames := s.scan(0); len(o.file.aside) > 0 && frames.next(); {
			if f := frames.frame; f.kind == frameAside && o.file.aside[f.number] {
				if _, err := o.codec.decode(f.record); err == nil {
					readable = append(readable, f)
				}
			}
		}
	}
	for _, f := range readable {
		if !o.file.aside[f.number] {
			continue // there twice: it was being moved on
		}
		e := entry{number: o.next, record: f.record, rows: headOf(f.record).rows, since: headOf(f.record).since}
		if err := o.file.press(frame{kind: frameRows, number: e.number, ref: f.number, state: o.state, record: e.record}); err != nil {
			return err
		}
		o.next++
		o.added(e)
	}
	return nil
}
