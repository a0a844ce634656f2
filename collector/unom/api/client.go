package api

import (
	"context"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// MaxRows is the length at which the carrier cuts its lists off without saying so.
const MaxRows = 1000

// Client asks one account for the calls of Universal One Mobile. It is safe for use by many goroutines. Every method
// fails with a wrapped *carrier.Error.
//
// The calls that the collector makes by the thousand (01..05, 09, 10, 26) go out as they are asked: their contracts and
// lines come from the carrier's own lists, and how far back a log goes is the carrier's to say. All others are checked
// first, and a request that breaks a rule of the document fails with carrier.KindInvalidRequest, Status 0 and
// carrier.Violations as its cause, and is not sent.
type Client struct {
	account lenient.Account
	zone    *time.Location
}

// Now is the carrier's clock.
func (c *Client) Now() time.Time { return c.account.Client.Now() }

// New makes a client. Zone is that in which the carrier writes times without an offset.
func New(c *carrier.Client, zone *time.Location) *Client {
	return &Client{lenient.Account{Client: c, Decoder: newDecoder(zone)}, zone}
}

// LogQuery is a search in a log (calls 04 and 05). Start and End are sent to the second; they may reach back 30 days.
// At most one of LineNo and AuthID narrows it.
type LogQuery struct {
	Start, End     time.Time
	LineNo, AuthID string
}

// Contract is call 01, operation "contract".
func (c *Client) Contract(ctx context.Context, contractID string) (carrier.Answer[Contract], error) {
	of := target{contractID: contractID}
	return call(ctx, c, opContract, of, ContractRequest{OfContract{contractID}}.Spec(), decodeContract)
}

// Lines is call 02, operation "lines": the contract's lines, at most MaxRows.
func (c *Client) Lines(ctx context.Context, contractID string) (carrier.Answer[[]Line], error) {
	of := target{contractID: contractID}
	return emptyAnswer(call(ctx, c, opLines, of, LinesRequest{OfContract{contractID}}.Spec(), decodeLines))
}

// Traffic is call 03, operation "traffic": the line's own figures.
func (c *Client) Traffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	of := target{contractID, lineNo}
	return call(ctx, c, opTraffic, of, TrafficRequest{OfLine{contractID, lineNo}}.Spec(), decodeTraffic)
}

// Authentications is call 04, operation "authentications": the RADIUS log, at most MaxRows.
func (c *Client) Authentications(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]Authentication], error) {
	of := target{contractID: contractID}
	r := AuthenticationsRequest{c.search(contractID, q)}
	return emptyAnswer(call(ctx, c, opAuthentications, of, r.Spec(), decodeAuthentications))
}

// Sessions is call 05, operation "sessions": the log of connections, at most MaxRows.
func (c *Client) Sessions(ctx context.Context, contractID string, q LogQuery) (carrier.Answer[[]SessionEvent], error) {
	of := target{contractID: contractID}
	r := SessionsRequest{c.search(contractID, q)}
	return emptyAnswer(call(ctx, c, opSessions, of, r.Spec(), decodeSessionEvents))
}

// DataShareTraffic is call 09, operation "data_share_traffic": the figures of the line's share group. It fails with
// KindNoShareGroup where there is none.
func (c *Client) DataShareTraffic(ctx context.Context, contractID, lineNo string) (carrier.Answer[Traffic], error) {
	of := target{contractID, lineNo}
	return call(ctx, c, opDataShareTraffic, of, DataShareTrafficRequest{OfLine{contractID, lineNo}}.Spec(), decodeTraffic)
}

// DataShare is call 10, operation "data_share": the lines of the contract's share group.
func (c *Client) DataShare(ctx context.Context, contractID string) (carrier.Answer[[]ShareMember], error) {
	of := target{contractID: contractID}
	return emptyAnswer(call(ctx, c, opDataShare, of, DataShareRequest{OfContract{contractID}}.Spec(), decodeDataShare))
}

// Session is call 26, operation "session": whether the line is connected now. ResultTooMany in the answer slows the
// operation down like a 429, or the line alone where others are answered.
func (c *Client) Session(ctx context.Context, contractID, lineNo string) (carrier.Answer[Session], error) {
	of := target{contractID, lineNo}
	spec := SessionRequest{OfLine{contractID, lineNo}}.Spec()
	spec.Complaint = tooMany(c.account.Decoder, of)
	return call(ctx, c, opSession, of, spec, decodeSession)
}

// search writes a search as UNO Mobile API v2.1 calls 04 and 05 §1.1 want it.
func (c *Client) search(contractID string, q LogQuery) OfLog {
	return OfLog{
		ContractID: contractID, AuthID: q.AuthID, LineNo: q.LineNo,
		StartTime: q.Start.In(c.zone).Format(timeForm), EndTime: q.End.In(c.zone).Format(timeForm),
	}
}

// Products is call 06, operation "products": what the contract can order.
func (c *Client) Products(ctx context.Context, contractID string) (carrier.Answer[[]Product], error) {
	return emptyAnswer(checked(ctx, c, opProducts, target{contractID: contractID}, ProductsRequest{OfContract{contractID}}, decodeProducts))
}

