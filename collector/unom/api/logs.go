package api

import (
	"errors"
	"time"

	"kaisen/schema"
)

// Authentication is a row of call 04 (UNO Mobile API v2.1 §04).
type Authentication struct {
	LineNo string             // up to 11 digits
	At     time.Time          // 認証時間: sessionTime, to the second, in the configured zone
	Type   schema.SessionType // 国内/国際ローミング: sessionType, 0 or 1
	Result schema.AuthResult  // ログ内容: authenticationResult, 01 or 02
}

// MarshalJSON writes the row as call 04 does.
func (r Authentication) MarshalJSON() ([]byte, error) {
	return logRowJSON(r.LineNo, r.Type, r.At, "authenticationResult", codeOf(r.Result, authResults(), 1, 2))
}

// SessionEvent is a row of call 05 (UNO Mobile API v2.1 §05).
type SessionEvent struct {
	LineNo string                  // up to 11 digits
	At     time.Time               // 接続開始時間: sessionTime, to the second, in the configured zone
	Type   schema.SessionType      // 国内/国際ローミング: sessionType, 0 or 1
	Event  schema.SessionEventKind // イベント種別: eventType, 01 or 02
}

// MarshalJSON writes the row as call 05 does.
func (r SessionEvent) MarshalJSON() ([]byte, error) {
	return logRowJSON(r.LineNo, r.Type, r.At, "eventType", codeOf(r.Event, sessionEvents(), 1, 2))
}

func logRowJSON(lineNo string, session schema.SessionType, at time.Time, outcome string, code any) ([]byte, error) {
	var o object
	o.put("lineNo", lineNo)
	o.put("sessionType", codeOf(session, sessionTypes(), 0, 1))
	o.put("sessionTime", secondText(at))
	o.put(outcome, code)
	return o.done()
}

// logRow is what the rows of both logs have in common.
type logRow struct {
	lineNo  string
	at      time.Time
	session schema.SessionType
	outcome value // authenticationResult or eventType
}

func decodeAuthentications(a *answer) ([]Authentication, error) {
	return listOf(a, "resultList", "searchList", func(a *answer, v value) (Authentication, error) {
		row, err := readLogRow(a, v, "authenticationresult")
		return Authentication{
			LineNo: row.lineNo, At: row.at, Type: row.session,
			Result: coded(a, "authenticationResult", row.outcome, authResults(), 1, schema.AuthUnknown),
		}, err
	})
}

func decodeSessionEvents(a *answer) ([]SessionEvent, error) {
	return listOf(a, "searchList", "resultList", func(a *answer, v value) (SessionEvent, error) {
		row, err := readLogRow(a, v, "eventtype")
		return SessionEvent{
			LineNo: row.lineNo, At: row.at, Type: row.session,
			Event: coded(a, "eventType", row.outcome, sessionEvents(), 1, schema.SessionEventUnknown),
		}, err
	})
}

// readLogRow reads a row of a log. Without its line and its time it says nothing, and is an error; codes may be
// unknown.
func readLogRow(a *answer, v value, outcome string) (logRow, error) {
	row := logRow{outcome: value{kind: isNull}}
	session := value{kind: isNull}
	timed := false
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		switch key := fold(m.key, &buffer); string(key) {
		case "lineno":
			row.lineNo = m.value.lineNo()
		case "sessiontype", "saessiontype":
			session = m.value
		case "sessiontime":
			if row.at, timed = logTime(m.value.text(), a.zone); !timed {
				return logRow{}, notThat("sessionTime", m.value, "YYYYMMDDhhmmss")
			}
		case outcome:
			row.outcome = m.value
		}
	}
	switch {
	case m.err != nil:
		return logRow{}, m.err
	case row.lineNo == "":
		return logRow{}, errors.New("lineNo is missing")
	case !timed:
		return logRow{}, errors.New("sessionTime is missing")
	}
	row.session = a.sessionType(session)
	return row, nil
}
