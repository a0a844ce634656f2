package ipoe

import (
	"slices"
	"strings"

	"kaisen/internal/simulator/gateway"
	"kaisen/internal/simulator/wire"
)

// product is what an IPoE customer can buy (IPoE API 3.4.0, CustomerProduct). A main product's code is made of its
// details: service, plan, addresses, CPE and line.
type product struct {
	code, name              string
	kind                    int       // productType: 1 main, 2 option
	detail                  [6]string // service, course, plan, ipaddress, cpe, line; empty: NULL
	period, initial, yenMon int
	needs                   []string // one of these main products must be bought with it
}

// The details of a product by their place.
const (
	detailService = iota
	detailCourse
	detailPlan
	detailAddress
	detailCPE
	detailLine
)

const (
	cpeDedicated = "1" // 専用CPE付き
	addressesIP4 = "2"
	courseMF     = "3" // 固定IP(MF)コース
)

// dedicated reports whether the product comes with a CPE, which has to be sent somewhere.
func (p product) dedicated() bool { return p.detail[detailCPE] == cpeDedicated }

// products is the account's application form.
func products() []product {
	const service = "IPoEインターネットサービス 法人コース "
	all := []product{
		{"1-1-1-1-1", service + "エントリー(E)プラン IP1(D)タイプ 専用CPE付き", 1, [6]string{"1", "1", "1", "1", "1", "1"}, 12, 7000, 1900, nil},
		{"1-1-1-2-1", service + "エントリー(E)プラン IP1(D)タイプ パートナーCPE", 1, [6]string{"1", "1", "1", "1", "2", "1"}, 12, 5000, 1500, nil},
		{"1-2-2-1-1", service + "スタンダード(S)プラン IP4タイプ 専用CPE付き", 1, [6]string{"1", "1", "2", "2", "1", "1"}, 12, 9400, 3100, nil},
		{"1-2-2-2-1", service + "スタンダード(S)プラン IP4タイプ パートナーCPE", 1, [6]string{"1", "1", "2", "2", "2", "1"}, 12, 7400, 2700, nil},
		{"1-3-2-1-1", service + "プレミアム(P)プラン IP4タイプ 専用CPE付き", 1, [6]string{"1", "1", "3", "2", "1", "1"}, 12, 14800, 9800, nil},
		{"1-2-0-2-1", service + "動的IPコース 標準プラン パートナーCPE", 1, [6]string{"1", "2", "2", "0", "2", "1"}, 0, 3000, 900, nil},
		{"1-1-5-2-1", service + "固定IP(MF)コース エントリー(E)プラン IP1タイプ パートナーCPE", 1, [6]string{"1", "3", "1", "5", "2", "1"}, 12, 6000, 1700, nil},
	}
	var dedicated []string
	for _, p := range all {
		if p.dedicated() {
			dedicated = append(dedicated, p.code)
		}
	}
	return append(all,
		product{code: "0-1-1-3-1", name: "専用CPE平日オンサイト保守オプション", kind: 2, yenMon: 500, needs: dedicated},
		product{code: "0-1-1-3-2", name: "専用CPE24/365オンサイト保守オプション", kind: 2, yenMon: 1200, needs: dedicated})
}

func productOf(code string) (product, bool) {
	for _, p := range products() {
		if p.code == code {
			return p, true
		}
	}
	return product{}, false
}

// goTogether reports whether products can be one site's: one main product, and with each option one that it needs.
func goTogether(products []product) bool {
	var main []string
	for _, p := range products {
		if p.kind == 1 {
			main = append(main, p.code)
		}
	}
	if len(main) != 1 {
		return false
	}
	for _, p := range products {
		if p.kind != 1 && !slices.Contains(p.needs, main[0]) {
			return false
		}
	}
	return true
}

// customerProducts is 契約者別商品一覧取得.
func (b *API) customerProducts(q *gateway.Request) gateway.Answer {
	var found []product
	for _, p := range products() {
		if strings.Contains(p.name, q.Query.Get("productName")) {
			found = append(found, p)
		}
	}
	from, to, refused := b.page(q, len(found))
	if refused != nil {
		return *refused
	}
	if a, ok := emptyObject(q, to-from); ok {
		return a
	}
	w := newWriter()
	w.Begin('{')
	w.Open("customerProduct", '[')
	for i := from; i < to; i++ {
		b.productTo(w, i+1, found[i])
	}
	return gateway.OK(w.Close("]}"))
}

func (b *API) productTo(w *wire.Writer, id int, p product) {
	bare := b.integers(uint64(id))
	w.Begin('{')
	w.Number("customerProductId", uint64(id), true)
	w.Text("customerCode", accountID)
	w.Text("productCode", p.code)
	w.Text("productName", p.name)
	w.Number("productType", uint64(p.kind), bare)
	w.Open("detail", '{')
	for i, key := range [...]string{"service", "course", "plan", "ipaddress", "cpe", "line"} {
		w.Optional(key, p.detail[i])
	}
	w.Close("}")
	w.Number("shortestPeriod", uint64(p.period), true)
	w.Number("purchasePrice", uint64(p.initial), true)
	w.Number("monthlyPrice", uint64(p.yenMon), true)
	w.WriteNull("measuredPrice")
	w.Open("productDependencies", '[')
	for _, code := range p.needs {
		w.Begin('{')
		w.Text("productCode", code)
		w.Close("}")
	}
	w.Close("]}")
}
