package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/width"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// target is what a request asks about, and so what its answer must be about.
type target struct{ contractID, lineNo string }

// about names what the request asks for, in errors.
func (s target) about() string {
	if s.lineNo != "" {
		return "contract " + s.contractID + ", line " + schema.MaskLine(s.lineNo)
	}
	return "contract " + s.contractID
}

// read makes a typed answer of a body. An answer about another contract or line than the target is malformed; where
// nobody asked for a contract, it is the one that the answer names.
type read[T any] func(d *lenient.Decoder, of *target, body []byte) (T, []carrier.Warning, error)

// bound is the read of an answer about one target.
func (r read[T]) bound(of target) lenient.Read[T] {
	return func(d *lenient.Decoder, body []byte) (T, []carrier.Warning, error) { return r(d, &of, body) }
}

// checked sends a request that keeps the document's rules.
func checked[T any](
	ctx context.Context, c *Client, operation string, of target, r carrier.Request, read read[T],
) (carrier.Answer[T], error) {
	answer, err := lenient.Call(ctx, c.account, operation, r, read.bound(of))
	if err != nil {
		err = fmt.Errorf("%s: %w", of.about(), err)
	}
	return answer, err
}

// call sends a request and reads its answer.
func call[T any](
	ctx context.Context, c *Client, operation string, of target, spec carrier.RequestSpec, read read[T],
) (carrier.Answer[T], error) {
	answer, _, err := lenient.Exchange(ctx, c.account, operation, spec, read.bound(of))
	if err != nil {
		err = fmt.Errorf("%s: %w", of.about(), err)
	}
	return answer, err
}

// decoding makes the Decode of a carrier.Operation from the operation's name and whether it changes something.
type decoding func(operation string, changes bool) func(carrier.Reply, *time.Location) (any, error)

// one decodes an answer that is one thing.
func one[T any](read read[T]) decoding { return decoded(read, false) }

// decoded makes a decoding; that of a list takes a 204 without a body for an empty one.
func decoded[T any](read read[T], list bool) decoding {
	return func(operation string, changes bool) func(carrier.Reply, *time.Location) (any, error) {
		return func(reply carrier.Reply, zone *time.Location) (any, error) {
			result, warnings, err := read(newDecoder(zone), new(target), reply.Body)
			if err != nil && list && isNothing(reply.Status, reply.Body) {
				return &result, nil
			}
			if err != nil {
				return nil, lenient.Malformed(operation, changes, reply, err)
			}
			return &result, carrier.ErrLeftOut(warnings)
		}
	}
}

// many decodes an answer that is a list under a key.
func many[T any](key string, rows read[[]T]) decoding {
	return decoded(func(d *lenient.Decoder, of *target, body []byte) (List[T], []carrier.Warning, error) {
		items, warnings, err := rows(d, of, body)
		return List[T]{ContractID: of.contractID, Items: items, key: key}, warnings, err
	}, true)
}

// rowsOf reads an answer that is a list of rows, under one key or the other. A list that is NULL is empty, and so is one
// that is not there in an answer with nothing else in it. A row that cannot be read is left out, with a warning: rows say
// nothing of each other, and who compares two lists has to know that this one is not whole.
func rowsOf[T any](d *lenient.Decoder, of *target, body []byte, keys ...string) ([]T, []carrier.Warning, error) {
	head := ofContract{of.contractID}
	rows, warnings, err := lenient.DecodeEach[T](d, body, &head, keys...)
	if err != nil && noList(body) {
		head = ofContract{of.contractID}
		warnings, err = lenient.Decode(d, body, &head)
	}
	of.contractID = head.ContractID
	return rows, warnings, err
}

// ofContract is what stands beside the rows of a list.
type ofContract struct {
	ContractID string `json:"contractId" form:"same"`
}

// List is an answer that is a list of rows about one contract.
type List[T any] struct {
	ContractID string // as the answer gave it, "" if it did not
	Items      []T    // at most MaxRows

	key string // of the list
}

// MarshalJSON writes contract and rows.
func (l List[T]) MarshalJSON() ([]byte, error) {
	items := l.Items
	if items == nil {
		items = []T{}
	}
	return fmt.Appendf(nil, `{"contractId":%s,%q:%s}`, lenient.Body(l.ContractID), l.key, lenient.Body(items)), nil
}

