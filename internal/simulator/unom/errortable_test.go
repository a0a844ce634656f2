package unom_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// Every row of the table エラー一覧表 can be provoked, each with its own status and message.
func TestErrorTable(t *testing.T) {
	devices := strings.TrimSuffix(strings.Repeat(`{"number":"1","deviceCode":"T2000556"},`, 255), ",")
	tests := []struct {
		row, method, path, body string
		fault                   string
		status                  int
		message                 string
	}{
		{row: "1", method: "GET", path: "N/sessions?startTime=1&endTime=2", status: 400, message: "Field Format Error: startTime"},
		{row: "2", method: "GET", path: "N/nothing", status: 404, message: "Raising fault. Fault name : Unknown-Re"},
		{row: "3", method: "GET", path: "N/products", status: 401, message: "Invalid access token", fault: "token-death:1"},
		{row: "4", method: "GET", path: "N999999999/products", status: 404, message: "The requested contractId is not found."},
		{row: "5", method: "PUT", path: "N/lines/09000000000/imei", body: `{}`, status: 404, message: "The requested lineNo is not found"},
		{row: "6", method: "DELETE", path: "SECOND/dataShare/lines/OTHER?agreement=yes", status: 404, message: "The Requested lineGroup is not found."},
		{row: "8", method: "PUT", path: "N/lines/CUSTOMER/radiusAuth", body: `{}`, status: 403, message: "The order is not allowed by user RADIUS/MCOP"},
		{row: "8 of a disconnect", method: "DELETE", path: "N/lines/CUSTOMER/session?agreement=yes", status: 403, message: "The order is not allowed by user RADIUS/MCOP"},
		{row: "9", method: "POST", path: "N/devices", body: simulatortest.DeliveryBody("20260410", devices), status: 400, message: "Too many requests."},
		{row: "9 of a group", method: "POST", path: "N/dataShare", status: 400, message: "Too many requests.",
			body: `{"agreement":"yes","linesList":[` + strings.TrimSuffix(strings.Repeat(`{"lineNo":"090"},`, 255), ",") + `]}`},
		{row: "11", method: "GET", path: "N/orders/AGU1234567890123?status=asyncCancelAccepting", status: 404, message: "The order is not found"},
		{row: "13", method: "GET", path: "N/orders/AGB1234567890123?status=asyncAccepting", status: 400, message: "The orderId is Invalid."},
		{row: "14", method: "DELETE", path: "N/lines/HOME/roaming?agreement=yes", status: 404, message: "The roaming-option is not found."},
		{row: "15", method: "GET", path: "X123/products", status: 400, message: "The contractId is Invalid."},
		{row: "16", method: "DELETE", path: "N/lines/abc/session?agreement=yes", status: 400, message: "The lineNo is Invalid."},
		{row: "17", method: "DELETE", path: "N/orders/12345?agreement=yes", status: 400, message: "The orderId is Invalid."},
		{row: "18", method: "DELETE", path: "N/dataShare/reserves/12345?agreement=yes", status: 400, message: "The reserveId is Invalid."},
		{row: "19", method: "DELETE", path: "N/lines/L?requestDate=20260332&agreement=yes", status: 400, message: "The requestDate is Invalid."},
		{row: "20", method: "GET", path: "N/orders?status=accepting", fault: "503:1", status: 503, message: "System Maintainance"},
		{row: "21", method: "GET", path: "N/orders/AGU1234567890123?status=asyncAccepting", status: 404, message: "Not Found"},
		{row: "22", method: "POST", path: "N/lines/L/dataVolume", body: `[]`, status: 400, message: "Bad Request"},
		{row: "23", method: "POST", path: "N/lines/L/dataVolume", body: simulatortest.VolumeBody, fault: "500:1", status: 500, message: "Internal Server Error"},
	}
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Style = simulator.StyleModern
	for _, test := range tests {
		t.Run("row "+test.row, func(t *testing.T) {
			c := simulatortest.NewClient(t, cfg)
			path := namesOf(c).Replace(test.path)
			if err := c.Carrier.SetFaults(test.fault); err != nil {
				t.Fatal(err)
			}
			gateway := test.status == 401 || test.row == "2"
			simulatortest.CheckRefusal(t, c.Send(test.method, simulatortest.Base+path, test.body), test.status, gateway, test.message)
			if n := len(c.Carrier.Orders(c.Carrier.Now(), "")); n != 0 {
				t.Errorf("%d orders were placed", n)
			}
		})
	}
}

