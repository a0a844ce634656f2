package carrier

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// SaysMaintenance reports whether a text speaks of maintenance, in English, in the carrier's spelling of it or in Japanese.
func SaysMaintenance(text []byte) bool { return saysMaintenance(text) }

// sorryPage is the failure of an answer that is none, though its status is 2xx, or that leads away: a page which says
// that the carrier is under maintenance. It is nil for any other answer. What stands in the fields of a documented
// answer, a note about maintenance, is no such page.
func sorryPage(status int, header http.Header, body []byte) *Error {
	switch {
	case status >= 300 && status <= 399:
		if !saysMaintenance(body) && !leadsToSorry(header.Get("Location")) {
			return nil
		}
	case status >= 200 && status <= 299:
		if !isSorry(body) {
			return nil
		}
	default:
		return nil
	}
	return &Error{Status: status, Kind: KindMaintenance, Reason: ReasonMaintenance,
		Message: "a page about maintenance instead of an answer"}
}

// isSorry reports whether a body is a page about maintenance, or JSON that is nothing but a message about it.
func isSorry(body []byte) bool {
	const most = 64 << 10
	head := whole(body[:min(len(body), most)])
	if !isJSON(head) {
		return saysMaintenance(head)
	}
	if len(body) > maxMessage || !bytes.Contains(head, []byte("essage")) && !bytes.Contains(head, []byte("fault")) {
		return false
	}
	_, message := errorBody(body)
	return message != "" && saysMaintenance([]byte(message))
}

// leadsToSorry reports whether a redirection leads to a page about maintenance.
func leadsToSorry(location string) bool {
	if plain, err := url.QueryUnescape(location); err == nil {
		location = plain
	}
	location = strings.ToLower(location)
	return strings.Contains(location, "maint") || strings.Contains(location, "sorry") || strings.Contains(location, "メンテ")
}
