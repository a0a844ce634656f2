package lenient

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"sync"
	"time"
	"unsafe"

	"kaisen/collector/carrier"
)

// Reasons of a carrier.Warning. They are labels, so there are few.
const (
	ReasonCode      = "unknown_code" // a code that the document does not list
	ReasonTime      = "not_a_time"
	ReasonNumber    = "not_a_number"
	ReasonCount     = "count"              // the answer says that it has another number of rows
	ReasonSaturated = "saturated"          // 2^64 bytes, kept as 2^64-1
	ReasonMissing   = "missing"            // a mandatory value that was not given
	ReasonConflict  = "conflict"           // a key that comes twice, with values that differ
	ReasonRow       = carrier.ReasonRow    // a row of a list that was left out
	ReasonMended    = carrier.ReasonMended // the answer had to be mended first, as the document's own examples have to be; nothing of it is lost
)

// wholeAnswer is the field of a warning about the answer itself.
const wholeAnswer = "answer"

// Decoder reads the answers of one API. It is safe for use by many goroutines; the zero Decoder is ready.
type Decoder struct {
	Zone  *time.Location  // of times without an offset
	Forms map[string]Form // by the names that tags give them

	// Rough answers are mended where they are no JSON, with a warning; a value that cannot be a text leaves a text
	// empty, an object may have no known field at all, and errors quote values. Without it such answers are refused.
	Rough bool

	plans sync.Map // *plan by reflect.Type
}

// planOf returns the plan of a type, which is made once.
func (d *Decoder) planOf(t reflect.Type) *plan {
	if p, ok := d.plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := d.plans.LoadOrStore(t, planner{d.Forms}.plan(t))
	return p.(*plan)
}

// Reader reads one answer.
type Reader struct {
	scanner
	Zone     *time.Location
	rough    bool
	strict   bool // what a user wrote
	each     bool // a row that cannot be read costs itself alone
	odd      []byte
	null     bool // the value that was read last
	warnings []carrier.Warning
}

// Warned reports whether a field was found odd for a reason.
func (r *Reader) Warned(field, reason string) bool {
	return slices.ContainsFunc(r.warnings, carrier.Warning{Field: field, Reason: reason}.Equal)
}

// Warn notes that a field is odd; the value is the one that was read last.
func (r *Reader) Warn(field, reason string) { r.WarnOf(field, reason, r.odd) }

// WarnOf notes that a value of a field is odd, nil for one that was not given.
func (r *Reader) WarnOf(field, reason string, value []byte) {
	warning := carrier.Warning{Field: field, Reason: reason}
	if value != nil {
		warning.Odd = carrier.OddOf(value)
	}
	r.warnings = append(r.warnings, warning)
}

// Decode reads an answer, which must be one JSON object, into a struct by its tags: texts, integers, pointers to either,
// structs and lists of structs. Keys that the struct does not have are fine, unless it has none of
// them all.
func Decode[T any](d *Decoder, body []byte, into *T) ([]carrier.Warning, error) {
	p := d.planOf(reflect.TypeFor[T]())
	name := "the answer"
	if d.Rough {
		name = ""
	}
	// What is read into is passed on to forms, and so would be new on the heap for each answer.
	s, reused := p.scratch.Get().(*scratch[T])
	if !reused {
		s = new(scratch[T])
	}
	warnings, err := d.read(&s.Reader, body, func(r *Reader) error {
		s.value = *into
		return r.object(path{name, -1}, p, unsafe.Pointer(&s.value))
	})
	if !isSyntax(err) { // of what was cut off nothing is kept
		*into = s.value
	}
	*s = scratch[T]{}
	p.scratch.Put(s)
	return warnings, err
}

// scratch is what one answer is read with.
type scratch[T any] struct {
	Reader
	value T
}

// read reads an answer with whatever reads it; a rough one that is no JSON once more with what the document's own
// mistakes mended.
func (d *Decoder) read(r *Reader, body []byte, whole func(*Reader) error) ([]carrier.Warning, error) {
	warnings, err := d.once(r, body, whole)
	// A mistake in what an answer says does not matter where it is no JSON further on.
	if !isSyntax(err) && (err == nil || d.Rough || json.Valid(body)) {
		return warnings, err
	}
	mended, changed := []byte(nil), false
	if d.Rough {
		mended, changed = Mend(body)
	}
	if !changed {
		return nil, d.inWords(body, err)
	}
	warnings, second := d.once(r, mended, whole)
	if isSyntax(second) {
		return nil, err // where the answer itself breaks, not its mended copy
	}
	return append([]carrier.Warning{{Field: wholeAnswer, Reason: ReasonMended}}, warnings...), second
}

func (d *Decoder) once(r *Reader, body []byte, whole func(*Reader) error) ([]carrier.Warning, error) {
	*r = Reader{scanner: scanner{data: body}, Zone: d.Zone, rough: d.Rough}
	err := whole(r)
	if err == nil {
		err = r.end()
	}
	return r.warnings, err
}

func isSyntax(err error) bool {
	if err == nil { // errors.As wants a place on the heap even then
		return false
	}
	var syntax *SyntaxError
	return errors.As(err, &syntax)
}

// inWords says why an answer is no JSON as encoding/json does, in words that people know. Of rough answers the byte is
// said, because most of them can be looked at.
func (d *Decoder) inWords(body []byte, err error) error {
	if d.Rough {
		return err
	}
	words := "no JSON: more after its end"
	var tree any
	if said := json.NewDecoder(bytes.NewReader(body)).Decode(&tree); errors.Is(said, io.EOF) {
		words = "the answer is empty"
	} else if said != nil {
		words = "no JSON: " + said.Error()
	}
	return &SyntaxError{words: words}
}

// DecodeStrict reads what a user wrote: like Decode, but a key that is not known is an error, and so is a number that
// is none. Nothing at all is fine.
func DecodeStrict[T any](body []byte, into *T) error {
	r := Reader{scanner: scanner{data: body}, strict: true}
	if v, err := r.value(); err != nil || v.kind == isObject && len(trim(v.raw[1:len(v.raw)-1])) == 0 {
		return err
	} else if err := r.end(); err != nil {
		return err
	}
	r.pos = 0
	return r.object(path{"the request", -1}, planner{}.plan(reflect.TypeFor[T]()), unsafe.Pointer(into))
}
