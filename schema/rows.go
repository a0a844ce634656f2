package schema

import "time"

// TrafficSample is one traffic answer (UNO Mobile API v2.1 calls 03 and 09), as the carrier gave it.
type TrafficSample struct {
	LineKey
	Scope             Scope          `column:"scope"`
	ObservedAt        time.Time      `column:"observed_at"`                         // the answer's Date header: the carrier's clock
	ReceivedAt        time.Time      `column:"received_at" time:"seconds"`          // kaisen's own clock when the answer arrived; kept to the second
	MonthBytes        Opt[uint64]    `column:"month_bytes"`                         // trafficThisMonth
	TodayBytes        Opt[uint64]    `column:"today_bytes"`                         // trafficToday
	RemainingBytes    Opt[uint64]    `column:"remaining_bytes"`                     // remainedDataVolume
	LimitStatus1      Opt[uint8]     `column:"limit_status1"`                       // limitStatus1, 0..3
	LimitStatus2      Opt[uint8]     `column:"limit_status2"`                       // limitStatus2, 0..1
	Restriction       Restriction    `column:"restriction"`                         // decided from the two codes
	MonthlyLimitStart Opt[time.Time] `column:"monthly_limit_start" time:"DateTime"` // monthlyLimitStartTime, to the minute
	DailyLimitStart   Opt[time.Time] `column:"daily_limit_start" time:"DateTime"`   // dailyLimitStartTime, to the minute
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
	ReceivedAt  time.Time   `column:"received_at" time:"seconds"`
	SessionType SessionType `column:"session_type"`
	Connected   Opt[bool]   `column:"connected"`
	ResultCode  uint8       `column:"result_code"` // 0 read, 1 ended abnormally, 2 too many requests
}

// Authentication is one row of the carrier's RADIUS authentication log (call 04). Rows that are alike in every
// field are real: a line that tries twice in a second. Ordinal counts them, from 0.
type Authentication struct {
	LineKey
	EventTime   time.Time   `column:"event_time" time:"DateTime"` // whole seconds
	SessionType SessionType `column:"session_type"`
	Result      AuthResult  `column:"result"`
	Ordinal     uint16      `column:"ordinal"`
	ObservedAt  time.Time   `column:"observed_at"`
}

// SessionEvent is one row of the carrier's session log (call 05), with Ordinal as in Authentication.
type SessionEvent struct {
	LineKey
	EventTime   time.Time        `column:"event_time" time:"DateTime"` // whole seconds
	SessionType SessionType      `column:"session_type"`
	Event       SessionEventKind `column:"event"`
	Ordinal     uint16           `column:"ordinal"`
	ObservedAt  time.Time        `column:"observed_at"`
}

// Sweep is one execution of one job.
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

	// RestsUntil is known where the carrier does not answer the job until then, so that nothing was done. Such a sweep is
	// reported to whoever asked for it, and is in no table.
	RestsUntil Opt[time.Time]
}

// Key is the source.
func (s Sweep) Key() LineKey { return LineKey{Source: s.Source} }

// StaleAfter is for how long the answers of a job say what holds.
type StaleAfter struct {
	Source     string    `column:"source"`
	Job        string    `column:"job"`
	Seconds    uint64    `column:"seconds"` // since kaisen received the answer; 0: for ever
	ObservedAt time.Time `column:"observed_at"`
}

// Key is the source.
func (s StaleAfter) Key() LineKey { return LineKey{Source: s.Source} }

// DeadLetter is an answer that could not be understood, whole, so that it can be read again by a later kaisen.
type DeadLetter struct {
	LineKey              // as far as known
	Operation  string    `column:"operation"` // traffic, data_share_traffic, …
	Reason     string    `column:"reason"`
	Status     uint16    `column:"status"` // HTTP
	Payload    []byte    `column:"payload"`
	ObservedAt time.Time `column:"observed_at"`

	// Oddities name each value of an answer that was read and is odd, for the engine to keep each once a day. They are
	// not stored; without them the answer is kept whatever was kept before.
	Oddities []string
}

// LogWatermark is how far a log of a contract is safely read: every row before it is in its table.
type LogWatermark struct {
	Source     string    `column:"source"`
	ContractID string    `column:"contract_id"`
	Log        string    `column:"log"` // authentications, session_events
	Watermark  time.Time `column:"watermark" time:"DateTime"`
	ObservedAt time.Time `column:"observed_at"`
}

// Key is source and contract.
func (w LogWatermark) Key() LineKey { return LineKey{Source: w.Source, ContractID: w.ContractID} }

// CarrierFinding is which of several readings of the carrier's documents holds for an account, as its answers have shown.
type CarrierFinding struct {
	Source     string    `column:"source"`
	ContractID string    `column:"contract_id"` // "" where it is of the account as a whole
	Operation  string    `column:"operation"`   // "" where it is not of one operation alone
	Reading    string    `column:"reading"`     // the point on which the documents may be read in several ways
	Value      string    `column:"value"`       // which way holds
	Evidence   string    `column:"evidence"`    // what showed it, in words, without personal data
	ObservedAt time.Time `column:"observed_at"`
}

// Key is source and contract.
func (f CarrierFinding) Key() LineKey { return LineKey{Source: f.Source, ContractID: f.ContractID} }

// RestrictionEpisode is a time in which a line or its group was restricted in one way, as view restriction_episodes has it.
type RestrictionEpisode struct {
	LineKey
	Scope       Scope          `column:"scope"`
	Restriction Restriction    `column:"restriction"`
	StartedAt   time.Time      `column:"started_at"`
	EndedAt     Opt[time.Time] `column:"ended_at"` // not known: not yet
	AtLeast     bool           `column:"at_least"` // the first answer that is known showed it, so that nobody saw it begin
}
