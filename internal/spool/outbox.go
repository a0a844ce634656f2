package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"kaisen/schema"
)

// Store takes batches. Insert either takes all rows or fails; after a failure it is given the same batch again, row
// for row in the same order, so that it can tell the repetition. An error that has a method BadData() bool and
// answers true says that the rows themselves are refused and that no repetition will help.
type Store interface {
	Insert(ctx context.Context, b *schema.Batch) error
}

// ErrClosed says that Run has ended, or that Open has not been called: the outbox takes nothing.
var ErrClosed = errors.New("the outbox is closed")

// ErrTooLarge says that a batch is larger than the whole spool.
var ErrTooLarge = errors.New("the batch is larger than the spool may be")

// Outbox holds rows on disk until the store has them. It is safe for concurrent use.
type Outbox struct {
	cfg     Config
	store   Store
	metrics *Metrics
	log     *slog.Logger
	codec   *codec
	disk    disk
	turn    chan struct{} // who has put into it may change the file, and the fields below as far as mu is not named
	wake    chan struct{} // something changed that Run may wait for

	file    *file
	next    uint64   // number of the next record
	void    []uint64 // records to delete: what a failing disk may have made of changes
	mark    mark     // the delivery under way
	relief  *relief  // while the spool is full
	trouble trouble  // with the disk
	lately  int      // writes in the last group

	mu        sync.Mutex
	closed    bool
	pending   []*write      // not yet on disk, oldest first
	damage    error         // why the file is of no use any more
	giveUp    func()        // ends Run, which may be waiting for the store, because of damage
	waiting   totals        // on disk and not yet in the store
	window    window        // the first of them, in memory
	accepted  uint64        // the last record that is on disk
	delivered uint64        // the last record that is in the store
	flushing  int           // callers of Flush that wait
	progress  chan struct{} // closed when a delivery is done, then replaced

	outage time.Time // when deliveries began to fail; only Run uses it
	astray bool      // the file was removed and cannot be made again; only Run uses it
}

// totals count records.
type totals struct {
	records, rows, bytes int
	oldest               time.Time // when the first was accepted
}

// New makes an outbox. It touches nothing before Open.
func New(cfg Config, store Store, m *Metrics, log *slog.Logger) *Outbox {
	return &Outbox{
		cfg: cfg, store: store, metrics: m, log: log, codec: newCodec(cfg.Tables...), disk: disk{open: os.OpenFile},
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), progress: make(chan struct{}),
		closed: true, giveUp: func() {},
	}
}

// Open opens the file, with all that an earlier process left in it. From then on rows are accepted; Run delivers
// them. It fails where the folder cannot be written, where another process has the file, and where a later kaisen
// made it.
func (o *Outbox) Open() error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	file, err := openFile(o.cfg.path(), o.cfg.MaxBytes, o.disk, o.log)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.file = file
	if err := o.load(); err != nil {
		o.file = nil
		return errors.Join(err, file.close())
	}
	o.closed = false
	o.show()
	return nil
}

// Close lets the file go, once Run has ended. What is in it stays for the next Open.
func (o *Outbox) Close() error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.shut()
	if o.file == nil {
		return nil
	}
	defer func() { o.file = nil }()
	return o.file.close()
}

// Write accepts a batch, whole: when it returns nil, the batch is on disk. While the spool is full, or its disk takes
// nothing, it waits until ctx ends: then, and after Run has ended, it returns an error and has accepted nothing. The
// caller does not change the rows afterwards.
func (o *Outbox) Write(ctx context.Context, b schema.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	w, err := o.prepare(b)
	if err != nil {
		return err
	}
	if !o.enqueue(w) {
		return ErrClosed
	}
	return o.accept(ctx, w)
}

// prepare makes the record of a batch.
func (o *Outbox) prepare(b schema.Batch) (*write, error) {
	since := time.Now()
	record, err := o.codec.encode(&b, since, plain)
	if err != nil {
		return nil, fmt.Errorf("spooling: %w", err)
	}
	if o.cfg.MaxBytes > 0 && len(record)+slack > o.cfg.limit() {
		return nil, fmt.Errorf("%d rows, %d bytes: %w", b.Rows(), len(record), ErrTooLarge)
	}
	return &write{entry: entry{batch: b, rows: b.Rows(), bytes: len(record), since: since}, record: record, done: make(chan struct{})}, nil
}

// enqueue puts a write behind those that wait for the disk. It is false when the outbox is closed.
func (o *Outbox) enqueue(w *write) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.pending = append(o.pending, w)
	}
	return !o.closed
}

// Flush waits until all that was accepted before the call is in the store. It fails when ctx ends, or when Run has
// ended and rows are left.
func (o *Outbox) Flush(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	until := o.accepted
	o.flushing++
	defer func() { o.flushing-- }()
	o.nudge()
	for o.delivered < until && o.waiting.records > 0 {
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

// Waits reports whether rows wait that the store does not have.
func (o *Outbox) Waits() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting.records > 0
}

// nudge makes Run look again.
func (o *Outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// show brings the gauges up to date; mu is held.
func (o *Outbox) show() { o.metrics.show(o.waiting.bytes, o.waiting.oldest) }
