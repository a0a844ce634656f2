package spool

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kaisen/schema"
)

// bisect saves what can be saved of a delivery that the store refuses for its data: sends it table by table, halves
// those rows that are refused until the ones to blame stand alone, and keeps these in dead_letters. One bad row must
// neither hold up all others for ever nor vanish.
//
// How far it came is on disk after each piece, and the same rows always make the same pieces: after a crash it goes
// on with the piece that was under way. A table of which nothing is refused is sent as the delivery sent it, so that
// the store knows it where the delivery got that far.
func (o *Outbox) bisect(ctx context.Context, d *delivery) error {
	from := 0
	for _, part := range d.batch.Parts() {
		to := from + part.Rows.Len()
		if err := o.bisectRows(ctx, d, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// bisectRows sends rows [from, to) of d, which are of one table.
func (o *Outbox) bisectRows(ctx context.Context, d *delivery, from, to int) error {
	if to <= d.done {
		return nil
	}
	if from >= d.done { // else it was divided before a crash
		_, tail := d.batch.Cut(from)
		rows, _ := tail.Cut(to - from)
		err := o.insist(ctx, &rows)
		switch {
		case err == nil:
			return o.advance(ctx, d, to, nil)
		case !isBadData(err):
			return err
		case to-from == 1:
			return o.deadLetter(ctx, d, to, &rows, err)
		}
	}
	middle := from + (to-from)/2
	if err := o.bisectRows(ctx, d, from, middle); err != nil {
		return err
	}
	return o.bisectRows(ctx, d, middle, to)
}

// advance notes on disk how far a bisection has come, and with it what becomes of the row that it came by. A nil letter
// is none.
func (o *Outbox) advance(ctx context.Context, d *delivery, done int, letter *deadLetterRecord) error {
	return o.change(ctx, func() error {
		f := frame{state: state{o.state.delivered, checkpoint{d.last, done}}}
		if letter != nil {
			f.kind, f.number, f.record = letter.kind, o.next, letter.record
		}
		if err := o.note(f, o.file.press); err != nil {
			return err
		}
		d.checkpoint = f.under
		if letter != nil {
			letter.number = o.next
			o.next++
		}
		if f.kind == frameRows {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.added(letter.entry)
			o.show()
		}
		return nil
	})
}

// deadLetterRecord is the record of a refused row.
type deadLetterRecord struct {
	entry
	kind byte // of its frame
}

// deadLetter keeps a refused row as a dead letter, which goes to the store with a later delivery. A dead letter that is
// itself refused is kept aside in the spool: there is no further place for it.
func (o *Outbox) deadLetter(ctx context.Context, d *delivery, done int, rows *schema.Batch, cause error) error {
	var table string
	var row any
	for _, part := range rows.Parts() {
		if part.Rows.Len() > 0 {
			table, row = part.Table, part.Rows.At(0)
		}
	}
	key := schema.KeyOf(row) // as far as the row has one
	o.metrics.rejected.WithLabelValues(table).Inc()
	log := o.log.With("table", table, "line", key.String(), "error", cause)
	now := time.Now()
	l := &deadLetterRecord{entry: entry{rows: 1, since: now}, kind: frameAside}
	if table == "dead_letters" {
		log.Error("the store refuses a dead letter; it is kept aside in the spool, and tried again at the next start", "spool", o.file.path)
	} else {
		log.Error("the store refuses a row for what it says; it is kept in dead_letters")
		payload, err := json.Marshal(row)
		if err != nil {
			payload = fmt.Appendf(nil, "%+v", row)
		}
		l.kind = frameRows
		rows = &schema.Batch{DeadLetters: []schema.DeadLetter{{
			LineKey: key, Operation: "insert " + table, Reason: cause.Error(), Payload: payload, ObservedAt: now,
		}}}
	}
	l.record = o.codec.record(now, 1, rows)
	return o.advance(ctx, d, done, l)
}
