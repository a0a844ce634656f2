package schema

import "time"

// IPoEOrder is an order of an IPoE customer (IPoE API 3.4.0, Order and OrderDetail), the latest known, without its secrets.
// What the carrier tells in its details alone is empty until DetailObservedAt is known.
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
	DetailObservedAt Opt[time.Time] `column:"detail_observed_at"` // the carrier's clock when it last told the details
	DetailReceivedAt Opt[time.Time] `column:"detail_received_at"` // kaisen's clock then
	ObservedAt       time.Time      `column:"observed_at"`
}

// IPoEOrderBrief is what the list tells of an order, and its details too.
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
