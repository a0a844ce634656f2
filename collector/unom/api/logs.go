package api

import (
	"net/url"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// logReach is how far back the logs go (過去30日分).
const logReach = 30 * 24 * time.Hour

// OfLog is a search in a log of the contract. At most one of the two keys narrows it.
type OfLog struct {
	ContractID string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	StartTime  string `json:"startTime" doc:"first second, YYYYMMDDhhmmss in the carrier's zone, at most 30 days ago"`
	EndTime    string `json:"endTime" doc:"last second, YYYYMMDDhhmmss in the carrier's zone"`
	AuthID     string `json:"authSearchKey,omitempty" doc:"only this authentication ID, id@domain, 8 to 64 characters; not together with lineNoSearchKey"`
	LineNo     string `json:"lineNoSearchKey,omitempty" doc:"only this line, up to 11 characters, of call 05 up to 15; not together with authSearchKey"`
}

// check checks times and keys. Both tables take any half-width characters (X) for the line's key, call 04 eleven of them,
// call 05 fifteen.
func (r OfLog) check(now time.Time, longestLine int) error {
	c := newCheck()
	c.contract(r.ContractID)
	start, startOK := c.second("startTime", r.StartTime, now)
	end, endOK := c.second("endTime", r.EndTime, now)
	if startOK && endOK && end.Before(start) {
		c.Add("endTime", "lies before startTime")
	}
	if r.AuthID != "" {
		c.text("authSearchKey", r.AuthID, optional, half, 64)
		if len(r.AuthID) < 8 || !strings.Contains(r.AuthID, "@") {
			c.Add("authSearchKey", "want id@domain, 8 to 64 characters")
		}
		if r.LineNo != "" {
			c.Add("lineNoSearchKey", "not together with authSearchKey: one of the two at most")
		}
	}
	c.text("lineNoSearchKey", r.LineNo, optional, half, longestLine)
	return c.Err()
}

// second: YYYYMMDDhhmmss, fixed 14, no more than 30 days ago.
func (c *check) second(field, text string, now time.Time) (time.Time, bool) {
	if text == "" {
		c.Add(field, "missing")
		return time.Time{}, false
	}
	at, err := time.ParseInLocation(timeForm, text, now.Location())
	switch {
	case err != nil || len(text) != len(timeForm):
		c.Add(field, "want a time that exists, as YYYYMMDDhhmmss")
		return time.Time{}, false
	case at.Before(now.Add(-logReach).Truncate(time.Second)):
		c.Add(field, "lies more than 30 days back")
		return time.Time{}, false
	}
	return at, true
}

func (r OfLog) spec(name string) carrier.RequestSpec {
	w := list(below(r.ContractID, name), maxList)
	w.Order = []string{"startTime", "endTime", "authSearchKey", "lineNoSearchKey"}
	w.Query = url.Values{"startTime": {r.StartTime}, "endTime": {r.EndTime}}
	if r.AuthID != "" {
		w.Query.Set("authSearchKey", r.AuthID)
	}
	if r.LineNo != "" {
		w.Query.Set("lineNoSearchKey", r.LineNo)
	}
	return w
}

// AuthenticationsRequest asks call 04 for the log of authentications, at most MaxRows (UNO Mobile API v2.1, §04).
type AuthenticationsRequest struct{ OfLog }

// Validate checks all fields.
func (r AuthenticationsRequest) Validate(now time.Time) error { return r.check(now, 11) }

// Spec is GET …/authentications?startTime=&endTime=, with one key at most.
func (r AuthenticationsRequest) Spec() carrier.RequestSpec { return r.spec("authentications") }

// SessionsRequest asks call 05 for the log of connections, at most MaxRows (UNO Mobile API v2.1, §05).
type SessionsRequest struct{ OfLog }

// Validate checks all fields.
func (r SessionsRequest) Validate(now time.Time) error { return r.check(now, 15) }

// Spec is GET …/sessions?startTime=&endTime=, with one key at most.
func (r SessionsRequest) Spec() carrier.RequestSpec { return r.spec("sessions") }

// Authentication is a row of call 04 (UNO Mobile API v2.1, §04).
type Authentication struct {
	LineNo string             `json:"lineNo" form:"line" need:"true"`                             // up to 11 digits
	Type   schema.SessionType `json:"sessionType" also:"saessionType" form:"session" need:"warn"` // 国内/国際ローミング: sessionType, 0 or 1
	At     time.Time          `json:"sessionTime" form:"logTime" need:"true"`                     // 認証時間: sessionTime, to the second, in the configured zone
	Result schema.AuthResult  `json:"authenticationResult" form:"authResult" need:"warn"`         // ログ内容: authenticationResult, 01 or 02
}

// MarshalJSON writes the row as call 04 does.
func (r Authentication) MarshalJSON() ([]byte, error) { return lenient.Marshal(r, forms()) }

// SessionEvent is a row of call 05 (UNO Mobile API v2.1, §05).
type SessionEvent struct {
	LineNo string                  `json:"lineNo" form:"line" need:"true"`                             // up to 11 digits
	Type   schema.SessionType      `json:"sessionType" also:"saessionType" form:"session" need:"warn"` // 国内/国際ローミング: sessionType, 0 or 1
	At     time.Time               `json:"sessionTime" form:"logTime" need:"true"`                     // 接続開始時間: sessionTime, to the second, in the configured zone
	Event  schema.SessionEventKind `json:"eventType" form:"event" need:"warn"`                         // イベント種別: eventType, 01 or 02
}

// MarshalJSON writes the row as call 05 does.
func (r SessionEvent) MarshalJSON() ([]byte, error) { return lenient.Marshal(r, forms()) }

// readLogTime reads the time of a row in a log. Without it the row says nothing, and costs itself.
func readLogTime(r *lenient.Reader, field string, v lenient.Value, into *time.Time) (given bool, err error) {
	if *into, given = lenient.Second(v.Text(), r.Zone); !given {
		return false, r.NotThat(field, v, "YYYYMMDDhhmmss")
	}
	return true, nil
}

func decodeAuthentications(d *lenient.Decoder, of *target, body []byte) ([]Authentication, []carrier.Warning, error) {
	return rowsOf[Authentication](d, of, body, "resultList", "searchList")
}

func decodeSessionEvents(d *lenient.Decoder, of *target, body []byte) ([]SessionEvent, []carrier.Warning, error) {
	return rowsOf[SessionEvent](d, of, body, "searchList", "resultList")
}
