package unom

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// MaxRows is where the carrier's lists end without a word: one of so many rows may be cut off.
const MaxRows = 1000

// Client asks one account for the calls of Universal One Mobile. It is safe for use by many goroutines. Every method
// fails with a wrapped *carrier.Error.
type Client struct {
	carrier *carrier.Client
	zone    *time.Location
}

// New makes a client. Zone is that in which the carrier writes times without an offset.
func New(c *carrier.Client, zone *time.Location) *Client { return &Client{carrier: c, zone: zone} }

// LogQuery is a search in a log (calls 04 and 05). Start and End are sent to the second; they may reach back 30 days.
// At most one of LineNo and AuthID narrows it.
type LogQuery struct {
	Start, End     time.Time
	LineNo, AuthID string
}

// Contract is call 01, operation "contract".
func (c *Client) Contract(ctx context.Context, contractID string) (carrier.Answer[Contract], error) {
	return call(ctx, c, request{operation: "contract", contractID: contractID}, decodeContract)
}

// Lines is call 02, operation "lines": the contract's lines, at most MaxRows.
func (c *Client) Lines(ctx context.Context, contractID string) (carrier.Answer[[]Line], error) {
	return call(ctx, c, request{operation: "lines", contractID: contractID, path: "/lines"}, decodeLines)
}

// Traffic is call 03, operation "traffic": the line's own figures.
func (c *Client) Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	r := request{operation: "traffic", contractID: contractID, lineNo: lineNo, path: "/traffic"}
	return call(ctx, c, r, decodeTraffic)
}

// Authentications is call 04, operation "authentications": the RADIUS log, at most MaxRows.
func (c *Client) Authentications(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]Authentication], error) {
	r := request{operation: "authentications", contractID: contractID, path: "/authentications", query: c.query(q)}
	return call(ctx, c, r, decodeAuthentications)
}

// Sessions is call 05, operation "sessions": the log of connections, at most MaxRows.
func (c *Client) Sessions(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]SessionEvent], error) {
	r := request{operation: "sessions", contractID: contractID, path: "/sessions", query: c.query(q)}
	return call(ctx, c, r, decodeSessionEvents)
}

// DataShareTraffic is call 09, operation "data_share_traffic": the figures of the line's share group. It fails with
// carrier.KindNoShareGroup where there is none.
func (c *Client) DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	r := request{operation: "data_share_traffic", contractID: contractID, lineNo: lineNo, path: "/dataShare/traffic"}
	return call(ctx, c, r, decodeTraffic)
}

// DataShare is call 10, operation "data_share": the lines of the contract's share group.
func (c *Client) DataShare(ctx context.Context, contractID string) (carrier.Answer[[]ShareMember], error) {
	return call(ctx, c, request{operation: "data_share", contractID: contractID, path: "/dataShare"}, decodeDataShare)
}

// Session is call 26, operation "session": whether the line is connected now. ResultTooMany in the answer slows the
// account down like a 429.
func (c *Client) Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[Session], error) {
	r := request{operation: "session", contractID: contractID, lineNo: lineNo, path: "/session"}
	answer, reply, err := exchange(ctx, c, r, decodeSession)
	if err == nil && answer.Value.ResultCode == ResultTooMany {
		c.carrier.Throttled(reply, "resultCode 2")
	}
	return answer, err
}

// query writes a search as seed 002 calls 04 and 05 §1.1 want it.
func (c *Client) query(q LogQuery) url.Values {
	const format = "20060102150405"
	values := url.Values{
		"startTime": {q.Start.In(c.zone).Format(format)},
		"endTime":   {q.End.In(c.zone).Format(format)},
	}
	if q.LineNo != "" {
		values.Set("lineNoSearchKey", q.LineNo)
	}
	if q.AuthID != "" {
		values.Set("authSearchKey", q.AuthID)
	}
	return values
}

// request is one call.
type request struct {
	operation          string
	contractID, lineNo string
	path               string // below the contract, or below the line where there is one
	query              url.Values
}

func (r *request) address() string {
	address := "/v2/unom/contracts/" + url.PathEscape(r.contractID)
	if r.lineNo != "" {
		address += "/lines/" + url.PathEscape(r.lineNo)
	}
	return address + r.path
}

// about names what the request asks for, in errors.
func (r *request) about() string {
	if r.lineNo != "" {
		return "contract " + r.contractID + ", line " + schema.MaskLine(r.lineNo)
	}
	return "contract " + r.contractID
}

// call sends a request and decodes its answer.
func call[T any](ctx context.Context, c *Client, r request, read func(*answer) (T, error)) (carrier.Answer[T], error) {
	answer, _, err := exchange(ctx, c, r, read)
	return answer, err
}

// exchange is call for who needs the reply as well.
func exchange[T any](
	ctx context.Context, c *Client, r request, read func(*answer) (T, error),
) (carrier.Answer[T], carrier.Reply, error) {
	reply, err := c.carrier.Get(ctx, r.operation, r.address(), r.query)
	if err != nil {
		return carrier.Answer[T]{}, reply, fmt.Errorf("%s: %w", r.about(), err)
	}
	a := answer{body: reply.Body, zone: c.zone, contractID: r.contractID, lineNo: r.lineNo}
	result, err := decode(&a, read)
	if err != nil {
		// The cause is a message, not a wrapped error: it may quote the answer, and messages are masked.
		return carrier.Answer[T]{}, reply, fmt.Errorf("%s: %w", r.about(), &carrier.Error{
			Operation: r.operation, Kind: carrier.KindMalformed, Status: reply.Status, Message: err.Error(),
			Payload: reply.Body, ObservedAt: reply.ObservedAt,
		})
	}
	c.carrier.Warned(r.operation, a.warnings)
	return carrier.Answer[T]{
		Value: result, ObservedAt: reply.ObservedAt, ReceivedAt: reply.ReceivedAt,
		Status: reply.Status, Payload: reply.Body, Warnings: a.warnings,
	}, reply, nil
}
