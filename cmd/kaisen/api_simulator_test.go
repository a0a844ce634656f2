package main

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// user calls operations one after the other, and remembers which.
type user struct {
	t       *testing.T
	config  string
	called  map[string]bool
	carrier *simulator.Carrier
}

// call runs an operation that must succeed and decodes its JSON.
func (u *user) call(stdin string, args ...string) map[string]any {
	u.t.Helper()
	text := u.print(stdin, args...)
	var object map[string]any
	if strings.HasPrefix(text, "[") {
		text = `{"rows":` + text + `}`
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		u.t.Fatalf("%v: %v in %s", args, err, text)
	}
	return object
}

func (u *user) print(stdin string, args ...string) string {
	u.t.Helper()
	for _, o := range operations() {
		words := append([]string{o.API}, o.Command...)
		if len(args) >= len(words) && slices.Equal(words, args[:len(words)]) {
			u.called[strings.Join(words, " ")] = true
			if o.Changes {
				args = append(args, "--yes")
			}
		}
	}
	if stdin != "" {
		args = append(args, "--file", "-")
	}
	code, out, errs := kaisen(stdin, append([]string{"api"}, append(args, "--config", u.config)...)...)
	if code != 0 {
		u.t.Fatalf("%v: exit code %d, stdout %s, stderr %s", args, code, out, errs)
	}
	return out
}

// rows are the values of a field in the rows of an answer.
func rows(answer map[string]any, list, name string) []string {
	var values []string
	items, _ := answer[list].([]any)
	for _, item := range items {
		value, _ := item.(map[string]any)[name].(string)
		values = append(values, value)
	}
	return values
}

// TestAPICallsEveryOperation calls all 38 at the simulated carrier, reads and writes.
func TestAPICallsEveryOperation(t *testing.T) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines, cfg.Speed = 60, 1, 4, 0
	peer, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(peer.Handler())
	defer server.Close()
	u := &user{t, writeSources(t, server.URL, "/v1/oauth/accesstokens"), map[string]bool{}, peer}

	u.readUnom()
	u.changeUnom()
	u.callOthers()
	for _, o := range operations() {
		if name := o.API + " " + strings.Join(o.Command, " "); !u.called[name] {
			t.Errorf("%s was not called", name)
		}
	}
	if len(u.called) != 38 {
		t.Errorf("%d operations were called", len(u.called))
	}
	for operation, statuses := range peer.Stats().Requests {
		for status := range statuses {
			if !strings.HasPrefix(status, "2") {
				t.Errorf("%s was answered with %s", operation, status)
			}
		}
	}
}

