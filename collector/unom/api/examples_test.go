package api

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/schema"
)

var tokyo = time.FixedZone("JST", 9*3600)

// decoder is that of a client, which makes the plan of each answer once.
var decoder = newDecoder(tokyo)

// answer is an answer to a question, with what was found odd in it.
type answer struct {
	target
	body     []byte
	warnings []carrier.Warning
}

// decode reads an answer.
func decode[T any](a *answer, read read[T]) (T, error) {
	value, warnings, err := read(decoder, &a.target, a.body)
	a.warnings = warnings
	return value, err
}

// asked is an answer to a question about the line of the document's examples.
func asked(body []byte) *answer {
	return &answer{body: body, target: target{"N123456789", "09012345678"}}
}

// askedFor is asked for the example of a call: two of them are about other contracts.
func askedFor(call string, body []byte) *answer {
	a := asked(body)
	switch call {
	case "order":
		a.contractID = "N170602406"
	case "add_to_data_share":
		a.contractID = "N160042496"
	}
	return a
}

// reader is a decoder whose result does not matter by its type.
type reader func(a *answer) (any, error)

func anyOf[T any](read read[T]) reader {
	return func(a *answer) (any, error) { return decode(a, read) }
}

// readers are the decoders by the name of the call's example.
func readers() map[string]reader {
	return map[string]reader{
		"contract":           anyOf(decodeContract),
		"lines":              anyOf(decodeLines),
		"traffic":            anyOf(decodeTraffic),
		"authentications":    anyOf(decodeAuthentications),
		"sessions":           anyOf(decodeSessionEvents),
		"data_share_traffic": anyOf(decodeTraffic),
		"data_share":         anyOf(decodeDataShare),
		"session":            anyOf(decodeSession),

		"products":         anyOf(decodeProducts),
		"orders":           anyOf(decodeOrders),
		"completed_orders": anyOf(decodeOrders),
		"order":            anyOf(decodeOrder),
		"cancellation":     anyOf(decodeCancellation),

		"add_line":               anyOf(decodeAccepted),
		"remove_line":            anyOf(decodeAccepted),
		"buy_devices":            anyOf(decodeAccepted),
		"change_course":          anyOf(decodeAccepted),
		"change_auth":            anyOf(decodeAccepted),
		"change_addresses":       anyOf(decodeAccepted),
		"change_imei":            anyOf(decodeAccepted),
		"set_roaming":            anyOf(decodeAccepted),
		"remove_roaming":         anyOf(decodeAccepted),
		"add_data_volume":        anyOf(decodeAccepted),
		"change_access":          anyOf(decodeAccepted),
		"cancel_order":           anyOf(decodeAccepted),
		"add_to_data_share":      anyOf(decodeReservation),
		"remove_from_data_share": anyOf(decodeReservation),
		"cancel_reservation":     anyOf(decodeReservation),
		"disconnect":             anyOf(decodeDisconnected),
	}
}

// example is a documented answer: as JSON, or as the document has it, with its blanks and braces. Where a place
// holder stood for more rows ("repeated for the number of lines") or a quote was torn, the file has neither.
func example(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(body)
}

func jst(year, month, day, hour, minute, second int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, tokyo)
}

func someBytes(values ...uint64) []schema.Opt[uint64] {
	var out []schema.Opt[uint64]
	for _, v := range values {
		out = append(out, schema.Some(v))
	}
	return out
}

func documentedTraffic() Traffic {
	return Traffic{
		ContractID: "N123456789", LineNo: "09012345678",
		LimitStatus1: schema.Some(uint8(0)), LimitStatus2: schema.Some(uint8(0)), Restriction: schema.RestrictionNone,
		Months: [3]schema.Opt[uint64](someBytes(611327130, 447574716, 394867798)),
		Days: [31]schema.Opt[uint64](someBytes(21012758, 77233, 1274590, 8830612, 93786215, 31778021, 205158511,
			119091473, 81011, 89517, 10318704, 67939699, 5089542, 46102141, 83811, 78267, 92428, 84739, 104513, 78422,
			87029, 87894, 91079, 98533, 9454806, 558619, 19802261, 13818036, 25134199, 82504, 94714)),
		Remaining: schema.Some(uint64(7521435648)),
	}
}

