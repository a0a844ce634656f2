package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaisen/collector/carrier"
	unom "kaisen/collector/unom/api"
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
func (u *Unom) pollSession(ctx context.Context, p *pass, l *line) error {
	for range sessionAttempts {
		answer, err := u.carrier.Session(ctx, l.key.ContractID, l.key.LineNo)
		if kind, ok := carrier.KindOf(err); ok && kind == carrier.KindNotAllowed {
			l.rest(pollSession, time.Now().Add(deniedFor))
			return nil
		}
		if err != nil {
			return u.refused(ctx, p, l, "session", err)
		}
		if answer.Value.ResultCode == unom.ResultTooMany {
			p.tally.Throttled.Add(1)
			continue
		}
		sample := schema.SessionSample{LineKey: l.key, ObservedAt: answer.ObservedAt, ReceivedAt: answer.ReceivedAt,
			SessionType: answer.Value.Type, Connected: answer.Value.Connected, ResultCode: answer.Value.ResultCode}
		return u.write(ctx, p, schema.Batch{Sessions: []schema.SessionSample{sample},
			DeadLetters: lettersOf(l.key, "session", answer)})
	}
	return fmt.Errorf("session of %s: %w", l.key, errTooMany)
}
