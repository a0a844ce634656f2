package api

import (
	"bytes"
	"strings"
	"unicode"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

// Line is a row of call 02 (UNO Mobile API v2.1, §02). Texts that were not given are "". Lengths are in characters.
type Line struct {
	LineNo             string                  `json:"lineNo" form:"line" need:"true"`                  // 回線番号: up to 11 digits
	StartDate          schema.Opt[schema.Date] `json:"startDate"`                                       // ご利用開始日: first day of use
	PlanCode           string                  `json:"planCode"`                                        // 料金コース: up to 1,024, T3001328
	Access             string                  `json:"accessType" also:"accessCode" form:"access"`      // アクセス方式: 3g, lte, or the code itself
	OptionCodes        []string                `json:"optionCodeList" also:"optionCode" form:"options"` // オプションコードリスト: in the carrier's order; OptionDataVolume once for each volume added
	SIMType            string                  `json:"simType"`                                         // SIM種別: by name, 標準SIM, microSIM, nanoSIM
	SIMNumber          string                  `json:"simNumber"`                                       // SIM番号: up to 1,024
	DeviceName         string                  `json:"deviceName"`                                      // 通信機器機種名: up to 1,024
	IMEI               string                  `json:"imei"`                                            // 機器製造番号: up to 1,024
	AuthenticationType string                  `json:"authenticationType"`                              // 認証方式: AuthByCom, AuthByCustomer or AuthByMCOP
	ACTIPAddress       string                  `json:"actIpAddress"`                                    // 国内ACT用IPアドレス: IPv4, not given in the current version (the document: a defect)
	SBYIPAddress       string                  `json:"sbyIpAddress"`                                    // 国内SBY用IPアドレス: IPv4
	RoamingIPAddress   string                  `json:"roamingIpAddress"`                                // 国際ローミング用IPアドレス: IPv4
	AuthenticationID   string                  `json:"authenticationId"`                                // 認証ID: up to 1,024
	Note               string                  `json:"note"`                                            // 備考欄: up to 1,024
	IMEIOption         string                  `json:"imeiOption"`                                      // IMEI認証有無: an IMEIOption
}

// MarshalJSON writes the row as call 02 does, with accessType, which accessCode is to become.
func (l Line) MarshalJSON() ([]byte, error) { return lenient.Marshal(l, forms()) }

// What Line.Access says.
const (
	access3G  = "3g"
	accessLTE = "lte"
)

// readAccess reads accessCode (to become accessType): 1 is 3G, 2 is LTE, anything else stays as it is.
func readAccess(_ *lenient.Reader, _ string, v lenient.Value, into *string) (given bool, err error) {
	code := strings.ToLower(string(v.Text()))
	switch strings.TrimLeft(code, "0") {
	case "1":
		code = access3G
	case "2":
		code = accessLTE
	}
	if code != "" {
		*into = code
	}
	return code != "", nil
}

func writeAccess(access string) any {
	switch access {
	case access3G:
		return Access3G
	case accessLTE:
		return AccessLTE
	}
	return access
}

// readOptions reads optionCodeList. The document names its type a list, draws it in braces, and describes a member
// optionCode inside; so it may be a list of codes, a list of objects, an object with one code or a list of them, or
// a single text. What is no code is none.
func readOptions(_ *lenient.Reader, _ string, v lenient.Value, into *[]string) (given bool, err error) {
	*into = append(*into, optionCodes(v)...)
	return true, nil
}

func optionCodes(v lenient.Value) (codes []string) {
	switch {
	case v.IsList():
		for element := range v.Elements() {
			codes = append(codes, optionCodes(element)...)
		}
	case v.IsObject():
		for key, member := range v.Members() {
			if key == "optioncode" || key == "optioncodelist" {
				codes = append(codes, optionCodes(member)...)
			}
		}
	default:
		for code := range bytes.FieldsFuncSeq(v.Text(), func(r rune) bool { return r == ',' || r == '、' || unicode.IsSpace(r) }) {
			codes = append(codes, string(code))
		}
	}
	return codes
}

func writeOptions(codes []string) any {
	if codes == nil {
		return []string{}
	}
	return codes
}

// ShareMember is a row of call 10: a line in, on its way into or out of the contract's share group (UNO Mobile API v2.1, §10).
type ShareMember struct {
	LineNo    string             `json:"lineNo" form:"line" need:"true"`  // up to 11 digits
	Status    schema.ShareStatus `json:"status" form:"share" need:"warn"` // ステータス: status, 01 to 03
	ReserveID string             `json:"reserveId"`                       // 予約番号: reserveId, of the registration or the removal, up to 15 characters (17 in the example)
}

// MarshalJSON writes the row as call 10 does.
func (m ShareMember) MarshalJSON() ([]byte, error) { return lenient.Marshal(m, forms()) }

func decodeLines(d *lenient.Decoder, of *target, body []byte) ([]Line, []carrier.Warning, error) {
	return rowsOf[Line](d, of, body, "linesList", "lineList")
}

func decodeDataShare(d *lenient.Decoder, of *target, body []byte) ([]ShareMember, []carrier.Warning, error) {
	return rowsOf[ShareMember](d, of, body, "linesList", "lineList")
}
