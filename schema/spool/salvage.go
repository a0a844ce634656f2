package spool

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kaisen/schema"
)

// salvage saves what can be saved of a batch that the store refuses for its data: halves it until the rows to blame
// stand alone, and keeps those in dead_letters. One bad row must neither hold up all others for ever nor vanish.
func (o *Outbox) salvage(ctx context.Context, batch *schema.Batch, cause error) error {
	rows := batch.Rows()
	if rows == 1 {
		return o.bury(ctx, batch, cause)
	}
	first, second := cut(batch, rows/2)
	if err := o.deliver(ctx, &first); err != nil {
		return err
	}
	return o.deliver(ctx, &second)
}

// bury keeps the one row of a batch as a dead letter. A dead letter that is itself refused is only logged: there is
// no further place for it.
func (o *Outbox) bury(ctx context.Context, batch *schema.Batch, cause error) error {
	r := only(batch)
	o.metrics.rejected.WithLabelValues(r.table).Inc()
	log := o.log.With("table", r.table, "line", r.key.String(), "error", cause)
	if r.table == "dead_letters" {
		log.Error("the store refuses a dead letter; it is lost")
		return nil
	}
	log.Error("the store refuses a row for what it says; it is kept in dead_letters")
	payload, err := json.Marshal(r.row)
	if err != nil {
		payload = fmt.Appendf(nil, "%+v", r.row)
	}
	return o.deliver(ctx, &schema.Batch{DeadLetters: []schema.DeadLetter{{
		LineKey: r.key, Operation: "insert " + r.table, Reason: cause.Error(), Payload: payload, ObservedAt: time.Now(),
	}}})
}

// cut divides the rows of a batch after the first n, in the order in which a store writes them: watermarks last.
func cut(b *schema.Batch, n int) (first, second schema.Batch) {
	first.Lines, second.Lines, n = take(b.Lines, n)
	first.LineChanges, second.LineChanges, n = take(b.LineChanges, n)
	first.Members, second.Members, n = take(b.Members, n)
	first.Traffic, second.Traffic, n = take(b.Traffic, n)
	first.Daily, second.Daily, n = take(b.Daily, n)
	first.Monthly, second.Monthly, n = take(b.Monthly, n)
	first.Sessions, second.Sessions, n = take(b.Sessions, n)
	first.Authentications, second.Authentications, n = take(b.Authentications, n)
	first.SessionEvents, second.SessionEvents, n = take(b.SessionEvents, n)
	first.Sweeps, second.Sweeps, n = take(b.Sweeps, n)
	first.DeadLetters, second.DeadLetters, n = take(b.DeadLetters, n)
	first.Watermarks, second.Watermarks, _ = take(b.Watermarks, n)
	return first, second
}

func take[R any](rows []R, n int) (first, second []R, left int) {
	k := min(n, len(rows))
	return rows[:k], rows[k:], n - k
}

// lone is the only row of a batch.
type lone struct {
	table string
	key   schema.LineKey // as far as the row has one
	row   any
}

// only finds the row of a batch of one.
func only(b *schema.Batch) lone {
	switch {
	case len(b.Lines) > 0:
		return lone{"lines", b.Lines[0].LineKey, b.Lines[0]}
	case len(b.LineChanges) > 0:
		return lone{"line_changes", b.LineChanges[0].LineKey, b.LineChanges[0]}
	case len(b.Members) > 0:
		return lone{"data_share_members", b.Members[0].LineKey, b.Members[0]}
	case len(b.Traffic) > 0:
		return lone{"traffic_samples", b.Traffic[0].LineKey, b.Traffic[0]}
	case len(b.Daily) > 0:
		return lone{"traffic_daily", b.Daily[0].LineKey, b.Daily[0]}
	case len(b.Monthly) > 0:
		return lone{"traffic_monthly", b.Monthly[0].LineKey, b.Monthly[0]}
	case len(b.Sessions) > 0:
		return lone{"session_samples", b.Sessions[0].LineKey, b.Sessions[0]}
	case len(b.Authentications) > 0:
		return lone{"authentications", b.Authentications[0].LineKey, b.Authentications[0]}
	case len(b.SessionEvents) > 0:
		return lone{"session_events", b.SessionEvents[0].LineKey, b.SessionEvents[0]}
	case len(b.Sweeps) > 0:
		return lone{"sweeps", schema.LineKey{Source: b.Sweeps[0].Source}, b.Sweeps[0]}
	case len(b.DeadLetters) > 0:
		return lone{"dead_letters", b.DeadLetters[0].LineKey, b.DeadLetters[0]}
	}
	w := b.Watermarks[0]
	return lone{"log_watermarks", schema.LineKey{Source: w.Source, ContractID: w.ContractID}, w}
}
