package unom

import (
	"fmt"
	"slices"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
)

// contract is call 01, 契約者情報取得.
func (u *API) contract(q *call) gateway.Answer {
	w := begin(q, dialectOf(u.cfg.Style, q.contract.Seed()))
	w.Text(w.key("domainName", "domeinName"), q.contract.Domain)
	for _, f := range customer(q.contract.Index + 1) {
		w.Optional(f[0], f[1])
	}
	return gateway.OK(w.Close("}"))
}

// customer is everything in call 01 beside the names of the n-th contract, in the order of its table; an empty value is
// NULL. Nobody in it is real.
func customer(n int) [][2]string {
	return [][2]string{
		{"contractCustomerName", fmt.Sprintf("模擬商事第%d株式会社", n)},
		{"contractCustomerNameKana", fmt.Sprintf("モギショウジダイ%dカブシキガイシャ", n)},
		{"contractPostalNumber", "1000011"},
		{"contractAddress", "東京都千代田区内幸町"},
		{"contractAddressLine1", "１丁目"},
		{"contractAddressLine2", " １番地６号"}, // the blank is the document's
		{"contractAddressLine3", ""},
		{"contractBuildingName1", "日比谷ビル"},
		{"contractBuildingName2", ""},
		{"contractBuildingName3", ""},
		{"contractSamakata", ""},
		{"techPersonName", "技術 担当"},
		{"techPhoneNumber", "0120-XXXX-XXXX"},
		{"techFaxNumber", "0120-XXXX-XXXX"},
		{"techMailAddress", fmt.Sprintf("tech%d@example.com", n)},
		{"contactDeptName", "オープンネットワーク"},
		{"contactPersonName", "事務 担当"},
		{"contactPhoneNumber", "0120-XXXX-XXXX"},
		{"contactMailAddress", fmt.Sprintf("office%d@example.com", n)},
		{"billingPostalNumber", "1008019"},
		{"billingAddress", "東京都千代田区内幸町1丁目１番地６号"},
		{"billingNameKana", "モギショウジ"},
		{"billingPersonName", "模擬商事"},
		{"billingPhoneNumber", "0120-XXXX-XXXX"},
	}
}

// lines is call 02, 回線情報一覧: at most MaxRows lines; nothing says that there are more.
func (u *API) lines(q *call) gateway.Answer {
	d := dialectOf(u.cfg.Style, q.contract.Seed())
	w := beginWith(d.key("contractId", "contractId "), q, d)
	w.Open("linesList", '[')
	rows := fewer(q, "lines", q.contract.Listed(q.Now))
	for _, l := range rows {
		w.speak(dialectOf(u.cfg.Style, l.Seed))
		for range again(q, l.Singled()) {
			lineTo(w, l, q.Now, q.Readings.Is(troubleOptions, "shuffled") && q.ID%2 == 0)
		}
	}
	return endList(q, w, "linesList", len(rows))
}

// lineTo writes a line's row of call 02, its options from the last to the first or as they are.
func lineTo(w *writer, l *fleet.Line, at int64, backwards bool) {
	is := l.As(at)
	if backwards {
		is.Options = slices.Clone(is.Options)
		slices.Reverse(is.Options)
	}
	access := "accessCode"
	if w.announce {
		access = "accessType"
	}
	w.Begin('{')
	w.Text("lineNo", l.No)
	w.Text("startDate", calendar.Digits(l.StartDay))
	w.spaced("planCode", " ", is.Plan.Code, " ")
	w.Text(access, is.Access)
	optionsTo(w, is.Options)
	w.Text("simType", l.SIMType())
	w.Text("simNumber", l.SIMNumber)
	w.spaced("deviceName", "", l.Device, " ")
	w.Text("imei", is.IMEI)
	w.Text("authenticationType", l.RadiusAt(at).String())
	w.Optional("actIpAddress", is.IPs[0]) // 不具合があり表示できません: some carriers' answers have none
	w.Text("sbyIpAddress", is.IPs[1])
	w.Text("roamingIpAddress", is.IPs[2])
	w.Text("authenticationId", is.AuthID)
	w.Optional("note", l.Note)
	w.Text("imeiOption", is.IMEIOptionCode())
	w.Close("}")
}

// optionsTo writes optionCodeList in one of its three forms.
func optionsTo(w *writer, options []string) {
	if len(options) == 0 { // 空値(空白)：なし
		w.WriteNull("optionCodeList")
		return
	}
	begin, end := byte('['), "]"
	if w.options == optionBraces {
		begin, end = '{', "}"
	}
	w.Open("optionCodeList", begin)
	for _, code := range options {
		if w.options == optionObjects {
			w.Begin('{')
			w.Text("optionCode", code)
			w.Close("}")
			continue
		}
		w.Element(code)
	}
	w.Close(end)
}
