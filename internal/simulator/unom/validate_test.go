package unom_test

import (
	"strings"
	"testing"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// The table エラー一覧表, and what the calls say of their arguments. N is a contract, L one of its lines.
func TestRefusals(t *testing.T) {
	const (
		api     = "api"     // {"responseHeader":{"errorCode","errorMessage"}}
		gateway = "gateway" // {"errorCode","errorMessage","developerMessage","moreInfo","requestId"}
		now     = "startTime=20260320000000&endTime=20260320120000"
	)
	tests := []struct {
		name, method, path, body string
		status                   int
		shape, message           string
	}{
		{"unknown URL", "GET", "N/everything", "", 404, gateway, "Raising fault. Fault name : Unknown-Re"},
		{"slash behind", "GET", "N/lines/", "", 404, gateway, "Raising fault. Fault name : Unknown-Re"},
		{"wrong method", "PUT", "N/lines", `{}`, 404, gateway, "Raising fault. Fault name : Unknown-Re"},
		{"HEAD", "HEAD", "N/lines", "", 404, gateway, "Raising fault. Fault name : Unknown-Re"},
		{"contract without its N", "GET", "0123456789", "", 400, api, "Field Format Error: contractId"},
		{"contract too short", "GET", "N12345678/lines", "", 400, api, "Field Format Error: contractId"},
		{"empty contract", "GET", "/lines", "", 400, api, "Field Format Error: contractId"},
		{"blank before the contract", "GET", "%20N12345678/lines", "", 400, api, "Field Format Error: contractId"},
		{"unknown contract", "GET", "N999999999", "", 404, api, "The requested contractId is not found."},
		{"line not digits", "GET", "N/lines/0901234567x/traffic", "", 400, api, "Field Format Error: lineNo"},
		{"line too long", "GET", "N/lines/090123456789/session", "", 400, api, "Field Format Error: lineNo"},
		{"unknown line", "GET", "N/lines/09000000000/traffic", "", 404, api, "The requested lineNo is not found"},
		{"line of another contract", "GET", "N/lines/OTHER/session", "", 404, api, "The requested lineNo is not found"},
		{"line outside a group", "GET", "N/lines/ALONE/dataShare/traffic", "", 404, api, "The Requested lineGroup is not found."},
		{"contract without a group", "GET", "SECOND/dataShare", "", 404, api, "The Requested lineGroup is not found."},
		{"not ComRadius", "GET", "N/lines/CUSTOMER/session", "", 403, api, "The order is not allowed by user RADIUS/MCOP"},
		{"query where there is none", "GET", "N/lines?limit=10", "", 400, api, "Bad Request"},
		{"body where there is none", "GET", "N/dataShare", `{"a":1}`, 400, api, "Bad Request"},
		{"log without times", "GET", "N/authentications", "", 400, api, "Field Format Error: startTime"},
		{"log without an end", "GET", "N/sessions?startTime=20260320000000", "", 400, api, "Field Format Error: endTime"},
		{"time to the minute", "GET", "N/sessions?startTime=202603200000&endTime=20260320120000", "", 400, api, "Field Format Error: startTime"},
		{"ISO time", "GET", "N/sessions?startTime=2026-03-20T0000&endTime=20260320120000", "", 400, api, "Field Format Error: startTime"},
		{"30 February", "GET", "N/sessions?startTime=20260320000000&endTime=20260230000000", "", 400, api, "Field Format Error: endTime"},
		{"hour 24", "GET", "N/sessions?startTime=20260319240000&endTime=20260320000000", "", 400, api, "Field Format Error: startTime"},
		{"end before start", "GET", "N/sessions?startTime=20260320000001&endTime=20260320000000", "", 400, api, "Field Format Error: endTime"},
		{"30 days and a second back", "GET", "N/sessions?startTime=20260218123455&endTime=20260320000000", "", 400, api, "Field Format Error: startTime"},
		{"both search keys", "GET", "N/sessions?" + now + "&lineNoSearchKey=L&authSearchKey=user000001@ntt-com001", "", 400, api, "Bad Request"},
		{"unknown key", "GET", "N/sessions?" + now + "&lineNo=L", "", 400, api, "Bad Request"},
		{"key given twice", "GET", "N/sessions?" + now + "&startTime=20260320000000", "", 400, api, "Bad Request"},
		{"broken query", "GET", "N/sessions?" + now + "&a=%zz", "", 400, api, "Bad Request"},
		{"search for no number", "GET", "N/sessions?" + now + "&lineNoSearchKey=abc", "", 400, api, "Field Format Error: lineNoSearchKey"},
		{"search for an unknown line", "GET", "N/sessions?" + now + "&lineNoSearchKey=09000000000", "", 404, api, "The requested lineNo is not found"},
		{"authentication ID without domain", "GET", "N/authentications?" + now + "&authSearchKey=user000001", "", 400, api, "Field Format Error: authSearchKey"},
		{"authentication ID too long", "GET", "N/authentications?" + now + "&authSearchKey=" + strings.Repeat("a", 60) + "@b.jp", "", 400, api, "Field Format Error: authSearchKey"},
	}
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Style = simulator.StyleDocument
	c := simulatortest.NewClient(t, cfg)
	names := namesOf(c)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := c.Do(test.method, simulatortest.Base+names.Replace(test.path), test.body)
			simulatortest.CheckRefusal(t, w, test.status, test.shape == gateway, test.message)
		})
	}
}

// namesOf replaces the names in a path by what they stand for.
func namesOf(c *simulatortest.Client) *strings.Replacer {
	var line, other, alone, customer, home string
	for _, l := range c.Lines() {
		switch {
		case l.ContractID != "N000000001":
			other = l.LineNo
		case l.AuthenticationType == "お客様Radius":
			customer = l.LineNo
		case l.Share == nil && len(l.OptionCodes) == 0:
			home = l.LineNo
		case l.Share == nil && l.Session != nil:
			alone = l.LineNo
		case l.Share != nil:
			line = l.LineNo
		}
	}
	return strings.NewReplacer("N/", "N000000001/", "=L", "="+line, "OTHER", other, "ALONE", alone, "CUSTOMER", customer, "SECOND", "N000000002",
		"HOME", home, "/L?", "/"+alone+"?", "/L/", "/"+alone+"/")
}

// What the strict carrier lets through, right at the edges.
func TestAccepted(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	names := namesOf(c)
	for _, path := range []string{
		"N/sessions?startTime=20260218123456&endTime=20260320000000",                               // 30 days to the second
		"N/sessions?startTime=20260320000000&endTime=20990101000000",                               // an end in the future
		"N/sessions?startTime=20260320000000&endTime=20260320000000",                               // one second or none
		"N/sessions?startTime=20260320000000&endTime=20260320120000&lineNoSearchKey=L",             // by line
		"N/sessions?startTime=20260320000000&endTime=20260320120000&authSearchKey=a@b.example.com", // by an ID nobody has
	} {
		if w := c.Do("GET", simulatortest.Base+names.Replace(path), ""); w.Code != 200 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// The table of errors has messages of its own for malformed values; the modern style uses them.
func TestModernMessages(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Style = simulator.StyleModern
	c := simulatortest.NewClient(t, cfg)
	simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+"X", ""), 400, false, "The contractId is Invalid.")
	simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+"N000000001/lines/x/traffic", ""), 400, false, "The lineNo is Invalid.")
}

func TestWithoutToken(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	for _, token := range []string{"", "nonsense", c.Token + " "} {
		c.Token = token
		simulatortest.CheckRefusal(t, c.Do("GET", simulatortest.Base+"N000000001", ""), 401, true, "Invalid access token")
	}
}
