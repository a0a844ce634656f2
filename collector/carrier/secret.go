package carrier

import (
	"fmt"
	"log/slog"
)

// hidden stands for a secret wherever it would be read by somebody.
const hidden = "***"

// Secret is a password or a key that passes through kaisen. It shows itself in no text, log or error; only a string
// conversion, and JSON, have it. The JSON is meant for the one answer that the user asked for by hand.
type Secret string

// String hides the secret; an empty one is "".
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format hides the secret from every verb, %#v and %x too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// LogValue hides the secret from slog, whose JSON handler would take it as a string.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
