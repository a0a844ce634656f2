package carrier

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// What the carrier may have done is never asked for twice; what it certainly did not do is.
func TestChangesAreNotRepeatedByChance(t *testing.T) {
	const (
		order     = `{"agreement":"yes"}`
		rowTwenty = `{"responseHeader":{"errorCode":"503","errorMessage":"System Maintainance"}}`
	)
	for name, c := range map[string]struct {
		answers       []func() (*http.Response, error) // one after the other, then a good one
		requests      int
		ok            bool
		kind          Kind
		indeterminate bool
	}{
		"taken":             {nil, 1, true, "", false},
		"dead token":        {[]func() (*http.Response, error){status(401)}, 2, true, "", false},
		"token refused":     {[]func() (*http.Response, error){status(401), status(401)}, 2, false, KindUnauthorised, false},
		"429":               {[]func() (*http.Response, error){status(429)}, 1, false, KindThrottled, true},
		"503":               {[]func() (*http.Response, error){status(503)}, 1, false, KindThrottled, true},
		"503 of a gateway":  {[]func() (*http.Response, error){answered(503, `<html>System Maintenance</html>`)}, 1, false, KindMaintenance, true},
		"503 and a word":    {[]func() (*http.Response, error){answered(503, `{"fault":{"faultstring":"maintenance of the target"}}`)}, 1, false, KindMaintenance, true},
		"row 20":            {[]func() (*http.Response, error){answered(503, "System Maintainance")}, 2, true, "", false},
		"row 20 in JSON":    {[]func() (*http.Response, error){answered(503, rowTwenty), answered(503, rowTwenty)}, 3, true, "", false},
		"row 20, then 503":  {[]func() (*http.Response, error){answered(503, rowTwenty), status(503)}, 2, false, KindThrottled, true},
		"a page":            {[]func() (*http.Response, error){answered(200, `<html>メンテナンス中</html>`)}, 1, false, KindMaintenance, true},
		"a redirection":     {[]func() (*http.Response, error){status(302)}, 1, false, KindNotFound, true},
		"408":               {[]func() (*http.Response, error){status(408)}, 1, false, KindInvalidRequest, true},
		"refused":           {[]func() (*http.Response, error){status(400)}, 1, false, KindInvalidRequest, false},
		"server error":      {[]func() (*http.Response, error){status(500)}, 1, false, KindServer, true},
		"gateway's timeout": {[]func() (*http.Response, error){status(504)}, 1, false, KindServer, true},
		"no answer":         {[]func() (*http.Response, error){fails(io.ErrUnexpectedEOF)}, 1, false, KindNetwork, true},
		"no connection":     {[]func() (*http.Response, error){fails(&net.OpError{Op: "dial", Err: io.EOF})}, 1, false, KindNetwork, false},
		"cut off":           {[]func() (*http.Response, error){cutOff}, 1, false, KindNetwork, true},
		"too large":         {[]func() (*http.Response, error){answered(200, strings.Repeat(" ", maxBody+1))}, 1, false, KindTooLarge, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				client := newClientOf(t, func(req *http.Request) (*http.Response, error) {
					unread, err := req.GetBody() // the fake network has read the body itself
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(unread)
					if req.Method != http.MethodPut || string(body) != order || req.Header.Get("Content-Type") != "application/json" || err != nil {
						t.Errorf("got %s %q, %v", req.Method, body, err)
					}
					if requests++; requests <= len(c.answers) {
						return c.answers[requests-1]()
					}
					return reply(200, `{}`), nil
				})
				_, err := client.Do(t.Context(), "change", RequestSpec{Method: http.MethodPut, Path: "/x", Body: []byte(order)})
				if requests != c.requests || (err == nil) != c.ok {
					t.Fatalf("%d requests, error %v; want %d, ok %v", requests, err, c.requests, c.ok)
				}
				if err == nil {
					return
				}
				var failure *Error
				if !errors.As(err, &failure) || failure.Kind != c.kind || failure.Indeterminate != c.indeterminate {
					t.Errorf("error %#v, want %s, indeterminate %v", failure, c.kind, c.indeterminate)
				}
				if strings.Contains(err.Error(), "may have done") != c.indeterminate {
					t.Errorf("error %q", err)
				}
			})
		})
	}
}

