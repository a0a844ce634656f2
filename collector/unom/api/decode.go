package api

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// Reasons of a carrier.Warning. They are labels, so there are few.
const (
	reasonSaturated = "saturated"    // 2^64 bytes, kept as 2^64-1
	reasonCode      = "unknown_code" // a code that the document does not list
	reasonMissing   = "missing"      // a mandatory value that was not told
	reasonTime      = "not_a_time"
	ReasonMended    = carrier.ReasonMended // the answer had to be mended first, as the document's own examples have to be; nothing of it is lost
)

// wholeAnswer is the field of a warning about the answer itself.
const wholeAnswer = "answer"

// answer is what the decoders share while they read one answer.
type answer struct {
	body       []byte
	zone       *time.Location
	contractID string // as asked for, or as told where nobody asked for one
	lineNo     string // likewise; "" where the call is not about one line
	warnings   []carrier.Warning
}

func (a *answer) warn(field, reason string) {
	a.warnings = append(a.warnings, carrier.Warning{Field: field, Reason: reason})
}

// decode reads an answer; if it is not JSON, it tries once more with what the document's own mistakes mended.
func decode[T any](a *answer, read func(*answer) (T, error)) (T, error) {
	result, err := read(a)
	var syntax *syntaxError
	if !errors.As(err, &syntax) {
		return result, err
	}
	mended, changed := mend(a.body)
	if !changed {
		return result, err
	}
	b := *a
	b.body, b.warnings = mended, nil
	b.warn(wholeAnswer, ReasonMended)
	result, second := read(&b)
	if second != nil {
		if errors.As(second, &syntax) {
			second = err // where the answer itself breaks, not its mended copy
		}
		return result, second
	}
	a.warnings, a.contractID, a.lineNo = b.warnings, b.contractID, b.lineNo
	return result, nil
}

// notThat is the error of a field whose value is not what the document says.
func notThat(field string, v value, want string) error {
	return fmt.Errorf("%s is %s, want %s", field, v.quote(), want)
}

// sameContract checks that the answer speaks of the contract that was asked for, where it says so.
func (a *answer) sameContract(v value) error {
	if v.null() || strings.EqualFold(string(v.text()), a.contractID) {
		return nil
	}
	if a.contractID == "" {
		a.contractID = string(v.text())
		return nil
	}
	return notThat("contractId", v, a.contractID)
}

// sameLine checks that the answer speaks of the line that was asked for, where it says so.
func (a *answer) sameLine(v value) error {
	if v.null() {
		return nil
	}
	got := v.lineNo()
	if a.lineNo == "" {
		a.lineNo = got
	}
	if got != a.lineNo {
		return fmt.Errorf("lineNo is %s, want %s", schema.MaskLine(got), schema.MaskLine(a.lineNo))
	}
	return nil
}

// status reads a code that becomes an unknown with a warning where it is not understood.
func (a *answer) status(field string, v value) schema.Opt[uint8] {
	n, ok := v.code()
	if !ok {
		a.warn(field, reasonCode)
	}
	return n
}

// coded reads a code with a meaning; anything but the codes listed is unknown, with a warning.
func coded[T any](a *answer, field string, v value, meanings []T, first uint8, unknown T) T {
	if v.null() {
		a.warn(field, reasonMissing)
		return unknown
	}
	n, ok := v.code()
	if !ok || n.V < first || int(n.V-first) >= len(meanings) {
		a.warn(field, reasonCode)
		return unknown
	}
	return meanings[n.V-first]
}

func (a *answer) sessionType(v value) schema.SessionType {
	return coded(a, "sessionType", v, sessionTypes(), 0, schema.SessionUnknown)
}

// The codes that become a word of the schema, in the order of the document's numbers.

func sessionTypes() []schema.SessionType { // from 0
	return []schema.SessionType{schema.SessionDomestic, schema.SessionRoaming}
}

func authResults() []schema.AuthResult { // from 01
	return []schema.AuthResult{schema.AuthOK, schema.AuthNG}
}

func sessionEvents() []schema.SessionEventKind { // from 01
	return []schema.SessionEventKind{schema.SessionStart, schema.SessionStop}
}

func shareStatuses() []schema.ShareStatus { // from 01
	return []schema.ShareStatus{schema.ShareReserved, schema.ShareRegistered, schema.ShareRemovalReserved}
}
