package api

import (
	"context"
	"time"

	"kaisen/collector/carrier"
)

// MaxRows is where the carrier's lists end without a word: one of so many rows may be cut off.
const MaxRows = 1000

// Client asks one account for the calls of Universal One Mobile. It is safe for use by many goroutines. Every method
// fails with a wrapped *carrier.Error.
//
// The calls that the collector makes by the thousand (01..05, 09, 10, 26) go out as they are asked: their contracts and
// lines come from the carrier's own lists, and how far back a log goes is the carrier's to say. All others are checked
// first, and a request that breaks a rule of the document fails with carrier.KindInvalidRequest, Status 0 and
// carrier.Violations as its cause, and is not sent.
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
	of := subject{contractID: contractID}
	return call(ctx, c, opContract, of, ContractRequest{contractID}.Spec(), decodeContract)
}

// Lines is call 02, operation "lines": the contract's lines, at most MaxRows.
func (c *Client) Lines(ctx context.Context, contractID string) (carrier.Answer[[]Line], error) {
	of := subject{contractID: contractID}
	return call(ctx, c, opLines, of, LinesRequest{contractID}.Spec(), decodeLines)
}

// Traffic is call 03, operation "traffic": the line's own figures.
func (c *Client) Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	of := subject{contractID, lineNo}
	return call(ctx, c, opTraffic, of, TrafficRequest{contractID, lineNo}.Spec(), decodeTraffic)
}

// Authentications is call 04, operation "authentications": the RADIUS log, at most MaxRows.
func (c *Client) Authentications(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]Authentication], error) {
	of := subject{contractID: contractID}
	r := AuthenticationsRequest(c.search(contractID, q))
	return call(ctx, c, opAuthentications, of, r.Spec(), decodeAuthentications)
}

// Sessions is call 05, operation "sessions": the log of connections, at most MaxRows.
func (c *Client) Sessions(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]SessionEvent], error) {
	of := subject{contractID: contractID}
	r := SessionsRequest(c.search(contractID, q))
	return call(ctx, c, opSessions, of, r.Spec(), decodeSessionEvents)
}

// DataShareTraffic is call 09, operation "data_share_traffic": the figures of the line's share group. It fails with
// KindNoShareGroup where there is none.
func (c *Client) DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	of := subject{contractID, lineNo}
	return call(ctx, c, opDataShareTraffic, of, DataShareTrafficRequest{contractID, lineNo}.Spec(), decodeTraffic)
}

// DataShare is call 10, operation "data_share": the lines of the contract's share group.
func (c *Client) DataShare(ctx context.Context, contractID string) (carrier.Answer[[]ShareMember], error) {
	of := subject{contractID: contractID}
	return call(ctx, c, opDataShare, of, DataShareRequest{contractID}.Spec(), decodeDataShare)
}

// Session is call 26, operation "session": whether the line is connected now. ResultTooMany in the answer slows the
// account down like a 429.
func (c *Client) Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[Session], error) {
	of := subject{contractID, lineNo}
	answer, reply, err := exchange(ctx, c, opSession, of, SessionRequest{contractID, lineNo}.Spec(), decodeSession)
	if err == nil && answer.Value.ResultCode == ResultTooMany {
		c.carrier.Throttled(reply, "resultCode 2")
	}
	return answer, err
}

// search writes a search as UNO Mobile API v2.1 calls 04 and 05 §1.1 want it.
func (c *Client) search(contractID string, q LogQuery) OfLog {
	return OfLog{
		ContractID: contractID, AuthID: q.AuthID, LineNo: q.LineNo,
		StartTime: q.Start.In(c.zone).Format(timeForm), EndTime: q.End.In(c.zone).Format(timeForm),
	}
}
