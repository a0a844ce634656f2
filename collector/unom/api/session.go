package api

import (
	"encoding/json"
	"errors"

	"kaisen/schema"
)

// Result codes of call 26.
const (
	ResultRead     = 0 // the state was read
	ResultAbnormal = 1 // ended abnormally
	ResultTooMany  = 2 // asked for too often: counts as throttled
)

// Session is an answer of call 26 (UNO Mobile API v2.1 §26). Where ResultCode is not ResultRead it says nothing of the line, and
// Connected is unknown.
type Session struct {
	ContractID, LineNo string             // 10 characters; up to 11 digits
	Type               schema.SessionType // 国内通信／国際ローミング: sessionType, 0 or 1
	Connected          schema.Opt[bool]   // 端末の接続状態(現在): sessionStatus, 0 cut off, 1 connected
	ResultCode         uint8              // 処理結果: resultCode, one of the constants above
}

// MarshalJSON writes the answer as the example of call 26 does, with numbers.
func (s Session) MarshalJSON() ([]byte, error) {
	number := func(word any) any {
		if text, ok := word.(string); ok {
			return json.RawMessage(text)
		}
		return nil
	}
	var o object
	o.put("contractId", s.ContractID)
	o.put("lineNo", s.LineNo)
	o.put("sessionType", number(codeOf(s.Type, sessionTypes(), 0, 1)))
	o.put("sessionStatus", number(codeOf(s.Connected, sessionStates(), 0, 1)))
	o.put("resultCode", s.ResultCode)
	return o.done()
}

// sessionStates are the meanings of sessionStatus, from 0.
func sessionStates() []schema.Opt[bool] {
	return []schema.Opt[bool]{schema.Some(false), schema.Some(true)}
}

func decodeSession(a *answer) (Session, error) {
	s := Session{Type: schema.SessionUnknown}
	absent := value{kind: isNull}
	kind, state, result := absent, absent, absent
	var buffer [maxKey]byte
	m := document(a.body)
	for m.next() {
		var err error
		switch string(fold(m.key, &buffer)) {
		case "contractid":
			err = a.sameContract(m.value)
		case "lineno":
			err = a.sameLine(m.value)
		case "sessiontype", "saessiontype":
			kind = m.value
		case "sessionstatus":
			state = m.value
		case "resultcode":
			result = m.value
		}
		if err != nil {
			return Session{}, err
		}
	}
	if m.err != nil {
		return Session{}, m.err
	}
	s.ContractID, s.LineNo = a.contractID, a.lineNo
	err := s.read(a, kind, state, result)
	return s, err
}

// read puts the three codes together.
func (s *Session) read(a *answer, kind, state, result value) error {
	if result.null() && state.null() {
		return errors.New("neither resultCode nor sessionStatus is told")
	}
	code, ok := result.code()
	if !ok {
		return notThat("resultCode", result, "0, 1 or 2")
	}
	if !code.Known {
		a.warn("resultCode", reasonMissing)
	}
	if s.ResultCode = code.V; s.ResultCode > ResultTooMany {
		a.warn("resultCode", reasonCode)
	}
	if s.ResultCode != ResultRead {
		return nil
	}
	s.Connected = coded(a, "sessionStatus", state, sessionStates(), 0, schema.Opt[bool]{})
	if !kind.null() || s.Connected.Or(true) { // a line that is not connected is nowhere
		s.Type = a.sessionType(kind)
	}
	return nil
}
