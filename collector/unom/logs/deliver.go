package logs

import (
	"context"
	"maps"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/schema"
)

// deliver writes the rows of [start, end) that are news, and the watermark behind them in the same batch.
func (r *Reader) deliver(ctx context.Context, sweep *collector.Sweep, answer Answer, start, end time.Time) error {
	if err := r.lines.Discover(ctx, sweep, r.contract, answer.ObservedAt, lineNumbers(answer.Value)); err != nil {
		return err
	}
	written := r.seen
	if r.again.on && len(answer.Value) > 0 {
		var err error
		if written, err = r.stored(ctx, start, end); err != nil {
			return err
		}
	}
	var batch schema.Batch
	told := make(map[Row]int)
	for _, row := range answer.Value {
		if row.At < start.Unix() || row.At >= end.Unix() {
			continue
		}
		if !r.again.on {
			r.whole = time.Unix(row.At, 0)
		}
		ordinal := told[row]
		told[row]++
		if ordinal >= written[row] {
			r.lines.Saw(r.kind.Job, r.contract, row)
			key := schema.LineKey{Source: r.engine.Source, ContractID: r.contract, LineNo: row.LineNo}
			r.kind.add(&batch, key, row, uint16(min(ordinal, 65535)), answer.ObservedAt, r.engine.Zone)
		}
	}
	key := schema.LineKey{Source: r.engine.Source, ContractID: r.contract}
	batch.DeadLetters = collector.DeadLetters(key, r.kind.Job, answer)
	if carrier.LeftOut(answer.Warnings) > 0 {
		r.lost(end)
	}
	safe := earlier(end, answer.ObservedAt) // the carrier knows nothing of what comes after its answer
	if !safe.After(start) {
		safe = r.watermark
	}
	if safe.After(r.watermark) {
		batch.Watermarks = []schema.LogWatermark{{Source: r.engine.Source, ContractID: r.contract, Log: r.kind.table,
			Watermark: safe, ObservedAt: answer.ObservedAt}}
	}
	if batch.Rows() > 0 {
		if err := r.engine.Write(ctx, sweep, batch); err != nil {
			return err
		}
	}
	err := r.tellStops(ctx, sweep, told, written, answer.ObservedAt)
	if !r.again.on {
		r.remember(told, safe)
	}
	return err
}

// remember notes what is written up to end, and forgets what will not be read again.
func (r *Reader) remember(told map[Row]int, end time.Time) {
	for row, n := range told {
		r.seen[row] = max(n, r.seen[row])
	}
	if !end.After(r.watermark) {
		return
	}
	r.setWatermark(end)
	oldest := end.Add(-collector.LogOverlap - time.Hour).Unix()
	maps.DeleteFunc(r.seen, func(row Row, _ int) bool { return row.At < oldest })
}
