package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// tokenCall is POST …/accesstokens, in the carrier's JSON style (IPoE API 3.4.0, 認証API) or in that of RFC 6749 §4.4,
// told apart by Content-Type.
func (c *Carrier) tokenCall(r *http.Request, id uint64) answer {
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
		return c.jsonToken(body, r.URL.Path, id)
	case err == nil && kind == "application/x-www-form-urlencoded":
		return c.formToken(r, body)
	default:
		return gatewayError(400, msgGatewayInvalid, "Content-Type must be application/json.", id)
	}
}

func (c *Carrier) jsonToken(body []byte, path string, id uint64) answer {
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
	if !c.tokens.match(asked.ClientID, asked.ClientSecret) {
		return gatewayError(401, `{ "ErrorCode" : "invalid_client", "Error" : "ClientId is Invalid" }`,
			"Authentication failed. Please check your clientId and clientSecret.", id)
	}
	token, count := c.tokens.issue()
	status := 201 // the example; the table says 200
	if path != ipoeTokenURL && (c.cfg.Style == StyleModern || c.cfg.Style == StyleMixed && count%2 == 0) {
		status = 200
	}
	return answer{status: status, noStore: true, body: fmt.Appendf(nil,
		"{\n  \"accessToken\": %q,\n  \"tokenType\": \"BearerToken\",\n  \"expiresIn\": \"%d\",\n  \"scope\": \"\",\n  \"issuedAt\": \"%d\"\n}\n",
		token, c.expiresIn(), time.Now().UnixMilli())}
}

func (c *Carrier) formToken(r *http.Request, body []byte) answer {
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
	if !c.tokens.match(id, secret) {
		a := formError(401, "invalid_client", "client authentication is wrong")
		if basic {
			a.challenge = `Basic realm="accesstokens"`
		}
		return a
	}
	token, _ := c.tokens.issue()
	return answer{status: 200, noStore: true, body: fmt.Appendf(nil,
		"{\"access_token\":%q,\"token_type\":\"Bearer\",\"expires_in\":%d}\n", token, c.expiresIn())}
}

// expiresIn is one second less than the life, as the carrier says 3599 of 3600; at least 1.
func (c *Carrier) expiresIn() int { return max(int(c.tokens.life.Seconds())-1, 1) }

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
