package carrier

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// tokenServer answers token requests, after a second, in turn; the last answer is repeated.
type tokenServer struct {
	asked   atomic.Int64
	answers []func(*http.Request) *http.Response
}

func (s *tokenServer) RoundTrip(req *http.Request) (*http.Response, error) {
	n := int(s.asked.Add(1))
	answer := s.answers[min(n, len(s.answers))-1](req)
	if err := latency(req.Context(), time.Second); err != nil {
		return nil, err
	}
	return answer, nil
}

func always(status int, body string) func(*http.Request) *http.Response {
	return func(*http.Request) *http.Response { return reply(status, body) }
}

func TestTokenShapes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		life   time.Duration
	}{
		"as documented":     {201, goodToken, 3599 * time.Second},
		"numbers":           {200, `{"accessToken":"token-1","expiresIn":60,"issuedAt":1559289842141}`, time.Minute},
		"RFC 6749":          {200, `{"access_token":"token-1","token_type":"bearer","expires_in":3600}`, time.Hour},
		"RFC 6749, strings": {200, `{"access_token":"token-1","expires_in":"3600"}`, time.Hour},
		"no life":           {200, `{"accessToken":"token-1"}`, time.Hour},
		"a life of none":    {200, `{"accessToken":"token-1","expiresIn":""}`, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := newClientWithMetrics(t, testConfig(), roundTrip(func(*http.Request) (*http.Response, error) {
					return reply(c.status, c.body), nil
				}))
				got, err := client.tokens.Load().get(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got.AccessToken != "token-1" || got.Type() != "Bearer" || time.Until(got.Expiry) != c.life {
					t.Errorf("token %q of type %s for %v, want token-1 for %v", got.AccessToken, got.Type(), time.Until(got.Expiry), c.life)
				}
			})
		})
	}
}

func TestTokenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		client, _ := newClientWithMetrics(t, cfg, &tokenServer{answers: []func(*http.Request) *http.Response{
			func(req *http.Request) *http.Response {
				var got map[string]string
				if err := json.NewDecoder(req.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				if got["grantType"] != "client_credentials" || got["clientId"] != "the-id" || got["clientSecret"] != "the-secret" {
					t.Errorf("sent %v", got)
				}
				return reply(http.StatusCreated, goodToken)
			},
		}})
		if _, err := client.tokens.Load().get(t.Context()); err != nil {
			t.Error(err)
		}

		cfg.Style, cfg.ClientSecret = StyleForm, "a&b"
		inHeader := func(req *http.Request) *http.Response {
			id, secret, _ := req.BasicAuth()
			if id != "the-id" || secret != "a%26b" {
				t.Errorf("sent %s and %s as a header", id, secret)
			}
			return reply(http.StatusUnauthorized, `{"error":"invalid_client"}`)
		}
		inBody := func(req *http.Request) *http.Response {
			body, _ := io.ReadAll(req.Body)
			form, _ := url.ParseQuery(string(body))
			if form.Get("client_id") != "the-id" || form.Get("client_secret") != "a&b" || form.Get("grant_type") != "client_credentials" {
				t.Errorf("sent %s", body)
			}
			return reply(http.StatusOK, `{"access_token":"x","expires_in":100}`)
		}
		server := &tokenServer{answers: []func(*http.Request) *http.Response{inHeader, inBody, inBody}}
		client, _ = newClientWithMetrics(t, cfg, server)
		for range 2 { // the second time it is known where the secret goes
			got, err := client.tokens.Load().get(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			client.tokens.Load().drop(got)
		}
		if n := server.asked.Load(); n != 3 {
			t.Errorf("%d token requests, want 3", n)
		}
	})
}

func TestTokenIsSharedAndRenewedBeforeItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{answers: []func(*http.Request) *http.Response{always(200, goodToken)}}
		c, _ := newClientWithMetrics(t, testConfig(), server)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := c.tokens.Load().get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := server.asked.Load(); n != 1 {
			t.Errorf("%d token requests for twenty callers, want 1", n)
		}
		time.Sleep(3538 * time.Second) // a minute before its end, less a second
		_, _ = c.tokens.Load().get(t.Context())
		if n := server.asked.Load(); n != 1 {
			t.Errorf("%d token requests 61 seconds before the end, want 1", n)
		}
		time.Sleep(2 * time.Second)
		_, _ = c.tokens.Load().get(t.Context())
		if n := server.asked.Load(); n != 2 {
			t.Errorf("%d token requests 59 seconds before the end, want 2", n)
		}
	})
}

func TestWrongSecretIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const body = `{"errorCode":"401","errorMessage":"the-secret is wrong","developerMessage":"Authentication failed."}`
		server := &tokenServer{answers: []func(*http.Request) *http.Response{always(401, body)}}
		c, _ := newClientWithMetrics(t, testConfig(), server)
		for range 5 {
			_, err := c.Get(t.Context(), "traffic", "/", nil)
			if kind, _ := KindOf(err); kind != KindUnauthorised {
				t.Fatalf("error %v, want unauthorised", err)
			}
			for _, want := range []string{"http://carrier.test/token", "source hq", "check client_id and client_secret", "Authentication failed."} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "the-secret") {
				t.Errorf("error %q shows the secret", err)
			}
		}
		if n := server.asked.Load(); n != 1 {
			t.Errorf("%d token requests within seconds of a refusal, want 1", n)
		}
	})
}

func TestTokenAnswersThatAreNone(t *testing.T) {
	for body, want := range map[string]Kind{
		`<html>`:                KindMalformed,
		`{}`:                    KindMalformed,
		`{"accessToken":"secr`:  KindMalformed,
		`{"accessToken":["x"]}`: KindMalformed,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newClientWithMetrics(t, testConfig(), &tokenServer{answers: []func(*http.Request) *http.Response{always(200, body)}})
			_, err := c.Get(t.Context(), "traffic", "/", nil)
			var failure *Error
			if !errors.As(err, &failure) || failure.Kind != want || failure.Payload != nil || strings.Contains(err.Error(), "secr") {
				t.Errorf("%s: error %v with payload %q", body, err, failure.Payload)
			}
		})
	}
}

// Who gives up while asking for a token does not make the others fail.
func TestTokenOutlivesTheCallerThatAskedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newClientWithMetrics(t, testConfig(), &tokenServer{answers: []func(*http.Request) *http.Response{always(200, goodToken)}})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := c.tokens.Load().get(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want its own deadline", err)
			}
		})
		synctest.Wait()
		for range 3 {
			group.Go(func() {
				if _, err := c.tokens.Load().get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

// A token call that fails does so for everybody who waited for it, and the next caller asks again.
func TestFailedTokenIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &tokenServer{answers: []func(*http.Request) *http.Response{always(500, ""), always(200, goodToken)}}
		c, _ := newClientWithMetrics(t, testConfig(), server)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := c.tokens.Load().get(t.Context()); err == nil || err.Kind != KindServer {
					t.Errorf("error %v, want the server's", err)
				}
			})
		}
		group.Wait()
		if n := server.asked.Load(); n != 1 {
			t.Errorf("%d token requests for eight callers, want 1", n)
		}
		if _, err := c.tokens.Load().get(t.Context()); err != nil || server.asked.Load() != 2 {
			t.Errorf("error %v after %d requests, want a token after 2", err, server.asked.Load())
		}
	})
}

// A token that dies early is asked for once more, by one request for everybody, and the call repeated once.
func TestDeadTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tokens, dead atomic.Int64
		alive := "Bearer token-2"
		cfg := testConfig()
		cfg.RequestsPerSecond = 0
		c, _ := newClientWithMetrics(t, cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPost {
				n := tokens.Add(1)
				return reply(200, `{"accessToken":"token-`+string(rune('0'+n))+`"}`), latency(req.Context(), time.Second)
			}
			if req.Header.Get("Authorization") != alive {
				dead.Add(1)
				return reply(401, `{"responseHeader":{"errorCode":"401","errorMessage":"Invalid access token"}}`),
					latency(req.Context(), time.Second)
			}
			return reply(200, "{}"), nil
		}))
		sweep(t, c, 8, 8)
		if tokens.Load() != 2 || dead.Load() != 8 {
			t.Errorf("%d tokens and %d refusals for eight calls, want 2 and 8", tokens.Load(), dead.Load())
		}
		alive = "none"
		_, err := c.Get(t.Context(), "traffic", "/", nil)
		if kind, _ := KindOf(err); kind != KindUnauthorised || tokens.Load() != 3 || dead.Load() != 10 {
			t.Errorf("error %v after %d tokens and %d refusals, want 3 and 10", err, tokens.Load(), dead.Load())
		}
	})
}
