package unom

import (
	"fmt"

	"kaisen/internal/simulator/fleet"
	"kaisen/internal/simulator/gateway"
)

// product is something that a contract can order (call 06): a plan with the devices and options that go with it. The
// codes are those the documents mention and some invented ones; the names are invented.
type product struct {
	fleet.Plan
	name    string
	course  string // courseType
	devices []device
	options bool // it can go abroad
}

// The types of courses.
const (
	courseZero       = "01"
	courseBasic      = "02"
	courseTraffic    = "03"
	courseIndividual = "04"
	courseSpare      = "99"
)

// device is a SIM, a device, or both.
type device struct {
	code, name, short string
	kind              string // deviceType: 1 SIM, 2 device, 3 both
	sim               int    // 0 standard, 1 micro, 2 nano
	access            string
}

func devices() []device {
	return []device{
		{"T2000537", "UNO SIM 3G SIM", "3G SIM", "1", 0, fleet.Access3G},
		{"T2000538", "UNO SIM LTE SIM", "LTE SIM", "1", 2, fleet.AccessLTE},
		{"T2000539", "UNO SIM LTE SIM(SMS対応)", "LTE SIM(SMS)", "1", 1, fleet.AccessLTE},
		{"T2000556", "ASUS ZenFone 5（C-OCN）", "ZenFone 5", "3", 2, fleet.AccessLTE},
		{"T2000560", "LTE USBドングル", "", "3", 1, fleet.AccessLTE}, // deviceShortName may be missing
	}
}

// products is the catalogue: the plans that lines have from the beginning, the zero course, and a spare device.
func products() []product {
	types := [...]string{courseBasic, courseTraffic, courseTraffic, courseTraffic, courseIndividual}
	all := []product{{fleet.Plan{Code: "T3000010"}, "Universal Oneモバイル ゼロコース", courseZero, devices(), false}}
	for i, p := range fleet.Plans() {
		name := fmt.Sprintf("Universal Oneモバイル %dGB", p.Volume/(1024*fleet.MiB))
		if p.Volume == 0 {
			name = "Universal Oneモバイル 従量"
		}
		all = append(all, product{p, name, types[i], devices(), true})
	}
	spare := device{"T2000554", "MF112A (UNO)", "MF112A", "2", 0, fleet.Access3G}
	return append(all, product{fleet.Plan{Code: "T3009901"}, "UniversalOneモバイル 通信端末購入", courseSpare, []device{spare}, false})
}

func productOf(code string) (product, bool) {
	for _, p := range products() {
		if p.Code == code {
			return p, true
		}
	}
	return product{}, false
}

func (p product) device(code string) (device, bool) {
	for _, d := range p.devices {
		if d.code == code {
			return d, true
		}
	}
	return device{}, false
}

// sold reports whether any product comes with a device.
func sold(code string) bool {
	for _, p := range products() {
		if _, ok := p.device(code); ok {
			return true
		}
	}
	return false
}

// roamingName is what a cap on roaming charges is called, in the order of the codes.
func roamingName(i int) string {
	return "[docomo] 国際ローミング[" + [fleet.RoamingCodes]string{
		"100万円", "10万円", "20万円", "30万円", "40万円", "50万円", "5万円", "60万円", "70万円", "80万円", "90万円", "制限なし",
	}[i] + "]"
}

// products is call 06, 申込入力コード一覧.
func (u *API) products(q *call) gateway.Answer {
	w := begin(q, dialectOf(u.cfg.Style, q.contract.Seed()))
	w.Open("productInfoList", '[')
	for _, p := range products() {
		w.Begin('{')
		w.Text("productCode", p.Code)
		w.Text("productName", p.name)
		w.Text("courseType", u.courseOf(p, q))
		p.devicesTo(w)
		p.optionsTo(w)
		w.Close("}")
	}
	return gateway.OK(w.Close("]}"))
}

func (p product) devicesTo(w *writer) {
	w.Open("deviceInfoList", '[')
	for _, d := range p.devices {
		w.Begin('{')
		w.Text("deviceCode", d.code)
		w.Text("deviceName", d.name)
		w.Text("deviceType", d.kind)
		w.Text("simTypeCode", fmt.Sprint(d.sim+1))
		w.Text("simTypeName", fleet.SIMName(d.sim))
		w.Optional("deviceShortName", d.short)
		w.Text("accessType", d.access)
		w.Close("}")
	}
	w.Close("]")
}

func (p product) optionsTo(w *writer) {
	w.Open("optionInfoList", '[')
	for i := range fleet.RoamingCodes {
		if !p.options {
			break
		}
		w.Begin('{')
		w.Text("optionCode", fleet.RoamingCode(i))
		w.Text("optionName", roamingName(i))
		w.Text("accessType", fleet.AccessLTE)
		w.Close("}")
	}
	w.Close("]")
}
