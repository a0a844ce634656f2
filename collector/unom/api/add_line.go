package api

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"kaisen/collector/carrier"
)

// AddLineRequest orders a new line: call 12 (UNO Mobile API v2.1 §12).
type AddLineRequest struct {
	ContractID  string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	RequestDate Day    `json:"requestDate" doc:"first day of use, YYYYMMDD, until the last of next month"`
	Delivery
	Agreement Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	Lines     []NewLine `json:"linesList" doc:"the line; one, as the current version asks for"`
}

// NewLine is one line that call 12 orders.
type NewLine struct {
	Number      Number         `json:"number" doc:"number of the order within the request, 1 to 999; its place where not given"`
	PlanCode    string         `json:"planCode" doc:"plan, up to 1,324 characters, from call 06: T3001326"`
	DeviceCode  string         `json:"deviceCode" doc:"device or SIM, up to 1,024 characters, from call 06: T2000537"`
	RoamingCode RoamingCode    `json:"roamingCode,omitempty" doc:"limit of roaming charges, from call 06: T6000036; none where not given"`
	ACTAddress  string         `json:"actIpAddress" doc:"IPv4 address in the country, active"`
	SBYAddress  string         `json:"sbyIpAddress,omitempty" doc:"IPv4 address in the country, standby"`
	RoamAddress string         `json:"roamingIpAddress,omitempty" doc:"IPv4 address abroad"`
	AuthID      string         `json:"authenticationId,omitempty" doc:"authentication ID, 3 to 15 of A-Z a-z 0-9 -._+=; this, the password, or both"`
	Password    carrier.Secret `json:"authenticationPassword,omitempty" doc:"password, 2 to 15 of A-Z a-z 0-9 !$()-/;<?[]^{}%"`
	Access      AccessCode     `json:"accessCode" doc:"radio access: 1 3G, 2 LTE"`
}

// Validate checks all fields. More than one line is refused: the sheet asks for one at a time in this version.
func (r AddLineRequest) Validate(now time.Time) error {
	var c check
	c.contract(r.ContractID)
	c.day("requestDate", r.RequestDate, now)
	r.Delivery.check(&c)
	c.agreement(r.Agreement)
	c.orders(len(r.Lines), 1)
	numbers := make([]Number, len(r.Lines))
	for i, line := range r.Lines {
		numbers[i] = line.Number
		line.check(&c, fmt.Sprintf("linesList[%d].", i))
	}
	c.numbers(numbers)
	return c.Err()
}

// Symbols that call 12 allows beside letters and digits.
const (
	authIDSymbols   = "-._+="
	passwordSymbols = "!$()-/;<?[]^{}%"
)

func (l *NewLine) check(c *check, at string) {
	c.text(at+"planCode", l.PlanCode, mandatory, mixed, 1324)
	c.text(at+"deviceCode", l.DeviceCode, mandatory, mixed, 1024)
	c.roaming(at+"roamingCode", l.RoamingCode)
	c.ipv4(at+"actIpAddress", l.ACTAddress, mandatory)
	c.ipv4(at+"sbyIpAddress", l.SBYAddress, optional)
	c.ipv4(at+"roamingIpAddress", l.RoamAddress, optional)
	if l.AuthID == "" && l.Password == "" {
		c.Add(at+"authenticationId", "missing, and authenticationPassword too: one of them at least")
	}
	c.word(at+"authenticationId", l.AuthID, 3, 15, authIDSymbols)
	c.word(at+"authenticationPassword", string(l.Password), 2, 15, passwordSymbols)
	c.code(at+"accessCode", string(l.Access), l.Access.known(), "1 (3G) or 2 (LTE)")
}

// word checks a field of letters, digits and a few symbols, unless it is empty.
func (c *check) word(field, value string, least, most int, symbols string) {
	if value == "" {
		return
	}
	if n := utf8.RuneCountInString(value); n < least || n > most {
		c.Add(field, "%d characters, want %d to %d", n, least, most)
	}
	for _, r := range value {
		if !isWordOr(r, symbols) {
			c.Add(field, "must be letters, digits and %s", symbols)
			return
		}
	}
}

// Spec is POST …/lines.
func (r AddLineRequest) Spec() carrier.RequestSpec {
	lines := make([]NewLine, len(r.Lines))
	for i, line := range r.Lines {
		line.Number = line.Number.at(i)
		lines[i] = line
	}
	return send(http.MethodPost, below(r.ContractID, "lines"),
		delivered[NewLine]{r.RequestDate, r.Delivery, r.Agreement, lines})
}

func isWordOr(r rune, symbols string) bool {
	return r < utf8.RuneSelf && isWord([]byte{byte(r)}) || strings.ContainsRune(symbols, r)
}
