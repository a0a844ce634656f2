package schema

import "time"

// TrafficSample is one traffic answer (UNO Mobile API v2.1 calls 03 and 09), as the carrier told it.
type TrafficSample struct {
	LineKey
	Scope             Scope          `column:"scope"`
	ObservedAt        time.Time      `column:"observed_at"`                         // the answer's Date header: the carrier's clock
	ReceivedAt        time.Time      `column:"received_at" form:"seconds"`          // kaisen's own clock when the answer arrived; kept to the second
	MonthBytes        Opt[uint64]    `column:"month_bytes"`                         // trafficThisMonth
	TodayBytes        Opt[uint64]    `column:"today_bytes"`                         // trafficToday
	RemainingBytes    Opt[uint64]    `column:"remaining_bytes"`                     // remainedDataVolume
	LimitStatus1      Opt[uint8]     `column:"limit_status1"`                       // limitStatus1, 0..3
	LimitStatus2      Opt[uint8]     `column:"limit_status2"`                       // limitStatus2, 0..1
	Restriction       Restriction    `column:"restriction"`                         // decided from the two codes
	MonthlyLimitStart Opt[time.Time] `column:"monthly_limit_start" form:"DateTime"` // monthlyLimitStartTime, to the minute
	DailyLimitStart   Opt[time.Time] `column:"daily_limit_start" form:"DateTime"`   // dailyLimitStartTime, to the minute
	LimitCause        string         `column:"limit_cause"`                         // limitCause
}

// TrafficDaily is what a line (or its group) used on one day of the carrier's calendar.
type TrafficDaily struct {
	LineKey
	Scope      Scope     `column:"scope"`
	Day        Date      `column:"day"`
	Bytes      uint64    `column:"bytes"`
	ObservedAt time.Time `column:"observed_at"`
}

// TrafficMonthly is what a line (or its group) used in one month of the carrier's calendar.
type TrafficMonthly struct {
	LineKey
	Scope      Scope     `column:"scope"`
	Month      Date      `column:"month"` // the first of the month
	Bytes      uint64    `column:"bytes"`
	ObservedAt time.Time `column:"observed_at"`
}

// SessionSample is one answer of call 26: whether the line is connected now. Where the carrier's resultCode is
// not 0 the answer says nothing of the line, and Connected is not known.
type SessionSample struct {
	LineKey
	ObservedAt  time.Time   `column:"observed_at"`
	ReceivedAt  time.Time   `column:"received_at" form:"seconds"`
	SessionType SessionType `column:"session_type"`
	Connected   Opt[bool]   `column:"connected"`
	ResultCode  uint8       `column:"result_code"` // 0 read, 1 ended abnormally, 2 too many requests
}

// Authentication is one row of the carrier's RADIUS authentication log (call 04). Rows that are alike in every
// field are real: a line that tries twice in a second. Ordinal counts them, from 0.
type Authentication struct {
	LineKey
	EventTime   time.Time   `column:"event_time" form:"DateTime"` // whole seconds
	SessionType SessionType `column:"session_type"`
	Result      AuthResult  `column:"result"`
	Ordinal     uint16      `column:"ordinal"`
	ObservedAt  time.Time   `column:"observed_at"`
}

// SessionEvent is one row of the carrier's session log (call 05), with Ordinal as in Authentication.
type SessionEvent struct {
	LineKey
	EventTime   time.Time        `column:"event_time" form:"DateTime"` // whole seconds
	SessionType SessionType      `column:"session_type"`
	Event       SessionEventKind `column:"event"`
	Ordinal     uint16           `column:"ordinal"`
	ObservedAt  time.Time        `column:"observed_at"`
}

