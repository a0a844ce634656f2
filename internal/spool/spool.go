// Package spool is the outbox between those who observe and the store. What it accepts is on disk: it survives the
// process, and leaves, in order and in large deliveries, as soon as the store takes it. A delivery that a crash
// interrupts is made again with the same rows in the same order, so that the store can recognize the repetition.
//
// On disk it is a log of segments: files of frames, to the last of which frames are appended. A frame is a record, of
// batches that were accepted together, or none, and says besides how far the deliveries are: so each change is one write
// and one sync, and no crash can come between two of its steps. What is posted shares that of the next delivery. A segment
// goes when all that is in it is delivered.
//
// The roads not taken: a B-tree (bbolt, as it was once, which is read once) writes some pages anew for every change, forty times what is in
// it, and has no checksums; Prometheus' tsdb/wlog forgets what comes behind a damaged place, does not say what a failed
// write has left, and can replace no segment, which is how a full spool becomes smaller. Batches are not kept in memory for
// their delivery, but read back: a record costs less to read than its rows do as long as they wait, and what a restart
// delivers is then what is always delivered.
//
// The log is bounded. When it is full, segments are packed first (their records merged and compressed), which
// loses nothing; then every second waiting sample of a line is given up, the oldest first, and again; and then
// writers wait. Nothing else is ever dropped, and of each line's samples the newest stays. Beyond its bound the log
// grows only where nothing would ever come in or out again otherwise.
//
// It knows nothing of the database behind the store, never reorders, and answers no queries.
package spool

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"kaisen/schema"
)

// Config bounds the outbox and paces its deliveries.
type Config struct {
	Dir          string        // folder of the files; made where it is missing
	Name         string        // that theirs begin with: two kaisens may share a folder, but never a name
	MaxBytes     int           // that the files may have; 0 is without bound
	FlushEvery   time.Duration // longest a row waits for others
	FlushRows    int           // rows that are enough, and about as many as go in one delivery
	RetryMin     time.Duration // wait after the first failure, doubling
	RetryMax     time.Duration // longest wait between two tries
	DrainTimeout time.Duration // how long Run goes on delivering after its ctx has ended
	Temporary    bool          // Close removes the files where nothing is left in them

	Tables []schema.Table // whose rows may come, beside those of a batch
}

// DefaultConfig suits an insert a second and table, which is what ClickHouse likes. It has no Dir.
func DefaultConfig() Config {
	return Config{
		Name: "run", MaxBytes: 2 << 30, FlushEvery: time.Second, FlushRows: 100_000,
		RetryMin: 100 * time.Millisecond, RetryMax: 10 * time.Second, DrainTimeout: 10 * time.Second,
	}
}

// path is where the files are, as far as their names are alike.
func (c Config) path() string { return filepath.Join(c.Dir, c.Name) }

// together is how many rows are packed into one record: the more, the smaller they get, but in a small spool segments are small.
func (c Config) together() int { return min(max(c.MaxBytes>>14, 64), 2000) }

// limit is how many bytes batches may use: segments that are packed are there twice for a moment.
func (c Config) limit() int { return c.MaxBytes - min(c.MaxBytes/8, 16<<20) }

// Store takes batches. Insert either takes all rows or fails; after a failure it is given the same batch again, row
// for row in the same order, so that it can recognize the repetition. An error that has a method BadData() bool and
// answers true says that the rows themselves are refused and that no repetition will help. It keeps nothing of the batch.
type Store interface {
	Insert(ctx context.Context, b *schema.Batch) error
}

// ErrClosed says that Run has ended, or that Open has not been called: the outbox takes nothing.
var ErrClosed = errors.New("the outbox is closed")

// ErrTooLarge says that a batch is larger than the whole spool.
var ErrTooLarge = errors.New("the batch is larger than the spool may be")
