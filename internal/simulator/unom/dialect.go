package unom

import (
	"kaisen/internal/simulator/chance"
	"kaisen/internal/simulator/wire"
)

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
	null     wire.NullForm
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

// dialectOf is the dialect of whatever has the seed.
func dialectOf(style wire.Style, seed uint64) dialect {
	switch style {
	case wire.StyleDocument:
		return dialect{typos: true, padded: true, integers: true, options: optionBraces}
	case wire.StyleModern:
		return dialect{announce: true, limit: limitISO, null: wire.NullJSON}
	}
	h := chance.Of(seed, chance.AboutStyle, 0)
	bit := func(n int) bool { return h>>n&1 == 1 }
	return dialect{
		typos: bit(0), padded: bit(1), announce: bit(3), bare: bit(4), integers: bit(5),
		options: optionForm(h >> 24 % 3), limit: limitForm(h >> 8 % 3), null: wire.NullForm(h >> 16 % 4),
	}
}

// orderDialect is dialectOf for answers about orders, whose examples have null where there is nothing.
func orderDialect(style wire.Style, seed uint64) dialect {
	d := dialectOf(style, seed)
	if style == wire.StyleDocument {
		d.null = wire.NullJSON
	}
	return d
}

// key is a key as the tables have it, or as the examples print it.
func (d dialect) key(right, printed string) string {
	if d.typos {
		return printed
	}
	return right
}

// writer writes in a dialect.
type writer struct {
	wire.Writer
	dialect
}

// trafficSize is what a traffic answer comes to, the one that is asked for most.
const trafficSize = 1536

// begin opens an answer about the contract asked for.
func begin(q *call, d dialect) *writer { return beginWith("contractId", q, d) }

// beginWith is begin with another key for the contract.
func beginWith(key string, q *call, d dialect) *writer {
	w := &writer{Writer: wire.Writer{Bytes: make([]byte, 0, trafficSize), Null: d.null}, dialect: d}
	w.Begin('{')
	w.Text(key, q.contract.ID)
	return w
}

// speak goes on in another dialect: each row of a list has its own.
func (w *writer) speak(d dialect) { w.dialect, w.Null = d, d.null }

// spaced writes a string with the blanks that the examples have around some values.
func (w *writer) spaced(key, before, value, behind string) {
	if w.padded {
		value = before + value + behind
	}
	w.Text(key, value)
}

// message writes what is wrong, null where nothing is. 現行バージョンでは、空文字を返します: the text is empty.
func (w *writer) message(key, id string) {
	if id == "" {
		w.Nothing(key)
		return
	}
	w.Open(key, '{')
	w.Text("messageId", id)
	w.Text("message", "")
	w.Close("}")
}
