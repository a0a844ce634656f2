package simulator_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// send makes a request with a JSON body, which the other helper does not say that it is.
func (c *client) send(method, url, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// change sends a change that the carrier must answer, and reads its answer.
func (c *client) change(method, path, body string) map[string]any {
	c.t.Helper()
	w := c.send(method, base+path, body)
	if w.Code != 200 {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return read(c.t, w.Body.String())
}

// order sends an order that the carrier must take, and returns its number.
func (c *client) order(method, path, body string) string {
	c.t.Helper()
	answer := c.change(method, path, body)
	id, _ := answer["orderId"].(string)
	if answer["resultCode"] != "0001" || !strings.HasPrefix(id, "AGU") || len(id) != 16 || answer["checkErrorInfo"] != nil {
		c.t.Fatalf("%s %s: %v", method, path, answer)
	}
	return id
}

// status asks call 11 for an order's status, and the message ID with it.
func (c *client) status(contract, id string) (status string, message any) {
	c.t.Helper()
	answer := c.get(contract + "/orders/" + id + "?status=asyncAccepting")
	items := rows(c.t, answer, "orderList")
	if answer["orderId"] != id || answer["contractId"] != contract || strings.TrimLeft(fmt.Sprint(items[0]["number"]), "0") != "1" {
		c.t.Fatalf("order %s: %v", id, answer)
	}
	if info, ok := items[0]["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	return items[0]["orderStatus"].(string), message
}

// listed asks calls 07 and 08 for an order's row.
func (c *client) listed(contract, status, id string) map[string]any {
	c.t.Helper()
	for _, row := range rows(c.t, c.get(contract+"/orders?status="+status), "orderList") {
		if row["orderId"] == id {
			return row
		}
	}
	return nil
}

func styles() []simulator.Style {
	return []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed}
}

// inEveryStyle runs a test on a small carrier of each style.
func inEveryStyle(t *testing.T, test func(*testing.T, *client)) {
	t.Helper()
	for _, style := range styles() {
		t.Run(string(style), func(t *testing.T) {
			cfg := frozen(noon())
			cfg.Style = style
			test(t, newClient(t, cfg))
		})
	}
}

const volumeBody = `{"agreement":"yes"}`

// deliveryBody is call 12's and 14's example up to the list, with its dates and its class of characters put right.
func deliveryBody(date, lines string) string {
	return fmt.Sprintf(`{"requestDate":%q,"deliveryPostalCode":"1008019","deliveryPref":"東京都","deliveryCity":"千代田区内幸町",`+
		`"deliveryAddress1":"―","deliveryAddress2":"１丁目","deliveryAddress3":"１番地６号","deliveryBuildingName":"ＮＴＴ日比谷ビル",`+
		`"deliveryCompanyName":"ＮＴＴコミュニケーションズ","deliveryDeptName":"オープンネットワーク","deliveryPersonName":"○○○○",`+
		`"deliveryPhoneNumber":"0120-XX-XXX","notificationMailAddress":"○○○○@ntt.com","notificationPassword":"n0tify-me",`+
		`"agreement":"yes","linesList":[%s]}`, date, lines)
}

func lineBody(plan, device, access string) string {
	return fmt.Sprintf(`{"number":"0000000001","planCode":%q,"deviceCode":%q,"roamingCode":"T6000036","actIpAddress":"192.168.1.1",`+
		`"sbyIpAddress":"192.168.1.2","roamingIpAddress":"192.168.1.3","authenticationId":"nttcom","authenticationPassword":"pa55<?{}",`+
		`"accessCode":%q}`, plan, device, access)
}

func courseBody(plan, date string) string {
	return fmt.Sprintf(`{"agreement":"yes","requestDate":%q,"lineInfo":{"planCode":%q}}`, date, plan)
}

// checkOrder compares what calls 11, 07 and 08 say of an order, and the truth.
func (c *client) checkOrder(contract, id, want string, message any, complete bool, requested, opened string) {
	c.t.Helper()
	if status, got := c.status(contract, id); status != want || got != message {
		c.t.Errorf("%s: call 11 says %s, message %v; want %s, %v", c.carrier.Now(), status, got, want, message)
	}
	accepting, done := c.listed(contract, "accepting", id), c.listed(contract, "complete", id)
	row := accepting
	if complete {
		row, accepting = done, nil
		done = nil
	}
	if row == nil || accepting != nil && complete || done != nil {
		c.t.Fatalf("%s, status %s: call 07 %v, call 08 %v", c.carrier.Now(), want, accepting, done)
	}
	shown, _ := row["serviceDateStartScheduled"].(string)
	if row["orderStatus"] != want || row["requestDate"] != requested || shown != opened || row["serviceDateApply"] == nil ||
		(row["checkErrorInfo"] != nil) != (message != nil) {
		c.t.Errorf("row %v, want status %s, requested %s, opened %q", row, want, requested, opened)
	}
	for _, o := range c.carrier.Orders(time.Time{}, contract) {
		if o.OrderID == id && (o.Status != want || (o.MessageID != "") != (message != nil) || (o.Opened != "") != (opened != "")) {
			c.t.Errorf("truth %+v, want status %s", o, want)
		}
	}
}

// capped is an ordinary line with a volume that is not used up.
func (c *client) capped() simulator.LineTruth {
	for _, l := range c.lines() {
		if l.Share == nil && l.Session != nil && l.Listed && l.Traffic[0].RemainingBytes != nil && *l.Traffic[0].RemainingBytes > 0 {
			return l
		}
	}
	c.t.Fatal("no line with something left")
	return simulator.LineTruth{}
}
