package api

import (
	"errors"
	"strings"
	"testing"

	"kaisen/collector/carrier"
)

// Issue 12, D.15: the carrier's desk asks for the requestId of an error: it is kept, and said whole.
func TestRequestIDsAreKept(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":[{"errorCode":"5000102","errorMessage":"システムエラー","requestId":"20190604123456"}]}`: "20190604123456",
		`{"errors":[{"errorCode":"1"},{"errorCode":"2","requestId":"r-2"}]}`:                         "r-2",
		`{"errorCode":"401","errorMessage":"no","requestId":"r-3"}`:                                  "r-3",
		`{"errorCode":"401","errorMessage":"no"}`:                                                    "",
	} {
		err := Explain(&carrier.Error{Operation: "ipoe_orders", Kind: carrier.KindServer, Status: 500, Payload: []byte(body)})
		var failure *carrier.Error
		if !errors.As(err, &failure) || failure.RequestID != want {
			t.Errorf("%s: %+v", body, failure)
		}
		if said := strings.Contains(err.Error(), "requestId"); said != (want != "") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
