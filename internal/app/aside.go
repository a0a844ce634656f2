package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"kaisen/internal/spool"
	"kaisen/schema"
	"kaisen/schema/clickhouse"
)

// outbox is the spool through which all rows go, and beside it, where the store is shards alone, one for each shard that
// did not take its rows: they wait there, on disk, and the others go on receiving theirs.
//
// Two promises of the spool need care here. Watermarks come after the rows that they speak for: while a shard's rows wait,
// watermarks wait in a spool of their own. And a delivery that a crash interrupts is made again with the same rows: what
// was put aside may then be put aside twice, and so each record leaves by itself, so that the store recognises the repetition.
//
// The road not taken is one spool with a position for each shard. It would write no row twice, but the shards can only be
// counted once the store is open, and may be others tomorrow.
type outbox struct {
	*spool.Outbox
	cfg     spool.Config
	store   spool.Store
	metrics *spool.Metrics
	log     *slog.Logger

	mu      sync.Mutex
	aside   map[string]*spool.Outbox // by name: shard-2, or watermarks
	life    context.Context          // of those aside; nil while Run does not run
	fail    context.CancelCauseFunc  // ends Run
	running conc.WaitGroup
}

// watermarks is the name of the spool that they wait in.
const watermarks = "watermarks"

// asideDrain is how long a spool aside goes on delivering at the end. A shard that is away then stays so.
const asideDrain = time.Second

func newOutbox(cfg spool.Config, store spool.Store, m *spool.Metrics, log *slog.Logger) *outbox {
	o := &outbox{cfg: cfg, store: store, metrics: m, log: log, aside: map[string]*spool.Outbox{}}
	o.Outbox = spool.New(cfg, spoolStore(o.insert), m, log)
	return o
}

// spoolStore is a store that is one function.
type spoolStore func(ctx context.Context, b *schema.Batch) error

func (f spoolStore) Insert(ctx context.Context, b *schema.Batch) error { return f(ctx, b) }

// Open opens the spool, and those aside in which an earlier process left rows.
func (o *outbox) Open() error {
	if err := o.Outbox.Open(); err != nil {
		return err
	}
	names, err := spool.Names(o.cfg.Dir)
	if err != nil {
		return errors.Join(err, o.Outbox.Close())
	}
	for _, name := range names {
		name, ofOurs := strings.CutPrefix(name, o.cfg.Name+"-")
		if !ofOurs {
			continue
		}
		if _, err := o.besides(name); err != nil {
			return errors.Join(err, o.Close())
		}
	}
	return nil
}

// besides is the spool of this name, opened and running.
func (o *outbox) besides(name string) (*spool.Outbox, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, ok := o.aside[name]; ok {
		return known, nil
	}
	cfg, store := o.cfg, o.store
	cfg.Name, cfg.FlushRows, cfg.DrainTimeout = o.cfg.Name+"-"+name, 1, asideDrain
	if name == watermarks {
		store = spoolStore(o.insertWatermarks)
	}
	made := spool.New(cfg, store, o.metrics.Beside(), o.log.With("aside", name))
	if err := made.Open(); err != nil {
		return nil, fmt.Errorf("spool of %s: %w", name, err)
	}
	o.aside[name] = made
	if o.life != nil {
		o.start(made)
	}
	return made, nil
}

// start runs a spool aside. One that ends by itself is damaged. mu is held.
func (o *outbox) start(one *spool.Outbox) {
	life, fail := o.life, o.fail
	o.running.Go(func() {
		switch err := one.Run(life); {
		case err == nil:
		case life.Err() == nil:
			fail(err)
		default:
			o.log.Warn("a shard did not take all its rows before the end", "error", err)
		}
	})
}

// insert is the store of the spool that all rows go through: what single shards do not take is put aside.
func (o *outbox) insert(ctx context.Context, b *schema.Batch) error {
	rows, late := *b, schema.Batch{}
	if o.rowsAside() {
		rows.Watermarks, late.Watermarks = nil, b.Watermarks
	}
	var away *clickhouse.ShardsAway
	switch err := o.store.Insert(ctx, &rows); {
	case err == nil:
	case errors.As(err, &away):
		for _, w := range away.Waiting {
			if err := o.putAside(ctx, fmt.Sprintf("shard-%d", w.Shard), w.Batch); err != nil {
				return err
			}
		}
		late.Append(away.Watermarks)
	default:
		return err
	}
	if late.Rows() == 0 {
		return nil
	}
	return o.putAside(ctx, watermarks, late)
}

// keptAside is the number of batches that cannot be read and are kept aside in the spools.
func (o *outbox) keptAside() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	batches := o.KeptAside()
	for _, one := range o.aside {
		batches += one.KeptAside()
	}
	return batches
}

func (o *outbox) putAside(ctx context.Context, name string, b schema.Batch) error {
	one, err := o.besides(name)
	if err != nil {
		return err
	}
	return one.Write(ctx, b)
}

// insertWatermarks stores watermarks once no rows are aside for which they could speak.
func (o *outbox) insertWatermarks(ctx context.Context, b *schema.Batch) error {
	for _, one := range o.ofShards() {
		if err := one.Flush(ctx); err != nil {
			return fmt.Errorf("watermarks wait for the rows of a shard: %w", err)
		}
	}
	return o.store.Insert(ctx, b)
}

// ofShards are the spools of rows.
func (o *outbox) ofShards() (all []*spool.Outbox) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, one := range o.aside {
		if name != watermarks {
			all = append(all, one)
		}
	}
	return all
}

func (o *outbox) rowsAside() bool {
	for _, one := range o.ofShards() {
		if one.Waits() {
			return true
		}
	}
	return false
}

// Run delivers until ctx ends, as the spool's own Run does, and those aside as long.
func (o *outbox) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	o.mu.Lock()
	o.life, o.fail = life, fail
	for _, one := range o.aside {
		o.start(one)
	}
	o.mu.Unlock()
	err := o.Outbox.Run(ctx)
	end()
	o.running.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return err
}

// Flush waits until all that was accepted before the call is in the store.
func (o *outbox) Flush(ctx context.Context) error {
	if err := o.Outbox.Flush(ctx); err != nil {
		return err
	}
	o.mu.Lock()
	late := o.aside[watermarks]
	o.mu.Unlock()
	for _, one := range o.ofShards() {
		if err := one.Flush(ctx); err != nil {
			return err
		}
	}
	if late == nil {
		return nil
	}
	return late.Flush(ctx)
}

// Close lets the files go, once Run has ended.
func (o *outbox) Close() error {
	err := o.Outbox.Close()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.aside {
		err = errors.Join(err, one.Close())
	}
	clear(o.aside)
	return err
}
