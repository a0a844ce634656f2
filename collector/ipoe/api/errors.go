package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// ErrorCode is errorCode of an Error: the HTTP status, and four digits of the cause within it.
type ErrorCode string

// The codes that the document shows.
const (
	CodeLength             ErrorCode = "4000102"        // a value has the wrong number of characters
	CodeNotAlphanumeric    ErrorCode = "4000110"        // a value is not half-width letters and digits
	CodeFormat             ErrorCode = "4000118"        // a value is not of the right form, a date that does not exist
	CodeNotFound           ErrorCode = "4000137"        // no such site or product, or not one that the client may see or buy
	CodeAccessLine         ErrorCode = "4000139"        // the access line does not exist, is not in force, or is being moved by NTT
	CodeProductCombination ErrorCode = "4000144"        // the products do not go together: an option without the one it needs
	CodeSystemDetail       ErrorCode = "5000101"        // of the definition Error; not explained
	CodeSystem             ErrorCode = "5000102"        // a system error: to be asked about at NTTPC
	CodeInvalidClient      ErrorCode = "invalid_client" // the gateway's: client ID and secret do not match
)

// Meaning is the code in words; "" for one that the document does not show.
func (c ErrorCode) Meaning() string {
	switch c {
	case CodeLength:
		return "wrong number of characters"
	case CodeNotAlphanumeric:
		return "not half-width letters and digits"
	case CodeFormat:
		return "not of the right form"
	case CodeNotFound:
		return "no such site, product or order"
	case CodeAccessLine:
		return "the access line cannot be used"
	case CodeProductCombination:
		return "the products do not go together"
	case CodeSystemDetail, CodeSystem:
		return "system error"
	case CodeInvalidClient:
		return "client ID or secret is wrong"
	}
	return ""
}

// Error is one refusal (IPoE API 3.4.0, Error).
type Error struct {
	Code             ErrorCode `json:"errorCode"`
	Message          string    `json:"errorMessage,omitzero"`     // for the user, in Japanese; JSON in those of the gateway
	DeveloperMessage string    `json:"developerMessage,omitzero"` // the same text today
	MoreInfo         string    `json:"moreInfo,omitzero"`         // address of a page about it; null today
	RequestID        string    `json:"requestId,omitzero"`        // to be given when asking NTTPC
}

// Errors are all refusals of one request (IPoE API 3.4.0, Errors), at least one. It wraps the *carrier.Error, whose Code
// is the first refusal's and whose Message names them all.
type Errors struct {
	List    []Error
	failure *carrier.Error
}

// Error is the text of the *carrier.Error.
func (e *Errors) Error() string { return e.failure.Error() }

// Unwrap is the *carrier.Error.
func (e *Errors) Unwrap() error { return e.failure }

// HasCode reports whether a call was refused with the code, however the error is wrapped.
func HasCode(err error, code ErrorCode) bool {
	var refused *Errors
	if !errors.As(err, &refused) {
		return false
	}
	for _, one := range refused.List {
		if one.Code == code {
			return true
		}
	}
	return false
}

// Explain makes typed Errors of a failed call where the carrier said what was wrong, and takes the secrets out of its
// payload. The methods of Client do it by themselves.
func Explain(err error) error {
	var failure *carrier.Error
	if !errors.As(err, &failure) {
		return err
	}
	given := *failure
	given.Payload = redact(failure.Payload)
	list := readErrors(failure.Payload)
	if len(list) == 0 {
		return &given
	}
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = strings.TrimSpace(fmt.Sprintf("%s %s", one.Code, one.Message))
	}
	given.Code, given.Message = string(list[0].Code), strings.Join(texts, "; ")
	for _, one := range list {
		given.RequestID = cmp.Or(given.RequestID, one.RequestID)
	}
	return &Errors{List: list, failure: &given}
}

// readErrors reads the API's list and the gateway's single refusal, whose message holds JSON with the real code. A
// body of another kind has none.
func readErrors(body []byte) []Error {
	d := new(lenient.Decoder)
	if list, _, err := lenient.DecodeRows[Error](d, body, "errors"); err == nil {
		return list
	}
	var one Error
	if _, err := lenient.Decode(d, body, &one); err != nil || one.Code == "" {
		return nil
	}
	var inner struct{ ErrorCode, Error string }
	if json.Unmarshal([]byte(one.Message), &inner) == nil && inner.ErrorCode != "" {
		one.Code, one.Message = ErrorCode(inner.ErrorCode), inner.Error
	}
	return []Error{one}
}
