package carrier

import (
	"context"

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

// flowOf is on whose behalf a context asks.
func flowOf(ctx context.Context) ratelimit.Flow {
	of, _ := ctx.Value(flowKey{}).(ratelimit.Flow)
	return of
}
