package api

import (
	"net/url"
	"strings"
	"time"

	"kaisen/collector/carrier"
)

// logReach is how far back the logs go (過去30日分).
const logReach = 30 * 24 * time.Hour

// OfLog is a search in a log of the contract. At most one of the two keys narrows it.
type OfLog struct {
	ContractID string `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	StartTime  string `json:"startTime" doc:"first second, YYYYMMDDhhmmss in the carrier's zone, at most 30 days ago"`
	EndTime    string `json:"endTime" doc:"last second, YYYYMMDDhhmmss in the carrier's zone"`
	AuthID     string `json:"authSearchKey,omitempty" doc:"only this authentication ID, id@domain, 8 to 64 characters; not together with lineNoSearchKey"`
	LineNo     string `json:"lineNoSearchKey,omitempty" doc:"only this line, up to 11 digits; not together with authSearchKey"`
}

// validate: call 05 gives the line's key 15 characters and call 04 eleven, but lines have no more than eleven.
func (r OfLog) validate(now time.Time) error {
	var c check
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
	c.text("lineNoSearchKey", r.LineNo, optional, digits, 11)
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
	w := get(below(r.ContractID, name))
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

// AuthenticationsRequest asks call 04 for the log of authentications, at most MaxRows (UNO Mobile API v2.1 §04).
type AuthenticationsRequest OfLog

// Validate checks contract, times and keys.
func (r AuthenticationsRequest) Validate(now time.Time) error { return OfLog(r).validate(now) }

// Spec is GET …/authentications?startTime=&endTime=, with one key at most.
func (r AuthenticationsRequest) Spec() carrier.RequestSpec { return OfLog(r).spec("authentications") }

// SessionsRequest asks call 05 for the log of connections, at most MaxRows (UNO Mobile API v2.1 §05).
type SessionsRequest OfLog

// Validate checks contract, times and keys.
func (r SessionsRequest) Validate(now time.Time) error { return OfLog(r).validate(now) }

// Spec is GET …/sessions?startTime=&endTime=, with one key at most.
func (r SessionsRequest) Spec() carrier.RequestSpec { return OfLog(r).spec("sessions") }
