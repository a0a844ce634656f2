package carrier

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"kaisen/collector/carrier/ratelimit"
)

// Issue 12, D.13: whatever the carrier writes in, what kaisen reads and stores is UTF-8.
func TestAnswersAreUTF8(t *testing.T) {
	const text = `{"note":"保守｡ソ表","n":1}` // ソ and 表 end in a backslash in Shift_JIS
	shiftJIS, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	eucJP, err := japanese.EUCJP.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ body, want, reason string }{
		"UTF-8":         {text, text, ""},
		"with a BOM":    {"\ufeff" + text, text, ""},
		"with three":    {"\ufeff\ufeff\ufeff" + text, text, ""},
		"UTF-16, bare":  {utf16[2:], text, ReasonConverted},
		"UTF-16, big":   {swapped(utf16[2:]), text, ReasonConverted},
		"Shift_JIS":     {shiftJIS, text, ReasonConverted},
		"EUC-JP":        {eucJP, text, ReasonConverted},
		"UTF-16":        {utf16, text, ReasonConverted},
		"none of those": {"{\"note\":\"\xff\xfd\"}", "{\"note\":\"\ufffd\"}", ReasonUnreadable},
		"a lone BOM":    {"\ufeff", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, status := range []int{200, 400} {
					client := newClient(t, testConfig(), func(*http.Request) (*http.Response, error) {
						return reply(status, c.body, "Content-Type", "application/json; charset="+name), nil
					})
					got, err := client.Get(t.Context(), "lines", "/", nil)
					body := string(got.Body)
					var failure *Error
					if errors.As(err, &failure) {
						body = string(failure.Payload)
					}
					if body != c.want || (err == nil) != (status == 200) {
						t.Errorf("HTTP %d: %q, error %v; want %q", status, body, err, c.want)
					}
					if status == 200 && (len(got.Warnings) > 0) != (c.reason != "") || len(got.Warnings) > 0 && got.Warnings[0].Reason != c.reason {
						t.Errorf("warnings %v, want %q", got.Warnings, c.reason)
					}
				}
			})
		})
	}
}

// swapped has each two bytes the other way round.
func swapped(text string) string {
	turned := []byte(text)
	for i := 0; i+1 < len(turned); i += 2 {
		turned[i], turned[i+1] = turned[i+1], turned[i]
	}
	return string(turned)
}

// Issue 12, D.13: a page about maintenance is maintenance, whatever its status; an answer about one is an answer.
func TestSorryPages(t *testing.T) {
	for name, c := range map[string]struct {
		answer *http.Response
		kind   Kind // "" : an answer
		asked  int
	}{
		"200 in Japanese":     {reply(200, "<html><title>ただいまメンテナンス中です</title></html>"), KindMaintenance, 2},
		"200 in English":      {reply(200, "  <!DOCTYPE html><p>Scheduled Maintenance</p>"), KindMaintenance, 2},
		"200 in plain words":  {reply(200, "System Maintainance"), KindMaintenance, 2},
		"200 with a message":  {reply(200, `{"errorCode":"503","errorMessage":"System Maintainance"}`), KindMaintenance, 2},
		"500 of no such kind": {reply(500, `{"errorMessage":"Internal Server Error"}`), KindServer, 4},
		"302 with a page":     {reply(302, "<html>メンテナンス</html>", "Location", "https://www.example.com/"), KindMaintenance, 2},
		"302 to a page":       {reply(302, "", "Location", "https://sorry.example.com/"), KindMaintenance, 2},
		"307 to maintenance":  {reply(307, "", "Location", "/Maintenance/index.html"), KindMaintenance, 2},
		"302 to anywhere":     {reply(302, "", "Location", "/login"), KindNotFound, 1},
		"a note about it":     {reply(200, `{"linesList":[{"note":"メンテナンス maintenance"}]}`), "", 1},
		"a message inside":    {reply(200, `{"orderList":[{"checkErrorInfo":{"message":"maintenance"}}]}`), "", 1},
		"another page":        {reply(200, "<html>login</html>"), "", 1}, // which is malformed, for who decodes it
		"nothing":             {reply(200, ""), "", 1},
		"Shift_JIS in a page": {reply(200, sjis("<html>メンテナンス</html>")), KindMaintenance, 2},
		"a long page":         {reply(200, "<html>"+strings.Repeat("メ", 30000)+"メンテナンス</html>"), "", 1}, // beyond 64 KiB nobody looks
		"a long head":         {reply(200, "<html>"+strings.Repeat(" ", 60000)+strings.Repeat("メンテナンス", 3000)), KindMaintenance, 2},
		"a BOM and a page":    {reply(200, "\ufeff<html>メンテナンス</html>"), KindMaintenance, 2},
		"a BOM and a note":    {reply(200, "\ufeff"+`{"linesList":[{"note":"メンテナンス"}]}`), "", 1},
		"a long note":         {reply(200, `{"linesList":[{"note":"`+strings.Repeat("メンテナンス", 2000)+`"}]}`), "", 1},
		"an error with 200":   {reply(200, `{"responseHeader":{"errorCode":"500","errorMessage":"x"},"note":"maintenance"}`), KindMaintenance, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page, err := io.ReadAll(c.answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				asked := 0
				cfg := testConfig()
				cfg.MaxWait = 20 * time.Second // the second pause is longer
				client := newClient(t, cfg, func(*http.Request) (*http.Response, error) {
					asked++
					again := *c.answer
					again.Body = io.NopCloser(strings.NewReader(string(page)))
					return &again, nil
				})
				_, err = client.Get(t.Context(), "lines", "/", nil)
				kind, failed := KindOf(err)
				if kind != c.kind || failed != (c.kind != "") || asked != c.asked {
					t.Errorf("error %v after %d requests, want %q after %d", err, asked, c.kind, c.asked)
				}
				states := client.transport.States()
				if paused := len(states) == 2 && states[1].Down && !states[0].Paused; paused != (c.kind == KindMaintenance) {
					t.Errorf("states %+v, want the operation alone under maintenance: %v", states, !paused)
				}
			})
		})
	}
}