func documentedAnswers() map[string]any {
	return map[string]any{
		"contract": Contract{
			ContractID: "N123456789", DomainName: "ntt-com",
			CustomerName:     "エヌ・ティ・ティ・コミュニケーションズ株式会社",
			CustomerNameKana: "エヌティティコミュニケーションズカブシキガイシャ",
			PostalNumber:     "1000011", Address: "東京都千代田区内幸町", AddressLine1: "１丁目", AddressLine2: "１番地６号",
			BuildingName1: "NTT日比谷ビル", TechPersonName: "NTT COM", TechPhoneNumber: "0120-XXXX-XXXX",
			TechFaxNumber: "0120-XXXX-XXXX", TechMailAddress: "○○○○@ntt.com", ContactDeptName: "オープンネットワーク",
			ContactPersonName: "NTT COM", ContactPhoneNumber: "0120-XXXX-XXXX", ContactMailAddress: "○○○○@ntt.com",
			BillingPostalNumber: "1008019", BillingAddress: "東京都千代田区内幸町1丁目１番地６号",
			BillingNameKana: "エヌティティコム", BillingPersonName: "NTT COM", BillingPhoneNumber: "0120-XXXX-XXXX",
		},
		"lines": []Line{{
			LineNo: "09012345678", StartDate: schema.Some(schema.DateOf(jst(2017, 1, 1, 0, 0, 0))), PlanCode: "T3001328",
			Access: "lte", OptionCodes: []string{"T6000036", "T6000084"}, SIMType: "標準SIM", SIMNumber: "SIM123456789012",
			DeviceName: "UNO SIM LTE SIM", IMEI: "P0000001", AuthenticationType: "NTTコム", ACTIPAddress: "192.168.1.1",
			SBYIPAddress: "192.168.1.2", RoamingIPAddress: "192.168.1.3", AuthenticationID: "nttcom",
			Note: "記録用フィールド", IMEIOption: "1",
		}},
		"traffic":            documentedTraffic(),
		"data_share_traffic": documentedTraffic(),
		"authentications": []Authentication{{
			LineNo: "09012345678", At: jst(2017, 2, 2, 12, 20, 30), Type: schema.SessionDomestic, Result: schema.AuthOK,
		}},
		"sessions": []SessionEvent{{
			LineNo: "09012345678", At: jst(2017, 1, 1, 12, 20, 30), Type: schema.SessionRoaming, Event: schema.SessionStart,
		}},
		"data_share": []ShareMember{{
			LineNo: "09012345678", Status: schema.ShareReserved, ReserveID: "20171207000000181",
		}},
		"session": Session{
			ContractID: "N123456789", LineNo: "09012345678", Type: schema.SessionRoaming, Connected: schema.Some(true),
		},

		"products": []Product{{
			ProductCode: "T3001323", ProductName: "UniversalOneモバイル 通信端末購入", CourseType: CourseSpare,
			Devices: []Device{{
				DeviceCode: "T2000554", DeviceName: "MF112A (UNO)", DeviceType: DeviceOnly, SIMTypeCode: SIMStandard,
				SIMTypeName: "標準SIM", DeviceShortName: "MF112A", AccessType: Access3G,
			}},
			Options: []Option{{
				OptionCode: Roaming1000000Yen, OptionName: "[docomo] 国際ローミング[100万円]", AccessType: Access3G,
			}},
		}},
		"orders": []Order{{
			OrderID: "AGU1712080057782", Applied: on(2017, 10, 24), Requested: on(2017, 10, 24), Status: OrderConfirmed,
		}},
		"completed_orders": []Order{{
			OrderID: "AGU1712080057888", Applied: on(2017, 10, 25), Requested: on(2017, 12, 8), Status: OrderCompleted,
		}},
		"order": OrderDetail{
			ContractID: "N170602406", OrderID: "AGU1712080057769",
			Items: []Order{{
				Number: 1, Applied: on(2017, 1, 1), Requested: on(2017, 1, 10), Scheduled: on(2017, 7, 19),
				Status: OrderProcessed, Error: schema.Some(Message{ID: "****"}),
			}},
		},
		"cancellation": Cancellation{
			ContractID: "N123456789", OrderID: "AGU1234567890123", Status: OrderWaiting,
			ReferenceError: schema.Some(Message{ID: "****"}), CheckError: schema.Some(Message{ID: "****"}),
		},
		"add_line":         accepted("AGU1712090057902"),
		"remove_line":      accepted("AGU1712090057907"),
		"buy_devices":      accepted("AGU1712090057907"),
		"change_course":    accepted("AGU1712090057907"),
		"change_auth":      accepted("AGU1712090057907"),
		"change_addresses": accepted("AGU1712090057907"),
		"change_imei":      accepted("AGU1712090057907"),
		"set_roaming":      accepted("AGU1712090057910"),
		"remove_roaming":   accepted("AGU1712090057911"),
		"add_data_volume":  accepted("AGU1712090057912"),
		"change_access":    accepted("AGU1712090057913"),
		"cancel_order": OrderAccepted{
			ContractID: "N123456789", Result: ResultOK, OrderID: "AGU1712090057903",
			AcceptedAt: schema.Some(jst(2017, 12, 9, 15, 35, 21)),
		},
		"add_to_data_share":      Reservation{ContractID: "N160042496", Result: ResultOK, ReserveID: "201711270000164"},
		"remove_from_data_share": Reservation{ContractID: "N123456789", Result: ResultOK, ReserveID: "201712090000511"},
		"cancel_reservation":     Reservation{ContractID: "N123456789", Result: ResultOK, ReserveID: "201711300000181"},
		"disconnect":             Disconnected{ContractID: "N123456789", LineNo: "09012345678"},
	}
}

