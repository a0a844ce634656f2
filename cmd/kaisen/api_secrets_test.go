package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// serve is a carrier that hands out tokens at /token and answers everything else by api, and the configuration of it.
func serve(t *testing.T, api http.HandlerFunc) (config string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"accessToken":"t0ken","tokenType":"Bearer","expiresIn":"3600"}`)
			return
		}
		api(w, r)
	}))
	t.Cleanup(server.Close)
	return writeSources(t, server.URL, "/token")
}

// Issue 12, D.15: --show-secrets shows them in an answer too, and without it no answer does, also one that could not be
// understood.
func TestAPIShowsSecretsToWhoAsks(t *testing.T) {
	const site = `{"customerSite":[{"customerSiteCode":"int-1","lineAccessKey":"k3yk3yk3"}]}`
	for name, c := range map[string]struct {
		command, answer string
	}{
		"an answer":                {"ipoe sites list", site},
		"a table":                  {"ipoe sites list --format table", site},
		"a torn answer":            {"ipoe sites list", site[:len(site)-3]},
		"a page with the key":      {"ipoe sites list", `<p>lineAccessKey k3yk3yk3</p>`},
		"an answer of another API": {"ipoe sites list", `{"a":{"accessKey":"k3yk3yk3"}}`},
	} {
		config := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.answer) })
		for _, flag := range []string{"", " --show-secrets"} {
			_, out, errs := kaisen("", append(strings.Fields("api "+c.command+flag), "--config", config)...)
			if shows := strings.Contains(out+errs, "k3yk3yk3"); shows != (flag != "") {
				t.Errorf("%s%s: shown %v\n%s%s", name, flag, shows, out, errs)
			}
		}
	}
}

// Issue 12, D.13: the token call by hand does not show the secret that is repeated to it either.
func TestAPITokenDoesNotEcho(t *testing.T) {
	const secret = "s3cr3t-01"
	encoded := base64.StdEncoding.EncodeToString([]byte(secret))
	for _, answer := range []string{`{"errorCode":"401","errorMessage":"` + encoded + ` is wrong"}`, `<p>` + encoded + secret + `</p>`, `{"errors":[{"errorCode":"1","errorMessage":"` + secret + `"}]}`} {
		for _, status := range []int{200, 400, 401, 500} {
			config := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, answer)
			})
			code, out, errs := kaisen("", "api", "ipoe", "token", "create", "--client-id", "abc", "--client-secret", secret, "--config", config)
			if code != 1 || strings.Contains(out+errs, secret) || strings.Contains(out+errs, encoded) {
				t.Errorf("HTTP %d %s: exit code %d\n%s%s", status, answer, code, out, errs)
			}
		}
	}
}

// Issue 12, D.14: an order is compared with the products before it is sent; what does not fit is not sent, and where
// there is no list to compare with the carrier decides.
func TestAPIComparesOrdersWithTheProducts(t *testing.T) {
	const products = `{"customerProduct":[{"productCode":"1-1","productName":"専用CPE付き","detail":{"cpe":"1"}},{"productCode":"1-2","productName":"パートナーCPE","detail":{"cpe":"2"}}]}`
	order := func(product string) string {
		return `{"orderType":"1","startOrderPostData":{"lineId":"CAF1234567890","lineAccessKey":"k3yk3yk3","products":[{"productCode":"` + product + `"}]}}`
	}
	for name, c := range map[string]struct {
		order    string
		products string // "": 500
		sent     int64
		said     string
	}{
		"a partner's CPE":        {order("1-2"), products, 1, ""},
		"a dedicated CPE":        {order("1-1"), products, 0, "has a dedicated CPE"},
		"what is not sold":       {order("9-9"), products, 0, "is not among the products"},
		"a change":               {`{"orderType":"2","changeOrderPostData":{"customerSiteCode":"int-1","products":[{"changeType":"1","productCode":"9"}]}}`, products, 0, "is not among the products"},
		"an end":                 {`{"orderType":"3","cancelOrderPostData":{"customerSiteCode":"int-1"}}`, "", 1, ""},
		"a list that is refused": {order("1-1"), "", 1, "Not compared"},
	} {
		var sent atomic.Int64
		config := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				sent.Add(1)
				_, _ = io.WriteString(w, `{}`)
			case c.products == "":
				w.WriteHeader(http.StatusForbidden)
			default:
				_, _ = io.WriteString(w, c.products)
			}
		})
		code, out, errs := kaisen(c.order, "api", "ipoe", "orders", "create", "--file", "-", "--yes", "--config", config)
		if sent.Load() != c.sent || (code == 0) != (c.sent == 1) || !strings.Contains(errs, c.said) {
			t.Errorf("%s: sent %d times, exit code %d\n%s%s", name, sent.Load(), code, out, errs)
		}
	}
}

// Issue 12, D.14: what was not said is not sent as the document's empty value.
func TestAPIRoamingNeedsACode(t *testing.T) {
	for flag, want := range map[string]string{"": "roamingCode: missing", "--roaming-code=": "roamingCode: missing", "--roaming-code=T6000036": "", "--roaming-code=none": ""} {
		args := append(strings.Fields("api unom roaming set 09012345678 --contract N123456789 --dry-run"), flag)
		if flag == "" {
			args = args[:len(args)-1]
		}
		code, out, errs := kaisen("", args...)
		if (code == 1) != (want != "") || !strings.Contains(errs, want) {
			t.Errorf("%s: exit code %d\n%s%s", flag, code, out, errs)
		}
		if flag == "--roaming-code=none" && !strings.Contains(out, `"roamingCode":""`) {
			t.Errorf("none is sent as %s", out)
		}
	}
}
