package simulatortest

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

// Send makes a request with a JSON body, which the other helper does not say that it is.
func (c *Client) Send(method, url, body string) *httptest.ResponseRecorder {
	c.T.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+c.Token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	}
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	return w
}

// Change sends a change that the carrier must answer, and reads its answer.
func (c *Client) Change(method, path, body string) map[string]any {
	c.T.Helper()
	w := c.Send(method, Base+path, body)
	if w.Code != 200 {
		c.T.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return Read(c.T, w.Body.String())
}

// Order sends an order that the carrier must take, and returns its number.
func (c *Client) Order(method, path, body string) string {
	c.T.Helper()
	answer := c.Change(method, path, body)
	id, _ := answer["orderId"].(string)
	if answer["resultCode"] != "0001" || !strings.HasPrefix(id, "AGU") || len(id) != 16 || answer["checkErrorInfo"] != nil {
		c.T.Fatalf("%s %s: %v", method, path, answer)
	}
	return id
}

// Status asks call 11 for an order's status, and the message ID with it.
func (c *Client) Status(contract, id string) (status string, message any) {
	c.T.Helper()
	answer := c.Get(contract + "/orders/" + id + "?status=asyncAccepting")
	items := Rows(c.T, answer, "orderList")
	if answer["orderId"] != id || answer["contractId"] != contract || strings.TrimLeft(fmt.Sprint(items[0]["number"]), "0") != "1" {
		c.T.Fatalf("order %s: %v", id, answer)
	}
	if info, ok := items[0]["checkErrorInfo"].(map[string]any); ok {
		message = info["messageId"]
	}
	return items[0]["orderStatus"].(string), message
}

// Listed asks calls 07 and 08 for an order's row.
func (c *Client) Listed(contract, status, id string) map[string]any {
	c.T.Helper()
	for _, row := range Rows(c.T, c.Get(contract+"/orders?status="+status), "orderList") {
		if row["orderId"] == id {
			return row
		}
	}
	return nil
}

// Styles are all styles.
func Styles() []simulator.Style {
	return []simulator.Style{simulator.StyleDocument, simulator.StyleModern, simulator.StyleMixed}
}

// VolumeBody is call 24's.
const VolumeBody = `{"agreement":"yes"}`

// DeliveryBody is call 12's and 14's example up to the list, with its dates and its class of characters put right.
func DeliveryBody(date, lines string) string {
	return fmt.Sprintf(`{"requestDate":%q,"deliveryPostalCode":"1008019","deliveryPref":"東京都","deliveryCity":"千代田区内幸町",`+
		`"deliveryAddress1":"―","deliveryAddress2":"１丁目","deliveryAddress3":"１番地６号","deliveryBuildingName":"ＮＴＴ日比谷ビル",`+
		`"deliveryCompanyName":"ＮＴＴコミュニケーションズ","deliveryDeptName":"オープンネットワーク","deliveryPersonName":"○○○○",`+
		`"deliveryPhoneNumber":"0120-XX-XXX","notificationMailAddress":"○○○○@ntt.com","notificationPassword":"n0tify-me",`+
		`"agreement":"yes","linesList":[%s]}`, date, lines)
}

// LineBody is a line of call 12.
func LineBody(plan, device, access string) string {
	return fmt.Sprintf(`{"number":"0000000001","planCode":%q,"deviceCode":%q,"roamingCode":"T6000036","actIpAddress":"192.168.1.1",`+
		`"sbyIpAddress":"192.168.1.2","roamingIpAddress":"192.168.1.3","authenticationId":"nttcom","authenticationPassword":"pa55<?{}",`+
		`"accessCode":%q}`, plan, device, access)
}

// CourseBody is call 15's.
func CourseBody(plan, date string) string {
	return fmt.Sprintf(`{"agreement":"yes","requestDate":%q,"lineInfo":{"planCode":%q}}`, date, plan)
}

// CheckOrder compares what calls 11, 07 and 08 say of an order, and the truth.
func (c *Client) CheckOrder(contract, id, want string, message any, complete bool, requested, opened string) {
	c.T.Helper()
	if status, got := c.Status(contract, id); status != want || got != message {
		c.T.Errorf("%s: call 11 says %s, message %v; want %s, %v", c.Carrier.Now(), status, got, want, message)
	}
	accepting, done := c.Listed(contract, "accepting", id), c.Listed(contract, "complete", id)
	row := accepting
	if complete {
		row, accepting = done, nil
		done = nil
	}
	if row == nil || accepting != nil && complete || done != nil {
		c.T.Fatalf("%s, status %s: call 07 %v, call 08 %v", c.Carrier.Now(), want, accepting, done)
	}
	shown, _ := row["serviceDateStartScheduled"].(string)
	if row["orderStatus"] != want || row["requestDate"] != requested || shown != opened || row["serviceDateApply"] == nil ||
		(row["checkErrorInfo"] != nil) != (message != nil) {
		c.T.Errorf("row %v, want status %s, requested %s, opened %q", row, want, requested, opened)
	}
	for _, o := range c.Carrier.Orders(time.Time{}, contract) {
		if o.OrderID == id && (o.Status != want || (o.MessageID != "") != (message != nil) || (o.Opened != "") != (opened != "")) {
			c.T.Errorf("truth %+v, want status %s", o, want)
		}
	}
}

// Capped is an ordinary line with a volume that is not used up.
func (c *Client) Capped() simulator.LineTruth {
	for _, l := range c.Lines() {
		if l.Share == nil && l.Session != nil && l.Listed && l.Traffic[0].RemainingBytes != nil && *l.Traffic[0].RemainingBytes > 0 {
			return l
		}
	}
	c.T.Fatal("no line with something left")
	return simulator.LineTruth{}
}

// JoinBody is call 22's.
func JoinBody(lines ...simulator.LineTruth) string {
	list := ""
	for i, l := range lines {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprintf(`{"lineNo":%q}`, l.LineNo)
	}
	return `{"agreement":"yes","linesList":[` + list + `]}`
}

// InEveryStyle runs a test on a small carrier of each style.
func InEveryStyle(t *testing.T, test func(*testing.T, *Client)) {
	t.Helper()
	for _, style := range Styles() {
		t.Run(string(style), func(t *testing.T) {
			cfg := Frozen(Noon())
			cfg.Style = style
			test(t, NewClient(t, cfg))
		})
	}
}

// CheckRefusal compares a refusal with what it must be, in the shape of the gateway or of UNO Mobile API v2.1.
func CheckRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, gateway bool, message string) {
	t.Helper()
	if w.Code != status || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		t.Fatalf("%d %s %s, want %d and JSON", w.Code, w.Header().Get("Content-Type"), w.Body, status)
	}
	body := Read(t, w.Body.String())
	if !gateway {
		body, _ = body["responseHeader"].(map[string]any)
	} else if body["requestId"] == nil || body["developerMessage"] == nil {
		t.Errorf("not in the gateway's shape: %s", w.Body)
	}
	if body["errorMessage"] != message || body["errorCode"] != strconv.Itoa(status) {
		t.Errorf("%v, want %q", body, message)
	}
}

// Stamp is a time as log queries have it.
func Stamp(at time.Time) string { return at.In(Tokyo).Format("20060102150405") }
