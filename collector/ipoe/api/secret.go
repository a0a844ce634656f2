package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"

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

const (
	// secretKey is a field that holds a secret, up to its value.
	secretKey = `"[\s\p{Z}]*(?:lineAccessKey|pp(?:one|two)GwPreSharedKey|password|clientSecret|access_?token)[\s\p{Z}]*"[\s\p{Z}]*:[\s\p{Z}]*`
	// text is a JSON text, but for its end.
	text = `"(?:[^"\\]|\\.)*`
)

var (
	// secretField finds a field that holds a secret, up to its value and with it, in what is no JSON too.
	secretField = regexp.MustCompile(`(?i)(` + secretKey + `)(` + text + `"?|[\[{]|[^\s,}\]"]+)`)
	// plainField finds one that is written as JSON would, or cut off within its value.
	plainField = regexp.MustCompile(`(?i)` + secretKey + `(?:(?:` + text + `"|[\w.+-]+)[\s\p{Z}]*(?:[,}\]]|$)|` + text + `\\?$)`)
	// secretName finds the name of such a field however it is written.
	secretName = regexp.MustCompile(`(?i)access[\s_-]?key|shared[\s_-]?key|password|client[\s_-]?secret|access[\s_-]?token`)
	// escaped finds letters that need not be escaped, and so could hide a name.
	escaped = regexp.MustCompile(`(?i)\\u00[4-7][0-9a-f]|%[4-7][0-9a-f]|&#`)
)

// redact takes the secrets out of an answer. An answer that holds one in a spelling or a shape that no answer should
// have is dropped whole, and so is one that is no JSON and could hold one: what cannot be read cannot be searched.
func redact(body []byte) []byte {
	hidden, _ := Secret("any").MarshalJSON()
	unreadable := false
	clean := secretField.ReplaceAllFunc(body, func(field []byte) []byte {
		parts := secretField.FindSubmatch(field)
		switch value := string(parts[2]); value {
		case "null", `""`:
			return field
		case "{", "[":
			unreadable = true
		}
		return append(slices.Clip(parts[1]), hidden...)
	})
	if unreadable {
		return nil
	}
	if !json.Valid(body) {
		if mayHoldSecret(body) {
			return nil
		}
		return clean
	}
	var tree any
	if json.Unmarshal(clean, &tree) != nil || holdsSecret(tree) {
		return nil
	}
	return clean
}

// mayHoldSecret reports whether a text that is no JSON names a secret anywhere but in a field that redact hides.
func mayHoldSecret(body []byte) bool {
	rest := plainField.ReplaceAll(body, nil)
	return secretName.Match(rest) || escaped.Match(rest)
}

// holdsSecret looks for such fields in an answer's JSON, whose keys may be spelled with escapes or be like those that
// are known, and whose texts may speak of them.
func holdsSecret(v any) bool {
	switch v := v.(type) {
	case string:
		return secretName.MatchString(v)
	case []any:
		return slices.ContainsFunc(v, holdsSecret)
	case map[string]any:
		for key, value := range v {
			given := value != nil && value != "" && value != Secret("any").String()
			if secretName.MatchString(key) && given || holdsSecret(value) {
				return true
			}
		}
	}
	return false
}
