package gateway

import (
	"time"

	"golang.org/x/text/encoding/japanese"
)

// The switches that the gateway applies itself.
const (
	switchBOM     = "bom"
	switchCharset = "charset"
	switchToken   = "token"
	switchDate    = "date_ahead"
	switchSorry   = "sorry"
	switchNever   = "never"
	switchQuota   = "gateway_quota"
)

// sideCall is the operation that a trouble of one operation befalls.
const sideCall = "session"

// ownSwitches are the troubles of what stands before every API.
func ownSwitches() []Switch {
	return []Switch{
		{switchBOM, true, []string{"off", "on"}, "every body begins with a byte order mark"},
		{switchCharset, true, []string{"utf-8", "shift_jis", "shift_jis_unsaid"}, "bodies are Shift_JIS, and the header says so or speaks of UTF-8"},
		{switchToken, true, []string{"one", "both"}, "a token's answer has access_token beside accessToken, and it is another, which is not valid"},
		{switchDate, true, []string{"off", "4d"}, "of 16 answers about lines one has a Date four days ahead"},
		{switchSorry, true, []string{"off", "200", "302", "500"}, "call 26 answers with a page about maintenance, with a redirection to one, or with 500 メンテナンス中"},
		{switchNever, true, []string{"off", "02"}, "call 02 never answers"},
		{switchQuota, true, []string{"off", "429", "500", "503"}, "the gateway lets nobody through to call 26: too many requests, its own fault QuotaViolation, or maintenance"},
	}
}

const maintenancePage = `<!DOCTYPE html>
<html lang="ja"><head><title>システムメンテナンスのお知らせ</title></head>
<body><h1>ただいまメンテナンス中です</h1><p>ご迷惑をおかけいたします。</p></body></html>
`

const quotaFault = `{"fault":{"faultstring":"Rate limit quota violation. Quota limit exceeded. Identifier : unom","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}`

// trouble is the answer that a switch gives instead of the API's.
func (r Readings) trouble(operation string, api API, id uint64) (Answer, bool) {
	if operation != sideCall {
		return Answer{}, false
	}
	switch r[switchQuota] {
	case "429":
		return spikeArrest(id, ""), true
	case "500":
		return Answer{Status: 500, Body: []byte(quotaFault)}, true
	case "503":
		return api.Fault(503, msgMaintenance, id), true
	}
	switch r[switchSorry] {
	case "200":
		return Answer{Status: 200, html: true, Body: []byte(maintenancePage)}, true
	case "302":
		return Answer{Status: 302, html: true, location: "/maintenance/index.html", Body: []byte(maintenancePage)}, true
	case "500":
		return api.Fault(500, "メンテナンス中", id), true
	}
	return Answer{}, false
}

// never reports whether an operation is not answered at all.
func (r Readings) never(operation string) bool {
	return r.Is(switchNever, "02") && operation == "lines"
}

// encode writes a finished answer in the encoding of the readings.
func (r Readings) encode(a Answer) Answer {
	if r.Is(switchBOM, "on") && len(a.Body) > 0 {
		a.Body = append([]byte("\ufeff"), a.Body...)
	}
	if charset := r[switchCharset]; charset != "" {
		if body, err := japanese.ShiftJIS.NewEncoder().Bytes(a.Body); err == nil { // else it has a character that Shift_JIS has not
			a.Body = body
		}
		if charset == "shift_jis" {
			a.charset = "Shift_JIS"
		}
	}
	return a
}

// secondToken is what stands in a token's answer beside accessToken.
func (r Readings) secondToken() string {
	if !r.Is(switchToken, "both") {
		return ""
	}
	return "  \"access_token\": \"0000000000000000000000000000\",\n"
}

// datedAhead is of how many answers about a line one has a Date ahead: so few that no two that come together agree on it.
const datedAhead = 16

// ahead is how far the Date of an answer is ahead.
func (s *switched) ahead(names map[string]string) time.Duration {
	if names["{lineNo}"] == "" || !s.Is(switchDate, "4d") || s.lines.Add(1)%datedAhead != 0 {
		return 0
	}
	return 4 * 24 * time.Hour
}
