package ipoe

import (
	"fmt"
	"strings"

	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// The error codes that IPoE API 3.4.0 shows. It has no list of them: its examples are all there is, and what else it
// refuses has the one that comes nearest.
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
	msgLine        = "アクセス回線状態エラー。「入力した回線の契約内容の誤り（存在しない、無効、回線が廃止済み）」もしくは「移転・品目変更をNTT側」"
	msgCombination = "商品の組み合わせに問題があるため購入できません。"
	msgProduct     = "指定された商品要素に該当する情報が存在しません。"
	msgSystem      = "システムエラー発生。NTTPCへお問い合わせしてください。"
	msgRequest     = "リクエストは正しい形式で入力してください。" // of what is no field: not in the document
)

// failure is one refusal of a request (IPoE API 3.4.0, Error).
type failure struct{ code, message string }

// failures is all that is wrong with a request. The examples have a request's ID, the definition says null; 0 is
// null.
func failures(status int, requestID uint64, problems ...failure) gateway.Answer {
	id := "null"
	if requestID > 0 {
		id = wire.Quote(fmt.Sprintf("apigwnode03-52048-%d-89", requestID))
	}
	var b strings.Builder
	b.WriteString("{\n  \"errors\": [")
	for i, p := range problems {
		if i > 0 {
			b.WriteByte(',')
		}
		message := wire.Quote(p.message)
		fmt.Fprintf(&b, "\n    {\n      \"errorCode\": %q,\n      \"errorMessage\": %s,\n      \"developerMessage\": %s,\n"+
			"      \"moreInfo\": null,\n      \"requestId\": %s\n    }", p.code, message, message, id)
	}
	b.WriteString("\n  ]\n}\n")
	return gateway.Answer{Status: status, Body: []byte(b.String())}
}

// refuse is 400 with what is wrong.
func (b *API) refuse(q *gateway.Request, problems ...failure) gateway.Answer {
	id := q.ID
	if !b.integers(id + 1) {
		id = 0
	}
	return failures(400, id, problems...)
}

// noneSuch is the refusal of a name that stands for nothing.
func noneSuch(field string) failure {
	return failure{codeNone, "指定された" + label(field) + "に該当する情報が存在しません。"}
}

// explain says what is wrong with a field, as the examples do.
func explain(kind wire.ProblemKind, r wire.Rule) failure {
	label := label(r.Name)
	switch kind {
	case wire.ProblemLength:
		most := r.Max
		if most == 0 {
			most = 256
		}
		return failure{codeLength, fmt.Sprintf("%sは%d~%d文字の間で入力してください。", label, r.Min, most)}
	case wire.ProblemClass:
		return failure{codeAlnum, label + "は半角英数で入力してください。"}
	default:
		return failure{codeFormat, label + "は正しい形式で入力してください。"}
	}
}

// label is what a field is called in a message.
func label(field string) string {
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
