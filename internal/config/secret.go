package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
)

// hidden stands in for a secret wherever one would be shown.
const hidden = "<secret>"

// Secret is a text that no print path shows: fmt with any verb, JSON, YAML and slog write a stand-in. The text sits
// behind a pointer because fmt does not call the methods of unexported fields: there it prints an address.
type Secret struct {
	text  *string
	shown string
}

// NewSecret hides text. The empty text is no secret and shows as empty.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text, shown: hidden}
}

// Reveal is the text itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares the texts.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String is the stand-in.
func (s Secret) String() string { return s.shown }

// GoString is the stand-in.
func (s Secret) GoString() string { return s.shown }

// Format writes the stand-in for every verb; String alone would leave %d to reflection.
func (s Secret) Format(w fmt.State, _ rune) { fmt.Fprint(w, s.shown) }

// MarshalText writes the stand-in; encoding/json and the YAML library both ask for it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.shown), nil }

// LogValue is the stand-in.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.shown) }

// UnmarshalText hides text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// DSN is the address of a ClickHouse server, of which everything but a password may be shown.
type DSN struct{ Secret }

// NewDSN hides the passwords in text.
func NewDSN(text string) DSN {
	dsn := DSN{NewSecret(text)}
	if text != "" {
		dsn.shown = hidePasswords(text)
	}
	return dsn
}

// UnmarshalText takes any text; whether it is an address is found out with the other values.
func (d *DSN) UnmarshalText(text []byte) error {
	*d = NewDSN(string(text))
	return nil
}

// Equal compares the addresses, passwords included.
func (d DSN) Equal(other DSN) bool { return d.Secret.Equal(other.Secret) }

// hidePasswords keeps of a DSN what may be shown. A DSN that does not parse is hidden whole, because nobody knows
// where its password is.
func hidePasswords(dsn string) string {
	parts, err := splitDSN(dsn)
	if err != nil {
		return hidden
	}
	var shown strings.Builder
	shown.WriteString(parts.scheme + "://")
	if parts.user != nil {
		shown.WriteString(url.User(parts.user.Username()).String())
		if _, has := parts.user.Password(); has {
			shown.WriteString(":" + hidden)
		}
		shown.WriteString("@")
	}
	shown.WriteString(strings.Join(parts.hosts, ",") + parts.path)
	separator := "?"
	for pair := range strings.SplitSeq(parts.query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key == "" {
			continue
		}
		if sensitive(key) {
			value = hidden
		}
		shown.WriteString(separator + key + "=" + value)
		separator = "&"
	}
	return shown.String()
}

// sensitive reports whether a query parameter of a DSN holds a secret: password=…, and a proxy's address may hold one.
func sensitive(key string) bool {
	name, err := url.QueryUnescape(key)
	if err != nil {
		return true
	}
	name = strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "secret", "token", "proxy", "key"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// readSecret reads a file that holds nothing but a secret, without the newline that editors put at its end.
func readSecret(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := strings.TrimRight(string(content), "\r\n")
	switch {
	case text == "":
		err = errEmpty
	case strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff"):
		err = errMarked
	case strings.TrimSpace(text) != text:
		err = errBlanks
	case strings.ContainsAny(text, "\r\n"):
		err = errLines
	}
	if err != nil {
		return "", &os.PathError{Op: "read", Path: file, Err: err}
	}
	return text, nil
}

// No secret that the carrier or a database gives out looks like these; an editor or a copy has made them so, and what would
// be told is only that the login failed.
var (
	errEmpty  = errors.New("the file is empty")
	errMarked = errors.New("it begins with a byte order mark, which would be taken for a part of the secret: save it as UTF-8 without one")
	errBlanks = errors.New("there are blanks before or behind the secret, which would be taken for a part of it: remove them")
	errLines  = errors.New("it has more than one line: leave the secret alone in it")
)
