package simulator

import "time"

// OrderTruth is an order of Universal One Mobile, or the cancellation of one, at a second.
type OrderTruth struct {
	ContractID string       `json:"contract_id"`
	OrderID    string       `json:"order_id"`
	Operation  string       `json:"operation"` // as Operations names it
	LineNo     string       `json:"line_no"`   // empty: of no line that there is
	Items      int          `json:"items"`     // how many things were ordered at once
	Placed     time.Time    `json:"placed"`
	Requested  string       `json:"requested"`  // YYYY-MM-DD
	Opened     string       `json:"opened"`     // YYYY-MM-DD on which it took effect; empty: it has not
	Status     string       `json:"status"`     // orderStatus
	MessageID  string       `json:"message_id"` // of an order that came to nothing
	Cancels    string       `json:"cancels"`    // the order that this is the cancellation of
	History    []StatusTime `json:"history"`    // all its statuses, those to come among them
}

// StatusTime is a status and when it begins.
type StatusTime struct {
	Time   time.Time `json:"time"`
	Status string    `json:"status"`
}

// ServiceOrderTruth is an order of the Service Order API.
type ServiceOrderTruth struct {
	ContractID  string `json:"contract_id"`
	Service     string `json:"service"` // as it is asked for: uno, …
	ServiceName string `json:"service_name"`
	OrderType   int    `json:"order_type"`
	OrderStatus int    `json:"order_status"` // 0: none
	RequestNum  string `json:"request_num"`
	WebEntryID  string `json:"web_entry_id"`
	OfferPlan   string `json:"offer_plan"` // YYYY-MM-DD
	Updated     string `json:"updated"`    // YYYY-MM-DD
}

// SiteTruth is a site of the IPoE account.
type SiteTruth struct {
	SiteCode string   `json:"site_code"`
	Name     string   `json:"name"`
	Status   string   `json:"status"`
	Started  string   `json:"started"` // YYYY-MM-DD
	Ended    string   `json:"ended"`   // YYYY-MM-DD, its last day; empty: it has not
	LineID   string   `json:"line_id"`
	Products []string `json:"products"` // that it has
	Secrets  []string `json:"secrets"`
}

// IPoEOrderTruth is an order of the IPoE account.
type IPoEOrderTruth struct {
	OrderCode string     `json:"order_code"`
	OrderType int        `json:"order_type"`
	SiteCode  string     `json:"site_code"`
	Status    string     `json:"status"`
	Placed    time.Time  `json:"placed"`
	Done      *time.Time `json:"done"` // when it is carried out, or fails; null: never
	Products  []string   `json:"products"`
}

// ProductTruth is a product of either catalogue.
type ProductTruth struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Devices []string `json:"devices,omitempty"` // of Universal One Mobile
	Needs   []string `json:"needs,omitempty"`   // of IPoE: one of these
}
