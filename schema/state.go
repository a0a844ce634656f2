package schema

// State is what a collector needs to know of the past to go on where an earlier process stopped.
type State struct {
	Lines           []Line            // latest, whatever their state
	Members         []DataShareMember // latest
	Traffic         []TrafficSample   // the latest of each line and scope
	Sessions        []SessionSample   // the latest of each line
	Daily           []TrafficDaily    // the newest 33 days known of each line and scope
	Monthly         []TrafficMonthly  // the newest 4 months known of each line and scope
	Watermarks      []LogWatermark    // the latest of each log
	Authentications []Authentication  // not before the watermark less the overlap that is read again
	SessionEvents   []SessionEvent    // likewise
	Products        []Product         // latest, offered or not
	Orders          []Order           // latest, items among them, whatever their status

	ServiceOrders []ServiceOrder // latest, listed or not
	IPoEProducts  []IPoEProduct  // likewise
	IPoESites     []IPoESite     // likewise
	IPoEOrders    []IPoEOrder    // likewise
}
