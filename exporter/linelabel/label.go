// Package linelabel is what metrics and pages call a line, whose number is personal data: the number, a mask, or a hash.
//
// It refuses to know any line: a label is made of a number and the key alone, so that it is the same on every machine.
package linelabel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"kaisen/schema"
)

// Form says how a line number looks in label line_no and on the page. ClickHouse has the number in any case.
type Form string

const (
	Plain  Form = "plain"  // 09012345678
	Masked Form = "masked" // 090****5678-3f9a1c: recognised by those who know the number
	Hashed Form = "hashed" // 3f9a1c0b5d2e8a47: says nothing of it
)

// How many hexadecimal digits of the keyed hash a label has. Behind a mask they only have to tell apart the lines of one
// contract that begin and end alike; alone, all the lines there are.
const (
	maskedDigits = 6
	hashedDigits = 16
)

// Labels makes labels of line numbers. The zero Labels shows them plain.
//
// Two lines must never share a label, or their series would be one. A mask alone does not see to that: in a fleet of
// some thousands, many numbers begin and end alike. So every masked label carries a piece of a keyed hash, also where no
// other line looks like it yet: a label that changed when another line arrived would end one series and begin another.
// The hash is HMAC-SHA256 of the number with a secret key. Without the key, the hundred million numbers there are could
// be tried one by one; with the same key, labels are the same after every restart and on every machine.
type Labels struct {
	form Form
	key  []byte
}

// New takes exporter.line_label and exporter.line_label_key_file. Masked and hashed need the key: the text of
// the file, without the line break at its end and at least 32 bytes long. Where there is no such file, one is made with
// a random key, readable by its owner alone, and that is logged; the folder must be there. A file that everybody on the
// machine may read is refused.
func New(form Form, keyFile string, log *slog.Logger) (Labels, error) {
	switch form {
	case Plain:
		return Labels{}, nil
	case Masked, Hashed:
	default:
		return Labels{}, fmt.Errorf("exporter.line_label %q: write plain, masked or hashed", form)
	}
	key, made, err := labelKey(keyFile)
	if err != nil {
		return Labels{}, fmt.Errorf("exporter.line_label_key_file %s: %w", keyFile, err)
	}
	if made {
		log.Info("made a new key for the labels of lines; without this file they would be others", "file", keyFile)
	}
	return Labels{form: form, key: key}, nil
}

// Of is the label of a line number.
func (l Labels) Of(lineNo string) string { return l.Longer(lineNo, 0) }

// Longer is Of with some digits more than usual, at most MostLonger.
func (l Labels) Longer(lineNo string, more int) string {
	if l.Plain() {
		return lineNo
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(lineNo))
	digits := hex.EncodeToString(mac.Sum(nil))
	if l.form == Masked {
		return schema.MaskLine(lineNo) + "-" + digits[:maskedDigits+more]
	}
	return digits[:hashedDigits+more]
}

// Matches reports whether a label is of this line number: how a label from an alert is traced back to its line, by trying
// the numbers that ClickHouse knows.
func (l Labels) Matches(label, lineNo string) bool {
	return strings.HasPrefix(label, l.Of(lineNo)) && strings.HasPrefix(l.Longer(lineNo, MostLonger), label)
}

// MostLonger is how far a label can be lengthened: in both forms, to less than the whole hash.
const MostLonger = 2*sha256.Size - hashedDigits

// Plain reports whether lines are called by their numbers.
func (l Labels) Plain() bool { return l.form == "" || l.form == Plain }

// Form is how the labels look.
func (l Labels) Form() Form {
	if l.Plain() {
		return Plain
	}
	return l.form
}
