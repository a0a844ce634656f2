package schema

import (
	"time"
)

// IPoEProduct is what an IPoE customer may buy (IPoE API 3.4.0, CustomerProduct), the latest known. Codes are as the carrier
// writes them, without leading zeros; what they mean is in the comments of the columns.
type IPoEProduct struct {
	Source            string      `column:"source"`
	ProductCode       string      `column:"product_code"` // 1-2-2-1-1
	CustomerProductID string      `column:"customer_product_id"`
	CustomerCode      string      `column:"customer_code"` // A10000105
	ProductName       string      `column:"product_name"`
	ProductType       string      `column:"product_type"`
	Service           string      `column:"service"`
	Course            string      `column:"course"`
	Plan              string      `column:"plan"`
	IPAddress         string      `column:"ip_address"`
	CPE               string      `column:"cpe"`
	Line              string      `column:"line"`
	ShortestPeriod    Opt[uint64] `column:"shortest_period"`
	PurchasePrice     Opt[uint64] `column:"purchase_price_yen"`
	MonthlyPrice      Opt[uint64] `column:"monthly_price_yen"`
	MeasuredPrice     Opt[uint64] `column:"measured_price_yen"`
	Dependencies      []string    `column:"dependencies"` // main products, one of which must be ordered with it
	Listed            bool        `column:"listed"`       // false once it is no longer in the carrier's list
	ObservedAt        time.Time   `column:"observed_at"`
}

// Key is the source.
func (p IPoEProduct) Key() LineKey { return LineKey{Source: p.Source} }

// IPoESite is a place that an IPoE customer has connected (IPoE API 3.4.0, CustomerSite and CustomerSiteDetail), the latest
// known, without its secrets: the line's access key, the gateways' pre-shared keys and the password of the update
// server are nowhere in it. Fields that only the details have are empty until DetailObservedAt is known.
type IPoESite struct {
	Source string `column:"source"`
	IPoESiteBrief

	CustomerSiteNumber   string      `column:"customer_site_number"`
	CPEModelName         string      `column:"cpe_model_name"`
	EastOrWest           string      `column:"east_or_west"`
	TerminalHostname     string      `column:"terminal_hostname"`
	TerminalDomain       string      `column:"terminal_domain"`
	PPOneGwHostname      string      `column:"ppone_gw_hostname"`
	PPOneGwFQDN          string      `column:"ppone_gw_fqdn"`
	PPOneGwTEP           string      `column:"ppone_gw_tep"`
	PPOneGwBGP           string      `column:"ppone_gw_bgp"`
	PPTwoGwHostname      string      `column:"pptwo_gw_hostname"`
	PPTwoGwFQDN          string      `column:"pptwo_gw_fqdn"`
	PPTwoGwTEP           string      `column:"pptwo_gw_tep"`
	PPTwoGwBGP           string      `column:"pptwo_gw_bgp"`
	LANLoopback          string      `column:"lan_loopback"`
	ContractCodes        []string    `column:"contract_product_codes"` // the products bought for it; parallel lists
	ContractNames        []string    `column:"contract_product_names"`
	ContractTypes        []string    `column:"contract_product_types"`
	ContractStarts       []Opt[Date] `column:"contract_start_dates"`
	ContractEnds         []Opt[Date] `column:"contract_end_dates"`
	InstallationLocation IPoEPlace   `column:"location_"`
	LAN                  IPoELAN     `column:"lan_"`
	DHCP                 IPoEDHCP    `column:"dhcp_"`
	IPIP                 IPoEIPIP    `column:"ipip_"`

	Listed           bool           `column:"listed"` // false once it is no longer in the carrier's list
	FirstSeen        time.Time      `column:"first_seen"`
	DetailObservedAt Opt[time.Time] `column:"detail_observed_at"` // the carrier's clock when it last gave the details
	DetailReceivedAt Opt[time.Time] `column:"detail_received_at"` // kaisen's clock then
	ObservedAt       time.Time      `column:"observed_at"`
}

// IPoESiteBrief is the fields of a site that both the list and its details have.
type IPoESiteBrief struct {
	CustomerSiteCode   string     `column:"customer_site_code"` // int-12345678
	CustomerSiteName   string     `column:"customer_site_name"`
	CustomerCode       string     `column:"customer_code"`
	CustomerType       string     `column:"customer_type"`
	CustomerName       string     `column:"customer_name"`
	StatusCode         string     `column:"status_code"`
	Status             SiteStatus `column:"status"` // what the code means
	StartAt            Opt[Date]  `column:"start_at"`
	EndAt              Opt[Date]  `column:"end_at"`
	CaseName           string     `column:"case_name"`
	LineBundleType     string     `column:"line_bundle_type"`
	LineType           string     `column:"line_type"`
	LineID             string     `column:"line_id"` // of the access line: CAF1234567890
	TerminalBundleType string     `column:"terminal_bundle_type"`
	GlobalIP           string     `column:"global_ip"`
	PPOneGwNodename    string     `column:"ppone_gw_nodename"`
	PPTwoGwNodename    string     `column:"pptwo_gw_nodename"`
	VRF                string     `column:"vrf"`
	TunnelIF           string     `column:"tunnel_if"`
}

// Key is the source.
func (s IPoESite) Key() LineKey { return LineKey{Source: s.Source} }

// SiteStatus is whether a site is in use.
type SiteStatus string

const (
	SiteUnknown SiteStatus = "unknown" // another code, or none
	SiteInUse   SiteStatus = "in_use"
	SiteEnded   SiteStatus = "ended"
)

