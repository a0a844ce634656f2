package carrier

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// tokens keeps one token for everybody: it is renewed shortly before it expires, by one request at a time for however
// many wait, and dropped when the carrier refuses it. Its requests go through the account's budget.
//
// x/oauth2's clientcredentials and ReuseTokenSource are the road not taken. The first does not know the carrier's JSON,
// and guesses how to send the secret by repeating every failed request, also one that failed for being too many. The
// second makes everybody wait behind a lock that no context ends, lets every one of them ask again after a failure, and
// keeps a token that was refused.
type tokens struct {
	client  *Client
	by      Credentials
	current atomic.Pointer[oauth2.Token] // nil: none, or refused
	asked   atomic.Uint64                // the number of token calls that have ended

	turn         chan struct{} // capacity 1: its holder may ask, and has the fields below to itself
	failure      *Error        // of the last time, nil if there is a token
	refusedUntil time.Time     // until when a failure that is a refusal counts for everybody
	secretInBody bool          // RFC 6749: the server did not take the secret as a header
}

// refusalHolds is how long the carrier is not asked again after it refused the secret: a wrong secret does not become
// right within seconds, and a sweep would try it once a line.
const refusalHolds = 10 * time.Second

// longestMargin is how long before its end a token is renewed; one that lives for less than ten minutes, in its last
// tenth.
const longestMargin = time.Minute

func newTokens(c *Client, by Credentials) *tokens {
	return &tokens{client: c, by: by, turn: make(chan struct{}, 1)}
}

// get is the token in force, or a new one, for as long as ctx allows to wait for it. It fails with an *Error of the token's
// operation.
func (t *tokens) get(ctx context.Context) (*oauth2.Token, *Error) {
	if token := t.inForce(); token != nil {
		return token, nil
	}
	asked := t.asked.Load()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, &Error{Operation: tokenOperation, Kind: KindNetwork, ObservedAt: time.Now(), Err: ctx.Err()}
	}
	if token := t.inForce(); token != nil {
		return token, nil
	}
	if t.failure != nil && (asked != t.asked.Load() || time.Now().Before(t.refusedUntil)) {
		return nil, t.failure
	}
	token, failure := t.request(ctx)
	if failure != nil && ctx.Err() != nil {
		return nil, failure // that this caller gave up says nothing to the others
	}
	t.current.Store(token)
	t.failure, t.refusedUntil = failure, time.Time{}
	if failure != nil && failure.Kind == KindUnauthorised {
		t.refusedUntil = time.Now().Add(refusalHolds)
	}
	t.asked.Add(1)
	return token, failure
}

// inForce is the token that needs no renewal yet, nil for none.
func (t *tokens) inForce() *oauth2.Token {
	token := t.current.Load()
	if token == nil {
		return nil
	}
	life := time.Duration(token.ExpiresIn) * time.Second
	if time.Now().Before(token.Expiry.Add(-min(life/10, longestMargin))) {
		return token
	}
	return nil
}

// drop forgets a token that the carrier refused, unless somebody has replaced it already.
func (t *tokens) drop(refused *oauth2.Token) { t.current.CompareAndSwap(refused, nil) }

// request asks the carrier for a token, in the configured style.
func (t *tokens) request(ctx context.Context) (*oauth2.Token, *Error) {
	if t.by.Style == StyleJSON {
		return t.send(ctx, jsonForm)
	}
	if t.secretInBody {
		return t.send(ctx, bodyForm)
	}
	token, failure := t.send(ctx, headerForm)
	if failure == nil || failure.Kind != KindUnauthorised {
		return token, failure
	}
	// RFC 6749 §2.3.1: a server must take the secret as a header and may take it in the body. Some only do the latter.
	if token, second := t.send(ctx, bodyForm); second == nil {
		t.secretInBody = true
		return token, nil
	}
	return nil, failure
}

// send makes one request for a token.
func (t *tokens) send(ctx context.Context, form tokenForm) (*oauth2.Token, *Error) {
	contentType, body := form.body(t.by)
	req, state, failure := t.client.newRequest(ctx, http.MethodPost, t.by.TokenURL, contentType, body)
	if failure != nil {
		failure.Operation = tokenOperation
		return nil, failure
	}
	if form == headerForm {
		req.SetBasicAuth(url.QueryEscape(t.by.ClientID), url.QueryEscape(t.by.ClientSecret))
	}
	reply, failure := t.client.exchange(tokenOperation, req, state)
	if failure != nil {
		return nil, explainRefusal(failure, t.client.cfg.Source, t.by)
	}
	token, err := readToken(reply)
	if err != nil {
		return nil, &Error{
			Operation: tokenOperation, Kind: KindMalformed, Status: reply.Status, ObservedAt: reply.ObservedAt,
			Message: "the answer of " + t.by.TokenURL + " is no token: check token_url and token_style", Err: err,
		}
	}
	return token, nil
}
