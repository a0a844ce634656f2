package collector

import (
	"context"
	"time"

	"kaisen/schema"
)

// Sink takes rows. Write returns once they are accepted, in the order of the calls; while it cannot accept them it
// blocks until ctx ends, so that nothing is dropped and the sweep slows down instead.
type Sink interface {
	Write(ctx context.Context, b schema.Batch) error
}

// Progress is called with how far a job is. Total may grow while a job runs. It must not block.
type Progress func(source, job string, done, total int64)

// LogFinder finds what of a log is in the database: its rows from one second to before another. A log that is read again
// needs them, since only what is not there is news.
type LogFinder interface {
	LogRows(ctx context.Context, source, contract, log string, from, to time.Time) (schema.State, error)
}

// LineFinder finds lines in the logs that are in the database. Each contract's logs are read by one part of the fleet,
// and the others' lines are in them too; where the carrier's list ends at 1,000 rows, nothing else shows those.
type LineFinder interface {
	LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error)
}
