package collector

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
	"kaisen/schema"
)

// Carrier is what the jobs ask: the reading calls of UNO Mobile API v2.1, and the carrier's own clock.
type Carrier interface {
	Lines(ctx context.Context, contractID string) (carrier.Answer[[]unom.Line], error)
	Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[unom.Traffic], error)
	DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[unom.Traffic], error)
	DataShare(ctx context.Context, contractID string) (carrier.Answer[[]unom.ShareMember], error)
	Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[unom.Session], error)
	Authentications(ctx context.Context, contractID string, q unom.LogQuery) (carrier.Answer[[]unom.Authentication], error)
	Sessions(ctx context.Context, contractID string, q unom.LogQuery) (carrier.Answer[[]unom.SessionEvent], error)

	Contract(ctx context.Context, contractID string) (carrier.Answer[unom.Contract], error)
	Products(ctx context.Context, contractID string) (carrier.Answer[[]unom.Product], error)
	Orders(ctx context.Context, contractID string) (carrier.Answer[[]unom.Order], error)
	CompletedOrders(ctx context.Context, contractID string) (carrier.Answer[[]unom.Order], error)
	Order(ctx context.Context, contractID, orderID string) (carrier.Answer[unom.OrderDetail], error)
	Cancellation(ctx context.Context, contractID, orderID string) (carrier.Answer[unom.Cancellation], error)

	// Now is the carrier's clock: days, months and log windows turn by it, not by ours.
	Now() time.Time
}

// Sightings are lines that the logs in the database tell of. Each contract's logs are read by one part of the fleet,
// and the others' lines are in them too; where the carrier's list ends at 1,000 rows, nothing else tells of those.
type Sightings interface {
	LogLines(ctx context.Context, source string, since time.Time) ([]schema.LineKey, error)
}

// Sink takes rows. Write returns once they are accepted, in the order of the calls; while it cannot accept them it
// blocks until ctx ends, so that nothing is dropped and the sweep slows down instead.
type Sink interface {
	Write(ctx context.Context, b schema.Batch) error
}

// Progress is told how far a job is. Total may grow while a job runs. It must not block.
type Progress func(source, job string, done, total int64)