// What the budget makes of a page is what the call makes of it, whatever it is written in: a call that waits for the end
// of a maintenance would otherwise wait for one that nobody has noticed.
func TestTheBudgetReadsShiftJIS(t *testing.T) {
	if got := verdictOf(reply(503, sjis("<html>ただいまメンテナンス中です</html>"))).Outcome; got != ratelimit.Down {
		t.Errorf("a page in Shift_JIS is %v, want maintenance", got)
	}
}

func sjis(text string) string {
	encoded, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return encoded
}

// Issue 12, D.13: of two tokens one is chosen, and one that cannot be sent is no token.
func TestTokensThatCanBeSent(t *testing.T) {
	for body, want := range map[string]string{
		`{"accessToken":"token-1","access_token":"token-1"}`:           "token-1",
		`{"access_token":"token-2","accessToken":"token-1"}`:           "token-1",
		`{"accessToken":"","access_token":"token-2"}`:                  "token-2",
		`{"accessToken":{"x":1},"access_token":"token-2"}`:             "token-2",
		`{"accessToken":"a\nb","access_token":"token-2"}`:              "token-2",
		`{"accessToken":"token-1","expiresIn":{},"expires_in":"9"}`:    "token-1",
		"\ufeff" + `{"accessToken":"token-1"}`:                         "token-1",
		`{"accessToken":" token-1\r\n"}`:                               "token-1",
		`{"accessToken":"a\nb"}`:                                       "",
		`{"accessToken":"a b"}`:                                        "",
		`{"accessToken":"\u0000"}`:                                     "",
		`{"accessToken":"トークン"}`:                                       "",
		`{"accessToken":"x\u007f"}`:                                    "",
		`{"accessToken":7}`:                                            "",
		`{"access_token":"Authorization: Bearer x"}`:                   "",
		`{"accessToken":"` + strings.Repeat("a", 3000) + `\u0085end"}`: "",
	} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := newClientWithMetrics(t, testConfig(), roundTrip(func(*http.Request) (*http.Response, error) { return reply(200, body), nil }))
			token, err := client.tokens.Load().get(t.Context())
			switch {
			case want == "" && (err == nil || err.Kind != KindMalformed || client.tokens.Load().inForce() != nil):
				t.Errorf("%s: token %v, error %v; want a malformed answer and nothing kept", body, token, err)
			case want != "" && (err != nil || token.AccessToken != want):
				t.Errorf("%s: token %v, error %v; want %s", body, token, err, want)
			}
		})
	}
}

