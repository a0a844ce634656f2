package simulator

import "fmt"

// product is something that a contract can order (call 06): a plan with the devices and options that go with it. The
// codes are those the documents mention and some invented ones; the names are invented.
type product struct {
	plan
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
		{"T2000537", "UNO SIM 3G SIM", "3G SIM", "1", 0, access3G},
		{"T2000538", "UNO SIM LTE SIM", "LTE SIM", "1", 2, accessLTE},
		{"T2000539", "UNO SIM LTE SIM(SMS対応)", "LTE SIM(SMS)", "1", 1, accessLTE},
		{"T2000556", "ASUS ZenFone 5（C-OCN）", "ZenFone 5", "3", 2, accessLTE},
		{"T2000560", "LTE USBドングル", "", "3", 1, accessLTE}, // deviceShortName may be missing
	}
}

// products is the catalogue: the plans that lines have from the beginning, the zero course, and a spare device.
func products() []product {
	types := [...]string{courseBasic, courseTraffic, courseTraffic, courseTraffic, courseIndividual}
	all := []product{{plan{"T3000010", 0}, "Universal Oneモバイル ゼロコース", courseZero, devices(), false}}
	for i, p := range plans() {
		name := fmt.Sprintf("Universal Oneモバイル %dGB", p.volume/(1024*mib))
		if p.volume == 0 {
			name = "Universal Oneモバイル 従量"
		}
		all = append(all, product{p, name, types[i], devices(), true})
	}
	spare := device{"T2000554", "MF112A (UNO)", "MF112A", "2", 0, access3G}
	return append(all, product{plan{"T3009901", 0}, "UniversalOneモバイル 通信端末購入", courseSpare, []device{spare}, false})
}

func productOf(code string) (product, bool) {
	for _, p := range products() {
		if p.code == code {
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
	return "[docomo] 国際ローミング[" + [roamingCodes]string{
		"100万円", "10万円", "20万円", "30万円", "40万円", "50万円", "5万円", "60万円", "70万円", "80万円", "90万円", "制限なし",
	}[i] + "]"
}

// products is call 06, 申込入力コード一覧.
func (u *UnomAPI) products(q *call) Answer {
	w := newWriter(dialectOf(u.cfg.Style, q.contract.seed()))
	w.Begin('{')
	w.Text("contractId", q.contract.id)
	w.Open("productInfoList", '[')
	for _, p := range products() {
		w.Begin('{')
		w.Text("productCode", p.code)
		w.Text("productName", p.name)
		w.Text("courseType", p.course)
		p.devicesTo(w)
		p.optionsTo(w)
		w.Close("}")
	}
	w.Close("]}")
	return OK(w.Bytes)
}

func (p product) devicesTo(w *writer) {
	w.Open("deviceInfoList", '[')
	for _, d := range p.devices {
		w.Begin('{')
		w.Text("deviceCode", d.code)
		w.Text("deviceName", d.name)
		w.Text("deviceType", d.kind)
		w.Text("simTypeCode", fmt.Sprint(d.sim+1))
		w.Text("simTypeName", simName(d.sim))
		w.Optional("deviceShortName", d.short)
		w.Text("accessType", d.access)
		w.Close("}")
	}
	w.Close("]")
}

func (p product) optionsTo(w *writer) {
	w.Open("optionInfoList", '[')
	for i := range roamingCodes {
		if !p.options {
			break
		}
		w.Begin('{')
		w.Text("optionCode", roamingCode(i))
		w.Text("optionName", roamingName(i))
		w.Text("accessType", accessLTE)
		w.Close("}")
	}
	w.Close("]")
}
