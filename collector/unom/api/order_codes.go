package api

import (
	"strings"

	"kaisen/schema"
)

// known tells the codes that the document lists.
func (s OrderStatus) known() bool { return s.Meaning() != "" }

// coder is a code that is kept as told, listed or not.
type coder interface {
	~string
	known() bool
}

// told reads a code and writes it with as many digits as the document does: 3, "3" and "03" are the same. One that is
// not listed is kept, with a warning; one that is not told is "", with a warning where it is mandatory.
func told[T coder](a *answer, field string, v value, width int, need need) T {
	text := string(narrow(v.text()))
	if text == "" {
		if need == mandatory {
			a.warn(field, reasonMissing)
		}
		return ""
	}
	if allDigits(text) {
		if text = strings.TrimLeft(text, "0"); len(text) < width {
			text = strings.Repeat("0", width-len(text)) + text
		}
	}
	code := T(text)
	if !code.known() {
		a.warn(field, reasonCode)
	}
	return code
}

// Message is what the carrier has to say of an order (checkErrorInfo, referenceErrorInfo). It is data: an order that
// was turned down is an answer, not a failed call.
type Message struct {
	ID   string `json:"messageId"` // up to 9 characters
	Text string `json:"message"`   // up to 1,324 characters; reserved, and "" in the current version
}

// message reads a message; null, and one that says nothing, is unknown. The document also calls it a list (§11, §24).
func (a *answer) message(v value) (schema.Opt[Message], error) {
	var found Message
	switch v.kind {
	case isObject:
		var buffer [maxKey]byte
		m := v.object()
		for m.next() {
			switch string(fold(m.key, &buffer)) {
			case "messageid":
				found.ID = string(m.value.text())
			case "message":
				found.Text = string(m.value.text())
			}
		}
		if m.err != nil {
			return schema.Opt[Message]{}, m.err
		}
	case isList:
		var last schema.Opt[Message]
		err := v.list(func(_ int, one value) (err error) {
			if !last.Known {
				last, err = a.message(one)
			}
			return err
		})
		return last, err
	default:
		found.ID = string(v.text())
	}
	return schema.Opt[Message]{V: found, Known: found != Message{}}, nil
}

func messageJSON(m schema.Opt[Message]) any { return orNull(m, func(m Message) any { return m }) }
