package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
)

// kaisen runs a command as a user would.
func kaisen(stdin string, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = run(args, strings.NewReader(stdin), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// documented is an example of a request: its request line, and its body or nil.
func documented(t *testing.T, file string) (method, target string, body []byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	method, target, _ = strings.Cut(line, " ")
	if strings.TrimSpace(rest) == "" {
		return method, target, nil
	}
	return method, target, compact(t, []byte(rest))
}

func compact(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asTyped is what a user types to ask for an address: its names as arguments and flags. What the operation fixes, the
// status of an order and the agreement, nobody types.
func asTyped(t *testing.T, o carrier.Operation, target string) []string {
	t.Helper()
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for key, values := range address.Query() {
		told[key] = values[0]
	}
	template, _, _ := strings.Cut(o.Path, "?")
	parts := strings.Split(address.Path, "/")
	for i, name := range strings.Split(template, "/") {
		if name, ok := strings.CutPrefix(name, "{"); ok {
			told[strings.TrimSuffix(name, "}")] = parts[i]
		}
	}
	args := append([]string{"api", o.API}, o.Command...)
	for _, f := range fieldsOf(o.New()) {
		value, given := told[f.name]
		switch {
		case given && f.arg != "":
			args = append(args, value)
		case given && f.flagged():
			args = append(args, "--"+f.flag(), value)
		}
	}
	return args
}

// unomExamples are the examples of requests in the document of Universal One Mobile, by their files.
func unomExamples(t *testing.T) map[string]carrier.Operation {
	t.Helper()
	files, err := filepath.Glob("../../collector/unom/api/testdata/requests/*.txt")
	if err != nil || len(files) < 29 {
		t.Fatalf("%d examples, error %v", len(files), err)
	}
	examples := map[string]carrier.Operation{}
	for _, file := range files {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txt"), "_by_")
		for _, o := range operations() {
			if o.API == "unom" && o.Name == name {
				examples[file] = o
			}
		}
		if examples[file].Name == "" {
			t.Fatalf("no operation %s", name)
		}
	}
	return examples
}

// Without a configuration and without being sent, each request is the document's example, byte for byte, also where
// the example breaks a rule of its own: then the exit code says so.
func TestAPIDryRunIsTheDocumentedRequest(t *testing.T) {
	seen := map[string]bool{}
	for file, o := range unomExamples(t) {
		method, target, body := documented(t, file)
		args := append(asTyped(t, o, target), "--dry-run", "--show-secrets")
		if body != nil {
			args = append(args, "--file", "-")
		}
		code, out, errs := kaisen(string(body), args...)
		head, sent, _ := strings.Cut(out, "\n\n")
		if line, _, _ := strings.Cut(head, "\n"); line != method+" https://api.ntt.com"+target {
			t.Errorf("%v asks for %s, want %s %s; stderr %s", args, line, method, target, errs)
		}
		if diff := cmp.Diff(string(body), strings.TrimSuffix(sent, "\n")); diff != "" {
			t.Errorf("%v sends (-want +got):\n%s", args, diff)
		}
		if broken := strings.Contains(errs, "breaks the document's rules"); broken != (code == 1) {
			t.Errorf("%v: exit code %d, stderr %s", args, code, errs)
		}
		seen[o.Name] = true
	}
	if len(seen) != 29 {
		t.Errorf("%d operations have an example", len(seen))
	}
}

func TestAPIDryRunOfTheOthersIsTheDocumentedRequest(t *testing.T) {
	const ipoe, orders = "../../collector/ipoe/api/testdata/", "POST <base_url>/infoIpoE/v2/orders"
	for _, c := range []struct{ command, file, line string }{
		{"serviceorder orders list uno", "", "GET https://api.ntt.com/v1/business-process/service-orders?serviceName=uno"},
		{"serviceorder details list", "", "GET https://api.ntt.com/v1/business-process/service-order-details"},
		{"ipoe orders create", "order_cancel.json", orders},
		{"ipoe orders create", "order_dedicated.json", orders},
		{"ipoe orders create", "order_onsite.json", orders},
		{"ipoe orders create", "order_partner.json", orders},
		{"ipoe products list", "", "GET <base_url>/infoIpoE/v2/customerProducts"},
		{"ipoe sites list --limit 500 --offset 11", "", "GET <base_url>/infoIpoE/v2/customerSites?limit=500&offset=11"},
		{"ipoe sites get int-12345678", "", "GET <base_url>/infoIpoE/v2/customerSites/int-12345678"},
		{"ipoe orders list --order-type 1", "", "GET <base_url>/infoIpoE/v2/orders?orderType=1"},
		{"ipoe orders get A1000010100000001", "", "GET <base_url>/infoIpoE/v2/orders/A1000010100000001"},
	} {
		args := append(strings.Fields("api "+c.command), "--dry-run", "--show-secrets")
		var want []byte
		if c.file != "" {
			text, err := os.ReadFile(ipoe + c.file)
			if err != nil {
				t.Fatal(err)
			}
			want, args = compact(t, text), append(args, "--file", ipoe+c.file)
		}
		_, out, errs := kaisen("", args...)
		head, sent, _ := strings.Cut(out, "\n\n")
		if line, _, _ := strings.Cut(head, "\n"); line != c.line {
			t.Errorf("%s asks for %s, want %s; stderr %s", c.command, line, c.line, errs)
		}
		if diff := cmp.Diff(string(want), strings.TrimSuffix(sent, "\n")); diff != "" {
			t.Errorf("%s %s sends (-want +got):\n%s", c.command, c.file, diff)
		}
	}
}

// What a dry run shows is what arrives at the carrier, but for the token.
func TestAPIDryRunIsWhatIsSent(t *testing.T) {
	var got strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"accessToken":"t0ken","tokenType":"Bearer","expiresIn":"3600"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got.WriteString(r.Method + " http://" + r.Host + r.RequestURI + "\n")
		for _, name := range []string{"Accept", "Authorization", "Content-Type", "User-Agent"} {
			if value := r.Header.Get(name); value != "" {
				got.WriteString(name + ": " + strings.ReplaceAll(value, "t0ken", "<token>") + "\n")
			}
			r.Header.Del(name)
		}
		r.Header.Del("Accept-Encoding")
		r.Header.Del("Content-Length")
		if len(r.Header) > 0 {
			t.Errorf("more headers: %v", r.Header)
		}
		if len(body) > 0 {
			got.WriteString("\n" + string(body) + "\n")
		}
		_, _ = io.WriteString(w, `{"contractId":"N123456789","lineNo":"09012345678","resultCode":"0001","orderId":"AGU1"}`)
	}))
	defer server.Close()
	file := writeSources(t, server.URL, "/token")
	for _, args := range [][]string{
		{"api", "unom", "data-volume", "add", "09012345678", "--contract", "N123456789", "--yes"},
		{"api", "unom", "auth", "change", "09012345678", "--authentication-id", "a@bc", "--authentication-password", "<&>", "--yes"},
		{"api", "unom", "lines", "list"},
		{"api", "unom", "orders", "cancel", "AGU1", "--yes"},
	} {
		got.Reset()
		args = append(args, "--config", file)
		kaisen("", args...)
		if code, out, errs := kaisen("", append(args, "--dry-run", "--show-secrets")...); out != got.String() {
			t.Errorf("%v: exit code %d, stderr %s; (-sent +shown):\n%s", args, code, errs, cmp.Diff(got.String(), out))
		}
	}
}

