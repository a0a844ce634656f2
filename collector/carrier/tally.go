package carrier

import (
	"context"
	"sync/atomic"
)

// Tally counts what was sent on behalf of one context: a sweep's own share of an account that several jobs use.
type Tally struct {
	Requests  atomic.Uint64 // sent, tokens included
	Throttled atomic.Uint64 // 429, 503 and resultCode 2 among their answers
}

type tallyKey struct{}

// WithTally makes every request under the context count into t.
func WithTally(ctx context.Context, t *Tally) context.Context {
	return context.WithValue(ctx, tallyKey{}, t)
}

// tallyOf is the tally of a context, nil if it has none.
func tallyOf(ctx context.Context) *Tally {
	t, _ := ctx.Value(tallyKey{}).(*Tally)
	return t
}

func (t *Tally) sent() {
	if t != nil {
		t.Requests.Add(1)
	}
}

func (t *Tally) throttled() {
	if t != nil {
		t.Throttled.Add(1)
	}
}
