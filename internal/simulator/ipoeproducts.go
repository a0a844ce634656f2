package simulator

import (
	"slices"
	"strings"
)

// ipoeProduct is what an IPoE customer can buy (IPoE API 3.4.0, CustomerProduct). A main product's code is made of its
// details: service, plan, addresses, CPE and line.
type ipoeProduct struct {
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

// dedicated tells the products that come with a CPE, which has to be sent somewhere.
func (p ipoeProduct) dedicated() bool { return p.detail[detailCPE] == cpeDedicated }

// ipoeProducts is the account's application form.
func ipoeProducts() []ipoeProduct {
	const service = "IPoEインターネットサービス 法人コース "
	all := []ipoeProduct{
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
		ipoeProduct{code: "0-1-1-3-1", name: "専用CPE平日オンサイト保守オプション", kind: 2, yenMon: 500, needs: dedicated},
		ipoeProduct{code: "0-1-1-3-2", name: "専用CPE24/365オンサイト保守オプション", kind: 2, yenMon: 1200, needs: dedicated})
}

func ipoeProductOf(code string) (ipoeProduct, bool) {
	for _, p := range ipoeProducts() {
		if p.code == code {
			return p, true
		}
	}
	return ipoeProduct{}, false
}

// goTogether reports whether products can be one site's: one main product, and with each option one that it needs.
func goTogether(products []ipoeProduct) bool {
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
func (b *IPoEAPI) customerProducts(q *Request) Answer {
	var found []ipoeProduct
	for _, p := range ipoeProducts() {
		if strings.Contains(p.name, q.Query.Get("productName")) {
			found = append(found, p)
		}
	}
	from, to, refused := b.page(q, len(found))
	if refused != nil {
		return *refused
	}
	w := ipoeWriter()
	w.Begin('{')
	w.Open("customerProduct", '[')
	for i := from; i < to; i++ {
		b.productTo(w, i+1, found[i])
	}
	w.Close("]}")
	return OK(w.Bytes)
}

func (b *IPoEAPI) productTo(w *Writer, id int, p ipoeProduct) {
	bare := b.integers(uint64(id))
	w.Begin('{')
	w.Number("customerProductId", uint64(id), true)
	w.Text("customerCode", ipoeCustomer)
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
