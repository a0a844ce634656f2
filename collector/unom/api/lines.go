package api

import (
	"bytes"
	"errors"
	"strings"

	"kaisen/schema"
)

// Line is a row of call 02 (UNO Mobile API v2.1 §02). Texts that were not told are "". Lengths are in characters.
type Line struct {
	LineNo             string                  // 回線番号: up to 11 digits
	StartDate          schema.Opt[schema.Date] // ご利用開始日: first day of use
	PlanCode           string                  // 料金コース: up to 1,024, T3001328
	Access             string                  // アクセス方式: 3g, lte, or the code itself
	OptionCodes        []string                // オプションコードリスト: in the carrier's order; OptionDataVolume once for each volume added
	SIMType            string                  // SIM種別: by name, 標準SIM, microSIM, nanoSIM
	SIMNumber          string                  // SIM番号: up to 1,024
	DeviceName         string                  // 通信機器機種名: up to 1,024
	IMEI               string                  // 機器製造番号: up to 1,024
	AuthenticationType string                  // 認証方式: AuthByCom, AuthByCustomer or AuthByMCOP
	ACTIPAddress       string                  // 国内ACT用IPアドレス: IPv4, not told in the current version (the document: a defect)
	SBYIPAddress       string                  // 国内SBY用IPアドレス: IPv4
	RoamingIPAddress   string                  // 国際ローミング用IPアドレス: IPv4
	AuthenticationID   string                  // 認証ID: up to 1,024
	Note               string                  // 備考欄: up to 1,024
	IMEIOption         string                  // IMEI認証有無: an IMEIOption
}

// MarshalJSON writes the row as call 02 does, with accessType, which accessCode is to become.
func (l Line) MarshalJSON() ([]byte, error) {
	access := l.Access
	switch access {
	case access3G:
		access = string(Access3G)
	case accessLTE:
		access = string(AccessLTE)
	}
	codes := l.OptionCodes
	if codes == nil {
		codes = []string{}
	}
	var o object
	o.put("lineNo", l.LineNo)
	o.put("startDate", dayText(l.StartDate))
	o.put("planCode", l.PlanCode)
	o.put("accessType", access)
	o.put("optionCodeList", codes)
	o.put("simType", l.SIMType)
	o.put("simNumber", l.SIMNumber)
	o.put("deviceName", l.DeviceName)
	o.put("imei", l.IMEI)
	o.put("authenticationType", l.AuthenticationType)
	o.put("actIpAddress", l.ACTIPAddress)
	o.put("sbyIpAddress", l.SBYIPAddress)
	o.put("roamingIpAddress", l.RoamingIPAddress)
	o.put("authenticationId", l.AuthenticationID)
	o.put("note", l.Note)
	o.put("imeiOption", l.IMEIOption)
	return o.done()
}

func decodeLines(a *answer) ([]Line, error) {
	return listOf(a, "linesList", "lineList", readLine)
}

func readLine(a *answer, v value) (Line, error) {
	var line Line
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		key := fold(m.key, &buffer)
		if into := line.text(key); into != nil {
			if text := m.value.text(); len(text) > 0 {
				*into = string(text)
			}
			continue
		}
		switch string(key) {
		case "lineno":
			line.LineNo = m.value.lineNo()
		case "startdate":
			line.StartDate = a.date("startDate", m.value)
		case "accesscode", "accesstype":
			if access := accessOf(m.value); access != "" {
				line.Access = access
			}
		case "optioncodelist", "optioncode":
			line.OptionCodes = append(line.OptionCodes, options(m.value)...)
		}
	}
	if m.err != nil {
		return Line{}, m.err
	}
	if line.LineNo == "" {
		return Line{}, errors.New("lineNo is missing")
	}
	return line, nil
}

// text is the field of a key whose value is kept as it is, nil for the others.
func (l *Line) text(key []byte) *string {
	switch string(key) {
	case "plancode":
		return &l.PlanCode
	case "simtype":
		return &l.SIMType
	case "simnumber":
		return &l.SIMNumber
	case "devicename":
		return &l.DeviceName
	case "imei":
		return &l.IMEI
	case "authenticationtype":
		return &l.AuthenticationType
	case "actipaddress":
		return &l.ACTIPAddress
	case "sbyipaddress":
		return &l.SBYIPAddress
	case "roamingipaddress":
		return &l.RoamingIPAddress
	case "authenticationid":
		return &l.AuthenticationID
	case "note":
		return &l.Note
	case "imeioption":
		return &l.IMEIOption
	}
	return nil
}

func (a *answer) date(field string, v value) schema.Opt[schema.Date] {
	if v.null() {
		return schema.Opt[schema.Date]{}
	}
	d, ok := day(v.text())
	if !ok {
		a.warn(field, reasonTime)
		return schema.Opt[schema.Date]{}
	}
	return schema.Some(d)
}

// What Line.Access says.
const (
	access3G  = "3g"
	accessLTE = "lte"
)

// accessOf reads accessCode (to become accessType): 1 is 3G, 2 is LTE, anything else stays as it is.
func accessOf(v value) string {
	switch code := strings.ToLower(string(v.text())); strings.TrimLeft(code, "0") {
	case "1":
		return access3G
	case "2":
		return accessLTE
	default:
		return code
	}
}

// options reads optionCodeList. The document names its type a list, draws it in braces, and describes a member
// optionCode inside; so it may be a list of codes, a list of objects, an object with one code or a list of them, or
// a single text.
func options(v value) []string {
	switch v.kind {
	case isList:
		var codes []string
		// Each element fails never: what is no code is none.
		_ = v.list(func(_ int, element value) error {
			codes = append(codes, options(element)...)
			return nil
		})
		return codes
	case isObject:
		var codes []string
		var buffer [maxKey]byte
		for m := v.object(); m.next(); {
			if key := string(fold(m.key, &buffer)); key == "optioncode" || key == "optioncodelist" {
				codes = append(codes, options(m.value)...)
			}
		}
		return codes
	default:
		var codes []string
		for code := range bytes.FieldsFuncSeq(v.text(), func(r rune) bool { return r == ',' || r == '、' || isBlank(r) }) {
			codes = append(codes, string(code))
		}
		return codes
	}
}
