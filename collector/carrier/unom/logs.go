package unom

import (
	"errors"
	"time"

	"kaisen/schema"
)

// Authentication is a row of call 04.
type Authentication struct {
	LineNo string
	At     time.Time // to the second, in the configured zone
	Type   schema.SessionType
	Result schema.AuthResult
}

// SessionEvent is a row of call 05.
type SessionEvent struct {
	LineNo string
	At     time.Time // to the second, in the configured zone
	Type   schema.SessionType
	Event  schema.SessionEventKind
}

// logRow is what the rows of both logs have in common.
type logRow struct {
	lineNo  string
	at      time.Time
	session schema.SessionType
	outcome value // authenticationResult or eventType
}

func decodeAuthentications(a *answer) ([]Authentication, error) {
	results := []schema.AuthResult{schema.AuthOK, schema.AuthNG}
	return listOf(a, "resultList", "searchList", func(a *answer, v value) (Authentication, error) {
		row, err := readLogRow(a, v, "authenticationresult")
		return Authentication{
			LineNo: row.lineNo, At: row.at, Type: row.session,
			Result: coded(a, "authenticationResult", row.outcome, results, 1, schema.AuthUnknown),
		}, err
	})
}

func decodeSessionEvents(a *answer) ([]SessionEvent, error) {
	events := []schema.SessionEventKind{schema.SessionStart, schema.SessionStop}
	return listOf(a, "searchList", "resultList", func(a *answer, v value) (SessionEvent, error) {
		row, err := readLogRow(a, v, "eventtype")
		return SessionEvent{
			LineNo: row.lineNo, At: row.at, Type: row.session,
			Event: coded(a, "eventType", row.outcome, events, 1, schema.SessionEventUnknown),
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
