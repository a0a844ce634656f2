package carrier

import (
	"context"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

type flowKey struct{}

// WithJob makes every request under the context one of a job, which has its share of the account while other jobs ask too,
// against theirs; 0 is 1.
func WithJob(ctx context.Context, job string, share float64) context.Context {
	return context.WithValue(ctx, flowKey{}, ratelimit.Flow{Name: job, Share: share})
}

// InFront makes every request under the context one that a person waits for. It goes before those of jobs, as long as such
// requests are no more than a fifth of what is sent.
func InFront(ctx context.Context) context.Context {
	return context.WithValue(ctx, flowKey{}, ratelimit.Flow{Front: true})
}

// Visit lets in a question that a person waits for, of one request of each operation: the requests under the context that it
// returns go in front. Where one of them would leave later than most it fails at once with a *ratelimit.HeldError, and nothing
// was spent. End is for when the question is over.
func (c *Client) Visit(ctx context.Context, most time.Duration, operations ...string) (in context.Context, end func(), err error) {
	visit, err := c.transport.Visit(most, operations...)
	if err != nil {
		return nil, nil, err
	}
	return context.WithValue(ctx, flowKey{}, ratelimit.Flow{Front: true, Visit: visit}), visit.End, nil
}

// flowOf is on whose behalf a context asks.
func flowOf(ctx context.Context) ratelimit.Flow {
	of, _ := ctx.Value(flowKey{}).(ratelimit.Flow)
	return of
}
