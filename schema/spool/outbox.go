package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"kaisen/schema"
)

// Store takes batches. Insert either takes all rows or fails; after a failure it is given the same batch again, row
// for row in the same order, so that it can tell the repetition. An error that has a method BadData() bool and
// answers true says that the rows themselves are refused and that no repetition will help.
type Store interface {
	Insert(ctx context.Context, b *schema.Batch) error
}

// ErrClosed says that Run has ended: the outbox takes nothing more.
var ErrClosed = errors.New("the outbox is closed")

// Outbox holds rows until the store has them. It is safe for concurrent use.
type Outbox struct {
	cfg     Config
	store   Store
	metrics *Metrics
	log     *slog.Logger
	room    *semaphore.Weighted // counts rows; first come, first served
	wake    chan struct{}       // something changed that Run may wait for
	open    context.Context     // ends when Run has ended
	close   context.CancelFunc

	mu        sync.Mutex
	closed    bool
	queue     []entry // accepted and not yet in the store, oldest first
	rows      int     // in queue
	bytes     int
	accepted  uint64        // batches, since the start
	delivered uint64        // batches
	flushing  int           // callers of Flush that wait
	progress  chan struct{} // closed at the next delivery, then replaced

	outage time.Time // when deliveries began to fail; only Run uses it
}

// entry is one accepted batch.
type entry struct {
	batch       schema.Batch
	rows, bytes int
	since       time.Time
}

// New makes an outbox that accepts rows at once and delivers them when Run runs.
func New(cfg Config, store Store, m *Metrics, log *slog.Logger) *Outbox {
	o := &Outbox{
		cfg: cfg, store: store, metrics: m, log: log,
		room: semaphore.NewWeighted(int64(cfg.MaxRows)), wake: make(chan struct{}, 1), progress: make(chan struct{}),
	}
	o.open, o.close = context.WithCancel(context.Background())
	return o
}

// Write accepts a batch, whole. While there is no room for it, it waits, until ctx ends: then, and after Run has
// ended, it returns an error and has accepted nothing. The caller does not change the rows afterwards.
func (o *Outbox) Write(ctx context.Context, b schema.Batch) error {
	rows := b.Rows()
	if rows == 0 {
		return nil
	}
	if err := o.acquire(ctx, rows); err != nil {
		return fmt.Errorf("outbox with %d rows: %w", o.cfg.MaxRows, err)
	}
	e := entry{batch: b, rows: rows, bytes: sizeOf(&b), since: time.Now()}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.room.Release(o.weight(rows))
		return ErrClosed
	}
	o.queue = append(o.queue, e)
	o.rows += e.rows
	o.bytes += e.bytes
	o.accepted++
	o.show()
	o.nudge()
	return nil
}

// acquire waits for room.
func (o *Outbox) acquire(ctx context.Context, rows int) error {
	weight := o.weight(rows)
	if o.room.TryAcquire(weight) {
		return nil
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(o.open, func() { cancel(ErrClosed) })()
	if o.room.Acquire(waiting, weight) != nil {
		return context.Cause(waiting)
	}
	return nil
}

// weight is the room that a batch takes: one that is larger than the whole outbox goes in when it is empty.
func (o *Outbox) weight(rows int) int64 { return int64(min(rows, o.cfg.MaxRows)) }

// Flush waits until all that was accepted before the call is in the store. It fails when ctx ends, or when Run has
// ended and rows are left.
func (o *Outbox) Flush(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	until := o.accepted
	o.flushing++
	defer func() { o.flushing-- }()
	o.nudge()
	for o.delivered < until {
		if o.closed {
			return ErrClosed
		}
		progress := o.progress
		o.mu.Unlock()
		var err error
		select {
		case <-progress:
		case <-ctx.Done():
			err = ctx.Err()
		}
		o.mu.Lock()
		if err != nil {
			return fmt.Errorf("flush of the outbox: %w", err)
		}
	}
	return nil
}

// nudge makes Run look again.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// show brings the gauges up to date; mu is held.
func (o *Outbox) show() {
	var oldest time.Time
	if len(o.queue) > 0 {
		oldest = o.queue[0].since
	}
	o.metrics.show(o.bytes, oldest)
}