// A secret is shown only where it is asked for.
func TestAPIHidesSecrets(t *testing.T) {
	for file, o := range unomExamples(t) {
		_, target, body := documented(t, file)
		if !bytes.Contains(body, []byte("assword")) {
			continue
		}
		body = bytes.ReplaceAll(body, []byte(`Password":"`), []byte(`Password":"hunter2`))
		_, out, errs := kaisen(string(body), append(asTyped(t, o, target), "--dry-run", "--file", "-")...)
		if strings.Contains(out+errs, "hunter2") || !strings.Contains(out, `Password":"<secret>"`) {
			t.Errorf("%s: %s%s", file, out, errs)
		}
	}
	order, err := os.ReadFile("../../collector/ipoe/api/testdata/order_partner.json")
	if err != nil {
		t.Fatal(err)
	}
	_, out, errs := kaisen(string(order), "api", "ipoe", "orders", "create", "--dry-run", "--file", "-")
	if strings.Contains(out+errs, "a1b2c3d4") || !strings.Contains(out, `"lineAccessKey":"<secret>"`) {
		t.Errorf("%s%s", out, errs)
	}
}

// Each operation has a help with an example, and that example is a call that the command understands.
func TestAPIExamplesAreUnderstood(t *testing.T) {
	for _, o := range operations() {
		_, help, _ := kaisen("", append(append([]string{"api", o.API}, o.Command...), "--help")...)
		_, example, found := strings.Cut(help, "Examples:\n  kaisen ")
		example, _, _ = strings.Cut(example, "\n")
		if !found || !strings.HasPrefix(example, "api "+o.API+" "+strings.Join(o.Command, " ")) {
			t.Errorf("%s: help %s", o.Name, help)
			continue
		}
		args := strings.Fields(strings.ReplaceAll(example, "--file request.json", ""))
		_, out, errs := kaisen("", append(args, "--dry-run")...)
		if !strings.HasPrefix(out, o.Method+" ") {
			t.Errorf("%s: %s%s", example, out, errs)
		}
	}
}

// writeSources writes a configuration with an account of each kind at one address.
func writeSources(t *testing.T, base, tokenPath string) string {
	t.Helper()
	text := "sources:\n"
	for name, more := range map[string]string{
		"kind: unom": "contracts: [N000000001]", "kind: serviceorder": "service_names: [uno]", "kind: ipoe": "",
	} {
		text += "  - name: " + strings.TrimPrefix(name, "kind: ") + "\n    " + name + "\n    base_url: " + base +
			"\n    token_url: " + base + tokenPath + "\n    client_id: simulator\n    client_secret: simulator-secret\n" +
			"    rate_limit: {requests_per_second: 500, burst: 50}\n    " + more + "\n"
	}
	file := filepath.Join(t.TempDir(), "kaisen.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
