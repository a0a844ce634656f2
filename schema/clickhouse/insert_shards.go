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

// ShardsAway says that some shards did not take their rows of a batch while others go on: Waiting is those rows, and
// Watermarks what has to come after them. Everything else of the batch is stored. Its error is that of the first shard.
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

// Error names the first shard.
func (e *ShardsAway) Error() string { return e.Waiting[0].Err.Error() }

// Unwrap is the cause.
func (e *ShardsAway) Unwrap() error { return e.Waiting[0].Err }

// insertShards writes each shard's rows to it, all at once, and the watermarks when every shard has taken its own. Rows
// are dealt out as ClickHouse would do it; it is done here because an insert through a Distributed table ends for all
// shards when one does not answer, and because one that did would not say which rows are safe.
func (db *DB) insertShards(ctx context.Context, b *schema.Batch) error {
	rest, watermarks := *b, schema.Batch{Watermarks: b.Watermarks}
	rest.Watermarks = nil
	away, err := db.insertDealt(ctx, &rest)
	if err != nil {
		return err
	}
	if len(away) == 0 {
		if away, err = db.insertDealt(ctx, &watermarks); err != nil {
			return err
		}
		watermarks = schema.Batch{} // the rows that they speak for are stored
	}
	switch {
	case len(away) == 0:
		return nil
	case ctx.Err() != nil || !db.othersAnswer(ctx, away):
		return away[0].Err // the store is away, and no single shard
	}
	return &ShardsAway{Waiting: away, Watermarks: watermarks}
}

// insertDealt writes rows to their shards and returns those of the shards that did not take them. It fails where the
// rows themselves are refused.
func (db *DB) insertDealt(ctx context.Context, b *schema.Batch) (away []Waiting, err error) {
	dealt, err := b.Deal(len(db.shards), db.shardsOf)
	if err != nil {
		return nil, err
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
		var insert *InsertError
		switch {
		case failure == nil:
		case errors.As(failure, &insert) && insert.BadData():
			return nil, failure
		default:
			away = append(away, Waiting{db.shards[i].number, dealt[i], db.shards[i].blame(failure)})
		}
	}
	return away, nil
}

// shardsOf deals out the rows of one table: each shard has as many of the hashes as it has weight.
func (db *DB) shardsOf(part schema.Part) ([]int, error) {
	hashes, err := db.tables[part.Table].hashes(part.Rows, db.shardKeys[part.Table])
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