// A change that waits for a token has not left yet: it is sent once there is one.
func TestChangeOutlivesATokenThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens, changes := 0, 0
		client, _ := newClientWithMetrics(t, testConfig(), roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPost {
				if tokens++; tokens == 1 {
					return nil, io.ErrUnexpectedEOF
				}
				return reply(200, goodToken), nil
			}
			changes++
			return reply(200, `{}`), nil
		}))
		if _, err := client.Do(t.Context(), "change", RequestSpec{Method: http.MethodDelete, Path: "/x"}); err != nil || changes != 1 {
			t.Errorf("%d changes, error %v", changes, err)
		}
	})
}

// newClientOf is a client whose carrier hands out tokens at /token and answers everything else by api.
func newClientOf(t *testing.T, api roundTrip) *Client {
	client, _ := newClientWithMetrics(t, testConfig(), roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/token" {
			return reply(http.StatusCreated, goodToken), nil
		}
		return api(req)
	}))
	return client
}

func status(code int) func() (*http.Response, error) { return answered(code, "") }

func answered(code int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return reply(code, body), nil }
}

func fails(err error) func() (*http.Response, error) {
	return func() (*http.Response, error) { return nil, err }
}

func cutOff() (*http.Response, error) {
	resp := reply(200, `{"resultCode":`)
	resp.ContentLength = 100
	return resp, nil
}

func TestTargetIsAsDocumented(t *testing.T) {
	query := url.Values{"b": {"2"}, "a": {"id@domain"}, "c": {"全 角&"}}
	for name, c := range map[string]struct {
		spec RequestSpec
		want string
	}{
		"no query":     {RequestSpec{Path: "/x"}, "/x"},
		"sorted":       {RequestSpec{Path: "/x", Query: query}, "/x?a=id@domain&b=2&c=%E5%85%A8+%E8%A7%92%26"},
		"in order":     {RequestSpec{Path: "/x", Query: query, Order: []string{"c", "a"}}, "/x?c=%E5%85%A8+%E8%A7%92%26&a=id@domain&b=2"},
		"unused order": {RequestSpec{Path: "/x", Query: url.Values{"a": {"1"}}, Order: []string{"z", "a"}}, "/x?a=1"},
	} {
		if got := c.spec.Target(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestViolationsAreAllNamed(t *testing.T) {
	var v Violations
	if v.Err() != nil {
		t.Errorf("no violation is %v", v.Err())
	}
	v.Add("lineNo", "%d digits", 12)
	if got := v.Err().Error(); got != "lineNo: 12 digits" {
		t.Errorf("one: %q", got)
	}
	v.Add("agreement", "missing")
	if got := v.Err().Error(); got != "lineNo: 12 digits\nagreement: missing" {
		t.Errorf("two: %q", got)
	}
}

// The call that issues a token needs none, and a refusal of it is not a token's fault.
func TestAnonymousRequestsNeedNoToken(t *testing.T) {
	for _, answer := range []int{201, 401} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client, _ := newClientWithMetrics(t, testConfig(), roundTrip(func(req *http.Request) (*http.Response, error) {
				if _, has := req.Header["Authorization"]; has || req.URL.Path != "/oauth" {
					t.Errorf("%s with %v", req.URL, req.Header)
				}
				requests++
				return reply(answer, `{}`), nil
			}))
			_, err := client.Do(t.Context(), "access_token", RequestSpec{Method: http.MethodPost, Path: "/oauth", Body: []byte(`{}`), Anonymous: true})
			if requests != 1 || (err == nil) != (answer == 201) {
				t.Errorf("answered %d: %d requests, error %v", answer, requests, err)
			}
		})
	}
}

// A gateway's limit that arrives as 500 is met like a 429, but for a change: the fault may come from the way back.
func TestGatewaysFaultsOnChanges(t *testing.T) {
	const quota = `{"fault":{"faultstring":"Rate limit quota violation","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}`
	for _, body := range []string{quota, "System Maintainance"} {
		for method, requests := range map[string]int{http.MethodGet: 2, http.MethodPut: 1} {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				client := newClientOf(t, func(*http.Request) (*http.Response, error) {
					if asked++; asked == 1 {
						return reply(500, body), nil
					}
					return reply(200, `{}`), nil
				})
				_, err := client.Do(t.Context(), "change", RequestSpec{Method: method, Path: "/x"})
				var failure *Error
				if asked != requests || (err == nil) != (method == http.MethodGet) || errors.As(err, &failure) && !failure.Indeterminate {
					t.Errorf("%s, %.20s: asked %d times, error %v", method, body, asked, err)
				}
			})
		}
	}
}