// Line is a line as the inventory knows it: every field of call 02, and what kaisen adds.
type Line struct {
	LineKey
	State              LineState        `column:"state"`
	Origin             LineOrigin       `column:"origin"`
	StartDate          Opt[Date]        `column:"start_date"`               // startDate: first day of use
	PlanCode           string           `column:"plan_code"`                // planCode: T3001328
	Access             string           `column:"access"`                   // accessCode, accessType: 3g, lte, or the code itself
	OptionCodes        []string         `column:"option_codes"`             // optionCodeList, in the carrier's order; T6000084 once for each added volume
	SIMType            string           `column:"sim_type"`                 // simType
	SIMNumber          string           `column:"sim_number"`               // simNumber
	DeviceName         string           `column:"device_name"`              // deviceName
	IMEI               string           `column:"imei"`                     // imei
	AuthenticationType string           `column:"authentication_type"`      // authenticationType: whose RADIUS answers
	ACTIPAddress       string           `column:"act_ip_address"`           // actIpAddress
	SBYIPAddress       string           `column:"sby_ip_address"`           // sbyIpAddress
	RoamingIPAddress   string           `column:"roaming_ip_address"`       // roamingIpAddress
	AuthenticationID   string           `column:"authentication_id"`        // authenticationId
	Note               string           `column:"note"`                     // note
	IMEIOption         string           `column:"imei_option"`              // imeiOption
	DataShare          Opt[ShareStatus] `column:"data_share" absent:"none"` // its place in the share group, from call 10; not known: in none
	FirstSeen          time.Time        `column:"first_seen"`
	LastSeen           time.Time        `column:"last_seen"`
	ObservedAt         time.Time        `column:"observed_at"`
}

// LineChange is one field of a line that is not what it was.
type LineChange struct {
	LineKey
	Field      string    `column:"field"` // the column of table lines
	Old        string    `column:"old"`
	New        string    `column:"new"`
	ObservedAt time.Time `column:"observed_at"`
}

// DataShareMember is a line's place in its contract's share group (call 10), the latest known.
type DataShareMember struct {
	LineKey
	Status     ShareStatus `column:"status"`
	ReserveID  string      `column:"reserve_id"`
	Member     bool        `column:"member"` // false once the line is no longer in the carrier's list
	ObservedAt time.Time   `column:"observed_at"`
}

// Sweep is one run of one job.
type Sweep struct {
	Source     string    `column:"source"`
	Job        string    `column:"job"`
	StartedAt  time.Time `column:"started_at"`
	FinishedAt time.Time `column:"finished_at"`
	Requests   uint64    `column:"requests"`  // answers asked for
	OK         uint64    `column:"ok"`        // items done
	Failed     uint64    `column:"failed"`    // items given up
	Throttled  uint64    `column:"throttled"` // answers 429, 503 and resultCode 2 met on the way
	Rows       uint64    `column:"rows"`      // rows handed to the store
	ObservedAt time.Time `column:"observed_at"`

	// RestsUntil is known where the carrier does not answer the job until then, so that nothing was done. Such a run is
	// told to whoever asked for it, and is in no table.
	RestsUntil Opt[time.Time]
}

// Key is the source.
func (s Sweep) Key() LineKey { return LineKey{Source: s.Source} }

// DeadLetter is an answer that could not be understood, whole, so that it can be read again by a later kaisen.
type DeadLetter struct {
	LineKey              // as far as known
	Operation  string    `column:"operation"` // traffic, data_share_traffic, …
	Reason     string    `column:"reason"`
	Status     uint16    `column:"status"` // HTTP
	Payload    []byte    `column:"payload"`
	ObservedAt time.Time `column:"observed_at"`
}

// LogWatermark is how far a log of a contract is safely read: every row before it is in its table.
type LogWatermark struct {
	Source     string    `column:"source"`
	ContractID string    `column:"contract_id"`
	Log        string    `column:"log"` // authentications, session_events
	Watermark  time.Time `column:"watermark" form:"DateTime"`
	ObservedAt time.Time `column:"observed_at"`
}

// Key is source and contract.
func (w LogWatermark) Key() LineKey { return LineKey{Source: w.Source, ContractID: w.ContractID} }
