package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient/lenienttest"
)

func TestSecretsStayInside(t *testing.T) {
	for _, name := range []string{"site_partner", "sites", "order", "token"} {
		body := string(example(t, name))
		secrets := []string{"2mCj3aAVsw0yy0uTCgg3ApiUhVP84d", "8j588aCTcmIPmC5L4Ihd7tIaYvAu79", "b2c3d4", "YOUR_ACCESS_TOKEN"}
		value, _, err := answers()[name]([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("answer", "value", value)
		slog.New(slog.NewTextHandler(&log, nil)).Info("answer", "value", value)
		text := fmt.Sprintf("%v %+v %#v %s %x %d", value, value, value, value, value, value) + log.String() +
			string(lenienttest.Encode(t, value)) + string(redact([]byte(body)))
		for _, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s tells %s in %s", name, secret, text)
			}
		}
	}
	if got := fmt.Sprint(Secret("")); got != "" {
		t.Errorf("no secret is %q", got)
	}
}

func TestRedact(t *testing.T) {
	for body, want := range map[string]string{
		`{"lineAccessKey":"a1b2c3d4","x":1}`:                `{"lineAccessKey":"***","x":1}`,
		`{" LineAccessKey ": "a\"b" , "password":12345678}`: `{" LineAccessKey ": "***" , "password":"***"}`,
		`{"password":null,"clientSecret":""}`:               `{"password":null,"clientSecret":""}`,
		`{"pponeGwPreSharedKey":"abc`:                       `{"pponeGwPreSharedKey":"***"`,
		`{"password":{"x":"abc"`:                            ``,
		`<"pptwoGwPreSharedKey"　:　"abc">`:                   ``,
		`{"pptwoGwPreSharedKey"　:　"abc"},`:                  `{"pptwoGwPreSharedKey"　:　"***"},`,
		`{"password":"lineAccessKey":"a1b2c3d4"}`:           ``,
		`{"password":"a" "a1b2c3d4"}`:                       ``,
		`{"errorMessage":"{\"password\": \"a1b2c3d4\"}"}`:   ``,
		`{"errorMessage":"the access key a1b2c3d4 is bad"}`: ``,
		`{"password":{"x":"abc"}}`:                          ``,
		`{"pass\u0077ord":"abc"}`:                           ``,
		`[{"a":[{"accessToken":["abc"]}]}]`:                 ``,
		`{"username":"u1234500001"}`:                        `{"username":"u1234500001"}`,
		`<html>Bad Gateway</html>`:                          `<html>Bad Gateway</html>`,
		`<lineAccessKey>a1b2c3d4</lineAccessKey>`:           ``,
		`{'password':'a1b2c3d4'}`:                           ``,
		`{"customerSite":{"lineAccessKey" "a1b2c3d4"}}`:     ``,
		`{"pass\u0077ord":"a1b2c3d4"`:                       ``,
		`{"x":"パスワード","password":null,"y":`:                 `{"x":"パスワード","password":null,"y":`,
		`line%41ccessKey=a1b2c3d4`:                          ``,
		`pponeGwPreSharedKey: a1b2c3d4`:                     ``,
		`{"errorMessage":"{\"clientSecret\":\"a1b2c3d4\"`:   ``,
		``: ``,
	} {
		if got := string(redact([]byte(body))); got != want {
			t.Errorf("%s becomes %s, want %s", body, got, want)
		}
	}
}

// An answer that was cut off within a secret, or just before or behind it, keeps nothing of a secret, not even the beginning of one.
func TestRedactWhatWasCutOff(t *testing.T) {
	for _, name := range []string{"site_partner", "sites", "order", "token"} {
		body := example(t, name)
		for _, secret := range []string{"2mCj3aAVsw0yy0uTCgg3ApiUhVP84d", "8j588aCTcmIPmC5L4Ihd7tIaYvAu79", "b2c3d4", "YOUR_ACCESS_TOKEN"} {
			at := bytes.Index(body, []byte(secret))
			for n := max(0, at-40); at >= 0 && n < at+len(secret)+10; n++ {
				if clean := redact(body[:n]); bytes.Contains(clean, []byte(secret[:5])) {
					t.Fatalf("%s, cut after %d bytes, tells a part of %s: %s", name, n, secret, clean)
				}
			}
		}
	}
}

// What an answer that cannot be read holds is kept for later, but not its secrets.
func TestMalformedAnswersTellNoSecret(t *testing.T) {
	for _, body := range []string{
		`{"customerSite":[{"customerSiteCode":"int-1","lineAccessKey":"s3cretk3y"}`,
		`{"customerSite":{"lineAccessKey":"s3cretk3y"}}`,
		`{"lineAccessKey":"s3cretk3y"}`,
		`{"customerSite":[{"lineAccessKey":"s3cretk3y"}]}`,
		`<site lineAccessKey="s3cretk3y"/>`,
	} {
		client, _ := answering(t, 200, body)
		_, err := client.Sites(t.Context(), SitesRequest{})
		var failure *carrier.Error
		if !errors.As(err, &failure) || failure.Kind != carrier.KindMalformed {
			t.Fatalf("%s: %v", body, err)
		}
		if text := fmt.Sprintf("%v %+v %s", err, failure, failure.Payload); strings.Contains(text, "s3cretk3y") {
			t.Errorf("%s: told in %s", body, text)
		}
	}
}
