package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/carrier/lenient/lenienttest"
	"kaisen/internal/racetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// example is an answer or a request of the document. What pages and printing have torn is mended in it: commas before
// closing brackets, a list closed as an object, the pieces of a body put together.
func example(t testing.TB, name string) []byte { return lenienttest.Example(t, name) }

// answers are the examples of answers with what reads them.
func answers() map[string]func([]byte) (any, []carrier.Warning, error) {
	return map[string]func([]byte) (any, []carrier.Warning, error){
		"token":          anyOf(readToken),
		"products":       anyOf(readProducts),
		"sites":          anyOf(readSites),
		"site_partner":   anyOf(readSite),
		"site_dedicated": anyOf(readSite),
		"created":        anyOf(readCreated),
		"orders":         anyOf(readOrders),
		"order":          anyOf(readOrder),
	}
}

func anyOf[T any](read lenient.Read[T]) func([]byte) (any, []carrier.Warning, error) {
	return func(body []byte) (any, []carrier.Warning, error) {
		value, warnings, err := read(new(lenient.Decoder), body)
		return value, warnings, err
	}
}

// documented are an example's values, as they are written when they were read: secrets hidden, and a site's parts
// inside of it, where the definitions have them.
func documented(t *testing.T, name string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for path, value := range lenienttest.Values(t, example(t, name)) {
		for _, list := range []string{"customerProduct[", "customerSite["} {
			path = strings.Replace(path, list, "[", 1)
		}
		path = strings.TrimPrefix(path, "customerSite.")
		path = strings.Replace(path, "contract[", "contracts[", 1)
		for _, secret := range []string{"lineAccessKey", "GwPreSharedKey", "password", "accessToken"} {
			if strings.HasSuffix(path, secret) {
				value = "***"
			}
		}
		values[path] = value
	}
	return values
}

func TestExamplesLoseNothing(t *testing.T) {
	for name, read := range answers() {
		got, warnings, err := read(example(t, name))
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: error %v, warnings %v", name, err, warnings)
			continue
		}
		if diff := cmp.Diff(documented(t, name), lenienttest.Values(t, lenienttest.Encode(t, got))); diff != "" {
			t.Errorf("%s (-document +read and written):\n%s", name, diff)
		}
	}
}

func TestExamplesCutOffAreErrors(t *testing.T) {
	racetest.Skip(t)
	for name, read := range answers() {
		lenienttest.CutOff(t, example(t, name), func(body []byte) error {
			_, _, err := read(body)
			return err
		})
	}
}

// No answer of one operation passes for that of another.
func TestAnswersAreToldApart(t *testing.T) {
	like := map[string]string{"site_dedicated": "site_partner"}
	kind := func(name string) string {
		if other, ok := like[name]; ok {
			return other
		}
		return name
	}
	for name, read := range answers() {
		for other := range answers() {
			// An order's details have all that says an order was created.
			if kind(name) == kind(other) || name == "created" && other == "order" || name == "order" && other == "created" {
				continue
			}
			if got, _, err := read(example(t, other)); err == nil {
				t.Errorf("the answer %s is read as %s: %+v", other, name, got)
			}
		}
	}
}