// What the tables of the changes refuse, field by field, and what they let through.
func TestChangeRefusals(t *testing.T) {
	line := simulatortest.LineBody("T3001326", "T2000537", "1")
	field := func(name string) string { return "Field Format Error: " + name }
	const date, bad, lineNo = "The requestDate is Invalid.", "Bad Request", "The lineNo is Invalid."
	without := func(name string) string { // a field of the delivery, by another name
		return strings.Replace(simulatortest.DeliveryBody("20260410", line), `"`+name+`"`, `"x`+name+`"`, 1)
	}
	instead := func(name, value string) string {
		body := simulatortest.DeliveryBody("20260410", line)
		at := strings.Index(body, `"`+name+`":"`) + len(name) + 4
		end := at + strings.Index(body[at:], `"`)
		return body[:at] + value + body[end:]
	}
	tests := []struct{ name, method, path, body, message string }{
		{"no JSON", "POST", "N/lines", `{"requestDate":`, bad},
		{"a key twice", "POST", "N/lines/L/dataVolume", `{"agreement":"yes","agreement":"yes"}`, bad},
		{"more than one value", "POST", "N/lines/L/dataVolume", `{"agreement":"yes"}{}`, bad},
		{"a key there is not", "POST", "N/lines/L/dataVolume", `{"agreement":"yes","volume":"1"}`, bad},
		{"a key with a blank", "POST", "N/lines/L/dataVolume", `{"agreement ":"yes"}`, field("agreement")},
		{"a key there is not, inside", "PUT", "N/lines/L/imei", `{"agreement":"yes","lineInfo":{"imei":"1","imeiOption":"1","x":1}}`, bad},
		{"a query", "POST", "N/lines/L/dataVolume?agreement=yes", simulatortest.VolumeBody, bad},
		{"no body", "POST", "N/lines/L/dataVolume", "", bad},
		{"a body with a DELETE", "DELETE", "N/lines/L/roaming?agreement=yes", simulatortest.VolumeBody, bad},
		{"no agreement", "POST", "N/lines/L/dataVolume", `{}`, field("agreement")},
		{"another agreement", "POST", "N/lines/L/dataVolume", `{"agreement":"ok"}`, field("agreement")},
		{"agreement in the URL missing", "DELETE", "N/lines/L?requestDate=20260410", "", field("agreement")},
		{"disconnect without agreement", "DELETE", "N/lines/L/session", "", field("agreement")},

		{"yesterday", "DELETE", "N/lines/L?requestDate=20260319&agreement=yes", "", date},
		{"the month after next", "DELETE", "N/lines/L?requestDate=20260501&agreement=yes", "", date},
		{"no day", "DELETE", "N/lines/L?agreement=yes", "", date},
		{"day that there is not", "POST", "N/lines", simulatortest.DeliveryBody("20260431", line), date},
		{"course in the middle of a month", "PUT", "N/lines/L/courses", simulatortest.CourseBody("T3001328", "20260402"), date},
		{"course on the 1st after next", "PUT", "N/lines/L/courses", simulatortest.CourseBody("T3001328", "20260501"), date},
		{"unknown course in the middle of a month", "PUT", "N/lines/L/courses", simulatortest.CourseBody("T3999999", "20260402"), date},
		{"course without a plan", "PUT", "N/lines/L/courses", `{"agreement":"yes","requestDate":"20260401","lineInfo":{}}`, field("planCode")},
		{"course without lineInfo", "PUT", "N/lines/L/courses", `{"agreement":"yes","requestDate":"20260401"}`, field("lineInfo")},

		{"postal number of letters", "POST", "N/lines", instead("deliveryPostalCode", "１００８０１９"), field("deliveryPostalCode")},
		{"postal number of half-width letters", "POST", "N/lines", instead("deliveryPostalCode", "ABC8019"), field("deliveryPostalCode")},
		{"no postal number", "POST", "N/lines", without("deliveryPostalCode"), field("deliveryPostalCode")},
		{"prefecture of five", "POST", "N/lines", instead("deliveryPref", "東京都東京"), field("deliveryPref")},
		{"half-width city", "POST", "N/lines", instead("deliveryCity", "Chiyoda"), field("deliveryCity")},
		{"no town", "POST", "N/lines", without("deliveryAddress1"), field("deliveryAddress1")},
		{"half-width katakana", "POST", "N/lines", instead("deliveryAddress2", "ｲｯﾁｮｳﾒ"), field("deliveryAddress2")},
		{"no company", "POST", "N/lines", without("deliveryCompanyName"), field("deliveryCompanyName")},
		{"company of 17", "POST", "N/lines", instead("deliveryCompanyName", strings.Repeat("社", 17)), field("deliveryCompanyName")},
		{"full-width telephone", "POST", "N/lines", instead("deliveryPhoneNumber", "０１２０"), field("deliveryPhoneNumber")},
		{"no mail address", "POST", "N/lines", instead("notificationMailAddress", "ntt.com"), field("notificationMailAddress")},
		{"no password", "POST", "N/lines", without("notificationPassword"), field("notificationPassword")},

		{"no lines", "POST", "N/lines", simulatortest.DeliveryBody("20260410", ""), field("linesList")},
		{"two lines", "POST", "N/lines", simulatortest.DeliveryBody("20260410", line+","+line), bad},
		{"line that is no object", "POST", "N/lines", simulatortest.DeliveryBody("20260410", `"x"`), field("linesList")},
		{"number of letters", "POST", "N/lines", instead("number", "one"), field("number")},
		{"no device", "POST", "N/lines", simulatortest.DeliveryBody("20260410", strings.Replace(line, "deviceCode", "device", 1)), field("deviceCode")},
		{"address that is none", "POST", "N/lines", instead("actIpAddress", "192.168.1.256"), field("actIpAddress")},
		{"IPv6", "POST", "N/lines", instead("roamingIpAddress", "::1"), field("roamingIpAddress")},
		{"ID of two", "POST", "N/lines", instead("authenticationId", "ab"), field("authenticationId")},
		{"ID of 16", "POST", "N/lines", instead("authenticationId", "abcdefghijklmnop"), field("authenticationId")},
		{"ID with a sign", "POST", "N/lines", instead("authenticationId", "nt@com"), field("authenticationId")},
		{"password with another sign", "POST", "N/lines", instead("authenticationPassword", "pass>word"), field("authenticationPassword")},
		{"neither ID nor password", "POST", "N/lines", strings.Replace(instead("authenticationId", ""), `"authenticationPassword":"pa55<?{}",`, "", 1), field("authenticationId")},
		{"access 3", "POST", "N/lines", simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "3")), field("accessCode")},
		{"both accesses", "POST", "N/lines", strings.Replace(simulatortest.DeliveryBody("20260410", line), `"accessCode"`, `"accessType":"1","accessCode"`, 1), bad},

		{"device without a code", "POST", "N/devices", simulatortest.DeliveryBody("20260410", `{"number":"1"}`), field("deviceCode")},
		{"nothing to authenticate by", "PUT", "N/lines/L/radiusAuth", `{"agreement":"yes","lineInfo":{}}`, field("authenticationId")},
		{"no address", "PUT", "N/lines/L/ipAddresses", `{"agreement":"yes","lineInfo":{"sbyIpAddress":"192.168.1.2"}}`, field("actIpAddress")},
		{"no IMEI", "PUT", "N/lines/L/imei", `{"agreement":"yes","lineInfo":{"imeiOption":"1"}}`, field("imei")},
		{"IMEI option 3", "PUT", "N/lines/L/imei", `{"agreement":"yes","lineInfo":{"imei":"1","imeiOption":"3"}}`, field("imeiOption")},
		{"no cap", "PUT", "N/lines/L/roaming", `{"agreement":"yes","lineInfo":{}}`, field("roamingCode")},
		{"cap of twelve", "PUT", "N/lines/L/roaming", `{"agreement":"yes","lineInfo":{"roamingCode":"T60000360000"}}`, field("roamingCode")},
		{"no line for the group", "POST", "N/dataShare", `{"agreement":"yes","linesList":[]}`, field("linesList")},
		{"line for the group of letters", "POST", "N/dataShare", `{"agreement":"yes","linesList":[{"lineNo":"abc"}]}`, lineNo},

		{"no status", "GET", "N/orders", "", field("status")},
		{"status of another call", "GET", "N/orders?status=asyncAccepting", "", field("status")},
		{"status of an order", "GET", "N/orders/AGU1234567890123?status=complete", "", field("status")},
	}
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Style = simulator.StyleModern
	c := simulatortest.NewClient(t, cfg)
	names := namesOf(c)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			simulatortest.CheckRefusal(t, c.Send(test.method, simulatortest.Base+names.Replace(test.path), test.body), 400, false, test.message)
		})
	}
	if n := len(c.Carrier.Orders(c.Carrier.Now(), "")); n != 0 {
		t.Errorf("%d orders were placed", n)
	}
	r := httptest.NewRequest("POST", simulatortest.Base+names.Replace("N/lines/L/dataVolume"), strings.NewReader(simulatortest.VolumeBody))
	r.Header.Set("Authorization", "Bearer "+c.Token)
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r) // without a content type
	simulatortest.CheckRefusal(t, w, 400, false, bad)
}

