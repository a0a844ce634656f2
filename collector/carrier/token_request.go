package carrier

import (
	"bytes"
	"context"
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
	longestMargin  = time.Minute
)

// request asks the carrier for a token, in the configured style.
func (s *tokenSource) request(ctx context.Context) (*token, error) {
	if s.cfg.Style == StyleJSON {
		return s.send(ctx, s.jsonRequest)
	}
	s.mu.Lock()
	inBody := s.secretInBody
	s.mu.Unlock()
	fresh, err := s.send(ctx, s.formRequest(inBody))
	if kind, _ := KindOf(err); err == nil || inBody || kind != KindUnauthorised {
		return fresh, err
	}
	// RFC 6749 §2.3.1: a server must take the secret as a header and may take it in the body. Some only do the latter.
	if fresh, second := s.send(ctx, s.formRequest(true)); second == nil {
		s.mu.Lock()
		s.secretInBody = true
		s.mu.Unlock()
		return fresh, nil
	}
	return nil, err
}

// jsonRequest is the carrier's own style (IPoE API 3.4.0, accesstokens).
func (s *tokenSource) jsonRequest(ctx context.Context) (*http.Request, error) {
	body, err := json.Marshal(map[string]string{
		"grantType": "client_credentials", "clientId": s.cfg.ClientID, "clientSecret": s.cfg.ClientSecret,
	})
	if err != nil {
		return nil, err
	}
	return s.post(ctx, "application/json", body)
}

// formRequest is RFC 6749 §4.4.2.
func (s *tokenSource) formRequest(secretInBody bool) func(context.Context) (*http.Request, error) {
	return func(ctx context.Context) (*http.Request, error) {
		form := url.Values{"grant_type": {"client_credentials"}}
		if secretInBody {
			form.Set("client_id", s.cfg.ClientID)
			form.Set("client_secret", s.cfg.ClientSecret)
		}
		req, err := s.post(ctx, "application/x-www-form-urlencoded", []byte(form.Encode()))
		if err == nil && !secretInBody {
			req.SetBasicAuth(url.QueryEscape(s.cfg.ClientID), url.QueryEscape(s.cfg.ClientSecret))
		}
		return req, err
	}
}

func (s *tokenSource) post(ctx context.Context, contentType string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.TokenURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", s.cfg.UserAgent)
	return req, nil
}

func (s *tokenSource) send(ctx context.Context, build func(context.Context) (*http.Request, error)) (*token, error) {
	req, err := build(ctx)
	if err != nil {
		return nil, &Error{Operation: tokenOperation, Kind: KindInvalidRequest, ObservedAt: time.Now(), Err: err}
	}
	reply, err := s.exchange(tokenOperation, req)
	if err != nil {
		return nil, s.explain(err)
	}
	fresh, err := readToken(reply)
	if err != nil {
		return nil, &Error{
			Operation: tokenOperation, Kind: KindMalformed, Status: reply.Status, ObservedAt: reply.ObservedAt,
			Message: "the answer of " + s.cfg.TokenURL + " is no token: check token_url and token_style", Err: err,
		}
	}
	return fresh, nil
}

// explain makes a refusal tell what is wrong where and what to do, without the secret: a gateway may repeat what it
// was sent, so the answer itself is dropped.
func (s *tokenSource) explain(err error) error {
	var failure *Error
	if !errors.As(err, &failure) {
		return err
	}
	failure.Payload = nil
	said := ""
	if failure.Message != "" {
		said = fmt.Sprintf(" (%s)", strings.ReplaceAll(failure.Message, s.cfg.ClientSecret, "***"))
	}
	switch {
	case failure.Status == http.StatusBadRequest || failure.Kind == KindUnauthorised || failure.Kind == KindNotAllowed:
		failure.Kind, failure.Reason = KindUnauthorised, ReasonToken
		failure.Message = fmt.Sprintf("%s does not accept the client of source %s%s: check client_id and client_secret",
			s.cfg.TokenURL, s.cfg.Source, said)
	case failure.Status == http.StatusNotFound:
		failure.Kind, failure.Reason = KindNotFound, ReasonNoSuchURL
		failure.Message = fmt.Sprintf("nothing at %s%s: check token_url of source %s", s.cfg.TokenURL, said, s.cfg.Source)
	default:
		failure.Message = strings.ReplaceAll(failure.Message, s.cfg.ClientSecret, "***")
	}
	return failure
}

// readToken takes both spellings of the fields, with numbers as numbers or strings.
func readToken(reply Reply) (*token, error) {
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
	return &token{
		Token:   oauth2.Token{AccessToken: access, TokenType: "Bearer", Expiry: reply.ReceivedAt.Add(life)},
		renewAt: reply.ReceivedAt.Add(life - min(life/10, longestMargin)),
		header:  []string{"Bearer " + access},
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