func TestSecretsAreRead(t *testing.T) {
	partner, _, err := readSite(new(lenient.Decoder), example(t, "site_partner"))
	if err != nil {
		t.Fatal(err)
	}
	sites, _, err := readSites(new(lenient.Decoder), example(t, "sites"))
	if err != nil {
		t.Fatal(err)
	}
	order, _, err := readOrder(new(lenient.Decoder), example(t, "order"))
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := readToken(new(lenient.Decoder), example(t, "token"))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		partner.PPOneGwPreSharedKey.reveal(), partner.PPTwoGwPreSharedKey.reveal(), partner.LineAccessKey.reveal(),
		sites[0].LineAccessKey.reveal(), order.LineAccessKey.reveal(), token.AccessToken.reveal(),
	}
	want := []string{
		"2mCj3aAVsw0yy0uTCgg3ApiUhVP84d", "8j588aCTcmIPmC5L4Ihd7tIaYvAu79", "a1b2c3d4", "ab2c3d4", "a1b2c3d4",
		"YOUR_ACCESS_TOKEN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What the document says without an example: numbers for texts, parts of a site inside of it, the tunnel's parameters.
func TestSiteAsDefined(t *testing.T) {
	const body = `{"customerSite":{"customerSiteCode":"int-1","customerType":"2","startAt":20190821,
		"contracts":[{"productCode":"1-3-1-1-1","productType":"01"}],"cpeModelName":"RTX830",
		"customerSiteInstallationLocation":{"tel":"0312345678"},
		"customerSiteIpipParam":{"cpeIpv4Address":"127.123.123.128/32","username":"u1234500001","password":"8240bd47"}}}`
	got, warnings, err := readSite(new(lenient.Decoder), []byte(body))
	if err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %v", err, warnings)
	}
	want := SiteDetail{
		Site:         Site{CustomerSiteCode: "int-1", CustomerType: CustomerWholesaler, StartAt: "20190821"},
		CPEModelName: "RTX830", Contracts: []SiteContract{{ProductCode: "1-3-1-1-1", ProductType: ProductMain}},
		InstallationLocation: &Location{Tel: "0312345678"},
		IPIPParam:            &IPIPParam{CPEIPv4Address: "127.123.123.128/32", Username: "u1234500001", Password: "8240bd47"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOddAnswers(t *testing.T) {
	for body, want := range map[string]carrier.Warning{
		`[{"orderCode":"A1","status":"6"}]`:                       {Field: "status", Reason: lenient.ReasonCode},
		`[{"orderCode":"A1","applicationDate":"20190230"}]`:       {Field: "applicationDate", Reason: lenient.ReasonTime},
		`{"orders":[{"orderCode":"A1","orderType":"９"}]}`:         {Field: "orderType", Reason: lenient.ReasonCode},
		`[{"orderCode":"A1","hopeToEndAt":"201912"}]`:             {Field: "hopeToEndAt", Reason: lenient.ReasonTime},
		`[{"orderCode":"A1","changeType":2,"unheardOf":["x",1]}]`: {Field: "changeType", Reason: lenient.ReasonCode},
	} {
		orders, warnings, err := readOrders(new(lenient.Decoder), []byte(body))
		if err != nil || len(orders) != 1 || !cmp.Equal(warnings, []carrier.Warning{want}) {
			t.Errorf("%s: %v, %v, %v", body, orders, warnings, err)
		}
	}
	for _, body := range []string{`[{"status":"1"}]`, `{"order":{"orderCode":"A1"}}`, `[["A1"]]`, `null`, `[null]`} {
		if orders, _, err := readOrders(new(lenient.Decoder), []byte(body)); err == nil {
			t.Errorf("%s is read as %v", body, orders)
		}
	}
}

func TestRequestsAreThoseOfTheDocument(t *testing.T) {
	for _, name := range []string{"order_partner", "order_dedicated", "order_onsite", "order_cancel"} {
		var request CreateOrderRequest
		if err := json.Unmarshal(example(t, name), &request); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := request.Validate(now()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		w := request.Spec()
		if got := compacted(t, example(t, name)); w.Method != "POST" || w.Path != "/infoIpoE/v2/orders" || !bytes.Equal(w.Body, got) {
			t.Errorf("%s is sent as\n%s %s\n%s\nwant\n%s", name, w.Method, w.Path, w.Body, got)
		}
	}
	var token TokenRequest
	body := bytes.Replace(example(t, "token_request"), []byte("  \"grantType\": \"client_credentials\",\n"), nil, 1)
	if err := json.Unmarshal(body, &token); err != nil {
		t.Fatal(err)
	}
	w := token.Spec()
	if got := compacted(t, example(t, "token_request")); w.Method != "POST" || w.Path != "/oauth/v1/accesstokens" || !bytes.Equal(w.Body, got) {
		t.Errorf("the token call is sent as %s %s %s, want %s", w.Method, w.Path, w.Body, got)
	}
}

func compacted(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
