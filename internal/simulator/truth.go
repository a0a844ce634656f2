package simulator

import "time"

// LineTruth is everything about a line at one second, whatever the carrier tells of it: its days are those of the
// calendar, also while the figures of answers have not yet turned.
type LineTruth struct {
	ContractID         string      `json:"contract_id"`
	LineNo             string      `json:"line_no"`
	Exists             bool        `json:"exists"` // false: the carrier answers 404
	Listed             bool        `json:"listed"` // in call 02, which ends after MaxRows lines
	StartDate          string      `json:"start_date"`
	PlanCode           string      `json:"plan_code"`
	Access             string      `json:"access"` // 1 3G, 2 LTE
	OptionCodes        []string    `json:"option_codes"`
	SIMType            string      `json:"sim_type"`
	SIMNumber          string      `json:"sim_number"`
	DeviceName         string      `json:"device_name"`
	IMEI               string      `json:"imei"`
	AuthenticationType string      `json:"authentication_type"`
	ACTIPAddress       string      `json:"act_ip_address"`
	SBYIPAddress       string      `json:"sby_ip_address"`
	RoamingIPAddress   string      `json:"roaming_ip_address"`
	AuthenticationID   string      `json:"authentication_id"`
	Note               string      `json:"note"`
	IMEIOption         string      `json:"imei_option"`
	Character          string      `json:"character"` // how it is used: normal, greedy, quiet, constant, bursty
	Share              *ShareTruth `json:"share"`     // null: in no group

	Traffic         []TrafficTruth `json:"traffic"` // of the line; and of its group, where it may ask for it
	Session         *SessionTruth  `json:"session"` // null: the carrier answers 403
	Authentications []LogTruth     `json:"authentications"`
	SessionEvents   []LogTruth     `json:"session_events"`
}

// ShareTruth is a line's place in the share group.
type ShareTruth struct {
	Status    string `json:"status"` // reserved, registered, removal_reserved
	ReserveID string `json:"reserve_id"`
}

// TrafficTruth is the bytes of a line or of its group.
type TrafficTruth struct {
	Scope             string      `json:"scope"` // line, data_share
	MonthBytes        uint64      `json:"month_bytes"`
	TodayBytes        uint64      `json:"today_bytes"`
	RemainingBytes    *uint64     `json:"remaining_bytes"` // null: paid by use
	LimitStatus1      *uint8      `json:"limit_status1"`
	LimitStatus2      uint8       `json:"limit_status2"`
	Restriction       string      `json:"restriction"`
	MonthlyLimitStart *time.Time  `json:"monthly_limit_start"` // to the minute
	DailyLimitStart   *time.Time  `json:"daily_limit_start"`
	Daily             []DateBytes `json:"daily"`   // today first, then the days before it
	Monthly           []DateBytes `json:"monthly"` // this month first, each by its first day
}

// DateBytes is what one day or month came to.
type DateBytes struct {
	Date  string `json:"date"` // YYYY-MM-DD
	Bytes uint64 `json:"bytes"`
}

// SessionTruth is whether a line is connected.
type SessionTruth struct {
	SessionType string `json:"session_type"`
	Connected   bool   `json:"connected"`
}

// LogTruth is one row of a log; Ordinal counts, from 0, rows of the line that are alike in everything.
type LogTruth struct {
	Time        time.Time `json:"time"`
	SessionType string    `json:"session_type"`
	Result      string    `json:"result,omitzero"` // of an authentication: ok, ng
	Event       string    `json:"event,omitzero"`  // of a session event: start, stop
	Ordinal     int       `json:"ordinal"`
}

// The scopes of traffic.
const (
	ScopeLine  = "line"
	ScopeShare = "data_share"
)

// sessionType is where a session is, in a word.
func sessionType(roaming bool) string {
	if roaming {
		return "roaming"
	}
	return "domestic"
}
