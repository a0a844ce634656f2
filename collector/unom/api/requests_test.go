package api

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
)

// operations are the 29 by name.
func operations() map[string]carrier.Operation {
	named := map[string]carrier.Operation{}
	for _, o := range Operations() {
		named[o.Name] = o
	}
	return named
}

// documentedRequest is an example of the document: its request line, and its body or nil. What was changed: quotes that
// were torn off, a blank after sbyIpAddress, ？ and ＝ for ? and = (call 28), the agreement of call 27 and the line in
// the address of call 25, which the tables want and the examples leave out.
func documentedRequest(t testing.TB, file string) (line string, body []byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/requests/" + file)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	if strings.TrimSpace(rest) == "" {
		return line, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(rest)); err != nil {
		t.Fatal(err)
	}
	return line, compact.Bytes()
}

// fill makes a request of an operation as kaisen api does: its fields by the names that the document gives them, out
// of address, query and body.
func fill(t *testing.T, o carrier.Operation, line string, body []byte) carrier.Request {
	t.Helper()
	_, target, _ := strings.Cut(line, " ")
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	if body != nil {
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(err)
		}
	}
	for key, values := range address.Query() {
		fields[key] = values[0]
	}
	template, _, _ := strings.Cut(o.Path, "?")
	parts := strings.Split(address.Path, "/")
	for i, name := range strings.Split(template, "/") {
		if name, ok := strings.CutPrefix(name, "{"); ok {
			fields[strings.TrimSuffix(name, "}")] = parts[i]
		}
	}
	filled, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	r := o.New()
	if err := json.Unmarshal(filled, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRequestsAreTheDocumentedOnes(t *testing.T) {
	files, err := os.ReadDir("testdata/requests")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name, _ := strings.CutSuffix(file.Name(), ".txt")
		name, _, _ = strings.Cut(name, "_by_")
		o, ok := operations()[name]
		if !ok {
			t.Fatalf("no operation %s", name)
		}
		seen[name] = true
		line, body := documentedRequest(t, file.Name())
		w := fill(t, o, line, body).Spec()
		if got := w.Method + " " + w.Target(); got != line {
			t.Errorf("%s asks for %s, want %s", name, got, line)
		}
		if diff := cmp.Diff(string(body), string(w.Body)); diff != "" {
			t.Errorf("%s sends (-want +got):\n%s", name, diff)
		}
		if w.Method != o.Method || w.Changes() != o.Changes {
			t.Errorf("%s: %s, changes %v, but the operation says %s, %v", name, w.Method, w.Changes(), o.Method, o.Changes)
		}
	}
	for name := range operations() {
		if !seen[name] {
			t.Errorf("no example of %s", name)
		}
	}
}

func TestOperationsAreTheTwentyNine(t *testing.T) {
	numbers, names, commands := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range Operations() {
		numbers[o.Number], names[o.Name], commands[strings.Join(o.Command, " ")] = true, true, true
		if o.API != "unom" || o.Document != "UNO Mobile API v2.1, §"+o.Number || o.Summary == "" || len(o.Command) != 2 {
			t.Errorf("operation %+v", o)
		}
	}
	if len(Operations()) != 29 || len(numbers) != 29 || len(names) != 29 || len(commands) != 29 || numbers["19"] || !numbers["30"] {
		t.Errorf("%d operations, %d numbers, %d names, %d commands", len(Operations()), len(numbers), len(names), len(commands))
	}
}

// The examples are no valid orders: they are of 2017, and what stands in them for a name breaks the classes of the
// tables. What is wrong is named at once, and nothing else is.
func TestExamplesBreakTheirOwnRules(t *testing.T) {
	now := time.Date(2016, 12, 10, 12, 0, 0, 0, tokyo)
	for name, want := range map[string]carrier.Violations{
		"add_line": {
			{Field: "deliveryBuildingName", Problem: "must be full-width (N) throughout"},
			{Field: "deliveryCompanyName", Problem: "must be full-width (N) throughout"},
			{Field: "notificationMailAddress", Problem: "must be half-width (X) throughout"},
			{Field: "linesList[0].authenticationPassword", Problem: "must be letters, digits and !$()-/;<?[]^{}%"},
		},
		"buy_devices": {
			{Field: "deliveryBuildingName", Problem: "must be full-width (N) throughout"},
			{Field: "deliveryCompanyName", Problem: "13 characters, at most 10"},
			{Field: "deliveryCompanyName", Problem: "must be full-width (N) throughout"},
			{Field: "deliveryDeptName", Problem: "10 characters, at most 6"},
			{Field: "notificationMailAddress", Problem: "must be half-width (X) throughout"},
		},
		"change_addresses": {{Field: "actIpAddress", Problem: "want an IPv4 address, like 192.168.1.1"}},
		"change_auth":      nil,
		"change_imei":      nil,
		"set_roaming":      nil,
		"add_data_volume":  nil,
		"change_access":    nil,
		"cancel_order":     nil,
	} {
		line, body := documentedRequest(t, name+".txt")
		err := fill(t, operations()[name], line, body).Validate(now)
		var got carrier.Violations
		if err != nil {
			got = err.(carrier.Violations)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
