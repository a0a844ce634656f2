package unom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

const (
	// deniedFor is how long a line whose RADIUS is not the carrier's (403, error table ⑧) is not asked again.
	deniedFor = 24 * time.Hour

	// sessionAttempts is how often call 26 is repeated when it answers 200 with resultCode 2, "too many". Each time
	// the client has slowed the account down.
	sessionAttempts = 3
)

var errTooMany = errors.New("resultCode 2: too many requests")

// pollSession asks whether a line is connected.
func (c *Collector) pollSession(ctx context.Context, sweep *collector.Sweep, l *line) error {
	for range sessionAttempts {
		answer, err := c.carrier.Session(ctx, l.key.ContractID, l.key.LineNo)
		if kind, ok := carrier.KindOf(err); ok && kind == carrier.KindNotAllowed {
			l.Suspend(askSession, time.Now().Add(deniedFor))
			return nil
		}
		if err != nil {
			return c.refused(ctx, sweep, l, "session", err)
		}
		if answer.Value.ResultCode == api.ResultTooMany {
			sweep.Throttled()
			continue
		}
		sample := schema.SessionSample{LineKey: l.key, ObservedAt: answer.ObservedAt, ReceivedAt: answer.ReceivedAt,
			SessionType: answer.Value.Type, Connected: answer.Value.Connected, ResultCode: answer.Value.ResultCode}
		return c.Write(ctx, sweep, schema.Batch{Sessions: []schema.SessionSample{sample},
			DeadLetters: collector.DeadLetters(l.key, "session", answer)})
	}
	return fmt.Errorf("session of %s: %w", l.key, errTooMany)
}
