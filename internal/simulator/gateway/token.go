package gateway

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// tokens are the access tokens in force. Several may be at once; a new one does not end the others (IPoE API 3.4.0,
// アクセストークンについて). They live in real time, as the client that counts their seconds does.
type tokens struct {
	id, secret string
	life       time.Duration

	mu     sync.RWMutex
	until  map[string]time.Time
	issued uint64
}

// maxTokens bounds what a client that asks for one a request can make the simulator remember.
const maxTokens = 100_000

func newTokens(id, secret string, life time.Duration) *tokens {
	if id == "" {
		id = rand.Text()
	}
	if secret == "" {
		secret = rand.Text()
	}
	return &tokens{id: id, secret: secret, life: life, until: map[string]time.Time{}}
}

// match compares credentials in constant time, for the habit of it.
func (t *tokens) match(id, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(id), []byte(t.id))&subtle.ConstantTimeCompare([]byte(secret), []byte(t.secret)) == 1
}

// issue makes a new token, and returns how many there have been with it.
func (t *tokens) issue() (token string, count uint64) {
	now := time.Now()
	token = rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.until) >= maxTokens/2 {
		for old, until := range t.until {
			if !now.Before(until) || len(t.until) >= maxTokens {
				delete(t.until, old)
			}
		}
	}
	t.until[token] = now.Add(t.life)
	t.issued++
	return token, t.issued
}

func (t *tokens) valid(token string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	until, ok := t.until[token]
	return ok && time.Now().Before(until)
}

// kill ends a token before its time.
func (t *tokens) kill(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.until, token)
}

func (t *tokens) killAll() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.until)
	clear(t.until)
	return n
}

func (t *tokens) count() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.issued
}

// tokenCall is POST …/accesstokens, in the carrier's JSON style (IPoE API 3.4.0, 認証API) or in that of RFC 6749 §4.4:
// Content-Type says which.
func (g *Gateway) tokenCall(r *http.Request, q *Request) Answer {
	id := q.ID
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		return gatewayError(400, msgGatewayInvalid, "The body could not be read.", id)
	}
	if r.URL.RawQuery != "" {
		return gatewayError(400, msgGatewayInvalid, "This URL takes no query.", id)
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/json":
		return g.jsonToken(body, r.URL.Path, q)
	case err == nil && kind == "application/x-www-form-urlencoded":
		return g.formToken(r, body)
	default:
		return gatewayError(400, msgGatewayInvalid, "Content-Type must be application/json.", id)
	}
}

func (g *Gateway) jsonToken(body []byte, path string, q *Request) Answer {
	id := q.ID
	var asked struct {
		GrantType    string `json:"grantType"`
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return gatewayError(400, msgGatewayInvalid, "The body is not the JSON of an AccessTokensRequest.", id)
	}
	if asked.GrantType != "client_credentials" {
		return gatewayError(400, `{ "ErrorCode" : "invalid_request", "Error" : "grantType is Invalid" }`,
			"grantType must be client_credentials.", id)
	}
	if !g.tokens.match(asked.ClientID, asked.ClientSecret) {
		return gatewayError(401, `{ "ErrorCode" : "invalid_client", "Error" : "ClientId is Invalid" }`,
			"Authentication failed. Please check your clientId and clientSecret.", id)
	}
	token, count := g.tokens.issue()
	status := 201 // the example; the table says 200
	if path != ipoeTokenURL && !g.cfg.Style.AsPrinted(count+1) {
		status = 200
	}
	return Answer{Status: status, noStore: true, Body: fmt.Appendf(nil,
		"{\n  \"accessToken\": %q,\n%s  \"tokenType\": \"BearerToken\",\n  \"expiresIn\": \"%d\",\n  \"scope\": \"\",\n  \"issuedAt\": \"%d\"\n}\n",
		token, q.Readings.secondToken(), g.expiresIn(), time.Now().UnixMilli())}
}

func (g *Gateway) formToken(r *http.Request, body []byte) Answer {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return formError(400, "invalid_request", "the body is not a form")
	}
	for key, values := range form {
		if len(values) > 1 {
			return formError(400, "invalid_request", key+" is given more than once")
		}
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		code := "unsupported_grant_type"
		if grant == "" {
			code = "invalid_request"
		}
		return formError(400, code, "grant_type must be client_credentials")
	}
	id, secret, basic := r.BasicAuth()
	if basic { // RFC 6749 §2.3.1: both are form-encoded inside
		if form.Has("client_secret") {
			return formError(400, "invalid_request", "credentials are given twice")
		}
		id, secret = unescape(id), unescape(secret)
	} else {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if !g.tokens.match(id, secret) {
		a := formError(401, "invalid_client", "client authentication is wrong")
		if basic {
			a.challenge = `Basic realm="accesstokens"`
		}
		return a
	}
	token, _ := g.tokens.issue()
	return Answer{Status: 200, noStore: true, Body: fmt.Appendf(nil,
		"{\"access_token\":%q,\"token_type\":\"Bearer\",\"expires_in\":%d}\n", token, g.expiresIn())}
}

// expiresIn is one second less than the life, as the carrier says 3599 of 3600; at least 1.
func (g *Gateway) expiresIn() int { return max(int(g.tokens.life.Seconds())-1, 1) }

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
