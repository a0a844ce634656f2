package carrier

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	tokenOperation = "token"
	// documentedLife is how long a token lives where the answer does not say (IPoE API 3.4.0: 3,600 seconds).
	documentedLife = time.Hour
)

// tokenForm is a way to ask for a token.
type tokenForm int

const (
	jsonForm   tokenForm = iota // the carrier's own (IPoE API 3.4.0, accesstokens)
	headerForm                  // RFC 6749 §4.4.2 with the secret as a header
	bodyForm                    // RFC 6749 §4.4.2 with the secret in the body
)

// body is what is sent.
func (f tokenForm) body(c Credentials) (contentType string, body []byte) {
	if f == jsonForm {
		body, err := json.Marshal(map[string]string{
			"grantType": "client_credentials", "clientId": c.ClientID, "clientSecret": c.ClientSecret,
		})
		if err != nil {
			panic(err) // cannot be: a map of strings
		}
		return "application/json", body
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if f == bodyForm {
		form.Set("client_id", c.ClientID)
		form.Set("client_secret", c.ClientSecret)
	}
	return "application/x-www-form-urlencoded", []byte(form.Encode())
}

// explainRefusal makes a refusal say what is wrong where and what to do, without the secret: a gateway may repeat what
// it was sent, so the answer itself is dropped.
func explainRefusal(failure *Error, cfg *Config) *Error {
	failure.Payload = nil
	failure.Message = strings.ReplaceAll(failure.Message, cfg.ClientSecret, "***")
	said := ""
	if failure.Message != "" {
		said = " (" + failure.Message + ")"
	}
	switch {
	case failure.Status == http.StatusBadRequest || failure.Kind == KindUnauthorised || failure.Kind == KindNotAllowed:
		failure.Kind, failure.Reason = KindUnauthorised, ReasonToken
		failure.Message = fmt.Sprintf("%s does not accept the client of source %s%s: check client_id and client_secret",
			cfg.TokenURL, cfg.Source, said)
	case failure.Status == http.StatusNotFound:
		failure.Kind, failure.Reason = KindNotFound, ReasonNoSuchURL
		failure.Message = fmt.Sprintf("nothing at %s%s: check token_url of source %s", cfg.TokenURL, said, cfg.Source)
	}
	return failure
}

// readToken takes both spellings of the fields, with numbers as numbers or strings. ExpiresIn is the whole life in
// seconds, Expiry its end by the local clock; the carrier's issuedAt does not count.
func readToken(reply Reply) (*oauth2.Token, error) {
	var answer struct {
		AccessToken1 string `json:"accessToken"`
		AccessToken2 string `json:"access_token"`
		ExpiresIn1   any    `json:"expiresIn"`
		ExpiresIn2   any    `json:"expires_in"`
	}
	if err := json.Unmarshal(reply.Body, &answer); err != nil {
		// The decoder's own text may quote the answer.
		return nil, errors.New("it is not the JSON that is documented")
	}
	access := answer.AccessToken1 + answer.AccessToken2
	if access == "" {
		return nil, errors.New("it has no accessToken")
	}
	expires := answer.ExpiresIn1
	if expires == nil {
		expires = answer.ExpiresIn2
	}
	life := lifeOf(expires)
	return &oauth2.Token{
		AccessToken: access, TokenType: "Bearer", Expiry: reply.ReceivedAt.Add(life), ExpiresIn: int64(life / time.Second),
	}, nil
}

// lifeOf reads expiresIn, in seconds. A token that dies earlier is noticed by its 401.
func lifeOf(expiresIn any) time.Duration {
	seconds, ok := expiresIn.(float64)
	if text, isText := expiresIn.(string); isText {
		parsed, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		seconds, ok = parsed, err == nil
	}
	if !ok || seconds <= 0 || math.IsNaN(seconds) {
		return documentedLife
	}
	return time.Duration(min(seconds, 365*24*3600) * float64(time.Second))
}
