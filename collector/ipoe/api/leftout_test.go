package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/carrier/lenient/lenienttest"
)

// Issue 12, D.13: a row that cannot be read costs itself, in each list; what its letter keeps of it has no secrets.
func TestARowCostsItself(t *testing.T) {
	for name, c := range map[string]struct {
		read      func(*lenient.Decoder, []byte) (int, []carrier.Warning, error)
		key       string
		good, bad string
	}{
		"products": {counted(readProducts), "customerProduct", `{"productCode":"1-1-1-1-1"}`, `{"productName":"x"}`},
		"options": {counted(readProducts), "customerProduct", `{"productCode":"1-1-1-1-1"}`,
			`{"productCode":"2","productDependencies":[{"productCode":"1"},{}]}`},
		"sites":   {counted(readSites), "customerSite", `{"customerSiteCode":"int-1"}`, `{"customerSiteName":"x"}`},
		"orders":  {counted(readOrders), "orders", `{"orderCode":"A1"}`, `{"status":"1"}`},
		"a text":  {counted(readOrders), "orders", `{"orderCode":"A1"}`, `"A2"`},
		"nothing": {counted(readSites), "customerSite", `{"customerSiteCode":"int-1"}`, `{}`},
	} {
		body := `{"` + c.key + `":[` + c.good + `,` + c.bad + `,` + c.good + `]}`
		n, warnings, err := c.read(new(lenient.Decoder), []byte(body))
		if err != nil || n != 2 || len(warnings) != 1 || warnings[0].Reason != lenient.ReasonRow || warnings[0].Row != c.bad {
			t.Errorf("%s: %d rows, warnings %v, error %v; want two and the other told", name, n, warnings, err)
		}
	}
	c, _ := answering(t, http.StatusOK, `{"customerSite":[{"customerSiteCode":"a"},{"lineAccessKey":"geheim"}]}`)
	answer, err := c.Sites(t.Context(), SitesRequest{})
	if err != nil || len(answer.Warnings) != 1 || answer.Warnings[0].Row == "" || strings.Contains(fmt.Sprint(answer.Warnings), "geheim") {
		t.Errorf("warnings %v, error %v", answer.Warnings, err)
	}
}

// An order says of which of its fields there is nothing.
func TestOrdersSayWhatIsNULL(t *testing.T) {
	orders, _, err := readOrders(new(lenient.Decoder), []byte(`{"orders":[{"orderCode":"A1","status":null,"hopeToStartAt":""},{"orderCode":"A2"}]}`))
	if err != nil || len(orders) != 2 || orders[0].Nulls != "status hopeToStartAt " || orders[1].Nulls != "" {
		t.Errorf("%+v, error %v", orders, err)
	}
}

func counted[T any](read lenient.Read[[]T]) func(*lenient.Decoder, []byte) (int, []carrier.Warning, error) {
	return func(d *lenient.Decoder, body []byte) (int, []carrier.Warning, error) {
		rows, warnings, err := read(d, body)
		return len(rows), warnings, err
	}
}

// Wherever it stands, a row that cannot be read hides no other, and no page is asked for again for its sake.
func TestPagesWithRowsThatCannotBeRead(t *testing.T) {
	const rows = 9
	for at := range rows {
		for _, also := range []int{at, (at + 1) % rows, (at + 3) % rows} {
			asked := 0
			c := New(lenienttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				begin, _ := strconv.Atoi(r.URL.Query().Get("offset"))
				limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
				list := []any{}
				for n := max(begin, 1) - 1; n < rows && len(list) < limit; n++ {
					if n == at || n == also {
						list = append(list, map[string]int{"row": n})
						continue
					}
					list = append(list, map[string]string{"orderCode": fmt.Sprint("A", n)})
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"orders": list})
			}))
			answer, err := c.AllOrders(t.Context(), OrdersRequest{Limit: 4})
			lost := 2
			if at == also {
				lost = 1
			}
			if err != nil || len(answer.Value) != rows-lost || asked > 5 {
				t.Errorf("rows %d and %d: %d of the others, error %v, %d pages", at, also, len(answer.Value), err, asked)
			}
			for _, n := range []int{at, also} {
				if !strings.Contains(fmt.Sprint(answer.Warnings), fmt.Sprintf(`{"row":%d}`, n)) {
					t.Errorf("row %d is not told: %v", n, answer.Warnings)
				}
			}
		}
	}
}

// An order is not refused because its product is one that could not be read.
func TestProductsThatCannotBeReadRefuseNoOrder(t *testing.T) {
	client := lenienttest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"customerProduct":[{"productCode":"1"},{"productName":"2"}]}`))
	})
	r := &CreateOrderRequest{Start: &StartOrder{}}
	if err := compareWithProducts(t.Context(), client, r); err == nil {
		t.Error("compared")
	} else if _, unread := carrier.KindOf(err); !unread {
		t.Errorf("violations of a list that was not read: %v", err)
	}
}