func accepted(orderID string) OrderAccepted {
	return OrderAccepted{ContractID: "N123456789", Result: ResultOK, OrderID: orderID}
}

func on(year, month, day int) schema.Opt[schema.Date] {
	return schema.Some(schema.DateOf(jst(year, month, day, 0, 0, 0)))
}

func TestDocumentedExamples(t *testing.T) {
	wants, decoders := documentedAnswers(), readers()
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name, isJSON := strings.CutSuffix(file.Name(), ".json")
		if !isJSON {
			continue
		}
		call, asDocumented := strings.CutSuffix(name, "_as_documented")
		seen[call] = true
		t.Run(name, func(t *testing.T) {
			a := askedFor(call, example(t, name))
			got, err := decoders[call](a)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wants[call], got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			var warnings []carrier.Warning
			if asDocumented {
				warnings = []carrier.Warning{{Field: "answer", Reason: "not_json"}}
			}
			if diff := cmp.Diff(warnings, a.warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
	for call := range decoders {
		if !seen[call] {
			t.Errorf("no example of %s", call)
		}
	}
}

func TestTruncatedExamplesAreErrors(t *testing.T) {
	decoders := readers()
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, isJSON := strings.CutSuffix(file.Name(), ".json")
		if !isJSON {
			continue
		}
		call, _ := strings.CutSuffix(name, "_as_documented")
		body := example(t, name)
		for n := range body {
			if got, err := decoders[call](askedFor(call, body[:n:n])); err == nil {
				t.Errorf("%s cut off after %d bytes is %+v, want an error", name, n, got)
			}
		}
	}
}

// The mending changes what the document gets wrong and nothing else: what comes out of it is JSON.
func TestMendMakesJSONOfTheDocument(t *testing.T) {
	for _, name := range []string{"contract", "lines", "traffic", "data_share_traffic", "authentications", "sessions", "products", "order"} {
		mended, changed := lenient.Mend(example(t, name+"_as_documented"))
		if !changed || !json.Valid(mended) {
			t.Errorf("%s is not mended: %s", name, mended)
		}
	}
}
