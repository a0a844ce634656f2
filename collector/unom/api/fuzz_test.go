package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"kaisen/collector/carrier/lenient"
)

// FuzzMend: what is decoded after mending is JSON after mending.
func FuzzMend(f *testing.F) {
	addExamples(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		mended, changed := lenient.Mend(body)
		if !changed && !bytes.Equal(mended, body) {
			t.Errorf("changed without saying so: %q to %q", body, mended)
		}
		a := asked(body)
		_, err := decode(a, decodeLines)
		if err == nil && !json.Valid(body) && !json.Valid(mended) {
			t.Errorf("decoded, but neither %q nor its mended %q is JSON", body, mended)
		}
	})
}

func FuzzContract(f *testing.F)        { fuzzReader(f, "contract") }
func FuzzLines(f *testing.F)           { fuzzReader(f, "lines") }
func FuzzTraffic(f *testing.F)         { fuzzReader(f, "traffic") }
func FuzzAuthentications(f *testing.F) { fuzzReader(f, "authentications") }
func FuzzSessions(f *testing.F)        { fuzzReader(f, "sessions") }
func FuzzDataShare(f *testing.F)       { fuzzReader(f, "data_share") }
func FuzzSession(f *testing.F)         { fuzzReader(f, "session") }
func FuzzProducts(f *testing.F)        { fuzzReader(f, "products") }
func FuzzOrders(f *testing.F)          { fuzzReader(f, "orders") }
func FuzzOrder(f *testing.F)           { fuzzReader(f, "order") }
func FuzzCancellation(f *testing.F)    { fuzzReader(f, "cancellation") }
func FuzzAccepted(f *testing.F)        { fuzzReader(f, "cancel_order") }
func FuzzReservation(f *testing.F)     { fuzzReader(f, "add_to_data_share") }
func FuzzDisconnected(f *testing.F)    { fuzzReader(f, "disconnect") }

// fuzzReader attacks one decoder. What it accepts must be an object that encoding/json accepts too, mended or not, and
// must come out as JSON again; a syntax error must be one for encoding/json as well.
func fuzzReader(f *testing.F, call string) {
	addExamples(f)
	read := readers()[call]
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := read(askedFor(call, body))
		if err == nil {
			if text, err := json.Marshal(got); err != nil || !json.Valid(text) {
				t.Errorf("%q is %+v, and that is no JSON: %s, %v", body, got, text, err)
			}
		}
		mended, _ := lenient.Mend(body)
		var object map[string]json.RawMessage
		valid := json.Unmarshal(body, &object) == nil && object != nil
		var syntax *lenient.SyntaxError
		switch {
		case err == nil && !valid && json.Unmarshal(mended, &object) != nil:
			t.Errorf("accepted %q, which is no JSON", body)
		case errors.As(err, &syntax) && valid:
			t.Errorf("%q is JSON, but: %v", body, err)
		}
	})
}

// FuzzRequest fills requests with whatever there is: nothing panics, what is sent is JSON below the contract's address,
// and a request that keeps the rules asks for no more than its operation says.
func FuzzRequest(f *testing.F) {
	for i, o := range Operations() {
		f.Add(uint8(i), []byte(`{"contractId":"N123456789","lineNo":"09012345678","agreement":"yes","orderId":"AGU1","reserveId":"1"}`))
		f.Add(uint8(i), []byte(`{"lineInfo":{"planCode":"T1","authenticationPassword":"x","imei":"1"},"requestDate":"20180201","linesList":[{"number":"0000000001"}]}`))
		if _, body := documentedRequest(f, o.Name+".txt"); body != nil {
			f.Add(uint8(i), body)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, fields []byte) {
		o := Operations()[int(which)%len(Operations())]
		r := o.New()
		if json.Unmarshal(fields, r) != nil {
			return
		}
		problem, w := r.Validate(orderDay()), r.Spec()
		if w.Body != nil && !json.Valid(w.Body) {
			t.Errorf("%s sends %q", o.Name, w.Body)
		}
		target, err := url.Parse(w.Target())
		if problem == nil && (err != nil || strings.Count(target.EscapedPath(), "/") != strings.Count(o.Path, "/")) {
			t.Errorf("%s asks for %q, want it like %s", o.Name, w.Target(), o.Path)
		}
	})
}

func addExamples(f *testing.F) {
	f.Helper()
	files, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if file.IsDir() {
			continue // the corpus of earlier findings, which go test adds by itself
		}
		body, err := os.ReadFile("testdata/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}
