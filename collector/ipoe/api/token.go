package api

import (
	"net/http"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// TokenRequest is POST /accesstokens (認証API; IPoE API 3.4.0, AccessTokensRequest): one more access token, which leaves
// those issued before in force. Package carrier gets its own tokens by itself; this is for use by hand.
type TokenRequest struct {
	ClientID     string `json:"clientId" doc:"the client's ID that NTTPC gave with the API application, 1 to 256 signs"`
	ClientSecret Secret `json:"clientSecret" doc:"its password, 8 to 40 signs"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *TokenRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's. The document's pattern of the password wants letters and digits alone and one of each;
// its example has a sign. Only the length is checked, and what cannot be typed.
func (r *TokenRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("clientId", r.ClientID)
	c.Text("clientId", r.ClientID, 1, 256, lenient.HalfWidth())
	c.Required("clientSecret", r.ClientSecret.reveal())
	c.Text("clientSecret", r.ClientSecret.reveal(), 8, 40, lenient.HalfWidth())
	return c.Err()
}

// Spec is carrier.Request's. Its body holds the client's secret.
func (r *TokenRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodPost, Path: "/oauth/v1/accesstokens", Beside: base, Anonymous: true, Body: lenient.Body(struct {
		GrantType    string `json:"grantType"`
		ClientID     string `json:"clientId"`
		ClientSecret string `json:"clientSecret"`
	}{"client_credentials", r.ClientID, r.ClientSecret.reveal()})}
}

// Token is the answer (IPoE API 3.4.0, the example of the token call; its definition is lost).
type Token struct {
	AccessToken Secret `json:"accessToken" need:"true" also:"access_token"`
	TokenType   string `json:"tokenType,omitzero" also:"token_type"` // BearerToken
	ExpiresIn   *int64 `json:"expiresIn" also:"expires_in"`          // seconds; 3600 when the token is new, and subject to change
	Scope       string `json:"scope"`                                // empty
	IssuedAt    *int64 `json:"issuedAt" also:"issued_at"`            // milliseconds since 1970
}

func readToken(d *lenient.Decoder, body []byte) (Token, []carrier.Warning, error) {
	var token Token
	warnings, err := lenient.Decode(d, body, &token)
	return token, warnings, err
}
