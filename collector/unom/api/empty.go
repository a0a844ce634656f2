package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"kaisen/collector/carrier"
)

// The document does not say how a search is answered that finds nothing. These are the ways that are read as such; the
// collector names them in table carrier_findings.

// Empty is how an answer says that a list has nothing in it.
type Empty string

// The ways of answers with status 2xx, and of errors.
const (
	EmptyList    Empty = "list"    // 200 with an empty list
	EmptyNull    Empty = "null"    // 200 with null, "NULL" or "" for the list
	EmptyMissing Empty = "missing" // 200 without the list, {} too
	Empty204     Empty = "204"     // 204 without a body
	Empty400     Empty = "400"     // 400 in the words of row 22, or of row ① about a time: the request may as well be wrong
	Empty404     Empty = "404"     // 404 in the words of rows ⑪ and 21
)

// EmptyOf is the way in which an answer without rows said so, "" where that is not known.
func EmptyOf(status int, payload []byte) Empty {
	if status == http.StatusNoContent {
		return Empty204
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(payload, &members) != nil {
		return ""
	}
	form := EmptyMissing
	for key, value := range members {
		switch text := string(value); {
		case isContractID(key):
		case strings.HasPrefix(text, "["):
			return EmptyList
		case text == "null", text == `""`, strings.EqualFold(text, `"null"`):
			form = EmptyNull
		}
	}
	return form
}

// EmptyError is the way in which a failed search for a list may have said that it found nothing, "" for any other
// failure. It may be: a 404 says so only where the contract is known, a 400 only where the same search was answered for
// another time. The page of a gateway is in no shape of the API's, and says nothing.
func EmptyError(err error) Empty {
	var failure *carrier.Error
	if !errors.As(err, &failure) || failure.Code == "" || failure.Message == "" {
		return ""
	}
	switch {
	case failure.Status == http.StatusNotFound && failure.Reason == ReasonNoSuchOrder,
		failure.Status == http.StatusNotFound && failure.Reason == ReasonOtherNotFound &&
			strings.Contains(carrier.Squeeze(failure.Message), "notfound"):
		return Empty404
	case failure.Status == http.StatusBadRequest && failure.Reason == ReasonOtherBadRequest,
		failure.Status == http.StatusBadRequest && failure.Reason == ReasonFieldFormat && strings.HasSuffix(failure.Field, "Time"):
		return Empty400
	}
	return ""
}

// emptyAnswer makes an answer of a 204 to a search for a list.
func emptyAnswer[T any](answer carrier.Answer[[]T], err error) (carrier.Answer[[]T], error) {
	var failure *carrier.Error
	if !errors.As(err, &failure) || !isNothing(failure.Status, failure.Payload) {
		return answer, err
	}
	return carrier.Answer[[]T]{Value: []T{}, ObservedAt: failure.ObservedAt, ReceivedAt: time.Now(), Status: failure.Status}, nil
}

// isNothing reports whether an answer is a 204 without a body.
func isNothing(status int, body []byte) bool { return status == http.StatusNoContent && len(body) == 0 }

// noList reports whether an answer is an object with nothing in it but the contract: no list at all. One with other
// members may have its list under another name.
func noList(body []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil {
		return false
	}
	for key := range members {
		if !isContractID(key) {
			return false
		}
	}
	return true
}

func isContractID(key string) bool { return carrier.Squeeze(key) == "contractid" }
