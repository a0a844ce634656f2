package gateway_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

func postToken(c *simulatortest.Client, path, kind, body string, edit func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	return w
}

const (
	jsonKind = "application/json"
	formKind = "application/x-www-form-urlencoded"
	goodJSON = `{"grantType":"client_credentials","clientId":"me","clientSecret":"a:b %+"}`
)

func tokenConfig() simulator.Config {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.ClientID, cfg.ClientSecret = "me", "a:b %+"
	return cfg
}

func TestTokenStyles(t *testing.T) {
	c := simulatortest.NewClient(t, tokenConfig())
	basic := func(r *http.Request) { r.SetBasicAuth(url.QueryEscape("me"), url.QueryEscape("a:b %+")) }
	tests := []struct {
		name, path, kind, body string
		edit                   func(*http.Request)
	}{
		{"JSON", "/v1/oauth/accesstokens", jsonKind, goodJSON, nil},
		{"JSON with charset", "/oauth/v1/accesstokens", "application/json; charset=utf-8", goodJSON, nil},
		{"form with Basic", "/v1/oauth/accesstokens", formKind, "grant_type=client_credentials", basic},
		{"form with secret in it", "/oauth/v1/accesstokens", formKind, "grant_type=client_credentials&client_id=me&client_secret=a%3Ab+%25%2B", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := postToken(c, test.path, test.kind, test.body, test.edit)
			if w.Code != 200 && w.Code != 201 || w.Header().Get("Cache-Control") != "no-store" {
				t.Fatalf("%d %s %v", w.Code, w.Body, w.Header())
			}
			var token struct {
				AccessToken, TokenType, ExpiresIn, IssuedAt string
				Plain                                       string `json:"access_token"`
				Seconds                                     int    `json:"expires_in"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil {
				t.Fatal(err)
			}
			if test.kind == formKind && (token.Seconds != 3599 || token.Plain == "") ||
				test.kind != formKind && (token.ExpiresIn != "3599" || token.TokenType != "BearerToken" || len(token.IssuedAt) != 13) {
				t.Errorf("%s", w.Body)
			}
			c.Token = token.AccessToken + token.Plain
			c.Get("N000000001")
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	c := simulatortest.NewClient(t, tokenConfig())
	wrongBasic := func(r *http.Request) { r.SetBasicAuth("me", "wrong") }
	tests := []struct {
		name, kind, body string
		edit             func(*http.Request)
		status           int
		want             string
	}{
		{"wrong secret", jsonKind, `{"grantType":"client_credentials","clientId":"me","clientSecret":"x"}`, nil, 401, `invalid_client`},
		{"wrong grant", jsonKind, `{"grantType":"password","clientId":"me","clientSecret":"a:b %+"}`, nil, 400, "grantType is Invalid"},
		{"form's names", jsonKind, `{"grant_type":"client_credentials","client_id":"me","client_secret":"a:b %+"}`, nil, 400, "grantType is Invalid"},
		{"not JSON", jsonKind, `grantType=client_credentials`, nil, 400, "AccessTokensRequest"},
		{"no content type", "", goodJSON, nil, 400, "Content-Type"},
		{"form without grant", formKind, "client_id=me&client_secret=x", nil, 400, `"invalid_request"`},
		{"form, other grant", formKind, "grant_type=password", nil, 400, `"unsupported_grant_type"`},
		{"form, wrong secret", formKind, "grant_type=client_credentials&client_id=me&client_secret=x", nil, 401, `"invalid_client"`},
		{"Basic, wrong secret", formKind, "grant_type=client_credentials", wrongBasic, 401, `"invalid_client"`},
		{"both ways", formKind, "grant_type=client_credentials&client_secret=x", wrongBasic, 400, `"invalid_request"`},
		{"field twice", formKind, "grant_type=client_credentials&client_id=a&client_id=b", nil, 400, `"invalid_request"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := postToken(c, "/v1/oauth/accesstokens", test.kind, test.body, test.edit)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("%d %s, want %d and %s", w.Code, w.Body, test.status, test.want)
			}
			if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (test.name == "Basic, wrong secret") {
				t.Errorf("WWW-Authenticate %q", challenge)
			}
		})
	}
	if w := c.Do("GET", "/v1/oauth/accesstokens", ""); w.Code != 404 {
		t.Errorf("GET: %d", w.Code)
	}
}

// A token lasts its life of real time, whatever the virtual clock does; a new one does not end it.
func TestTokenLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := tokenConfig()
		cfg.TokenLife = time.Minute
		c := simulatortest.NewClient(t, cfg)
		first := c.Token
		c.Clock(simulator.ClockChange{Advance: "10h"})
		time.Sleep(59 * time.Second)
		second := c.NewToken()
		c.Get("N000000001")
		time.Sleep(time.Second)
		if w := c.Do("GET", simulatortest.Base+"N000000001", ""); w.Code != 401 {
			t.Errorf("after a minute: %d", w.Code)
		}
		c.Token = second
		c.Get("N000000001")
		if w := c.Do("DELETE", "/_sim/tokens", ""); strings.TrimSpace(w.Body.String()) != `{"killed":2}` {
			t.Errorf("DELETE tokens: %s", w.Body)
		}
		for _, c.Token = range []string{first, second} {
			if w := c.Do("GET", simulatortest.Base+"N000000001", ""); w.Code != 401 {
				t.Errorf("after all died: %d", w.Code)
			}
		}
	})
}

func TestRandomCredentials(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.ClientID, cfg.ClientSecret = "", ""
	c := simulatortest.NewClient(t, cfg)
	if id, secret := c.Carrier.Credentials(); len(id) < 20 || len(secret) < 20 || id == secret {
		t.Errorf("credentials %q, %q", id, secret)
	}
	c.Get("N000000001")
}

// The token call of this API answers 201, as its example does; both APIs take the token.
func TestIPoEToken(t *testing.T) {
	for _, style := range simulatortest.Styles() {
		cfg := tokenConfig()
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		for range 3 {
			w := postToken(c, "/oauth/v1/accesstokens", jsonKind, goodJSON, nil)
			if w.Code != 201 {
				t.Errorf("%s: %d", style, w.Code)
			}
			c.Token = simulatortest.Read(t, w.Body.String())["accessToken"].(string)
			c.Backend("GET", "customerProducts", "", 200)
			c.Get("N000000001/products")
		}
		c.Token = "none"
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.IPoEBase+"customerSites", ""), 401, true, "Invalid access token")
	}
}