// Orders is call 07, operation "orders": those taken and not complete, at most MaxRows.
func (c *Client) Orders(ctx context.Context, contractID string) (carrier.Answer[[]Order], error) {
	return emptyAnswer(checked(ctx, c, opOrders, target{contractID: contractID}, OrdersRequest{OfContract{contractID}}, decodeOrders))
}

// CompletedOrders is call 08, operation "completed_orders": at most MaxRows.
func (c *Client) CompletedOrders(ctx context.Context, contractID string) (carrier.Answer[[]Order], error) {
	return emptyAnswer(checked(ctx, c, opCompletedOrders, target{contractID: contractID}, CompletedOrdersRequest{OfContract{contractID}}, decodeOrders))
}

// Order is call 11, operation "order": how the taking of an order goes. An order that the carrier turned down
// (OrderRejected, with a message's ID) is an answer, not an error.
func (c *Client) Order(ctx context.Context, contractID, orderID string) (carrier.Answer[OrderDetail], error) {
	return checked(ctx, c, opOrder, target{contractID: contractID}, OrderRequest{OfOrder{contractID, orderID}}, decodeOrder)
}

// Cancellation is call 30, operation "cancellation": how the cancelling of an order goes. OrderID is that of
// CancelOrder's answer. It fails with ReasonNoSuchOrder where there is none.
func (c *Client) Cancellation(ctx context.Context, contractID, orderID string) (carrier.Answer[Cancellation], error) {
	return checked(ctx, c, opCancellation, target{contractID: contractID}, CancellationRequest{OfOrder{contractID, orderID}}, decodeCancellation)
}

// CancelOrder is call 28, operation "cancel_order".
func (c *Client) CancelOrder(ctx context.Context, r CancelOrderRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opCancelOrder, target{contractID: r.ContractID}, r, decodeAccepted)
}

// AddToDataShare is call 22, operation "add_to_data_share".
func (c *Client) AddToDataShare(ctx context.Context, r AddToDataShareRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opAddToDataShare, target{contractID: r.ContractID}, r, decodeReservation)
}

// RemoveFromDataShare is call 23, operation "remove_from_data_share".
func (c *Client) RemoveFromDataShare(ctx context.Context, r RemoveFromDataShareRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opRemoveFromDataShare, target{r.ContractID, r.LineNo}, r, decodeReservation)
}

// CancelReservation is call 29, operation "cancel_reservation".
func (c *Client) CancelReservation(ctx context.Context, r CancelReservationRequest) (carrier.Answer[Reservation], error) {
	return checked(ctx, c, opCancelReservation, target{contractID: r.ContractID}, r, decodeReservation)
}

// AddLine is call 12, operation "add_line".
func (c *Client) AddLine(ctx context.Context, r AddLineRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opAddLine, target{contractID: r.ContractID}, r, decodeAccepted)
}

// RemoveLine is call 13, operation "remove_line".
func (c *Client) RemoveLine(ctx context.Context, r RemoveLineRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opRemoveLine, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// BuyDevices is call 14, operation "buy_devices".
func (c *Client) BuyDevices(ctx context.Context, r BuyDevicesRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opBuyDevices, target{contractID: r.ContractID}, r, decodeAccepted)
}

// ChangeCourse is call 15, operation "change_course".
func (c *Client) ChangeCourse(ctx context.Context, r ChangeCourseRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeCourse, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAuth is call 16, operation "change_auth".
func (c *Client) ChangeAuth(ctx context.Context, r ChangeAuthRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAuth, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAddresses is call 17, operation "change_addresses".
func (c *Client) ChangeAddresses(ctx context.Context, r ChangeAddressesRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAddresses, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeIMEI is call 18, operation "change_imei".
func (c *Client) ChangeIMEI(ctx context.Context, r ChangeIMEIRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeIMEI, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// SetRoaming is call 20, operation "set_roaming".
func (c *Client) SetRoaming(ctx context.Context, r SetRoamingRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opSetRoaming, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// RemoveRoaming is call 21, operation "remove_roaming". It fails with ReasonNoRoaming where there is none.
func (c *Client) RemoveRoaming(ctx context.Context, r RemoveRoamingRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opRemoveRoaming, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// AddDataVolume is call 24, operation "add_data_volume". The carrier adds one volume each time it is asked.
func (c *Client) AddDataVolume(ctx context.Context, r AddDataVolumeRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opAddDataVolume, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAccess is call 25, operation "change_access".
func (c *Client) ChangeAccess(ctx context.Context, r ChangeAccessRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAccess, target{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// Disconnect is call 27, operation "disconnect". Session says whether the connection has ended.
func (c *Client) Disconnect(ctx context.Context, r DisconnectRequest) (carrier.Answer[Disconnected], error) {
	return checked(ctx, c, opDisconnect, target{r.ContractID, r.LineNo}, r, decodeDisconnected)
}
