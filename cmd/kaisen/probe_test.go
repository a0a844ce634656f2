package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kaisen/collector/probing"
	"kaisen/internal/simulator"
)

// probed is a simulated carrier at a time that stands still, and the configuration of an account with it.
func probed(t *testing.T, edit func(*simulator.Config), more string) (config string, carrier *simulator.Carrier, sent func() int) {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines, cfg.Speed = 40, 1, 6, 0
	cfg.Start = time.Date(2026, 3, 20, 12, 34, 56, 0, time.FixedZone("JST", 9*60*60))
	if edit != nil {
		edit(&cfg)
	}
	carrier, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var requests atomic.Int64
	handler := carrier.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/accesstokens") {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config = filepath.Join(t.TempDir(), "kaisen.yaml")
	text := fmt.Sprintf(`sources:
  - name: hq
    kind: unom
    base_url: %[1]s
    token_url: %[1]s/v1/oauth/accesstokens
    client_id: %[2]s
    client_secret: %[3]s
    contracts: [%[4]s]
    rate_limit: {requests_per_second: 500, burst: 50}
store: {path: %[5]s/data, spool: %[5]s/spool}
%[6]s`, server.URL, cfg.ClientID, cfg.ClientSecret, strings.Join(carrier.Contracts(), ", "), filepath.Dir(config), more)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config, carrier, func() int { return int(requests.Load()) }
}

// plainPage is a page without what differs from run to run.
func plainPage(page string) string {
	for _, c := range []struct{ pattern, with string }{
		{`http://127\.0\.0\.1:[0-9]+`, "http://carrier"},
		{`asked      .* in .*`, "asked      (when), (how many) of at most 60 requests in (how long)"},
		{`(?m)^(  \S+ +\S+ +[a-z_]+ +\S+.*[0-9]) +[0-9]+ ms +`, "$1  (time)  "}, // whose column is as wide as the slowest
		{`ASKED  SLOWEST +ROWS`, "ASKED  SLOWEST  ROWS"},
		{`the Date header is ahead of our clock by .* \(`, "the Date header is ahead of our clock by (how much) ("},
	} {
		page = regexp.MustCompile(c.pattern).ReplaceAllString(page, c.with)
	}
	return page
}

// The page of an account, as a person sees it.
func TestProbePage(t *testing.T) {
	config, _, _ := probed(t, nil, "")
	code, out, errs := kaisen("", "probe", "--config", config)
	if code != 0 {
		t.Fatalf("exit code %d, stderr %s", code, errs)
	}
	golden := filepath.Join("testdata", "probe.golden")
	got := plainPage(out)
	if os.Getenv("KAISEN_UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the page is not that of %s:\n%s", golden, got)
	}
}

