package fleet

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"kaisen/schema"
)

// LineLabel says how a line number looks in label line_no and on the page. ClickHouse has the number in any case.
type LineLabel string

const (
	LineLabelPlain  LineLabel = "plain"  // 09012345678
	LineLabelMasked LineLabel = "masked" // 090****5678-3f9a1c: recognised by those who know the number
	LineLabelHashed LineLabel = "hashed" // 3f9a1c0b5d2e8a47: says nothing of it
)

// How many hexadecimal digits of the keyed hash a label has. Behind a mask they only have to tell apart the lines of one
// contract that begin and end alike; alone, all the lines there are.
const (
	maskedDigits = 6
	hashedDigits = 16
)

// LineLabels makes labels of line numbers. The zero LineLabels shows them plain.
//
// Two lines must never share a label, or their series would be one. A mask alone does not see to that: in a fleet of
// some thousands, many numbers begin and end alike. So every masked label carries a piece of a keyed hash, also where no
// other line looks like it yet: a label that changed when another line arrived would end one series and begin another.
// The hash is HMAC-SHA256 of the number with a secret key. Without the key, the hundred million numbers there are could
// be tried one by one; with the same key, labels are the same after every restart and on every machine.
type LineLabels struct {
	form LineLabel
	key  []byte
}

// NewLineLabels takes exporter.line_label and exporter.line_label_key_file. Masked and hashed need the key: the text of
// the file, without the line break at its end and at least 32 bytes long. Where there is no such file, one is made with
// a random key, readable by its owner alone, and that is logged; the folder must be there. A file that everybody on the
// machine may read is refused.
func NewLineLabels(form LineLabel, keyFile string, log *slog.Logger) (LineLabels, error) {
	switch form {
	case LineLabelPlain:
		return LineLabels{}, nil
	case LineLabelMasked, LineLabelHashed:
	default:
		return LineLabels{}, fmt.Errorf("exporter.line_label %q: write plain, masked or hashed", form)
	}
	key, made, err := labelKey(keyFile)
	if err != nil {
		return LineLabels{}, fmt.Errorf("exporter.line_label_key_file %s: %w", keyFile, err)
	}
	if made {
		log.Info("made a new key for the labels of lines; without this file they would be others", "file", keyFile)
	}
	return LineLabels{form: form, key: key}, nil
}

// Of is the label of a line number.
func (l LineLabels) Of(lineNo string) string { return l.of(lineNo, 0) }

// of is Of with some digits more than usual.
func (l LineLabels) of(lineNo string, more int) string {
	if l.plain() {
		return lineNo
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(lineNo))
	digits := hex.EncodeToString(mac.Sum(nil))
	if l.form == LineLabelMasked {
		return schema.MaskLine(lineNo) + "-" + digits[:maskedDigits+more]
	}
	return digits[:hashedDigits+more]
}

// Matches reports whether a label is of this line number: how a label from an alert is traced back to its line, by trying
// the numbers that ClickHouse knows.
func (l LineLabels) Matches(label, lineNo string) bool {
	return strings.HasPrefix(label, l.Of(lineNo)) && strings.HasPrefix(l.of(lineNo, maxMoreDigits), label)
}

// maxMoreDigits is how far a label can be lengthened: in both forms, to less than the whole hash.
const maxMoreDigits = 2*sha256.Size - hashedDigits

func (l LineLabels) plain() bool { return l.form == "" || l.form == LineLabelPlain }

// Form is how the labels look.
func (l LineLabels) Form() LineLabel {
	if l.plain() {
		return LineLabelPlain
	}
	return l.form
}

// labelOf is the label of a new line of a contract. Where two lines would share one, which a fleet of a hundred thousand
// meets less than once in its life, the later line gets a longer one.
func (c *contract) labelOf(number string, labels LineLabels) string {
	label := labels.Of(number)
	if labels.plain() {
		return label
	}
	for more := 2; c.labelled[label] != nil && more <= maxMoreDigits; more += 2 {
		label = labels.of(number, more)
	}
	return label
}

// byLabel finds a line of the contract as /metrics calls it.
func (c *contract) byLabel(label string) *line {
	if c.labelled == nil {
		return c.lines[label]
	}
	return c.labelled[label]
}
