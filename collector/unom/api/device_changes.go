package api

import (
	"net/http"
	"time"

	"kaisen/collector/carrier"
)

// ChangeAuthRequest changes by what a line authenticates: call 16 (UNO Mobile API v2.1, §16).
type ChangeAuthRequest struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo     string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	AuthInfo   `json:"lineInfo"`
}

// AuthInfo is what call 16 changes: the ID, the password, or both.
type AuthInfo struct {
	AuthID   string         `json:"authenticationId,omitempty" doc:"new authentication ID, half-width, up to 64 characters; this, the password, or both"`
	Password carrier.Secret `json:"authenticationPassword,omitempty" doc:"new password, up to 1,024 characters"`
}

// Validate checks all fields. The table wants 8 to 64 half-width characters (X) of an ID, its example has six and call 12
// begins with three: three are enough here.
func (r ChangeAuthRequest) Validate(time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	if r.AuthID == "" && r.Password == "" {
		c.Add("authenticationId", "missing, and authenticationPassword too: one of them at least")
	}
	c.Text("authenticationId", r.AuthID, 3, 64, half)
	c.text("authenticationPassword", string(r.Password), optional, mixed, 1024)
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/radiusAuth.
func (r ChangeAuthRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "radiusAuth"),
		agreedInfo[AuthInfo]{r.Agreement, r.AuthInfo})
}

// ChangeAddressesRequest changes a line's IP addresses: call 17 (UNO Mobile API v2.1, §17; the table of calls leaves /lines/{lineNo}
// out of the address, the sheet and its example do not).
type ChangeAddressesRequest struct {
	ContractID  string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo      string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement   Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	AddressInfo `json:"lineInfo"`
}

// AddressInfo is what call 17 changes.
type AddressInfo struct {
	ACTAddress  string `json:"actIpAddress" doc:"IPv4 address in the country, active"`
	SBYAddress  string `json:"sbyIpAddress,omitempty" doc:"IPv4 address in the country, standby"`
	RoamAddress string `json:"roamingIpAddress,omitempty" doc:"IPv4 address abroad"`
}

// Validate checks all fields.
func (r ChangeAddressesRequest) Validate(time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	c.ipv4("actIpAddress", r.ACTAddress, mandatory)
	c.ipv4("sbyIpAddress", r.SBYAddress, optional)
	c.ipv4("roamingIpAddress", r.RoamAddress, optional)
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/ipAddresses.
func (r ChangeAddressesRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "ipAddresses"),
		agreedInfo[AddressInfo]{r.Agreement, r.AddressInfo})
}

// ChangeIMEIRequest changes the device that a line belongs to: call 18, which took in call 19 (UNO Mobile API v2.1, §18).
type ChangeIMEIRequest struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo     string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	IMEIInfo   `json:"lineInfo"`
}

// IMEIInfo is what call 18 changes.
type IMEIInfo struct {
	IMEI   string     `json:"imei" doc:"serial number of the device (IMEI), up to 1,000 characters"`
	Option IMEIOption `json:"imeiOption" doc:"what RADIUS checks: 1 the ID, 2 ID and IMEI"`
}

// Validate checks all fields.
func (r ChangeIMEIRequest) Validate(time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	c.text("imei", r.IMEI, mandatory, mixed, 1000)
	c.code("imeiOption", string(r.Option), r.Option.Known(), "1 (ID) or 2 (ID and IMEI)")
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/imei.
func (r ChangeIMEIRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "imei"),
		agreedInfo[IMEIInfo]{r.Agreement, r.IMEIInfo})
}

// ChangeAccessRequest changes a line's radio access: call 25 (UNO Mobile API v2.1, §25, whose example leaves /lines/{lineNo} out
// of the address).
type ChangeAccessRequest struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo     string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	AccessInfo `json:"lineInfo"`
}

// AccessInfo is what call 25 changes. The carrier has announced to rename accessCode to accessType, not when: until
// then accessCode is the newest form.
type AccessInfo struct {
	Access     AccessCode `json:"accessCode" doc:"radio access: 1 3G, 2 LTE"`
	ACTAddress string     `json:"actIpAddress,omitempty" doc:"IPv4 address in the country, active"`
	SBYAddress string     `json:"sbyIpAddress,omitempty" doc:"IPv4 address in the country, standby"`
}

// Validate checks all fields.
func (r ChangeAccessRequest) Validate(time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	c.code("accessCode", string(r.Access), r.Access.Known(), "1 (3G) or 2 (LTE)")
	c.ipv4("actIpAddress", r.ACTAddress, optional)
	c.ipv4("sbyIpAddress", r.SBYAddress, optional)
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/accessTypes.
func (r ChangeAccessRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "accessTypes"),
		agreedInfo[AccessInfo]{r.Agreement, r.AccessInfo})
}
