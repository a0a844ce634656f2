package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
)

const (
	contract = "N123456789"
	line     = "09012345678"
)

// orderDay is the day on which the requests of these tests are made: the last of the next month is 28 February.
func orderDay() time.Time { return jst(2018, 1, 31, 23, 59, 59) }

func delivery() Delivery {
	return Delivery{
		PostalNumber: "1008019", Prefecture: "東京都", City: "千代田区内幸町", Address1: "ー", Company: "海鮮商事株式会社",
		Mail: "office@example.com", Password: "secret-of-opening",
	}
}

func addLine() AddLineRequest {
	return AddLineRequest{
		ContractID: contract, RequestDate: "20180228", Delivery: delivery(), Agreement: Agreed,
		Lines: []NewLine{{
			PlanCode: "T3001326", DeviceCode: "T2000537", ACTAddress: "192.168.1.1", AuthID: "id-._+=9", Access: AccessLTE,
		}},
	}
}

func buyDevices(n int) BuyDevicesRequest {
	return BuyDevicesRequest{
		ContractID: contract, RequestDate: "20180131", Delivery: delivery(), Agreement: Agreed,
		Lines: make([]NewDevice, n),
	}
}

func changeCourse(day Day, kind CourseType) ChangeCourseRequest {
	return ChangeCourseRequest{contract, line, Agreed, day, CourseInfo{"T3001328"}, kind}
}

func search(start, end string) OfLog {
	return OfLog{ContractID: contract, StartTime: start, EndTime: end}
}

func with[T any](r T, change func(*T)) T {
	change(&r)
	return r
}

