package api

import (
	"net/http"
	"net/url"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// SitesRequest is GET /customerSites (拠点一覧取得). Nothing in it is required; what is given narrows the list.
type SitesRequest struct {
	CaseName         string       `json:"caseName,omitzero" doc:"案件名: part of the case's name, up to 64 characters"`
	CPEModelName     string       `json:"cpeModelName,omitzero" doc:"CPE機種名: the CPE's model, the whole of it, e.g. RTX830"`
	CustomerName     string       `json:"customerName,omitzero" doc:"契約者名: part of the customer's name"`
	CustomerSiteCode string       `json:"customerSiteCode,omitzero" doc:"保守番号: the site's number, the whole of it, 1 to 256 signs"`
	CustomerSiteName string       `json:"customerSiteName,omitzero" doc:"拠点名: part of the site's name, up to 64 characters"`
	CustomerType     CustomerType `json:"customerType,omitzero" doc:"契約者種別: 1 direct, 2 wholesaler (the only one today)"`
	EndAtFrom        lenient.Date `json:"endAtFrom,omitzero" doc:"廃止日(From): sites that ended on this day or later, YYYYMMDD"`
	EndAtTo          lenient.Date `json:"endAtTo,omitzero" doc:"廃止日(To): sites that ended on this day or earlier, YYYYMMDD"`
	GlobalIP         string       `json:"globalIp,omitzero" doc:"グローバルIP: the site's address, the whole of it, e.g. 1.1.1.0/27"`
	Limit            int          `json:"limit,omitzero" doc:"取得件数: how many sites to return, up to 4 digits; 0: as many as the carrier likes"`
	LineID           string       `json:"lineId,omitzero" doc:"回線ID: the access line's ID, the whole of it, e.g. CAF1234567890"`
	Offset           int          `json:"offset,omitzero" doc:"取得開始番号: the number of the first site, up to 4 digits; 11 is the 11th; 0: from the first"`
	StartAtFrom      lenient.Date `json:"startAtFrom,omitzero" doc:"設置日(From): sites set up on this day or later, YYYYMMDD"`
	StartAtTo        lenient.Date `json:"startAtTo,omitzero" doc:"設置日(To): sites set up on this day or earlier, YYYYMMDD"`
	Status           SiteStatus   `json:"status,omitzero" doc:"ステータス: 1 in use, 2 ended"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *SitesRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *SitesRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Text("caseName", r.CaseName, 0, 64, lenient.AnyCharacter())
	c.Text("customerSiteCode", r.CustomerSiteCode, 1, 256, lenient.HalfWidth())
	c.Text("customerSiteName", r.CustomerSiteName, 0, 64, lenient.AnyCharacter())
	c.OneOf("customerType", string(r.CustomerType), "1", "2")
	c.Period("endAtFrom", r.EndAtFrom, "endAtTo", r.EndAtTo)
	c.FourDigits("limit", r.Limit)
	c.FourDigits("offset", r.Offset)
	c.Period("startAtFrom", r.StartAtFrom, "startAtTo", r.StartAtTo)
	c.OneOf("status", string(r.Status), "1", "2")
	return c.Err()
}

// Spec is carrier.Request's.
func (r *SitesRequest) Spec() carrier.RequestSpec { return pageOf(base+"/customerSites", r) }

// Site is a place that the customer has connected (IPoE API 3.4.0, CustomerSite, and what its examples hold beyond it).
// Texts that were not given are "".
type Site struct {
	CustomerSiteCode   string         `json:"customerSiteCode,omitzero" need:"true"` // 保守番号, which identifies the site: int-12345678
	CustomerSiteName   string         `json:"customerSiteName,omitzero"`             // 拠点名
	CustomerCode       string         `json:"customerCode,omitzero"`                 // システムID: A10000101
	CustomerType       CustomerType   `json:"customerType,omitzero"`                 // 契約者種別
	CustomerName       string         `json:"customerName,omitzero"`                 // 契約者名
	Status             SiteStatus     `json:"status,omitzero"`                       // ステータス
	StartAt            lenient.Date   `json:"startAt,omitzero"`                      // 設置日: when the site came into use
	EndAt              lenient.Date   `json:"endAt,omitzero"`                        // 廃止日: when it ended
	CaseName           string         `json:"caseName,omitzero"`                     // 案件名, by which sites are grouped
	LineBundleType     LineBundle     `json:"lineBundleType,omitzero"`               // 回線手配
	LineType           string         `json:"lineType,omitzero"`                     // 回線種別; null today
	LineID             string         `json:"lineId,omitzero"`                       // 回線ID of the access line: CAF1234567890
	LineAccessKey      Secret         `json:"lineAccessKey,omitzero"`                // 回線アクセスキー
	TerminalBundleType TerminalBundle `json:"terminalBundleType,omitzero"`           // 端末手配
	GlobalIP           string         `json:"globalIp,omitzero"`                     // グローバルIP: 1.1.1.0/27
	PPOneGwNodename    string         `json:"pponeGwNodename,omitzero"`              // in the examples only
	PPTwoGwNodename    string         `json:"pptwoGwNodename,omitzero"`              // in the examples only
	VRF                string         `json:"vrf,omitzero"`                          // in the examples only; not of sites with a dedicated CPE
	TunnelIF           string         `json:"tunnelIf,omitzero"`                     // Tunnel IF番号; in the examples only; likewise
}

func readSites(d *lenient.Decoder, body []byte) ([]Site, []carrier.Warning, error) {
	return listOf[Site](d, body, "customerSite", "customerSites")
}

// SiteRequest is GET /customerSites/{customerSiteCode} (拠点詳細取得).
type SiteRequest struct {
	CustomerSiteCode string `json:"customerSiteCode" arg:"1" doc:"保守番号: the site's number, 1 to 256 signs, e.g. int-12345678"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *SiteRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's.
func (r *SiteRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Required("customerSiteCode", r.CustomerSiteCode)
	c.Text("customerSiteCode", r.CustomerSiteCode, 1, 256, lenient.HalfWidth())
	return c.Err()
}

// Spec is carrier.Request's.
func (r *SiteRequest) Spec() carrier.RequestSpec {
	return carrier.RequestSpec{Method: http.MethodGet, Path: base + "/customerSites/" + url.PathEscape(r.CustomerSiteCode)}
}
