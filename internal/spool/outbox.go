package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"kaisen/schema"
)

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
	poster  chan struct{} // something was posted

	file      *journal
	next      uint64    // number of the next record
	state     state     // how far the deliveries are
	readAt    place     // where the next delivery begins that is read from disk
	rewrites  int       // how often that came to nothing, because segments were rewritten
	eviction  *eviction // while the spool is full
	trouble   trouble   // with the disk
	lastGroup int       // writes in the last group

	mu        sync.Mutex
	closed    bool
	pending   []*write      // not yet on disk, oldest first
	posted    int           // bytes of those that were posted
	waiting   totals        // on disk and not yet in the store
	accepted  uint64        // the last record that is on disk
	earlier   uint64        // the last record that was on disk at Open
	held      bool          // records behind that wait for Release
	delivered uint64        // the last record that is in the store
	aside     int           // batches that are kept aside
	unsaved   bool          // state is not on disk
	flushing  int           // callers of Flush that wait
	progress  chan struct{} // closed when a delivery is done, or a writer has given up, then replaced
	refused   error         // why the last batch found no place; nil: it did, or there may be one by now
	failed    error         // why the store did not take the last delivery

	outage time.Time // when deliveries began to fail; only Run uses it
	lost   bool      // the file was removed and cannot be made again; only Run uses it

	used schema.Batch // of the last delivery, without its rows: memory for the next; only Run uses it
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
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), poster: make(chan struct{}, 1), progress: make(chan struct{}),
		closed: true,
	}
}

// Open opens the file, with all that an earlier process left in it. From then on rows are accepted; Run delivers
// them. It fails where the folder cannot be written, where another process has the file, and where a later kaisen
// made it.
func (o *Outbox) Open() error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	file, err := openJournal(o.cfg.path(), o.cfg.MaxBytes, o.disk, o.log)
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
	o.earlier = 0
	if o.waiting.records > 0 {
		o.earlier = o.next - 1
	}
	o.closed = false
	o.show()
	o.countDamaged()
	return nil
}

// Hold keeps what is accepted since Open from the store until Release, or until Run ends: what an earlier process left goes there first,
// and may be read before anything is laid upon it. It is called before Run.
func (o *Outbox) Hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = true
}

// Release ends what Hold began.
func (o *Outbox) Release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = false
	o.nudge()
}

// leftEarlier reports whether records wait that an earlier process left; mu is held.
func (o *Outbox) leftEarlier() bool { return o.waiting.records > 0 && o.delivered < o.earlier }

// Close lets the file go, once Run has ended. What is in it stays for the next Open; a temporary file that has nothing in it
// is removed.
func (o *Outbox) Close() error {
	o.turn <- struct{}{}
	defer func() { <-o.turn }()
	o.shut()
	if o.file == nil {
		return nil
	}
	defer func() { o.file = nil }()
	var err error
	if o.cfg.Temporary && !o.Waits() && len(o.file.aside) == 0 {
		err = o.file.remove()
	}
	return errors.Join(err, o.file.close())
}

// Flush waits until all that was accepted before the call is in the store. It fails when ctx ends, or when Run has
// ended and rows are left.
func (o *Outbox) Flush(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.posted > 0 {
		o.mu.Unlock()
		err := o.Sync(ctx)
		if o.mu.Lock(); err != nil {
			return fmt.Errorf("flush of the outbox: %w", err)
		}
	}
	return o.flush(ctx, o.accepted)
}

// FlushEarlier waits until all is in the store that an earlier process left. It fails as Flush does.
func (o *Outbox) FlushEarlier(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.flush(ctx, o.earlier)
}

// flush waits until the records up to one are in the store; mu is held.
func (o *Outbox) flush(ctx context.Context, until uint64) error {
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

// Troubles are why the store took no rows when it was last given some, and why the spool accepted none when somebody last
// wrote; nil where they did.
func (o *Outbox) Troubles() (store, spool error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed, o.refused
}

// KeptAside is the number of batches that cannot be used now, and are kept aside in the file.
func (o *Outbox) KeptAside() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.aside
}

// nudge makes Run look again.
func (o *Outbox) nudge() { nudge(o.wake) }

func nudge(who chan<- struct{}) {
	select {
	case who <- struct{}{}:
	default:
	}
}

// countDamaged shows how many files of this name were moved aside, until somebody has recovered them.
func (o *Outbox) countDamaged() {
	files, _ := DamagedFiles(o.cfg.Dir) // or the spool is in greater trouble than that
	files = slices.DeleteFunc(files, func(file string) bool { return !strings.HasPrefix(file, o.cfg.path()+".") })
	o.metrics.change(func(own *share) { own.damaged = len(files) })
}

// show brings the gauges up to date. The turn and mu are held.
func (o *Outbox) show() {
	o.aside = len(o.file.aside)
	o.metrics.change(func(own *share) { own.bytes, own.oldest = o.waiting.bytes, o.waiting.oldest })
}
