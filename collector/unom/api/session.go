package api

import (
	"errors"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// Result codes of call 26.
const (
	ResultRead     = 0 // the state was read
	ResultAbnormal = 1 // ended abnormally
	ResultTooMany  = 2 // asked for too often: counts as throttled
)

// Session is an answer of call 26 (UNO Mobile API v2.1, §26). Where ResultCode is not ResultRead it says nothing of the line, and
// Connected is unknown.
type Session struct {
	ContractID, LineNo string             // 10 characters; up to 11 digits
	Type               schema.SessionType // 国内通信／国際ローミング: sessionType, 0 or 1
	Connected          schema.Opt[bool]   // 端末の接続状態(現在): sessionStatus, 0 cut off, 1 connected
	ResultCode         uint8              // 処理結果: resultCode, one of the constants above
}

// MarshalJSON writes the answer as the example of call 26 does, with numbers.
func (s Session) MarshalJSON() ([]byte, error) {
	var kind, state any
	switch s.Type {
	case schema.SessionDomestic:
		kind = 0
	case schema.SessionRoaming:
		kind = 1
	}
	if s.Connected.Known {
		state = 0
		if s.Connected.V {
			state = 1
		}
	}
	return lenient.Body(struct {
		ContractID string `json:"contractId"`
		LineNo     string `json:"lineNo"`
		Type       any    `json:"sessionType"`
		Status     any    `json:"sessionStatus"`
		Result     uint8  `json:"resultCode"`
	}{s.ContractID, s.LineNo, kind, state, s.ResultCode}), nil
}

// sessionAnswer is a Session with its codes as they were given: what they mean depends on the result.
type sessionAnswer struct {
	Session
	ContractID string        `json:"contractId" form:"same"`
	LineNo     string        `json:"lineNo" form:"sameLine"`
	Type       lenient.Value `json:"sessionType" also:"saessionType"`
	Status     lenient.Value `json:"sessionStatus"`
	Result     lenient.Value `json:"resultCode"`
}

func decodeSession(d *lenient.Decoder, of *target, body []byte) (Session, []carrier.Warning, error) {
	a := sessionAnswer{ContractID: of.contractID, LineNo: of.lineNo}
	warnings, err := lenient.Decode(d, body, &a)
	return a.Session, warnings, err
}

// tooMany reads an answer of call 26 for resultCode 2, which comes with status 200.
func tooMany(d *lenient.Decoder, of target) func(body []byte) string {
	return func(body []byte) string {
		if answer, _, err := decodeSession(d, &of, body); err != nil || answer.ResultCode != ResultTooMany {
			return ""
		}
		return "resultCode 2"
	}
}

// Complete puts the three codes together.
func (a *sessionAnswer) Complete(r *lenient.Reader) error {
	s := &a.Session
	s.ContractID, s.LineNo, s.Type = a.ContractID, a.LineNo, schema.SessionUnknown
	if a.Result.Null() && a.Status.Null() {
		return errors.New("neither resultCode nor sessionStatus is told")
	}
	code, ok := a.Result.Code()
	if !ok {
		return r.NotThat("resultCode", a.Result, "0, 1 or 2")
	}
	if !code.Known {
		r.Warn("resultCode", lenient.ReasonMissing)
	}
	if s.ResultCode = code.V; s.ResultCode > ResultTooMany {
		r.WarnOf("resultCode", lenient.ReasonCode, []byte{s.ResultCode})
	}
	if s.ResultCode != ResultRead {
		return nil
	}
	s.Connected = lenient.CodeOf(r, "sessionStatus", a.Status, schema.Opt[bool]{}, 0, schema.Some(false), schema.Some(true))
	if !a.Type.Null() || s.Connected.Or(true) { // a line that is not connected is nowhere
		s.Type = lenient.CodeOf(r, "sessionType", a.Type, schema.SessionUnknown, 0, schema.SessionDomestic, schema.SessionRoaming)
	}
	return nil
}
