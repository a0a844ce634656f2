package probing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tokenOperation is the operation under which package carrier asks for tokens.
const tokenOperation = "token"

// errChanges is of a request that a probe must never send.
var errChanges = errors.New("a probe only reads")

// Tap is the transport of a probe, below the request budget: what passes it is what is sent. It lets pass GET and the
// requests for tokens, MostRequests of them at most whatever is asked above it, and notes how each went.
type Tap struct {
	source   string
	tokenURL string
	base     http.RoundTripper

	mu    sync.Mutex
	sent  int
	token exchange // what the last request for a token brought
	dates dateHeaders
	kinds map[string]int // answers by Content-Type
	waits []string       // what answers asked for that complained: 429, Retry-After: 5
}

// dateHeaders are the Date headers of the answers.
type dateHeaders struct {
	with, without int
	least, most   time.Duration // how far they were ahead of our clock
}

// NewTap makes the transport in front of base.
func NewTap(source, tokenURL string, base http.RoundTripper) *Tap {
	return &Tap{source: source, tokenURL: tokenURL, base: base, kinds: make(map[string]int)}
}

// Sent is how many requests were sent.
func (t *Tap) Sent() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sent
}

func (t *Tap) left() int { return MostRequests - t.Sent() }

// pass counts a request that is about to be sent, or says why it is not.
func (t *Tap) pass(req *http.Request, forToken bool) error {
	if req.Method != http.MethodGet && !forToken {
		return errChanges
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent >= MostRequests {
		return errSpent
	}
	t.sent++
	return nil
}

// RoundTrip implements http.RoundTripper.
func (t *Tap) RoundTrip(req *http.Request) (*http.Response, error) {
	forToken := req.Method == http.MethodPost && req.URL.String() == t.tokenURL
	if err := t.pass(req, forToken); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	note := exchangeOf(req.Context())
	if forToken {
		note = &t.token
		*note = exchange{asked: note.asked, form: formOfRequest(req)}
	}
	began := time.Now()
	note.asked++
	resp, err := t.base.RoundTrip(req)
	note.took = max(note.took, time.Since(began))
	if err != nil {
		return nil, err
	}
	note.status = resp.StatusCode
	t.look(resp)
	if forToken {
		return resp, note.lookAtToken(resp)
	}
	resp.Body = &countedBody{ReadCloser: resp.Body, note: note, began: began}
	return resp, nil
}

// look notes the forms of an answer's header.
func (t *Tap) look(resp *http.Response) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kinds[contentType(resp.Header)]++
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		t.waits = append(t.waits, fmt.Sprintf("HTTP %d, Retry-After: %s", resp.StatusCode, retryAfterOf(resp.Header)))
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		t.dates.without++
		return
	}
	ahead := time.Until(date)
	if t.dates.with == 0 {
		t.dates.least, t.dates.most = ahead, ahead
	}
	t.dates.with++
	t.dates.least, t.dates.most = min(t.dates.least, ahead), max(t.dates.most, ahead)
}

// contentType is the type of an answer and its charset, of known words alone: a header may repeat anything.
func contentType(h http.Header) string {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case h.Get("Content-Type") == "":
		return "none"
	case err != nil || !slices.Contains([]string{"application/json", "text/json", "text/html", "text/plain", "application/xml", "text/xml"}, kind):
		return "another than JSON, text, HTML or XML"
	}
	charset := strings.ToLower(parameters["charset"])
	if slices.Contains([]string{"utf-8", "shift_jis", "windows-31j", "euc-jp", "iso-8859-1", "us-ascii"}, charset) {
		return kind + "; charset=" + charset
	}
	return kind
}

// retryAfterOf is how long an answer asks to wait, in its own form.
func retryAfterOf(h http.Header) string {
	given := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(given, 10, 32); err == nil {
		return strconv.FormatUint(seconds, 10)
	}
	switch _, err := http.ParseTime(given); {
	case err == nil:
		return "a date"
	case given == "":
		return "none"
	}
	return "unreadable"
}

// exchange is what the tap sees of the requests that one question sends.
type exchange struct {
	asked  int
	status int
	took   time.Duration // of the slowest
	size   int64         // of the largest answer
	form   string        // of a token: how it was asked for, and which fields its answer has
}

type exchangeKey struct{}

func withExchange(ctx context.Context, n *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, n)
}

// exchangeOf is the note of a context, or one that nobody reads.
func exchangeOf(ctx context.Context) *exchange {
	if n, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return n
	}
	return new(exchange)
}

// formOfRequest is how a token was asked for.
func formOfRequest(req *http.Request) string {
	kind := req.Header.Get("Content-Type")
	switch _, _, basic := req.BasicAuth(); {
	case basic:
		return "asked for by a form, with the secret in a header"
	case strings.Contains(kind, "json"):
		return "asked for in JSON"
	}
	return "asked for by a form, with the secret in its body"
}

// maxTokenAnswer is the most that is looked at of an answer with a token.
const maxTokenAnswer = 1 << 20

// lookAtToken notes which fields an answer with a token has, and never what is in them.
func (n *exchange) lookAtToken(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer))
	if err != nil {
		return errors.Join(err, resp.Body.Close())
	}
	n.size = int64(len(body))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
	var fields map[string]json.RawMessage
	if resp.StatusCode > 299 || json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &fields) != nil {
		return nil
	}
	var met []string
	for _, name := range []string{"accessToken", "access_token"} {
		if _, has := fields[name]; has {
			met = append(met, name)
		}
	}
	for _, name := range []string{"expiresIn", "expires_in"} {
		if value, has := fields[name]; has {
			as := "a number"
			if bytes.HasPrefix(value, []byte(`"`)) {
				as = "a text"
			}
			met = append(met, name+" as "+as)
		}
	}
	n.form += "; the answer has " + strings.Join(met, ", ")
	return nil
}

// countedBody counts an answer, and when it ended.
type countedBody struct {
	io.ReadCloser
	note  *exchange
	began time.Time
	size  int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.size += int64(n)
	b.note.size = max(b.note.size, b.size)
	b.note.took = max(b.note.took, time.Since(b.began))
	return n, err
}
