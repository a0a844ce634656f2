package carrier

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"strings"
)

// mayBeDone reports whether a request that was sent and failed may have changed something all the same. What the
// carrier refused in words, or what never left, changed nothing. A gateway that answers in the carrier's place (429, a
// 503 that is not row ⑳ of the table of errors, a page, a redirection, a timeout) does not say how far the request came.
func mayBeDone(operation string, req *http.Request, failure *Error) bool {
	if req.Method == http.MethodGet || operation == tokenOperation {
		return false
	}
	switch failure.Kind {
	case KindNetwork:
		var broken *net.OpError
		return !errors.As(failure.Err, &broken) || broken.Op != "dial" // without a connection nothing was sent
	case KindServer, KindTooLarge, KindThrottled:
		return true
	case KindMaintenance:
		return !saysRowTwenty(failure)
	}
	return failure.Status >= 300 && failure.Status <= 399 || failure.Status == http.StatusRequestTimeout
}

// saysRowTwenty reports whether a failure is row ⑳ of UNO Mobile's table of errors, 503 "System Maintainance" in the
// carrier's own words: it took nothing in. A page in HTML is the gateway's.
func saysRowTwenty(failure *Error) bool {
	if failure.Status != http.StatusServiceUnavailable || bytes.HasPrefix(bytes.TrimSpace(failure.Payload), []byte("<")) {
		return false
	}
	words := Squeeze(string(failure.Payload))
	return strings.Contains(words, "systemmaintainance") || strings.Contains(words, "systemmaintenance")
}
