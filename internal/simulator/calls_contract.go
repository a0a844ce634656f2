package simulator

import "fmt"

// contract is call 01, 契約者情報取得.
func (u *UnomAPI) contract(q *call) Answer {
	w := newWriter(dialectOf(u.cfg.Style, q.contract.seed()))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Text(w.key("domainName", "domeinName"), q.contract.domain)
	for _, f := range customer(q.contract.index + 1) {
		w.Optional(f[0], f[1])
	}
	w.Close("}")
	return OK(w.Bytes)
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