// Without consent nothing is done: 処理が中断されます.
func TestDisagreement(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	names := namesOf(c)
	for _, test := range [][3]string{
		{"POST", "N/lines/L/dataVolume", `{"agreement":"no"}`},
		{"POST", "N/lines", strings.Replace(simulatortest.DeliveryBody("20260410", simulatortest.LineBody("T3001326", "T2000537", "1")), `"yes"`, `"No"`, 1)},
		{"DELETE", "N/lines/L?requestDate=20260410&agreement=no", ""},
	} {
		answer := c.Change(test[0], names.Replace(test[1]), test[2])
		info, _ := answer["checkErrorInfo"].(map[string]any)
		if answer["resultCode"] != "0002" || answer["orderId"] != nil || info["messageId"] != "100000001" {
			t.Errorf("%s %s: %v", test[0], test[1], answer)
		}
	}
	if n := len(c.Carrier.Orders(c.Carrier.Now(), "")); n != 0 {
		t.Errorf("%d orders were placed", n)
	}
}

// The bodies of the document's own examples are taken as they stand, but for their dates.
func TestExamplesAreTaken(t *testing.T) {
	asPrinted := strings.NewReplacer("ＮＴＴ日比谷ビル", "NＴＴ日比谷ビル", "ＮＴＴコミュニケーションズ", "NＴＴコミュニケーションズ", "n0tify-me", "*******")
	for _, style := range []simulator.Style{simulator.StyleDocument, simulator.StyleMixed} {
		cfg := simulatortest.Frozen(simulatortest.Noon())
		cfg.Style = style
		c := simulatortest.NewClient(t, cfg)
		names := namesOf(c)
		for _, test := range [][3]string{
			{"POST", "N/lines", asPrinted.Replace(simulatortest.DeliveryBody("20260401", simulatortest.LineBody("T3001326", "T2000537", "1")))},
			{"POST", "N/devices", asPrinted.Replace(simulatortest.DeliveryBody("20260401", `{"number":"0000000001","deviceCode":"T2000556"}`))},
			{"PUT", "N/lines/L/courses", simulatortest.CourseBody("T3001328", "20260401")},
			{"PUT", "N/lines/L/radiusAuth", `{"agreement":"yes","lineInfo":{"authenticationId":"nttcom2","authenticationPassword":"＊＊＊＊＊"}}`},
			{"PUT", "N/lines/L/ipAddresses", `{"agreement":"yes","lineInfo":{"actIpAddress":" 192.168.1.1","sbyIpAddress":"192.168.1.2","roamingIpAddress":"192.168.1.3"}}`},
			{"PUT", "N/lines/L/imei", `{"agreement":"yes","lineInfo":{"imei":"863401011006836","imeiOption":"2"}}`},
			{"PUT", "N/lines/L/roaming", `{"agreement":"yes","lineInfo":{"roamingCode":"T6000036"}}`},
			{"POST", "N/lines/L/dataVolume", `{"agreement":"yes"}`},
			{"PUT", "N/lines/L/accessTypes", `{"agreement":"yes","lineInfo":{"accessCode":"1","actIpAddress":"192.168.1.1","sbyIpAddress":"192.168.1.2"}}`},
		} {
			id := c.Order(test[0], names.Replace(test[1]), test[2])
			now := c.Carrier.Now()
			c.Clock(simulator.ClockChange{Advance: "3m"})
			if status, message := c.Status("N000000001", id); status == "04" {
				t.Errorf("%s %s: %s, message %v", test[0], test[1], status, message)
			}
			c.Clock(simulator.ClockChange{Now: now})
		}
		if style == simulator.StyleDocument { // 27: the example has no agreement
			c.Change("DELETE", names.Replace("N/lines/L/session"), "")
		}
	}
}