// Rows are the rows alone, for a table.
func (l List[T]) Rows() any { return l.Items }

// newDecoder makes the decoder of the answers, which write times without an offset in the zone.
func newDecoder(zone *time.Location) *lenient.Decoder {
	return &lenient.Decoder{Zone: zone, Forms: forms(), Rough: true}
}

// forms are the document's own ways to write what its type alone does not explain.
func forms() map[string]lenient.Form {
	return map[string]lenient.Form{
		"line":       lenient.FormOf(readLineNo, asIs[string]),
		"sameLine":   lenient.FormOf(sameLine, asIs[string]),
		"access":     lenient.FormOf(readAccess, writeAccess),
		"options":    lenient.FormOf(readOptions, writeOptions),
		"start":      lenient.FormOf(readStart, writeStart),
		"accepted":   lenient.FormOf(readSecond, writeSecond),
		"logTime":    lenient.FormOf(readLogTime, func(at time.Time) any { return at.Format(timeForm) }),
		"message":    lenient.FormOf(readMessage, func(m schema.Opt[Message]) any { return lenient.OrNull(m, asIs) }),
		"number":     lenient.FormOf(readNumber, func(n Number) any { return uint16(n) }),
		"result":     lenient.FormOf(readResult, asIs[uint8]),
		"session":    lenient.CodesOf(schema.SessionUnknown, 0, 1, schema.SessionDomestic, schema.SessionRoaming),
		"authResult": lenient.CodesOf(schema.AuthUnknown, 1, 2, schema.AuthOK, schema.AuthNG),
		"event":      lenient.CodesOf(schema.SessionEventUnknown, 1, 2, schema.SessionStart, schema.SessionStop),
		"share": lenient.CodesOf(schema.ShareUnknown, 1, 2,
			schema.ShareReserved, schema.ShareRegistered, schema.ShareRemovalReserved),
	}
}

func asIs[T any](v T) any { return v }

// readLineNo reads a line number. As a JSON number it has lost the 0 with which all of them begin; one with a sign, a
// fraction or an exponent is none, since a line that nobody has would be made of it.
func readLineNo(_ *lenient.Reader, _ string, v lenient.Value, into *string) (given bool, err error) {
	*into = width.Narrow.String(string(v.Text()))
	if v.IsNumber() {
		if strings.ContainsAny(*into, ".eE+-") {
			*into = ""
			return false, nil
		}
		*into = "0" + *into
	}
	return *into != "", nil
}

// sameLine checks that the answer speaks of the line that was asked for, where it says so.
func sameLine(r *lenient.Reader, field string, v lenient.Value, into *string) (given bool, err error) {
	asked := *into
	if text := v.Text(); string(text) == asked && !v.IsNumber() {
		return true, nil
	}
	if _, err := readLineNo(r, field, v, into); err != nil || asked == "" || *into == asked {
		return true, err
	}
	return false, fmt.Errorf("lineNo is %s, want %s", schema.MaskLine(*into), schema.MaskLine(asked))
}

// Message is what the carrier has to say of an order (checkErrorInfo, referenceErrorInfo). It is data: an order that
// was turned down is an answer, not a failed call.
type Message struct {
	ID   string `json:"messageId"` // up to 9 characters
	Text string `json:"message"`   // up to 1,324 characters; reserved, and "" in the current version
}

// readMessage reads a message; one that says nothing is unknown. The document also calls it a list (§11, §24), and a
// bare text is taken for its ID.
func readMessage(r *lenient.Reader, field string, v lenient.Value, into *schema.Opt[Message]) (given bool, err error) {
	var found Message
	switch {
	case v.IsObject():
		for key, member := range v.Members() {
			switch key {
			case "messageid":
				found.ID = string(member.Text())
			case "message":
				found.Text = string(member.Text())
			}
		}
	case v.IsList():
		for one := range v.Elements() {
			if given, err := readMessage(r, field, one, into); given || err != nil {
				return given, err
			}
		}
		return false, nil
	default:
		found.ID = string(v.Text())
	}
	*into = schema.Opt[Message]{V: found, Known: found != Message{}}
	return into.Known, nil
}