// IPoEPlace is where a CPE stands or is sent to: personal data.
type IPoEPlace struct {
	ZipCode        string `column:"zip_code"`
	Prefectures    string `column:"prefectures"`
	Address        string `column:"address"`
	CompanyName    string `column:"company_name"`
	DepartmentName string `column:"department_name"`
	ClientName     string `column:"client_name"`
	Tel            string `column:"tel"`
}

// IPoELAN is the LAN side of a CPE.
type IPoELAN struct {
	NetworkAddress   string `column:"network_address"`
	InterfaceAddress string `column:"interface_address"`
}

// IPoEDHCP is what a CPE serves to its LAN.
type IPoEDHCP struct {
	StartAddress string `column:"start_address"`
	EndAddress   string `column:"end_address"`
	DNS1         string `column:"dns1"`
	DNS2         string `column:"dns2"`
}

// IPoEIPIP is the tunnel of the course 固定IP(MF), without the password of its update server.
type IPoEIPIP struct {
	CPEIPv4Address    string `column:"cpe_ipv4_address"`
	CPEIPv6Address    string `column:"cpe_ipv6_address"`
	TunnelIPv6Address string `column:"tunnel_ipv6_address"`
	Username          string `column:"username"`
}

// IPoEOrder is an order of an IPoE customer (IPoE API 3.4.0, Order and OrderDetail), the latest known, without its secrets.
// Fields that only the details have are empty until DetailObservedAt is known.
type IPoEOrder struct {
	Source string `column:"source"`
	IPoEOrderBrief

	CustomerCode         string          `column:"customer_code"`
	OverwriteCheckFlag   string          `column:"overwrite_check_flag"`
	CaseName             string          `column:"case_name"`
	LineBundleType       string          `column:"line_bundle_type"`
	LineType             string          `column:"line_type"`
	LineID               string          `column:"line_id"`
	TerminalBundleType   string          `column:"terminal_bundle_type"`
	GlobalIP             string          `column:"global_ip"`
	ContractCodes        []string        `column:"contract_product_codes"` // the products; parallel lists
	ContractNames        []string        `column:"contract_product_names"`
	ContractTypes        []string        `column:"contract_product_types"`
	ContractStatuses     []string        `column:"contract_statuses"`       // words of IPoEOrderStatus
	ContractErrors       []string        `column:"contract_error_messages"` // "" where nothing is wrong
	InstallationLocation IPoEPlace       `column:"location_"`
	Destination          IPoEDestination `column:"destination_"`
	LAN                  IPoELAN         `column:"lan_"`
	DHCP                 IPoEDHCP        `column:"dhcp_"`
	IPIP                 IPoEIPIP        `column:"ipip_"`

	Listed           bool           `column:"listed"` // false once it is no longer in the carrier's list
	FirstSeen        time.Time      `column:"first_seen"`
	StatusSince      time.Time      `column:"status_since"`       // when the status was first seen; for an order met in progress, its day of application
	DetailObservedAt Opt[time.Time] `column:"detail_observed_at"` // the carrier's clock when it last gave the details
	DetailReceivedAt Opt[time.Time] `column:"detail_received_at"` // kaisen's clock then
	ObservedAt       time.Time      `column:"observed_at"`
}

// IPoEOrderBrief is the fields of an order that both the list and its details have.
type IPoEOrderBrief struct {
	OrderCode        string          `column:"order_code"` // A1000010100000001
	TypeCode         string          `column:"order_type_code"`
	Type             OrderType       `column:"order_type"` // what the code means
	ChangeType       string          `column:"change_type"`
	CustomerSiteCode string          `column:"customer_site_code"`
	CustomerSiteName string          `column:"customer_site_name"`
	StatusCode       string          `column:"status_code"`
	Status           IPoEOrderStatus `column:"status"` // what the code means
	ApplicationDate  Opt[Date]       `column:"application_date"`
	HopeToStartAt    Opt[Date]       `column:"hope_to_start_at"`
	HopeToEndAt      Opt[Date]       `column:"hope_to_end_at"`
}

// Planned is the day that an order is to be carried out on: of a cancellation the day on which the site is to end.
func (o *IPoEOrderBrief) Planned() Opt[Date] {
	if o.Type == OrderTypeCancel {
		return o.HopeToEndAt
	}
	return o.HopeToStartAt
}

// Key is the source.
func (o IPoEOrder) Key() LineKey { return LineKey{Source: o.Source} }

// IPoEDestination is where and when a CPE is sent to: personal data.
type IPoEDestination struct {
	IPoEPlace
	HopeToAt Opt[Date] `column:"hope_to_at"`
}

// IPoEOrderStatus is how far an IPoE order, or one product of it, has come.
type IPoEOrderStatus string

const (
	IPoEOrderUnknown     IPoEOrderStatus = "unknown" // another code, or none
	IPoEOrderInProgress  IPoEOrderStatus = "in_progress"
	IPoEOrderCompleted   IPoEOrderStatus = "completed"
	IPoEOrderError       IPoEOrderStatus = "error"
	IPoEOrderCancelled   IPoEOrderStatus = "cancelled"
	IPoEOrderPartlyError IPoEOrderStatus = "error_in_part"
)

// IPoEOrderStatuses lists every value.
func IPoEOrderStatuses() []IPoEOrderStatus {
	return []IPoEOrderStatus{
		IPoEOrderUnknown, IPoEOrderInProgress, IPoEOrderCompleted, IPoEOrderError, IPoEOrderCancelled, IPoEOrderPartlyError,
	}
}

// Open reports whether more is to happen to an order of the status. An unknown status is not final.
func (s IPoEOrderStatus) Open() bool { return s == IPoEOrderInProgress || s == IPoEOrderUnknown }
