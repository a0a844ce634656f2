package schema

import "time"

// The rows of the two smaller APIs name the column of each field in a tag, so that a table of 70 columns has its names
// in one place. Fields of a struct inside of a row have the columns that its tag begins.

// ServiceOrder is an order of a service (Service Order API, Check Service Order Status), the latest known.
type ServiceOrder struct {
	Source          string             `column:"source"`
	Service         string             `column:"service"` // the service that was asked for: uno
	OrderRequestNum string             `column:"order_request_num"`
	ContractID      string             `column:"contract_id"`     // the service's contract; each order has its own
	ServiceName     string             `column:"service_name"`    // in the carrier's words
	TypeCode        string             `column:"order_type_code"` // orderType
	Type            OrderType          `column:"order_type"`      // what the code means
	OfferPlanDate   Opt[Date]          `column:"offer_plan_date"`
	StatusCode      string             `column:"status_code"` // orderStatus; "" where it is missing
	Status          ServiceOrderStatus `column:"status"`      // what the code means of this service
	Listed          bool               `column:"listed"`      // false once it is no longer in the carrier's list
	FirstSeen       time.Time          `column:"first_seen"`
	StatusSince     time.Time          `column:"status_since"` // when the status was first seen
	ObservedAt      time.Time          `column:"observed_at"`
}

// Key is source and contract.
func (o ServiceOrder) Key() LineKey { return LineKey{Source: o.Source, ContractID: o.ContractID} }

// OrderType is what an order of the two smaller APIs does.
type OrderType string

const (
	OrderTypeUnknown OrderType = "unknown" // another code, or none
	OrderTypeNew     OrderType = "new"
	OrderTypeChange  OrderType = "change"
	OrderTypeCancel  OrderType = "cancel"
)

// ServiceOrderStatus is how far a service's order has come.
type ServiceOrderStatus string

const (
	ServiceOrderUnknown           ServiceOrderStatus = "unknown" // the document gives no meaning for this service
	ServiceOrderReceived          ServiceOrderStatus = "received"
	ServiceOrderInvestigated      ServiceOrderStatus = "investigated"
	ServiceOrderAccessConstructed ServiceOrderStatus = "access_line_constructed"
	ServiceOrderDeviceConstructed ServiceOrderStatus = "device_constructed"
	ServiceOrderInProgress        ServiceOrderStatus = "in_progress"
	ServiceOrderCompleted         ServiceOrderStatus = "completed"
)

// ServiceOrderStatuses lists every value.
func ServiceOrderStatuses() []ServiceOrderStatus {
	return []ServiceOrderStatus{
		ServiceOrderUnknown, ServiceOrderReceived, ServiceOrderInvestigated, ServiceOrderAccessConstructed,
		ServiceOrderDeviceConstructed, ServiceOrderInProgress, ServiceOrderCompleted,
	}
}

// Open reports whether more is to happen to an order of the status. Of an unknown one nobody can say: most services
// have no documented status at all, and their orders would count as stuck for ever.
func (s ServiceOrderStatus) Open() bool {
	return s != ServiceOrderCompleted && s != ServiceOrderUnknown
}

