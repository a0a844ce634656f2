package api

import (
	"context"

	"kaisen/collector/carrier"
)

// AddLine is call 12, operation "add_line".
func (c *Client) AddLine(ctx context.Context, r AddLineRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opAddLine, subject{contractID: r.ContractID}, r, decodeAccepted)
}

// RemoveLine is call 13, operation "remove_line".
func (c *Client) RemoveLine(ctx context.Context, r RemoveLineRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opRemoveLine, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// BuyDevices is call 14, operation "buy_devices".
func (c *Client) BuyDevices(ctx context.Context, r BuyDevicesRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opBuyDevices, subject{contractID: r.ContractID}, r, decodeAccepted)
}

// ChangeCourse is call 15, operation "change_course".
func (c *Client) ChangeCourse(ctx context.Context, r ChangeCourseRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeCourse, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAuth is call 16, operation "change_auth".
func (c *Client) ChangeAuth(ctx context.Context, r ChangeAuthRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAuth, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAddresses is call 17, operation "change_addresses".
func (c *Client) ChangeAddresses(ctx context.Context, r ChangeAddressesRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAddresses, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeIMEI is call 18, operation "change_imei".
func (c *Client) ChangeIMEI(ctx context.Context, r ChangeIMEIRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeIMEI, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// SetRoaming is call 20, operation "set_roaming".
func (c *Client) SetRoaming(ctx context.Context, r SetRoamingRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opSetRoaming, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// RemoveRoaming is call 21, operation "remove_roaming". It fails with ReasonNoRoaming where there is none.
func (c *Client) RemoveRoaming(ctx context.Context, r RemoveRoamingRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opRemoveRoaming, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// AddDataVolume is call 24, operation "add_data_volume". The carrier adds one volume each time it is asked.
func (c *Client) AddDataVolume(ctx context.Context, r AddDataVolumeRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opAddDataVolume, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// ChangeAccess is call 25, operation "change_access".
func (c *Client) ChangeAccess(ctx context.Context, r ChangeAccessRequest) (carrier.Answer[OrderAccepted], error) {
	return checked(ctx, c, opChangeAccess, subject{r.ContractID, r.LineNo}, r, decodeAccepted)
}

// Disconnect is call 27, operation "disconnect". Whether the connection has ended, Session tells.
func (c *Client) Disconnect(ctx context.Context, r DisconnectRequest) (carrier.Answer[Disconnected], error) {
	return checked(ctx, c, opDisconnect, subject{r.ContractID, r.LineNo}, r, decodeDisconnected)
}
