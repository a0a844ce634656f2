package carrier

import (
	"fmt"
	"log/slog"
	"strings"

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

func maskDigits(text string) string {
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	var b strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !isDigit(r) })
		switch {
		case end == 0: // copy up to the next digit
			if end = strings.IndexFunc(text, isDigit); end < 0 {
				end = len(text)
			}
			b.WriteString(text[:end])
			text = text[end:]
			continue
		case end < 0:
			end = len(text)
		}
		if end >= shortestLine && end <= longestLine {
			b.WriteString(schema.MaskLine(text[:end]))
		} else {
			b.WriteString(text[:end])
		}
		text = text[end:]
	}
	return b.String()
}
