package spool

import "time"

// Config bounds the outbox and paces its deliveries.
type Config struct {
	MaxRows      int           // rows that may wait; writers wait beyond. 2,000,000 are some 300 MB
	FlushEvery   time.Duration // longest a row waits for company
	FlushRows    int           // rows that are company enough, and about as many as go in one delivery
	RetryMin     time.Duration // wait after the first failure, doubling
	RetryMax     time.Duration // longest wait between two tries
	DrainTimeout time.Duration // how long Run goes on delivering after its ctx has ended
}

// DefaultConfig suits an insert a second and table, which is what ClickHouse likes.
func DefaultConfig() Config {
	return Config{
		MaxRows: 2_000_000, FlushEvery: time.Second, FlushRows: 100_000,
		RetryMin: 100 * time.Millisecond, RetryMax: 10 * time.Second, DrainTimeout: 10 * time.Second,
	}
}
