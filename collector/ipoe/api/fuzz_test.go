package api

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaisen/collector/carrier/lenient/lenienttest"
)

func FuzzToken(f *testing.F)    { fuzzReader(f, "token") }
func FuzzProducts(f *testing.F) { fuzzReader(f, "products") }
func FuzzSites(f *testing.F)    { fuzzReader(f, "sites") }
func FuzzSite(f *testing.F)     { fuzzReader(f, "site_partner") }
func FuzzCreated(f *testing.F)  { fuzzReader(f, "created") }
func FuzzOrders(f *testing.F)   { fuzzReader(f, "orders") }
func FuzzOrder(f *testing.F)    { fuzzReader(f, "order") }

// fuzzReader attacks one decoder: what it accepts is JSON, and nothing is in it that the answer does not say.
func fuzzReader(f *testing.F, example string) {
	lenienttest.Examples(f)
	read := answers()[example]
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, _, err := read(body); err == nil {
			lenienttest.CheckValues(t, body, got)
		}
	})
}

// FuzzErrors attacks the reading of refusals.
func FuzzErrors(f *testing.F) {
	lenienttest.Examples(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		list := readErrors(body)
		if len(list) > 0 && !json.Valid(body) {
			t.Errorf("read %+v out of %q", list, body)
		}
		for _, one := range list {
			_ = one.Code.Meaning()
		}
	})
}

// FuzzRedact plants a secret in the middle of anything: it never comes through, and JSON stays JSON.
func FuzzRedact(f *testing.F) {
	const planted = "pl4nted-s3cret"
	for _, name := range []string{"lineAccessKey", "pponeGwPreSharedKey", "password", "access_token"} {
		f.Add(`{"customerSite":[{"`, name, `":"`, `","vrf":"test"}]}`)
		f.Add(`<site `, name, `="`, `"/>`)
		f.Add(`{"errorMessage":"{\"`, name, `\":\"`, `\"}"}`)
		f.Add(`{"password":"`, name, `":"`, ``)
	}
	f.Fuzz(func(t *testing.T, before, name, between, behind string) {
		if !secretName.MatchString(name) || strings.Contains(before+name+behind, planted[:6]) || !isPunctuation(between) {
			return
		}
		body := before + name + between + planted + behind
		clean := redact([]byte(body))
		if strings.Contains(string(clean), planted) {
			t.Errorf("%q becomes %q", body, clean)
		}
		if json.Valid([]byte(body)) && clean != nil && !json.Valid(clean) {
			t.Errorf("%q without secrets is no JSON: %q", body, clean)
		}
	})
}

// isPunctuation reports whether a character may stand between a name and its value.
func isPunctuation(text string) bool { return text != "" && strings.Trim(text, `"':=<> \`) == "" }

// FuzzRequest fills requests with whatever there is: nothing panics, what is sent is JSON, and a request that keeps the
// rules asks for what its operation says.
func FuzzRequest(f *testing.F) {
	for i := range Operations() {
		f.Add(uint8(i), []byte(`{"customerSiteCode":"int-1","orderCode":"A1","limit":5,"startAtFrom":"20260101","clientId":"a","clientSecret":"12345678"}`))
		f.Add(uint8(i), example(f, "order_partner"))
		f.Add(uint8(i), example(f, "order_onsite"))
	}
	f.Fuzz(func(t *testing.T, which uint8, fields []byte) {
		o := Operations()[int(which)%len(Operations())]
		r := o.New()
		if json.Unmarshal(fields, r) != nil {
			return
		}
		problem, w := r.Validate(time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC)), r.Spec()
		if w.Body != nil && !json.Valid(w.Body) {
			t.Errorf("%s sends %q", o.Name, w.Body)
		}
		target, err := url.Parse(w.Target())
		if problem == nil && (err != nil || strings.Count(target.EscapedPath(), "/") != strings.Count(o.Path, "/")) {
			t.Errorf("%s asks for %q, want it like %s", o.Name, w.Target(), o.Path)
		}
	})
}
