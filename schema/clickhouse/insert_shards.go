package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/schema"
)

// ShardsAway means that some shards did not take their rows of a batch, for whatever reason, while others go on: Waiting
// is those rows, and Watermarks what has to come after them. Everything else of the batch is stored. Its error is that of
// the first shard.
type ShardsAway struct {
	Waiting    []Waiting
	Watermarks schema.Batch
}

// Waiting is the rows of one shard.
type Waiting struct {
	Shard int // counted from 1
	Batch schema.Batch
	Err   error
}

// refused reports whether it is the rows that are to blame.
func (w Waiting) refused() bool {
	var insert *InsertError
	return errors.As(w.Err, &insert) && insert.BadData()
}

// Error names the first shard.
func (e *ShardsAway) Error() string { return e.Waiting[0].Err.Error() }

// Unwrap is the cause.
func (e *ShardsAway) Unwrap() error { return e.Waiting[0].Err }

// insertShards writes each shard's rows to it, all at once, and the watermarks when every shard has taken its own. Rows
// are dealt out as ClickHouse would do it; it is done here because an insert through a Distributed table ends for all
// shards when one does not answer, and because its error does not name the rows that are stored.
//
// A shard that refuses its rows as bad data counts as away too, as long as the batch has rows of other shards: whoever
// bisects for the bad row must not send the rows of the others again in inserts with other tokens.
func (db *DB) insertShards(ctx context.Context, b *schema.Batch) error {
	rest, watermarks := *b, schema.Batch{Watermarks: b.Watermarks}
	rest.Watermarks = nil
	away, took, err := db.insertDealt(ctx, &rest)
	if err == nil && len(away) == 0 {
		away, took, err = db.insertDealt(ctx, &watermarks)
		watermarks = schema.Batch{} // the rows that they speak for are stored
	}
	switch {
	case err != nil:
		return err
	case len(away) == 0:
		return nil
	case len(away) == 1 && !took && away[0].refused():
		return away[0].Err // no other shard is in it
	case ctx.Err() != nil || !took && !db.othersAnswer(ctx, away):
		return away[0].Err // the store is away, and no single shard
	}
	return &ShardsAway{Waiting: away, Watermarks: watermarks}
}

// insertDealt writes rows to their shards. It returns those of the shards that did not take them, and whether any did.
func (db *DB) insertDealt(ctx context.Context, b *schema.Batch) (away []Waiting, took bool, err error) {
	dealt, err := b.Deal(len(db.shards), db.shardsOf)
	if err != nil {
		return nil, false, err
	}
	failures := make([]error, len(dealt))
	var writing conc.WaitGroup
	for i := range dealt {
		if dealt[i].Rows() > 0 {
			writing.Go(func() { failures[i] = db.shards[i].insert(ctx, &dealt[i]) })
		}
	}
	writing.Wait()
	for i, failure := range failures {
		if failure != nil {
			away = append(away, Waiting{db.shards[i].number, dealt[i], db.shards[i].blame(failure)})
		}
		took = took || failure == nil && dealt[i].Rows() > 0
	}
	return away, took, nil
}

// shardsOf deals out the rows of one table: each shard has as many of the hashes as it has weight.
func (db *DB) shardsOf(part schema.Part) ([]int, error) {
	t, err := db.table(part.Table)
	if err != nil {
		return nil, err
	}
	hashes, err := t.hashes(part.Rows, db.shardKeys[part.Table])
	if err != nil {
		return nil, &InsertError{Table: part.Table, Rows: part.Rows.Len(), Err: err, bad: true}
	}
	var slots []int
	for i, s := range db.shards {
		slots = append(slots, slices.Repeat([]int{i}, int(s.weight))...)
	}
	if len(slots) == 0 {
		return nil, fmt.Errorf("no shard of %s has a weight", db.layout.Cluster)
	}
	shards := make([]int, len(hashes))
	for row, hash := range hashes {
		shards[row] = slots[hash%uint64(len(slots))]
	}
	return shards, nil
}

// othersAnswer reports whether any shard but these answers.
func (db *DB) othersAnswer(ctx context.Context, away []Waiting) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, s := range db.shards {
		isAway := func(w Waiting) bool { return w.Shard == s.number }
		if !slices.ContainsFunc(away, isAway) && s.Ping(ctx) == nil {
			return true
		}
	}
	return false
}