// lines are lines of the contract whose session the carrier knows.
func (u *user) lines() []string {
	answer := u.call("", "unom", "lines", "list")
	types := rows(answer, "linesList", "authenticationType")
	shared := rows(u.call("", "unom", "data-share", "list"), "linesList", "lineNo")
	var lines []string
	for i, line := range rows(answer, "linesList", "lineNo") {
		if types[i] == "NTTコム" && !slices.Contains(shared, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) < 14 || len(shared) < 3 {
		u.t.Fatalf("%d lines, %d shared", len(lines), len(shared))
	}
	return append(shared[:3], lines...)
}

func (u *user) readUnom() {
	lines := u.lines()
	if got := u.call("", "unom", "traffic", "get", lines[3]); got["lineNo"] != lines[3] || got["trafficToday"] == nil {
		u.t.Errorf("traffic %v", got)
	}
	now := u.carrier.Now()
	period := []string{"--start-time", now.Add(-24 * time.Hour).Format("20060102150405"), "--end-time", now.Format("20060102150405")}
	for list, command := range map[string]string{"resultList": "authentications", "searchList": "sessions"} {
		if got := u.call("", append([]string{"unom", command, "list"}, period...)...); len(rows(got, list, "lineNo")) == 0 {
			u.t.Errorf("%s %v", command, got)
		}
	}
	u.call("", "unom", "contract", "get")
	u.call("", "unom", "products", "list")
	u.call("", "unom", "data-share", "traffic", lines[0])
	u.call("", "unom", "session", "get", lines[3])
}

func (u *user) changeUnom() {
	lines := u.lines()
	shared, lines := lines[:3], lines[3:]
	day := u.carrier.Now().AddDate(0, 0, 3).Format("20060102")
	now := u.carrier.Now()
	first := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, now.Location()).Format("20060102")
	const delivery = `"deliveryPostalCode":"1008019","deliveryPref":"東京都","deliveryCity":"千代田区","deliveryAddress1":"内幸町",
		"deliveryCompanyName":"模擬商事","notificationMailAddress":"a@example.com","notificationPassword":"geheim00"`

	added := u.call(`{"requestDate":"`+day+`",`+delivery+`,"linesList":[{"planCode":"T3001326","deviceCode":"T2000537",
		"actIpAddress":"10.1.2.3","authenticationId":"abc","authenticationPassword":"pass00","accessCode":"1"}]}`, "unom", "lines", "add")
	u.call(`{"linesList":[{"deviceCode":"T2000556"}]}`, "unom", "devices", "buy", "--request-date", day,
		"--delivery-postal-code", "1008019", "--delivery-pref", "東京都", "--delivery-city", "千代田区",
		"--delivery-address1", "内幸町", "--delivery-company-name", "模擬商事", "--notification-mail-address", "a@example.com",
		"--notification-password", "geheim00")
	u.call("", "unom", "lines", "remove", lines[0], "--request-date", day)
	u.call("", "unom", "course", "change", lines[1], "--request-date", first, "--plan-code", "T3001328")
	u.call("", "unom", "auth", "change", lines[2], "--authentication-id", "newid", "--authentication-password", "pass00")
	u.call("", "unom", "addresses", "change", lines[3], "--act-ip-address", "10.1.2.4")
	u.call("", "unom", "imei", "change", lines[4], "--imei", "356938035643809", "--imei-option", "2")
	u.call("", "unom", "roaming", "set", lines[5], "--roaming-code", "T6000036")
	u.call("", "unom", "access", "change", lines[6], "--access-code", "2")
	u.call("", "unom", "data-volume", "add", lines[7])
	u.call("", "unom", "session", "disconnect", lines[8])

	reserved := u.call(`{"linesList":[{"lineNo":"`+lines[9]+`"}]}`, "unom", "data-share", "add")
	u.call("", "unom", "data-share", "cancel", reserved["reserveId"].(string))
	u.call("", "unom", "data-share", "remove", shared[0])

	order := added["orderId"].(string)
	if err := u.carrier.SetClock(simulator.ClockChange{Advance: "10m"}); err != nil {
		u.t.Fatal(err)
	}
	u.call("", "unom", "roaming", "remove", lines[5])
	if got := rows(u.call("", "unom", "orders", "list"), "orderList", "orderId"); !slices.Contains(got, order) {
		u.t.Errorf("orders %v without %s", got, order)
	}
	u.call("", "unom", "orders", "completed")
	u.call("", "unom", "orders", "get", order)
	cancelled := u.call("", "unom", "orders", "cancel", order)
	u.call("", "unom", "orders", "cancellation", cancelled["orderId"].(string))
}

// callOthers calls the Service Order API within its hours, and the IPoE API.
func (u *user) callOthers() {
	now := u.carrier.Now()
	monday := now.AddDate(0, 0, 7-int(now.Weekday()+6)%7)
	open := time.Date(monday.Year(), monday.Month(), monday.Day(), 10, 0, 0, 0, now.Location())
	if err := u.carrier.SetClock(simulator.ClockChange{Now: open}); err != nil {
		u.t.Fatal(err)
	}
	if got := u.call("", "serviceorder", "orders", "list", "uno"); len(rows(got, "orders", "contractId")) == 0 {
		u.t.Errorf("service orders %v", got)
	}
	if got := u.call("", "serviceorder", "details", "list"); got["code"] != "200" {
		u.t.Errorf("details %v", got)
	}
	if got := u.call("", "ipoe", "token", "create"); got["accessToken"] != "***" {
		u.t.Errorf("token %v", got)
	}
	if raw := u.print("", "ipoe", "token", "create", "--format", "raw"); strings.Contains(raw, "***") || !strings.Contains(raw, "accessToken") {
		u.t.Errorf("token %s", raw)
	}
	sites := rows(u.call("", "ipoe", "sites", "list", "--limit", "3"), "rows", "customerSiteCode")
	if len(sites) != 3 {
		u.t.Fatalf("sites %v", sites)
	}
	u.call("", "ipoe", "sites", "get", sites[0])
	u.call("", "ipoe", "products", "list")
	created := u.call(`{"orderType":"1","startOrderPostData":{"customerSiteName":"大阪拠点","lineId":"CAF1234567890",
		"lineAccessKey":"k3yk3yk3","products":[{"productCode":"`+u.partnerProduct()+`"}]}}`, "ipoe", "orders", "create")
	u.call("", "ipoe", "orders", "list", "--limit", "1")
	if got := u.call("", "ipoe", "orders", "get", created["orderCode"].(string)); got["orderCode"] != created["orderCode"] {
		u.t.Errorf("order %v", got)
	}
}

// partnerProduct is a product that needs nothing but a line.
func (u *user) partnerProduct() string {
	items, _ := u.call("", "ipoe", "products", "list")["rows"].([]any)
	for _, item := range items {
		product := item.(map[string]any)
		if detail, ok := product["detail"].(map[string]any); ok && detail["cpe"] == "2" {
			return product["productCode"].(string)
		}
	}
	return ""
}
