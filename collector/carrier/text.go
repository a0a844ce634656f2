package carrier

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// Reasons of a Warning about the characters of an answer.
const (
	// ReasonConverted is of an answer that was written in another encoding than UTF-8 and converted. Nothing is lost.
	ReasonConverted = "not_utf8"
	// ReasonUnreadable is of an answer with bytes that are no character in any encoding that is known: U+FFFD stands for them.
	ReasonUnreadable = "no_character"
)

// wholeAnswer is the field of a Warning about the answer itself.
const wholeAnswer = "answer"

// inUTF8 makes UTF-8 of an answer, without a byte order mark: JSON is UTF-8 (RFC 8259 §8.1), and so is everything that
// kaisen stores. A Japanese gateway may write Shift_JIS all the same, in any shape of answer, and need not say so in
// its header; bytes that are UTF-8 are taken for it whatever the header says.
func inUTF8(body []byte, contentType string) ([]byte, []Warning) {
	switch {
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\xff\xfe")):
		return converted(body, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
	case len(body) > 1 && body[0] == 0 && body[1] != 0: // an answer begins in ASCII
		return converted(body, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
	case len(body) > 1 && body[0] != 0 && body[1] == 0:
		return converted(body, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))
	}
	if body = withoutBOM(body); utf8.Valid(body) {
		return body, nil
	}
	from := encoding.Encoding(japanese.ShiftJIS)
	if strings.Contains(strings.ToLower(contentType), "euc-jp") { // bytes alone do not tell the two apart
		from = japanese.EUCJP
	}
	if text, warnings := converted(body, from); warnings[0].Reason == ReasonConverted {
		return text, warnings
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), []Warning{{Field: wholeAnswer, Reason: ReasonUnreadable}}
}

// converted reads a body in an encoding.
func converted(body []byte, from encoding.Encoding) ([]byte, []Warning) {
	text, err := from.NewDecoder().Bytes(body)
	reason := ReasonConverted
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		text, reason = bytes.ToValidUTF8(text, []byte("\uFFFD")), ReasonUnreadable
	}
	return withoutBOM(text), []Warning{{Field: wholeAnswer, Reason: reason}}
}

// withoutBOM takes byte order marks off, of which each system on the way may have added one.
func withoutBOM(text []byte) []byte {
	for bytes.HasPrefix(text, []byte("\ufeff")) {
		text = text[len("\ufeff"):]
	}
	return text
}
