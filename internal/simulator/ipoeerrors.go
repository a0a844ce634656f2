package simulator

import (
	"fmt"
	"strings"
)

// The error codes that IPoE API 3.4.0 shows. It has no list of them: its examples are all there is, and what else it
// refuses is told by the one that comes nearest.
const (
	codeLength      = "4000102" // a value has the wrong number of characters; one that is missing has none
	codeAlnum       = "4000110" // a value is not half-width letters and digits
	codeFormat      = "4000118" // a value is not of the right form: a date that does not exist, a code that there is not
	codeNone        = "4000137" // there is no such site, product or order
	codeLine        = "4000139" // the access line cannot be used
	codeCombination = "4000144" // the products do not go together
	codeSystem      = "5000102"
)

// The messages of the examples, letter for letter.
const (
	msgIPoELine        = "アクセス回線状態エラー。「入力した回線の契約内容の誤り（存在しない、無効、回線が廃止済み）」もしくは「移転・品目変更をNTT側」"
	msgIPoECombination = "商品の組み合わせに問題があるため購入できません。"
	msgIPoEProduct     = "指定された商品要素に該当する情報が存在しません。"
	msgIPoESystem      = "システムエラー発生。NTTPCへお問い合わせしてください。"
	msgIPoERequest     = "リクエストは正しい形式で入力してください。" // of what is no field: not in the document
)

// ipoeProblem is one refusal of a request (IPoE API 3.4.0, Error).
type ipoeProblem struct{ code, message string }

// ipoeErrors is all that is wrong with a request. The examples have a request's ID, the definition says null; 0 is
// null.
func ipoeErrors(status int, requestID uint64, problems ...ipoeProblem) Answer {
	id := "null"
	if requestID > 0 {
		id = Quote(fmt.Sprintf("apigwnode03-52048-%d-89", requestID))
	}
	var b strings.Builder
	b.WriteString("{\n  \"errors\": [")
	for i, p := range problems {
		if i > 0 {
			b.WriteByte(',')
		}
		message := Quote(p.message)
		fmt.Fprintf(&b, "\n    {\n      \"errorCode\": %q,\n      \"errorMessage\": %s,\n      \"developerMessage\": %s,\n"+
			"      \"moreInfo\": null,\n      \"requestId\": %s\n    }", p.code, message, message, id)
	}
	b.WriteString("\n  ]\n}\n")
	return Answer{Status: status, Body: []byte(b.String())}
}

// ipoeRefusal is 400 with what is wrong.
func (b *IPoEAPI) ipoeRefusal(q *Request, problems ...ipoeProblem) Answer {
	id := q.ID
	if !b.integers(id + 1) {
		id = 0
	}
	return ipoeErrors(400, id, problems...)
}

// noneSuch is the refusal of a name that stands for nothing.
func noneSuch(field string) ipoeProblem {
	return ipoeProblem{codeNone, "指定された" + ipoeLabel(field) + "に該当する情報が存在しません。"}
}

// explain tells what is wrong with a field, as the examples tell it.
func (p problem) explain() ipoeProblem {
	label := ipoeLabel(p.rule.name)
	switch p.kind {
	case problemLength:
		most := p.rule.max
		if most == 0 {
			most = 256
		}
		return ipoeProblem{codeLength, fmt.Sprintf("%sは%d~%d文字の間で入力してください。", label, p.rule.min, most)}
	case problemClass:
		return ipoeProblem{codeAlnum, label + "は半角英数で入力してください。"}
	default:
		return ipoeProblem{codeFormat, label + "は正しい形式で入力してください。"}
	}
}

// ipoeLabel is what a field is called in a message.
func ipoeLabel(field string) string {
	labels := map[string]string{
		"limit": "取得件数", "offset": "取得開始番号", "startAtFrom": "設置日", "startAtTo": "設置日", "endAtFrom": "廃止日",
		"endAtTo": "廃止日", "hopeToStartAtFrom": "開通希望日 (From)", "hopeToStartAtTo": "開通希望日 (To)",
		"hopeToEndAtFrom": "廃止希望日 (From)", "hopeToEndAtTo": "廃止希望日 (To)", "hopeToOpenAt": "開通希望日",
		"hopeToEndAt": "廃止希望日", "hopeToAt": "到着希望日", "orderCode": "オーダー番号", "orderType": "オーダー種別", "status": "ステータス",
		"customerSiteCode": "保守番号", "customerSiteName": "拠点名", "customerCode": "システムID", "customerType": "契約者種別",
		"caseName": "案件名", "lineId": "回線ID", "lineAccessKey": "アクセスキー", "products": "商品", "productCode": "商品コード",
		"changeType": "変更種別", "overwriteCheckFlag": "上書きフラグ", "zipCode": "郵便番号", "tel": "電話番号", "howToUse": "使用方法",
		"installationLocation": "端末設置場所情報", "terminalDestination": "端末送付先情報", "lanAddress": "LAN側IPアドレス情報",
		"dhcpServerFunction": "DHCPサーバ機能情報",
	}
	if label, ok := labels[field]; ok {
		return label
	}
	return field
}
