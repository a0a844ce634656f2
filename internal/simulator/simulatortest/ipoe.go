package simulatortest

import (
	"fmt"
	"strings"
)

// StartBody is the document's first example of an order, for products of one's choice.
func StartBody(products ...string) string {
	var list []string
	for _, code := range products {
		list = append(list, fmt.Sprintf(`{"productCode":%q}`, code))
	}
	return `{"orderType":"1","startOrderPostData":{"customerSiteName":"東京拠点","customerCode":"A10000105","caseName":"鈴木商店",` +
		`"lineId":"CAF1234567890","lineAccessKey":"k3yk3yk3","products":[` + strings.Join(list, ",") + `]}}`
}

// PlaceIPoE places an IPoE order that must be taken, and returns its number.
func (c *Client) PlaceIPoE(body string) string {
	c.T.Helper()
	code, _ := c.Backend("POST", "orders", body, 201)["orderCode"].(string)
	if !strings.HasPrefix(code, "A10000101") || len(code) != 17 {
		c.T.Fatalf("order %q", code)
	}
	return code
}

// IPoEBase is where the addresses of IPoE API 3.4.0 begin.
const IPoEBase = "/infoIpoE/v2/"

// Backend makes an IPoE request that must succeed, and reads its answer. A bare list comes under "list".
func (c *Client) Backend(method, path, body string, status int) map[string]any {
	c.T.Helper()
	w := c.Send(method, IPoEBase+path, body)
	if w.Code != status {
		c.T.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	text := w.Body.String()
	if strings.HasPrefix(text, "[") {
		text = `{"list":` + text + `}`
	}
	return Read(c.T, text)
}
