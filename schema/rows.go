package schema

import "time"

// TrafficSample is one traffic answer (UNO Mobile API v2.1 calls 03 and 09), as the carrier told it.
type TrafficSample struct {
	LineKey
	Scope             Scope
	ObservedAt        time.Time      // the answer's Date header: the carrier's clock
	ReceivedAt        time.Time      // kaisen's own clock when the answer arrived; kept to the second
	MonthBytes        Opt[uint64]    // trafficThisMonth
	TodayBytes        Opt[uint64]    // trafficToday
	RemainingBytes    Opt[uint64]    // remainedDataVolume
	LimitStatus1      Opt[uint8]     // limitStatus1, 0..3
	LimitStatus2      Opt[uint8]     // limitStatus2, 0..1
	Restriction       Restriction    // decided from the two codes
	MonthlyLimitStart Opt[time.Time] // monthlyLimitStartTime, to the minute
	DailyLimitStart   Opt[time.Time] // dailyLimitStartTime, to the minute
	LimitCause        string         // limitCause
}

// TrafficDaily is what a line (or its group) used on one day of the carrier's calendar.
type TrafficDaily struct {
	LineKey
	Scope      Scope
	Day        Date
	Bytes      uint64
	ObservedAt time.Time
}

// TrafficMonthly is what a line (or its group) used in one month of the carrier's calendar.
type TrafficMonthly struct {
	LineKey
	Scope      Scope
	Month      Date // the first of the month
	Bytes      uint64
	ObservedAt time.Time
}

// SessionSample is one answer of call 26: whether the line is connected now. Where the carrier's resultCode is
// not 0 the answer says nothing of the line, and Connected is not known.
type SessionSample struct {
	LineKey
	ObservedAt  time.Time
	ReceivedAt  time.Time
	SessionType SessionType
	Connected   Opt[bool]
	ResultCode  uint8 // 0 read, 1 ended abnormally, 2 too many requests
}

// Authentication is one row of the carrier's RADIUS authentication log (call 04). Rows that are alike in every
// field are real: a line that tries twice in a second. Ordinal counts them, from 0.
type Authentication struct {
	LineKey
	EventTime   time.Time // whole seconds
	SessionType SessionType
	Result      AuthResult
	Ordinal     uint16
	ObservedAt  time.Time
}

// SessionEvent is one row of the carrier's session log (call 05), with Ordinal as in Authentication.
type SessionEvent struct {
	LineKey
	EventTime   time.Time // whole seconds
	SessionType SessionType
	Event       SessionEventKind
	Ordinal     uint16
	ObservedAt  time.Time
}

// Line is a line as the inventory knows it: every field of call 02, and what kaisen adds.
type Line struct {
	LineKey
	State              LineState
	Origin             LineOrigin
	StartDate          Opt[Date]        // startDate: first day of use
	PlanCode           string           // planCode: T3001328
	Access             string           // accessCode, accessType: 3g, lte, or the code itself
	OptionCodes        []string         // optionCodeList, in the carrier's order; T6000084 once for each added volume
	SIMType            string           // simType
	SIMNumber          string           // simNumber
	DeviceName         string           // deviceName
	IMEI               string           // imei
	AuthenticationType string           // authenticationType: whose RADIUS answers
	ACTIPAddress       string           // actIpAddress
	SBYIPAddress       string           // sbyIpAddress
	RoamingIPAddress   string           // roamingIpAddress
	AuthenticationID   string           // authenticationId
	Note               string           // note
	IMEIOption         string           // imeiOption
	DataShare          Opt[ShareStatus] // its place in the share group, from call 10; not known: in none
	FirstSeen          time.Time
	LastSeen           time.Time
	ObservedAt         time.Time
}

// LineChange is one field of a line that is not what it was.
type LineChange struct {
	LineKey
	Field      string // the column of table lines
	Old, New   string
	ObservedAt time.Time
}

// DataShareMember is a line's place in its contract's share group (call 10), the latest known.
type DataShareMember struct {
	LineKey
	Status     ShareStatus
	ReserveID  string
	Member     bool // false once the line is no longer in the carrier's list
	ObservedAt time.Time
}

// Sweep is one run of one job.
type Sweep struct {
	Source                string
	Job                   string
	StartedAt, FinishedAt time.Time
	Requests, OK, Failed  uint64 // answers asked for; items done; items given up
	Throttled             uint64 // answers 429, 503 and resultCode 2 met on the way
	Rows                  uint64 // rows handed to the store
	ObservedAt            time.Time

	// RestsUntil is known where the carrier does not answer the job until then, so that nothing was done. Such a run is
	// told to whoever asked for it, and is in no table.
	RestsUntil Opt[time.Time]
}

// Key is the source.
func (s Sweep) Key() LineKey { return LineKey{Source: s.Source} }

// DeadLetter is an answer that could not be understood, whole, so that it can be read again by a later kaisen.
type DeadLetter struct {
	LineKey           // as far as known
	Operation  string // traffic, data_share_traffic, …
	Reason     string
	Status     uint16 // HTTP
	Payload    []byte
	ObservedAt time.Time
}

// LogWatermark is how far a log of a contract is safely read: every row before it is in its table.
type LogWatermark struct {
	Source, ContractID string
	Log                string // authentications, session_events
	Watermark          time.Time
	ObservedAt         time.Time
}

// Key is source and contract.
func (w LogWatermark) Key() LineKey { return LineKey{Source: w.Source, ContractID: w.ContractID} }
