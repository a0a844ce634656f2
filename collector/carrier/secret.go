package carrier

import (
	"fmt"
	"log/slog"
	"regexp"

	"kaisen/schema"
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

// So many digits in a row count as a line number. Contracts have nine, times fourteen but with signs between them
// where kaisen writes them, and a figure that is out of range has twenty.
const shortestLine, longestLine = 10, 15

// digits finds the runs of digits of a text.
var digits = regexp.MustCompile(`[0-9]+`)

// maskDigits hides line numbers in any form, and whatever else is as long as one.
func maskDigits(text string) string {
	return digits.ReplaceAllStringFunc(schema.MaskLines(text), func(run string) string {
		if len(run) < shortestLine || len(run) > longestLine {
			return run
		}
		return schema.MaskLine(run)
	})
}
