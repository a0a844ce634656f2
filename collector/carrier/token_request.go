package carrier

import (
	"encoding/json"
	"errors"
	"math"
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

// readToken takes both spellings of the fields, with numbers as numbers or strings; where both are there the one counts
// that can be sent, the carrier's own first. ExpiresIn is the whole life in seconds, Expiry its end by the local clock;
// the carrier's issuedAt does not count.
func readToken(reply Reply) (*oauth2.Token, error) {
	var answer struct {
		AccessToken1 any `json:"accessToken"`
		AccessToken2 any `json:"access_token"`
		ExpiresIn1   any `json:"expiresIn"`
		ExpiresIn2   any `json:"expires_in"`
	}
	if err := json.Unmarshal(reply.Body, &answer); err != nil {
		// The decoder's own text may quote the answer.
		return nil, errors.New("it is not the JSON that is documented")
	}
	access, given := "", false
	for _, spelling := range []any{answer.AccessToken1, answer.AccessToken2} {
		text, _ := spelling.(string)
		text = strings.TrimSpace(text)
		given = given || text != ""
		if access == "" && fitsHeader(text) {
			access = text
		}
	}
	switch {
	case !given:
		return nil, errors.New("it has no accessToken")
	case access == "":
		return nil, errors.New("its accessToken cannot be sent: it has blanks, or signs that no header may have")
	}
	life, told := lifeOf(answer.ExpiresIn1)
	if !told {
		life, _ = lifeOf(answer.ExpiresIn2)
	}
	return &oauth2.Token{
		AccessToken: access, TokenType: "Bearer", Expiry: reply.ReceivedAt.Add(life), ExpiresIn: int64(life / time.Second),
	}, nil
}

// fitsHeader reports whether a token can stand in a header: RFC 6750 §2.1 has letters, digits and a few signs, and
// whatever else is visible and in ASCII reaches the carrier as well.
func fitsHeader(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// lifeOf reads expiresIn, in seconds; where it says nothing the life is the documented one. A token that dies earlier is
// noticed by its 401.
func lifeOf(expiresIn any) (life time.Duration, told bool) {
	seconds, ok := expiresIn.(float64)
	if text, isText := expiresIn.(string); isText {
		parsed, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		seconds, ok = parsed, err == nil
	}
	if !ok || seconds <= 0 || math.IsNaN(seconds) {
		return documentedLife, false
	}
	return time.Duration(min(seconds, 365*24*3600) * float64(time.Second)), true
}