// The JSON has the fields that it always has, lists and not null where nothing is there, and neither a secret nor a
// line number; and nothing is written beside it.
func TestProbeJSON(t *testing.T) {
	config, carrier, sent := probed(t, nil, "")
	code, out, errs := kaisen("", "probe", "--config", config, "--format", "json", "--source", "hq")
	if code != 0 {
		t.Fatalf("exit code %d, stderr %s", code, errs)
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(result); got != "accounts format version" || result["format"] != 1.0 {
		t.Errorf("fields %s, format %v", got, result["format"])
	}
	account := result["accounts"].([]any)[0].(map[string]any)
	for list, want := range map[string]string{
		"":           "allowed_per_hour api base_url complete findings forms kind most_requests needed_per_hour needs operations requests source started_at stopped token_style token_url took_ms unknown",
		"operations": "answered asked bytes contract_id jobs note number operation outcome rows status took_ms",
		"findings":   "contract_id does evidence means operation question reading value",
		"forms":      "detail form operation times",
		"unknown":    "contract_id what why",
	} {
		object := account
		if list != "" {
			object = account[list].([]any)[0].(map[string]any)
		}
		if got := keysOf(object); got != want {
			t.Errorf("%q has the fields %s, want %s", list, got, want)
		}
	}
	if needs, is := account["needs"].([]any); !is || len(needs) != 0 {
		t.Errorf("needs is %v", account["needs"])
	}
	if int(account["requests"].(float64)) != sent() || sent() > probing.MostRequests {
		t.Errorf("%d requests, the report has %v", sent(), account["requests"])
	}
	_, secret := carrier.Credentials()
	if strings.Contains(out, secret) || regexp.MustCompile(`\b0[0-9]{10}\b`).MatchString(out) {
		t.Error("the page has the secret, or a line's number")
	}
	if entries, err := os.ReadDir(filepath.Dir(config)); err != nil || len(entries) != 1 {
		t.Errorf("%d entries beside the configuration, error %v", len(entries), err)
	}
}

func keysOf(object map[string]any) string {
	var keys []string
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// An account whose needed operations do not answer is exit code 1, with the page all the same.
func TestProbeOfAnAccountThatIsRefused(t *testing.T) {
	config, _, sent := probed(t, nil, "")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.ReplaceAll(text, []byte("client_secret: simulator-secret"), []byte("client_secret: another-secret"))
	if err := os.WriteFile(config, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := kaisen("", "probe", "--config", config)
	if code != 1 || !strings.Contains(errs, "check client_id and client_secret") || !strings.Contains(out, "Account hq") {
		t.Errorf("exit code %d, stdout %s, stderr %s", code, out, errs)
	}
	if sent() != 1 || strings.Contains(out+errs, "another-secret") {
		t.Errorf("%d requests, %s%s", sent(), out, errs)
	}
	if !strings.Contains(out, "401") || strings.Contains(out, "jobs.") { // a refused token refuses no operation, and no job is to be switched off
		t.Errorf("the page has a need of a job, or no status: %s", out)
	}
	if code, _, errs := kaisen("", "probe", "--config", config, "--source", "nobody"); code != exitUsage || !strings.Contains(errs, "no such source, but hq") {
		t.Errorf("exit code %d, stderr %s", code, errs)
	}
	if code, _, errs := kaisen("", "probe", "--config", config, "--format", "xml"); code != exitUsage || !strings.Contains(errs, "want text or json") {
		t.Errorf("exit code %d, stderr %s", code, errs)
	}
}

// The other two APIs have a first contact too; what rests is nothing missing.
func TestProbeOfTheOtherKinds(t *testing.T) {
	config, _, sent := probed(t, nil, "")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	address := regexp.MustCompile(`http://127[0-9.:]+`).FindString(string(text))
	others := fmt.Sprintf(`sources:
  - {name: orders, kind: serviceorder, base_url: "%[1]s", token_url: "%[1]s/v1/oauth/accesstokens", client_id: simulator, client_secret: simulator-secret, service_names: [uno]}
  - {name: sites, kind: ipoe, base_url: "%[1]s/infoIpoE/v2", token_url: "%[1]s/oauth/v1/accesstokens", client_id: simulator, client_secret: simulator-secret}
`, address)
	if err := os.WriteFile(config, []byte(others), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := kaisen("", "probe", "--config", config)
	if code != 0 {
		t.Errorf("exit code %d, stderr %s", code, errs)
	}
	for _, want := range []string{"Account orders: Service Order API", "Account sites: IPoE backend API", "customer_site_details", "ipoe_order_details"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if sent() > 20 {
		t.Errorf("%d requests", sent())
	}
}

// Who ends a probe gets what it has by then.
func TestProbeIsInterrupted(t *testing.T) {
	config, carrier, _ := probed(t, nil, "")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/traffic") && !strings.HasSuffix(r.URL.Path, "/dataShare/traffic") {
			interrupt()
			<-r.Context().Done() // there is no answer
			return
		}
		carrier.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	through := regexp.MustCompile(`http://127[0-9.:]+`).ReplaceAllLiteral(text, []byte(front.URL))
	if err := os.WriteFile(config, through, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	root := newRoot(strings.NewReader(""), &out, &errs)
	root.SetArgs([]string{"probe", "--config", config})
	began := time.Now()
	err = root.ExecuteContext(ctx)
	if err == nil || !strings.Contains(err.Error(), "interrupted") || time.Since(began) > 10*time.Second {
		t.Errorf("error %v after %s", err, time.Since(began))
	}
	for _, want := range []string{"stopped    interrupted", "N000000001 sessions: outside"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
