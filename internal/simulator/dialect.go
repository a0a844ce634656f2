package simulator

import "strconv"

// dialect is the form in which one line's (or contract's) answers are written: which of the documents' own
// contradictions it follows.
type dialect struct {
	typos    bool // saessionType, "eventType ", "contractId ", domeinName: as the examples have it
	padded   bool // blanks around some values
	announce bool // accessType for accessCode
	bare     bool // figures as JSON numbers rather than strings
	integers bool // call 26 as its example has it; else strings as its table says
	options  optionForm
	limit    limitForm
	null     nullForm
}

// optionForm is how optionCodeList is written.
type optionForm uint8

const (
	optionArray   optionForm = iota // ["a","b"]
	optionBraces                    // {"a","b"}: the example's, which is not JSON
	optionObjects                   // [{"optionCode": "a"},…]: as the table describes it
)

// limitForm is how the times at which restrictions began are written.
type limitForm uint8

const (
	limitSlashes limitForm = iota // 2013/12/31:20:30
	limitISO                      // 2013/12/31T20:30+09:00
	limitBlank                    // "": 処理に不具合がある為、表示されません
)

// nullForm is how NULL is written.
type nullForm uint8

const (
	nullEmpty  nullForm = iota // ""
	nullText                   // "NULL"
	nullJSON                   // null
	nullAbsent                 // without the key
)

// dialectOf is the dialect of whatever has the seed.
func dialectOf(style Style, seed uint64) dialect {
	switch style {
	case StyleDocument:
		return dialect{typos: true, padded: true, integers: true, options: optionBraces}
	case StyleModern:
		return dialect{announce: true, limit: limitISO, null: nullJSON}
	}
	h := of(seed, aboutStyle, 0)
	bit := func(n int) bool { return h>>n&1 == 1 }
	return dialect{
		typos: bit(0), padded: bit(1), announce: bit(3), bare: bit(4), integers: bit(5),
		options: optionForm(h >> 24 % 3), limit: limitForm(h >> 8 % 3), null: nullForm(h >> 16 % 4),
	}
}

// key is a key as the tables have it, or as the examples print it.
func (d dialect) key(right, printed string) string {
	if d.typos {
		return printed
	}
	return right
}

// writer builds JSON in a dialect. encoding/json cannot write what the documents show.
type writer struct {
	dialect
	b []byte
}

func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) name(key string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, key...)
	w.b = append(w.b, '"', ':', ' ')
}

func (w *writer) open(c byte)  { w.b = append(w.b, c) }
func (w *writer) close(c byte) { w.b = append(w.b, c) }

// text writes a string; an empty one is NULL where the dialect says so and optional allows.
func (w *writer) text(key, value string) {
	w.name(key)
	w.b = append(w.b, quote(value)...)
}

// optional writes a string that may be NULL: an empty one is.
func (w *writer) optional(key, value string) {
	if value == "" {
		w.null(key)
		return
	}
	w.text(key, value)
}

// spaced writes a string with the blanks that the examples have around some values.
func (w *writer) spaced(key, before, value, behind string) {
	if w.padded {
		value = before + value + behind
	}
	w.text(key, value)
}

func (w *writer) null(key string) {
	switch w.dialect.null {
	case nullEmpty:
		w.text(key, "")
	case nullText:
		w.text(key, "NULL")
	case nullJSON:
		w.name(key)
		w.b = append(w.b, "null"...)
	case nullAbsent:
	}
}

// nothing writes that there is no object: null, or no key.
func (w *writer) nothing(key string) {
	if w.dialect.null != nullAbsent {
		w.name(key)
		w.b = append(w.b, "null"...)
	}
}

// number writes digits, as a string or bare.
func (w *writer) number(key string, value uint64, bare bool) {
	w.name(key)
	if !bare {
		w.b = append(w.b, '"')
	}
	w.b = strconv.AppendUint(w.b, value, 10)
	if !bare {
		w.b = append(w.b, '"')
	}
}
