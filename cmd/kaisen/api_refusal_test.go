package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A refusal, in whatever shape and with whatever status, is exit code 1 and one line with code and
// message. What can be printed of it is printed.
func TestAPISaysWhatTheCarrierRefused(t *testing.T) {
	for _, c := range []struct {
		command string
		status  int
		answer  string
		out     string // in stdout
		want    string // all of stderr behind what was to be sent
	}{
		{"unom traffic get 09012345678", 404, `{"responseHeader":{"errorCode":"404","errorMessage":"The Requested\nlineNo is not found"}}`, "",
			"traffic: no such line (HTTP 404): The Requested lineNo is not found"},
		{"unom data-volume add 09012345678 --yes", 200, `{"contractId":"N000000001","resultCode":"0002","orderId":"","checkErrorInfo":{"messageId":"100000021","message":"no"}}`,
			`"resultCode": "0002"`, "unom data-volume add: the carrier did not take it: resultCode 0002, 100000021 no"},
		{"unom data-share cancel 161216000010001 --yes", 200, `{"contractId":"N000000001","resultCode":"0003","reserveId":"","referenceErrorInfo":null}`,
			`"resultCode": "0003"`, "unom data-share cancel: the carrier did not take it: resultCode 0003"},
		{"unom session disconnect 09012345678 --yes", 200, `{"contractId":"N000000001","lineNo":"09012345678","resultCode":1}`,
			`"resultCode": 1`, "unom session disconnect: the carrier did not take it: resultCode 1"},
		{"unom data-volume add 09012345678 --yes", 200, `<html>AGU17</html>`,
			"<html>AGU17</html>", "the carrier may have done it all the same"},
		{"unom data-volume add 09012345678 --yes", 500, `{}`, "", "the carrier may have done it all the same"},
		{"serviceorder details list", 200, `{"code":"400","detailCode":"E01","detailMsg":"パラメータ不正","result":[]}`,
			`"detailCode": "E01"`, "serviceorder details list: the carrier refused: code 400, E01 パラメータ不正"},
		{"serviceorder details list", 403, `{"code":"403","detailCode":"E02","detailMsg":"時間外です。"}`, "",
			"service_order_details: not allowed (HTTP 403): E02 時間外です。"},
		{"ipoe orders get A1", 400, `{"errors":[{"errorCode":"4000137","errorMessage":"ありません。"},{"errorCode":"4000102","errorMessage":"長すぎます。"}]}`, "",
			"ipoe_order_details: invalid request (HTTP 400): 4000137 ありません。; 4000102 長すぎます。"},
		{"unom orders list", 200, `{"orderList":[{"orderId":"AGU1","orderStatus":"02"},{"orderStatus":"02"}]}`, `"orderId": "AGU1"`,
			"unom orders list: the rows shown are not all: 1 rows could not be read; --format raw shows the answer"},
		{"ipoe orders list --format table", 200, `{"orders":[{"orderCode":"A1"},7,{}]}`, "A1",
			"ipoe orders list: the rows shown are not all: 2 rows could not be read; --format raw shows the answer"},
		{"ipoe orders get A1", 200, `{"orderCode":""}`, `{"orderCode":""}`, "ipoe orders get: answer not understood: "},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				_, _ = io.WriteString(w, `{"accessToken":"t0ken","tokenType":"Bearer","expiresIn":"3600"}`)
				return
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.answer)
		}))
		args := append(strings.Fields("api "+c.command), "--config", writeSources(t, server.URL, "/token"))
		code, out, errs := kaisen("", args...)
		server.Close()
		_, said, found := strings.Cut(errs, "kaisen: ")
		if code != 1 || !found || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit code %d, stderr %s, want %s", c.command, code, errs, c.want)
		}
		if !strings.Contains(out, c.out) || c.out == "" && out != "" {
			t.Errorf("%s: stdout %s, want %s", c.command, out, c.out)
		}
	}
}
