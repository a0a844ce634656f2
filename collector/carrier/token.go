package carrier

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// tokenSource keeps one token for everybody: it is renewed shortly before it expires, by one request at a time for
// however many wait, and dropped when the carrier refuses it. Its requests go through the account's budget.
//
// x/oauth2's clientcredentials is the road not taken: it knows neither the carrier's JSON nor a context per caller,
// and it guesses how to send the secret by repeating every failed request, also one that failed for being too many.
type tokenSource struct {
	cfg      Config
	exchange func(operation string, req *http.Request) (Reply, error)

	mu           sync.Mutex
	current      *token
	flight       *flight // nil: nobody is asking for a token
	secretInBody bool    // RFC 6749: the server did not take the secret as a header
	refusal      error   // the last answer, if it was that the secret is wrong
	refusedUntil time.Time
}

var _ oauth2.TokenSource = (*tokenSource)(nil)

// token is an access token in the form in which requests need it.
type token struct {
	oauth2.Token // Expiry by the local clock; the carrier's issuedAt does not count
	renewAt      time.Time
	header       []string // the value of Authorization
}

// flight is one request for a token that several callers wait for.
type flight struct {
	landed chan struct{} // closed when token and err are set
	token  *token
	err    error
}

// refusalHolds is how long the carrier is not asked again after it refused the secret: a wrong secret does not become
// right within seconds, and a sweep would try it once a line.
const refusalHolds = 10 * time.Second

func newTokenSource(cfg Config, c *Client) *tokenSource {
	return &tokenSource{cfg: cfg, exchange: c.exchange}
}

// Token is the token in force, for users of x/oauth2. It may wait in the budget without an end.
func (s *tokenSource) Token() (*oauth2.Token, error) {
	t, err := s.get(context.Background())
	if err != nil {
		return nil, err
	}
	copied := t.Token
	return &copied, nil
}

// get is the token in force, or a new one.
func (s *tokenSource) get(ctx context.Context) (*token, error) {
	for {
		s.mu.Lock()
		now := time.Now()
		if s.current != nil && now.Before(s.current.renewAt) {
			defer s.mu.Unlock()
			return s.current, nil
		}
		if s.refusal != nil && now.Before(s.refusedUntil) {
			defer s.mu.Unlock()
			return nil, s.refusal
		}
		if s.flight == nil {
			mine := &flight{landed: make(chan struct{})}
			s.flight = mine
			s.mu.Unlock()
			s.fly(ctx, mine)
			return mine.token, mine.err
		}
		other := s.flight
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other.landed:
		}
		// A flight that ended because its own caller gave up says nothing to the others.
		if other.err == nil || !endedByCaller(other.err) {
			return other.token, other.err
		}
	}
}

func endedByCaller(err error) bool {
	var failure *Error
	return errors.Is(err, context.Canceled) ||
		errors.As(err, &failure) && failure.Status == 0 && errors.Is(err, context.DeadlineExceeded)
}

// fly asks for a token on behalf of everybody who waits for this flight.
func (s *tokenSource) fly(ctx context.Context, f *flight) {
	fresh, err := s.request(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	f.token, f.err = fresh, err
	s.flight = nil
	s.refusal = nil
	switch kind, _ := KindOf(err); {
	case err == nil:
		s.current = fresh
	case kind == KindUnauthorised:
		s.refusal, s.refusedUntil = err, time.Now().Add(refusalHolds)
	}
	close(f.landed)
}

// drop forgets a token that the carrier refused, unless somebody has replaced it already.
func (s *tokenSource) drop(refused *token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == refused {
		s.current = nil
	}
}