// Issue 12, D.13: a token endpoint that repeats what it was sent never shows the secret, however it writes it and
// wherever: in a message, in a code, in a page, in what is no HTTP.
func TestEchoesDoNotShowTheSecret(t *testing.T) {
	const secret = `S3cr+t/"<&>é x%`
	turned := []rune(secret)
	for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
		turned[i], turned[j] = turned[j], turned[i]
	}
	forms := map[string]string{
		"plain":      secret,
		"query":      url.QueryEscape(secret),
		"path":       url.PathEscape(secret),
		"lower case": strings.ToLower(url.QueryEscape(secret)),
		"twice":      url.QueryEscape(url.QueryEscape(secret)),
		"JSON":       `S3cr+t/\"\u003c\u0026\u003e\u00e9 x%`,
		"XML":        html.EscapeString(secret),
		"base64":     base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 URL": base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"Basic":      base64.StdEncoding.EncodeToString([]byte("the-id:" + url.QueryEscape(secret))),
		"hex":        hex.EncodeToString([]byte(secret)),
		"turned":     string(turned),
		"upper case": strings.ToUpper(secret),
		"cut off":    secret[:9],
	}
	for name, form := range forms {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(form)
		answers := map[string]func() (*http.Response, error){"no HTTP": fails(errors.New(`malformed HTTP response "` + form + `"`))}
		for _, status := range []string{"200", "302", "400", "401", "403", "404", "429", "500"} {
			for _, body := range []string{
				form, `{"errorMessage":"Authentication failed: ` + quoted + `"}`, `{"errorCode":"` + quoted + `"}`,
				`{"error":"` + quoted + `","error_description":"unknown client ` + quoted + `. Try again."}`,
				`{"fault":{"faultstring":"` + quoted + `"}}`, `<p>maintenance ` + form + `</p>`,
			} {
				code := int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
				answers[status+" "+body] = answered(code, body)
			}
		}
		for shape, answer := range answers {
			synctest.Test(t, func(t *testing.T) {
				cfg := testConfig()
				cfg.ClientSecret, cfg.MaxAttempts = secret, 1
				client, _ := newClientWithMetrics(t, cfg, roundTrip(func(*http.Request) (*http.Response, error) { return answer() }))
				_, failure := client.tokens.Load().get(t.Context())
				if failure == nil {
					t.Fatalf("%s, %s: a token", name, shape)
				}
				for _, hiding := range forms {
					if text := failure.Error() + failure.Code + string(failure.Payload); strings.Contains(text, hiding) {
						t.Errorf("%s, %s: %q shows the secret as %q", name, shape, text, hiding)
					}
				}
			})
		}
	}
}

// Issue 12, D.15: a base address with the path that the API's targets begin with is understood; any other path is that of
// a proxy.
func TestBasePaths(t *testing.T) {
	for base, want := range map[string]string{
		"https://a.example":             "https://a.example/infoIpoE/v2/orders?x=/infoIpoE",
		"https://a.example/":            "https://a.example/infoIpoE/v2/orders?x=/infoIpoE",
		"https://a.example/infoIpoE/v2": "https://a.example/infoIpoE/v2/orders?x=/infoIpoE",
		"https://a.example/infoIpoE/":   "https://a.example/infoIpoE/v2/orders?x=/infoIpoE",
		"https://a.example/infoIpo":     "https://a.example/infoIpo/infoIpoE/v2/orders?x=/infoIpoE",
		"https://a.example/proxy":       "https://a.example/proxy/infoIpoE/v2/orders?x=/infoIpoE",
	} {
		spec := RequestSpec{Path: "/infoIpoE/v2/orders", Query: url.Values{"x": {"/infoIpoE"}}}
		if got := Address(base, spec); got != strings.Replace(want, "=/", "=%2F", 1) {
			t.Errorf("%s: %s, want %s", base, got, want)
		}
		token := RequestSpec{Path: "/oauth/v1/accesstokens", Beside: "/infoIpoE/v2"}
		want, _, _ = strings.Cut(want, "/infoIpoE/v2/orders")
		if got := Address(base, token); got != want+"/oauth/v1/accesstokens" {
			t.Errorf("%s: the call beside the others goes to %s", base, got)
		}
	}
}

// What does not repeat the secret is said: a refusal without a word helps nobody.
func TestRefusalsAreStillSaid(t *testing.T) {
	for message, want := range map[string]string{
		"Authentication failed.":                                              "Authentication failed.",
		"Client credentials are invalid":                                      "Client credentials are invalid",
		"Unknown client. Sent: c2VjcmV0. Try again later.":                    "Unknown client. Try again later.",
		"the-secret is wrong":                                                 "",
		"Invalid request; (thesecret) is unknown":                             "Invalid request;",
		`{ "ErrorCode" : "invalid_client", "Error" : "ClientId is Invalid" }`: "invalid_client: ClientId is Invalid",
		`{"ErrorCode":"invalid_client","Error":"the-secret is Invalid"}`:      "invalid_client:",
		`{"Error" : "Client is unknown. Sent: c2VjcmV0"}`:                     "Client is unknown.",
	} {
		if got := plainWords(message, "the-secret"); got != want {
			t.Errorf("%q is said as %q, want %q", message, got, want)
		}
	}
	for code, want := range map[string]string{"4000102": "4000102", "401": "401", "invalid_client": "invalid_client", "12345678": "", "x1": ""} {
		if got := plainCode(code, "the-secret"); got != want {
			t.Errorf("code %q is said as %q, want %q", code, got, want)
		}
	}
}
