package unom

import (
	"errors"

	"kaisen/schema"
)

// Result codes of call 26.
const (
	ResultRead     = 0 // the state was read
	ResultAbnormal = 1 // ended abnormally
	ResultTooMany  = 2 // asked for too often: counts as throttled
)

// Session is an answer of call 26. Where ResultCode is not ResultRead it says nothing of the line, and Connected is
// unknown.
type Session struct {
	ContractID, LineNo string
	Type               schema.SessionType
	Connected          schema.Opt[bool]
	ResultCode         uint8
}

func decodeSession(a *answer) (Session, error) {
	s := Session{ContractID: a.contractID, LineNo: a.lineNo, Type: schema.SessionUnknown}
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
	return s, s.read(a, kind, state, result)
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
	s.Connected = coded(a, "sessionStatus", state,
		[]schema.Opt[bool]{schema.Some(false), schema.Some(true)}, 0, schema.Opt[bool]{})
	if !kind.null() || s.Connected.Or(true) { // a line that is not connected is nowhere
		s.Type = a.sessionType(kind)
	}
	return nil
}
