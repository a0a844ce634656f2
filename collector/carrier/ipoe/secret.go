package ipoe

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"kaisen/collector/carrier"
)

// Secret is a key or a password of an answer or an order: lineAccessKey, the gateways' pre-shared keys, the password
// of the update server, the client's secret and the token. It is carrier.Secret, with JSON hidden as well, since
// what these answers hold is meant to be stored.
type Secret string

// String hides the secret; an empty one is "".
func (s Secret) String() string { return carrier.Secret(s).String() }

// Format hides the secret from every verb.
func (s Secret) Format(f fmt.State, verb rune) { carrier.Secret(s).Format(f, verb) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return carrier.Secret(s).LogValue() }

// MarshalJSON hides the secret.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// reveal is the secret itself, for the requests that must send it.
func (s Secret) reveal() string { return string(s) }

// secretField finds a field that is a Secret, up to its value and with it, in what is no JSON too.
var secretField = regexp.MustCompile(
	`(?i)("[\s\p{Z}]*(?:lineAccessKey|pp(?:one|two)GwPreSharedKey|password|clientSecret|access_?token)[\s\p{Z}]*"[\s\p{Z}]*:[\s\p{Z}]*)` +
		`("(?:[^"\\]|\\.)*"?|[\[{]|[^\s,}\]"]+)`)

// redact takes the secrets out of an answer. An answer that holds one in a spelling or a shape that no answer should
// have is dropped whole.
func redact(body []byte) []byte {
	hidden, _ := Secret("any").MarshalJSON()
	hopeless := false
	clean := secretField.ReplaceAllFunc(body, func(field []byte) []byte {
		parts := secretField.FindSubmatch(field)
		switch value := string(parts[2]); value {
		case "null", `""`:
			return field
		case "{", "[":
			hopeless = true
		}
		return append(slices.Clip(parts[1]), hidden...)
	})
	var tree any
	if hopeless || json.Unmarshal(clean, &tree) == nil && tellsSecret(tree) {
		return nil
	}
	return clean
}

// tellsSecret looks for the same fields in an answer's JSON, whose keys may be spelled with escapes.
func tellsSecret(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, tellsSecret)
	case map[string]any:
		for key, value := range v {
			switch strings.ToLower(strings.TrimSpace(key)) {
			case "lineaccesskey", "pponegwpresharedkey", "pptwogwpresharedkey", "password", "clientsecret", "accesstoken", "access_token":
				if value != nil && value != "" && value != Secret("any").String() {
					return true
				}
			default:
				if tellsSecret(value) {
					return true
				}
			}
		}
	}
	return false
}
