package api

import (
	"errors"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// SiteDetail is one site with everything about it (IPoE API 3.4.0, CustomerSiteDetail, and what its examples hold beyond
// it). The gateways' fields are null of a site with the partner's CPE and absent of one with a dedicated CPE.
type SiteDetail struct {
	Site
	CustomerSiteNumber  string         `json:"customerSiteNumber,omitzero"`        // in the examples only: 6000002
	CPEModelName        string         `json:"cpeModelName,omitzero"`              // CPE機種名: RTX830
	EastOrWest          string         `json:"eastOrWest,omitzero"`                // 東西区分
	TerminalHostname    string         `json:"terminalHostname,omitzero"`          // CPEホスト名
	TerminalDomain      string         `json:"terminalDomain,omitzero"`            // CPEドメイン名
	PPOneGwHostname     string         `json:"pponeGwHostname,omitzero"`           // PP1:GWホスト名
	PPOneGwFQDN         string         `json:"pponeGwFqdn,omitzero"`               // PP1:GW FQDN
	PPOneGwTEP          string         `json:"pponeGwTep,omitzero"`                // PP1:GW TEPアドレス
	PPOneGwBGP          string         `json:"pponeGwBgp,omitzero"`                // PP1:GW BGPアドレス
	PPOneGwPreSharedKey Secret         `json:"pponeGwPreSharedKey,omitzero"`       // in the examples only
	PPTwoGwHostname     string         `json:"pptwoGwHostname,omitzero"`           // PP2:GWホスト名
	PPTwoGwFQDN         string         `json:"pptwoGwFqdn,omitzero"`               // PP2:GW FQDN
	PPTwoGwTEP          string         `json:"pptwoGwTep,omitzero"`                // PP2:GW TEPアドレス
	PPTwoGwBGP          string         `json:"pptwoGwBgp,omitzero"`                // PP2:GW BGPアドレス
	PPTwoGwPreSharedKey Secret         `json:"pptwoGwPreSharedKey,omitzero"`       // in the examples only
	LANLoopback         string         `json:"lanLoopback,omitzero"`               // in the examples only
	Contracts           []SiteContract `json:"contracts,omitzero" also:"contract"` // the products bought for the site; "contract" in the examples

	// Only of a site with a dedicated CPE (専用CPE付き); nil for the others. The definition has these inside of
	// customerSite, the examples beside it.
	InstallationLocation *Location  `json:"customerSiteInstallationLocation,omitzero"`
	LANAddress           *LANPrefix `json:"customerSiteLanAddress,omitzero"`
	DHCPServerFunction   *DHCPRange `json:"customerSiteDhcpServerFunction,omitzero"`

	IPIPParam *IPIPParam `json:"customerSiteIpipParam,omitzero"` // only of a site with the course 固定IP(MF)
}

// SiteContract is a product bought for a site (IPoE API 3.4.0, CustomerSiteContract).
type SiteContract struct {
	ProductCode string       `json:"productCode,omitzero"` // 商品コード: 1-2-2-1-1
	ProductName string       `json:"productName,omitzero"` // 商品名
	ProductType ProductType  `json:"productType,omitzero"` // 商品種別
	StartAt     lenient.Date `json:"startAt,omitzero"`     // 課金開始日: billed from the month after
	EndAt       lenient.Date `json:"endAt,omitzero"`       // 課金終了日: "" while it is billed
}

// Location is where a CPE stands or is sent to (IPoE API 3.4.0, InstallationLocationElement and
// CustomerSiteInstallationLocation). The document limits zipCode and tel alone.
type Location struct {
	ZipCode        string `json:"zipCode,omitzero"`        // 郵便番号: 7 digits
	Prefectures    string `json:"prefectures,omitzero"`    // 都道府県
	Address        string `json:"address,omitzero"`        // 住所
	CompanyName    string `json:"companyName,omitzero"`    // 会社名
	DepartmentName string `json:"departmentName,omitzero"` // 部署名
	ClientName     string `json:"clientName,omitzero"`     // 現地担当者
	Tel            string `json:"tel,omitzero"`            // 電話番号: 10 or 11 digits
}

// LANPrefix is the LAN side of a CPE (IPoE API 3.4.0, LanAddressElement and CustomerSiteLanAddress).
type LANPrefix struct {
	LANNetworkAddress   string `json:"lanNetworkAddress,omitzero"`   // LAN側ネットワークアドレス: 123.123.123.123/32, 9 to 18 characters
	LANInterfaceAddress string `json:"lanInterfaceAddress,omitzero"` // LAN側インターフェースアドレス: 7 to 15 characters
}

// DHCPRange is what a CPE serves to its LAN (IPoE API 3.4.0, DhcpServerFunctionElementWithoutHowToUse and
// CustomerSiteDhcpServerFunction). Each is an IPv4 address of 7 to 15 characters.
type DHCPRange struct {
	StartAddress string `json:"startAddress,omitzero"` // 開始アドレス
	EndAddress   string `json:"endAddress,omitzero"`   // 終了アドレス
	DNS1         string `json:"dns1,omitzero"`         // DNS1: NTTPC's where it is not given
	DNS2         string `json:"dns2,omitzero"`         // DNS2: likewise
}

// IPIPParam is for the tunnel of the course 固定IP(MF) (IPoE API 3.4.0, IpipParamElement and CustomerSiteIpipParamElement).
type IPIPParam struct {
	CPEIPv4Address    string `json:"cpeIpv4Address,omitzero"`    // グローバルIPv4アドレス, up to 18 characters
	CPEIPv6Address    string `json:"cpeIpv6Address,omitzero"`    // CPEトンネル終端IPv6アドレス, up to 39 characters
	TunnelIPv6Address string `json:"tunnelIpv6Address,omitzero"` // トンネル終端IPv6アドレス, up to 39 characters
	Username          string `json:"username,omitzero"`          // アップデートサーバ用ユーザ名: u and 10 digits
	Password          Secret `json:"password,omitzero"`          // アップデートサーバ用パスワード: 8 letters and digits
}

// readSite takes the parts of a site from inside of it or from beside it.
func readSite(d *lenient.Decoder, body []byte) (SiteDetail, []carrier.Warning, error) {
	var answer struct {
		Site                 *SiteDetail `json:"customerSite"`
		InstallationLocation *Location   `json:"customerSiteInstallationLocation"`
		LANAddress           *LANPrefix  `json:"customerSiteLanAddress"`
		DHCPServerFunction   *DHCPRange  `json:"customerSiteDhcpServerFunction"`
		IPIPParam            *IPIPParam  `json:"customerSiteIpipParam"`
	}
	warnings, err := lenient.Decode(d, body, &answer)
	if err != nil {
		return SiteDetail{}, nil, err
	}
	site := answer.Site
	if site == nil {
		return SiteDetail{}, nil, errors.New("customerSite is missing")
	}
	beside(&site.InstallationLocation, answer.InstallationLocation)
	beside(&site.LANAddress, answer.LANAddress)
	beside(&site.DHCPServerFunction, answer.DHCPServerFunction)
	beside(&site.IPIPParam, answer.IPIPParam)
	return *site, warnings, nil
}

func beside[T any](inside **T, outside *T) {
	if *inside == nil {
		*inside = outside
	}
}