func TestRules(t *testing.T) {
	const (
		thirtyDays = "20180101235959"
		noOrder    = "orderId: want AGU and digits, like AGU1712080057782, or AGB and digits"
		window     = "must lie between today and the last of next month, 20180131 and 20180228"
	)
	for name, c := range map[string]struct {
		request carrier.Request
		want    string // the violations, one a line
	}{
		"nothing told":       {SessionRequest{}, "contractId: missing\nlineNo: missing"},
		"a short contract":   {ContractRequest{OfContract{"N12345678"}}, "contractId: want N and nine digits, like N123456789"},
		"a wide contract":    {LinesRequest{OfContract{"Ｎ123456789"}}, "contractId: want N and nine digits, like N123456789"},
		"a long line":        {TrafficRequest{OfLine{contract, "090123456789"}}, "lineNo: 12 characters, at most 11"},
		"a line's hyphens":   {DataShareTrafficRequest{OfLine{contract, "090-1234-56"}}, "lineNo: must be half-width digits (9)"},
		"a wide line":        {TrafficRequest{OfLine{contract, "０９０"}}, "lineNo: must be half-width digits (9)"},
		"a line and a blank": {TrafficRequest{OfLine{contract, "090 "}}, "lineNo: begins or ends with a blank\nlineNo: must be half-width digits (9)"},
		"products":           {ProductsRequest{OfContract{contract}}, ""},
		"orders":             {OrdersRequest{OfContract{contract}}, ""},
		"completed orders":   {CompletedOrdersRequest{OfContract{contract}}, ""},
		"data share":         {DataShareRequest{OfContract{contract}}, ""},
		"order":              {OrderRequest{OfOrder{contract, "AGU1"}}, ""},
		"another tag":        {OrderRequest{OfOrder{contract, "AGX1712080057782"}}, noOrder},
		"AGB":                {OrderRequest{OfOrder{contract, "AGB1712080057782"}}, ""},
		"to cancel AGB":      {CancelOrderRequest{contract, "AGB1712080057782", Agreed}, ""},
		"AGB alone":          {OrderRequest{OfOrder{contract, "AGB"}}, noOrder},
		"a tag alone":        {CancellationRequest{OfOrder{contract, "AGU"}}, noOrder},
		"a bare number":      {CancellationRequest{OfOrder{contract, "1"}}, noOrder},
		"a long order":       {OrderRequest{OfOrder{contract, "AGU" + strings.Repeat("1", 62)}}, "orderId: 65 characters, at most 64"},
		"to cancel a number": {CancelOrderRequest{contract, "1", Agreed}, ""},
		"no agreement":       {CancelOrderRequest{contract, "AGU1", ""}, "agreement: missing: must be yes"},
		"disagreement":       {DisconnectRequest{contract, line, NotAgreed}, "agreement: must be yes: with anything else the carrier stops"},
		"Yes":                {AddDataVolumeRequest{contract, line, "Yes"}, "agreement: must be yes: with anything else the carrier stops"},
		"reservation":        {CancelReservationRequest{contract, "20171207000000181", Agreed}, ""},
		"AGU reservation":    {CancelReservationRequest{contract, "AGU1", Agreed}, "reserveId: must be half-width digits (9)"},

		"log, 30 days":   {AuthenticationsRequest{search(thirtyDays, "20180131235959")}, ""},
		"log, and one":   {SessionsRequest{search("20180101235958", "20180131235959")}, "startTime: lies more than 30 days back"},
		"log, backwards": {SessionsRequest{search("20180131235959", "20180131235958")}, "endTime: lies before startTime"},
		"log, no time":   {SessionsRequest{search("", "20180230000000")}, "startTime: missing\nendTime: want a time that exists, as YYYYMMDDhhmmss"},
		"log, short":     {SessionsRequest{search("2018013100000", "20180131")}, "startTime: want a time that exists, as YYYYMMDDhhmmss\nendTime: want a time that exists, as YYYYMMDDhhmmss"},
		"log, both keys": {AuthenticationsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.AuthID, l.LineNo = "id001@ntt.com", line })},
			"lineNoSearchKey: not together with authSearchKey: one of the two at most"},
		"04, a line of 11": {AuthenticationsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.LineNo = line })}, ""},
		"04, a line of 12": {AuthenticationsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.LineNo = "090123456789" })},
			"lineNoSearchKey: 12 characters, at most 11"},
		"05, a line of 15": {SessionsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.LineNo = "090-1234-567890" })}, ""},
		"05, a line of 16": {SessionsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.LineNo = "0901234567890123" })},
			"lineNoSearchKey: 16 characters, at most 15"},
		"log, no domain": {AuthenticationsRequest{with(search(thirtyDays, thirtyDays), func(l *OfLog) { l.AuthID = "userwithout" })},
			"authSearchKey: want id@domain, 8 to 64 characters"},

		"13, today":         {RemoveLineRequest{contract, line, "20180131", Agreed}, ""},
		"13, the last day":  {RemoveLineRequest{contract, line, "20180228", Agreed}, ""},
		"13, yesterday":     {RemoveLineRequest{contract, line, "20180130", Agreed}, "requestDate: " + window},
		"13, a day later":   {RemoveLineRequest{contract, line, "20180301", Agreed}, "requestDate: " + window},
		"13, no such day":   {RemoveLineRequest{contract, line, "20180229", Agreed}, "requestDate: want a day that exists, as YYYYMMDD"},
		"13, hyphens":       {RemoveLineRequest{contract, line, "2018-02-01", Agreed}, "requestDate: want a day that exists, as YYYYMMDD"},
		"13, no day":        {RemoveLineRequest{contract, line, "", Agreed}, "requestDate: missing"},
		"15, the first":     {changeCourse("20180201", CourseBasic), ""},
		"15, the second":    {changeCourse("20180202", CourseBasic), "requestDate: must be the first of next month, unless the plan is a zero course"},
		"15, zero course":   {changeCourse("20180202", CourseZero), ""},
		"15, no course":     {changeCourse("20180202", ""), ""},
		"15, odd course":    {changeCourse("20180201", "7"), "courseType: want 01, 02, 03, 04 or 99"},
		"16, nothing":       {ChangeAuthRequest{contract, line, Agreed, AuthInfo{}}, "authenticationId: missing, and authenticationPassword too: one of them at least"},
		"16, password":      {ChangeAuthRequest{contract, line, Agreed, AuthInfo{"", "＊"}}, ""},
		"16, short":         {ChangeAuthRequest{contract, line, Agreed, AuthInfo{"id", "x\n"}}, "authenticationId: 2 characters, want 3 to 64\nauthenticationPassword: begins or ends with a blank\nauthenticationPassword: holds a control character"},
		"17, IPv6":          {ChangeAddressesRequest{contract, line, Agreed, AddressInfo{"::1", "192.168.1", ""}}, "actIpAddress: want an IPv4 address, like 192.168.1.1\nsbyIpAddress: want an IPv4 address, like 192.168.1.1"},
		"18, option":        {ChangeIMEIRequest{contract, line, Agreed, IMEIInfo{"863401011006836", "3"}}, "imeiOption: want 1 (ID) or 2 (ID and IMEI)"},
		"18, nothing":       {ChangeIMEIRequest{contract, line, Agreed, IMEIInfo{}}, "imei: missing\nimeiOption: missing: want 1 (ID) or 2 (ID and IMEI)"},
		"16, signs":         {ChangeAuthRequest{contract, line, Agreed, AuthInfo{"user/01#a@ntt.com", ""}}, ""},
		"16, 64":            {ChangeAuthRequest{contract, line, Agreed, AuthInfo{strings.Repeat("*", 64), ""}}, ""},
		"16, 65":            {ChangeAuthRequest{contract, line, Agreed, AuthInfo{strings.Repeat("a", 65), ""}}, "authenticationId: 65 characters, want 3 to 64"},
		"16, wide":          {ChangeAuthRequest{contract, line, Agreed, AuthInfo{"ｉｄ１", ""}}, "authenticationId: must be half-width (X) throughout"},
		"17, IPv6 as IPv4":  {ChangeAddressesRequest{contract, line, Agreed, AddressInfo{"::ffff:192.168.1.1", "", ""}}, "actIpAddress: want an IPv4 address, like 192.168.1.1"},
		"20, left out":      {SetRoamingRequest{contract, line, Agreed, RoamingInfo{}}, "roamingCode: missing: want T and seven digits, like T6000036, or none for the document's empty value"},
		"20, none":          {SetRoamingRequest{contract, line, Agreed, RoamingInfo{RoamingNone}}, ""},
		"20, a new code":    {SetRoamingRequest{contract, line, Agreed, RoamingInfo{"T6000099"}}, ""},
		"20, no code":       {SetRoamingRequest{contract, line, Agreed, RoamingInfo{"100000"}}, "roamingCode: want T and seven digits, like T6000036, or none"},
		"25, 5G":            {ChangeAccessRequest{contract, line, Agreed, AccessInfo{"3", "", "x"}}, "accessCode: want 1 (3G) or 2 (LTE)\nsbyIpAddress: want an IPv4 address, like 192.168.1.1"},
		"22, no line":       {AddToDataShareRequest{contract, Agreed, nil}, "linesList: missing"},
		"22, a line twice":  {AddToDataShareRequest{contract, Agreed, []ShareLine{{line}, {line}}}, "linesList[1].lineNo: was named before"},
		"22, 255":           {AddToDataShareRequest{contract, Agreed, shareLines(255)}, "linesList: 255 orders, at most 254"},
		"22, 254":           {AddToDataShareRequest{contract, Agreed, shareLines(254)}, ""},
		"12":                {addLine(), ""},
		"12, two lines":     {with(addLine(), func(r *AddLineRequest) { r.Lines = append(r.Lines, r.Lines...) }), "linesList: 2 orders, at most 1"},
		"12, number":        {with(addLine(), func(r *AddLineRequest) { r.Lines[0].Number = 1000 }), "linesList[0].number: at most 999"},
		"12, no line":       {with(addLine(), func(r *AddLineRequest) { r.Lines = nil }), "linesList: missing"},
		"12, authenticates": {with(addLine(), func(r *AddLineRequest) { r.Lines[0].AuthID = "" }), "linesList[0].authenticationId: missing, and authenticationPassword too: one of them at least"},
		"12, password": {with(addLine(), func(r *AddLineRequest) { r.Lines[0].Password = "a b" }),
			"linesList[0].authenticationPassword: must be letters, digits and !$()-/;<?[]^{}%"},
		"12, half-width kana": {with(addLine(), func(r *AddLineRequest) { r.City = "ﾁﾖﾀﾞ" }), "deliveryCity: must be full-width (N) throughout"},
		"12, long city":       {with(addLine(), func(r *AddLineRequest) { r.City = strings.Repeat("町", 25) }), "deliveryCity: 25 characters, at most 24"},
		"12, no UTF-8":        {with(addLine(), func(r *AddLineRequest) { r.City = "\xff" }), "deliveryCity: is not UTF-8"},
		"12, sheet 12": {with(addLine(), func(r *AddLineRequest) {
			r.Building, r.Company, r.Department, r.Person = strings.Repeat("棟", 40), strings.Repeat("社", 16), strings.Repeat("部", 10), strings.Repeat("名", 40)
		}), ""},
		"12, over sheet 12": {with(addLine(), func(r *AddLineRequest) {
			r.Building, r.Company, r.Department = strings.Repeat("棟", 41), strings.Repeat("社", 17), strings.Repeat("部", 11)
		}), "deliveryBuildingName: 41 characters, at most 40\ndeliveryCompanyName: 17 characters, at most 16\ndeliveryDeptName: 11 characters, at most 10"},
		"14, sheet 12": {with(buyDevices(1), func(r *BuyDevicesRequest) {
			r.Lines[0].DeviceCode = "T2000556"
			r.Building, r.Company, r.Department = strings.Repeat("棟", 17), strings.Repeat("社", 11), strings.Repeat("部", 7)
		}), "deliveryBuildingName: 17 characters, at most 16\ndeliveryCompanyName: 11 characters, at most 10\ndeliveryDeptName: 7 characters, at most 6"},
		"14, no device": {buyDevices(1), "linesList[0].deviceCode: missing"},
		"14, a number twice": {with(buyDevices(2), func(r *BuyDevicesRequest) {
			r.Lines = []NewDevice{{2, "T1"}, {0, "T1"}}
		}), "linesList[1].number: 2 was used before"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := c.request.Validate(orderDay()); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func shareLines(n int) []ShareLine {
	lines := make([]ShareLine, n)
	for i := range lines {
		lines[i].LineNo = fmt.Sprintf("090%08d", i)
	}
	return lines
}

// Every field that a request needs is named, all at once.
func TestEmptyRequestsNameEveryField(t *testing.T) {
	for name, o := range operations() {
		err := o.New().Validate(orderDay())
		if err == nil {
			t.Errorf("%s needs nothing", name)
			continue
		}
		if text := err.Error(); !strings.Contains(text, "contractId: missing") ||
			o.Changes != strings.Contains(text, "agreement: missing") ||
			strings.Contains(o.Path, "{lineNo}") != strings.Contains(text, "lineNo: missing") ||
			strings.Contains(o.Path, "{orderId}") != strings.Contains(text, "orderId: missing") {
			t.Errorf("%s: %s", name, text)
		}
	}
	err := AddLineRequest{Lines: []NewLine{{}}}.Validate(orderDay()).(carrier.Violations)
	var fields []string
	for _, v := range err {
		fields = append(fields, v.Field)
	}
	want := []string{
		"contractId", "requestDate", "deliveryPostalCode", "deliveryPref", "deliveryCity", "deliveryAddress1",
		"deliveryCompanyName", "notificationMailAddress", "notificationPassword", "agreement", "linesList[0].planCode",
		"linesList[0].deviceCode", "linesList[0].actIpAddress", "linesList[0].authenticationId", "linesList[0].accessCode",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// Issue 12, D.14: none is sent as the document's empty value; a code that was left out is none that was given.
func TestNoRoamingIsSaid(t *testing.T) {
	for file, want := range map[string]string{
		`{"roamingCode":""}`: `"roamingCode":""`, `{"roamingCode":"none"}`: `"roamingCode":""`, `{"roamingCode":"T6000036"}`: `"roamingCode":"T6000036"`,
		`{}`: "", `{"roamingCode":null}`: "",
	} {
		r := SetRoamingRequest{ContractID: contract, LineNo: line, Agreement: Agreed}
		if err := json.Unmarshal([]byte(file), &r.RoamingInfo); err != nil {
			t.Fatal(err)
		}
		if err := r.Validate(orderDay()); (err == nil) != (want != "") || err == nil && !strings.Contains(string(r.Spec().Body), want) {
			t.Errorf("%s: error %v, sends %s; want %q", file, err, r.Spec().Body, want)
		}
	}
}

// A password is in the body and nowhere else.
func TestPasswordsStayInTheBody(t *testing.T) {
	const planted = "pl4nted<&>"
	r := ChangeAuthRequest{contract, line, Agreed, AuthInfo{"an id", planted + "\n"}}
	err := r.Validate(orderDay())
	if text := fmt.Sprintf("%v %+v %#v %v %+v", r, r, r, err, r.Spec()); strings.Contains(text, "pl4nted") {
		t.Errorf("the password shows: %s", text)
	}
	r.Password = planted
	if body := string(r.Spec().Body); !strings.Contains(body, `"authenticationPassword":"`+planted+`"`) {
		t.Errorf("body %s has no password, or an escaped one", body)
	}
}

func TestRoamingLimits(t *testing.T) {
	sum := 0
	for code := range 12 {
		yen, known := RoamingCode(fmt.Sprintf("T60000%d", 36+code)).LimitYen()
		if !known {
			t.Errorf("code %d is unknown", 36+code)
		}
		sum += yen
	}
	if sum != 5_550_000 { // and no limit counts for nothing
		t.Errorf("the limits are %d yen together", sum)
	}
	if _, known := RoamingNone.LimitYen(); known {
		t.Error("no roaming has a limit")
	}
}