// ServiceOrderDetail is everything about one order of one line (Service Order API, Check Service Order Detailed Information),
// the latest known: all fields of the document, named as there. The document does not say what identifies an order
// here. Taken are the Web entry, its sub ID, main or backup, the order's number and the line's number as it was applied
// for; numbers that come to be while the order is carried out are no part of it. Customers, places and phones are
// personal data, which belongs in the database and in no log, error or metric.
type ServiceOrderDetail struct {
	Source                            string    `column:"source"`
	WebEntryID                        string    `column:"web_entry_id"`
	ChangeRelationNum                 string    `column:"change_relation_num"`
	MainBackIdentifier                string    `column:"main_back_identifier"`
	OrderNum                          string    `column:"order_num"`
	ContractVpnNum                    string    `column:"contract_vpn_num"`
	ContractLineNumAppl               string    `column:"contract_line_num_appl"`
	ContractLineNumDistribut          string    `column:"contract_line_num_distribut"`
	DarkID                            string    `column:"dark_id"`
	QuotationGroupID                  string    `column:"quotation_group_id"`
	ApplYmd                           Opt[Date] `column:"appl_ymd"`
	ItemName                          string    `column:"item_name"`
	ContractorName                    string    `column:"contractor_name"`
	OfficeName                        string    `column:"office_name"`
	Kind                              string    `column:"kind"`
	ProductName                       string    `column:"product_name"`
	ServiceName                       string    `column:"service_name"`
	AccsLineTypeMain                  string    `column:"accs_line_type_main"`
	LineSpeed                         string    `column:"line_speed"`
	PutPlaceZipNum                    string    `column:"put_place_zip_num"`
	PutPlaceAddPrefectures            string    `column:"put_place_add_prefectures"`
	PutPlaceAdd                       string    `column:"put_place_add"`
	PutPlaceBuildingName              string    `column:"put_place_building_name"`
	PutPlaceFloor                     string    `column:"put_place_floor"`
	PutPlaceTel                       string    `column:"put_place_tel"`
	SaleChannelCode                   string    `column:"sale_channel_code"`
	CustomerDepartmentName            string    `column:"customer_department_name"`
	SupportRequestStatus              string    `column:"support_request_status"`
	SupportRequestActionYmd           Opt[Date] `column:"support_request_action_ymd"`
	AccsConstPresence                 string    `column:"accs_const_presence"`
	UniversalOneTerminal              string    `column:"universal_one_terminal"`
	TermConstDiv                      string    `column:"term_const_div"`
	HoldoutScheduleYmd                Opt[Date] `column:"holdout_schedule_ymd"`
	ReceptYmd                         Opt[Date] `column:"recept_ymd"`
	ChangeRelationReceptYmd           Opt[Date] `column:"change_relation_recept_ymd"`
	FieldResearchStatus               string    `column:"field_research_status"`
	AreaFieldResearchScheduleYmd      Opt[Date] `column:"area_field_research_schedule_ymd"`
	AreaFieldResearchTimeZone         string    `column:"area_field_research_time_zone"`
	AreaFieldResearchScheduleTimeZone string    `column:"area_field_research_schedule_time_zone"`
	AreaFieldResearchWorker           string    `column:"area_field_research_worker"`
	AreaFieldResearchObserver         string    `column:"area_field_research_observer"`
	AreaFieldResearchActionYmd        Opt[Date] `column:"area_field_research_action_ymd"`
	ComFieldResearchTimeZone          string    `column:"com_field_research_time_zone"`
	ComFieldResearchExpectedDay       Opt[Date] `column:"com_field_research_expected_day"`
	ComFieldResearchExpectedTimeZone  string    `column:"com_field_research_expected_time_zone"`
	ComFieldResearchWorker            string    `column:"com_field_research_worker"`
	ComFieldResearchObserver          string    `column:"com_field_research_observer"`
	ComFieldResearchActionYmd         Opt[Date] `column:"com_field_research_action_ymd"`
	AncillaryConstPresence            string    `column:"ancillary_const_presence"`
	ContinuityConstTrialStatus        string    `column:"continuity_const_trial_status"`
	DfConstHopeYmd                    Opt[Date] `column:"df_const_hope_ymd"`
	ContinuityConstScheduleYmd        Opt[Date] `column:"continuity_const_schedule_ymd"`
	ContinuityConstScheduleTimeZone   string    `column:"continuity_const_schedule_time_zone"`
	ContinuityConstWorker             string    `column:"continuity_const_worker"`
	ContinuityConstObserver           string    `column:"continuity_const_observer"`
	ContinuityConstActionYmd          Opt[Date] `column:"continuity_const_action_ymd"`
	HomeConstStatus                   string    `column:"home_const_status"`
	AccsLineScheduleYmd               Opt[Date] `column:"accs_line_schedule_ymd"`
	HomeConstTimeZone                 string    `column:"home_const_time_zone"`
	AccsLineScheduleTimeZone          string    `column:"accs_line_schedule_time_zone"`
	HomeConstWorker                   string    `column:"home_const_worker"`
	HomeConstObserver                 string    `column:"home_const_observer"`
	AccsLineActionYmd                 Opt[Date] `column:"accs_line_action_ymd"`
	TermConstStatus                   string    `column:"term_const_status"`
	TermConstScheduleYmd              Opt[Date] `column:"term_const_schedule_ymd"`
	TermConstHopeTimeZone             string    `column:"term_const_hope_time_zone"`
	TermConstScheduleTimeZone         string    `column:"term_const_schedule_time_zone"`
	TermConstWorker                   string    `column:"term_const_worker"`
	TermConstObserver                 string    `column:"term_const_observer"`
	TermConstActionYmd                Opt[Date] `column:"term_const_action_ymd"`
	WithdrawKbn                       string    `column:"withdraw_kbn"`
	ObservedAt                        time.Time `column:"observed_at"`
}

// Key is the source.
func (d ServiceOrderDetail) Key() LineKey { return LineKey{Source: d.Source} }
