package spool

import (
	"path/filepath"
	"time"

	"kaisen/schema"
)

// Config bounds the outbox and paces its deliveries.
type Config struct {
	Dir          string         // folder of the file; made where it is missing
	Name         string         // of the file, without its extension: two kaisens may share a folder, but never a file
	MaxBytes     int            // that the file may have; 0 is without bound
	FlushEvery   time.Duration  // longest a row waits for company
	FlushRows    int            // rows that are company enough, and about as many as go in one delivery
	Window       int            // bytes of batches that are kept in memory too, so that the usual way reads nothing back
	RetryMin     time.Duration  // wait after the first failure, doubling
	RetryMax     time.Duration  // longest wait between two tries
	DrainTimeout time.Duration  // how long Run goes on delivering after its ctx has ended
	Tables       []schema.Table // whose rows may come, beside those of a batch
}

// DefaultConfig suits an insert a second and table, which is what ClickHouse likes. It has no Dir.
func DefaultConfig() Config {
	return Config{
		Name: "run", MaxBytes: 2 << 30, FlushEvery: time.Second, FlushRows: 100_000, Window: 16 << 20,
		RetryMin: 100 * time.Millisecond, RetryMax: 10 * time.Second, DrainTimeout: 10 * time.Second,
	}
}

// path is where the file is.
func (c Config) path() string { return filepath.Join(c.Dir, c.Name+".db") }

// together is how many rows are packed into one record: the more, the smaller they get, but in a small file large
// records do not find room in one piece.
func (c Config) together() int { return min(max(c.MaxBytes>>14, 64), 2000) }

// limit is how much of the file batches may use: a transaction writes anew what it changes, and so there has to be
// room left for those that make room.
func (c Config) limit() int { return c.MaxBytes - min(c.MaxBytes/8, 16<<20) }
