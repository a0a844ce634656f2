package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
)

// Every value of every example answer is there when it is encoded again, under the name that the tables have for it.
func TestNoFieldIsLost(t *testing.T) {
	for name, o := range operations() {
		body := example(t, name)
		got, err := o.Decode(carrier.Reply{Status: 200, Body: body}, tokyo)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(values(t, body), values(t, again)); diff != "" {
			t.Errorf("%s (-document +encoded again):\n%s", name, diff)
		}
	}
}

// values is an answer in a form in which two spellings of the same are equal: keys as the tables have them (the
// examples differ), texts without blanks around them, and one NULL.
func values(t *testing.T, body []byte) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	return plainValue(tree)
}

func plainValue(node any) any {
	switch node := node.(type) {
	case map[string]any:
		plain := map[string]any{}
		for key, value := range node {
			switch key = strings.TrimSpace(key); key {
			case "domeinName":
				key = "domainName"
			case "saessionType":
				key = "sessionType"
			case "accessCode":
				key = "accessType"
			}
			plain[key] = plainValue(value)
		}
		return plain
	case []any:
		for i := range node {
			node[i] = plainValue(node[i])
		}
		return node
	case string:
		if text := strings.TrimSpace(node); text != "" {
			return text
		}
		return nil
	}
	return node
}

// What was not given stays null, and a figure keeps all its digits.
func TestUnknownValuesEncodeAsNull(t *testing.T) {
	o := operations()
	for name, c := range map[string]struct{ call, body, want string }{
		"session":      {"session", `{"resultCode": 2}`, `{"contractId":"","lineNo":"","sessionType":null,"sessionStatus":null,"resultCode":2}`},
		"order":        {"orders", `{"orderList":[{"orderId":"AGU1","orderStatus":"99"}]}`, `{"contractId":"","orderList":[{"orderId":"AGU1","serviceDateApply":null,"requestDate":null,"serviceDateStartScheduled":null,"orderStatus":"99","checkErrorInfo":null}]}`},
		"no rows":      {"data_share", `{"linesList":null}`, `{"contractId":"","linesList":[]}`},
		"unknown code": {"data_share", `{"linesList":[{"lineNo":"090","status":"9"}]}`, `{"contractId":"","linesList":[{"lineNo":"090","status":null,"reserveId":""}]}`},
		"a change":     {"add_line", `{"resultCode":2,"checkErrorInfo":{"messageId":"E1"}}`, `{"contractId":"","resultCode":"0002","orderId":"","checkErrorInfo":{"messageId":"E1","message":""}}`},
	} {
		got, err := o[c.call].Decode(carrier.Reply{Body: []byte(c.body)}, tokyo)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text, err := json.Marshal(got); err != nil || string(text) != c.want {
			t.Errorf("%s: %s, error %v; want %s", name, text, err, c.want)
		}
	}
	got, _, err := trafficOf(t, `"trafficToday": "18446744073709551615", "limitStatus2": 0, "monthlyLimitStartTime": "2013/12/31:20:30"`)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(got)
	for _, want := range []string{`"trafficToday":"18446744073709551615"`, `"traffic1dayAgo":null`, `"monthlyLimitStartTime":"2013/12/31T20:30+09:00"`} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s, error %v", want, text, err)
		}
	}
}
