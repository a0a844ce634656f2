package schema

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// LineKey names one line of one configured account: the first three columns of every line table and the labels
// of every line metric.
type LineKey struct {
	Source     string `column:"source"`      // the configured account
	ContractID string `column:"contract_id"` // N123456789, 10 characters
	LineNo     string `column:"line_no"`     // 09012345678, at most 11 digits
}

// Key is k: what rows of lines are about.
func (k LineKey) Key() LineKey { return k }

// String masks the line number, because keys end up in messages and a line number is personal data.
func (k LineKey) String() string { return k.Source + "/" + k.ContractID + "/" + MaskLine(k.LineNo) }

// IsContractID reports whether a text is an N number: N and nine half-width letters or digits (UNO Mobile API v2.1: X 10).
func IsContractID(text string) bool {
	return len(text) == 10 && text[0] == 'N' && strings.TrimLeft(text[1:], digits+"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// IsLineNo reports whether a text is a line's number: 1 to 11 half-width digits (UNO Mobile API v2.1: 9 11).
func IsLineNo(text string) bool {
	return len(text) >= 1 && len(text) <= 11 && strings.TrimLeft(text, digits) == ""
}

const digits = "0123456789"

// MaskLine hides the middle of a line number (090****5678): enough to recognise a line one knows, not enough to
// call it. Anything short is hidden whole.
func MaskLine(lineNo string) string {
	if len(lineNo) < 8 {
		return strings.Repeat("*", len(lineNo))
	}
	return lineNo[:3] + strings.Repeat("*", len(lineNo)-7) + lineNo[len(lineNo)-4:]
}

// LineState is whether a line takes part in the sweeps.
type LineState string

const (
	LineActive   LineState = "active"    // polled and exported
	LineNotFound LineState = "not_found" // the carrier answered 404 for it; asked again at each inventory
	LineRemoved  LineState = "removed"   // it left the carrier's list
)

// LineOrigin is how kaisen came to know a line.
type LineOrigin string

const (
	OriginList      LineOrigin = "list"       // call 02
	OriginDataShare LineOrigin = "data_share" // call 10, for lines beyond the 1,000 rows of call 02
	OriginLog       LineOrigin = "log"        // seen in the log of call 04 or 05
	OriginFile      LineOrigin = "file"       // extra_lines_file
)

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

// LineForecast is where a line's month is heading, as view line_forecast computes it from the days before: the volume at
// the month's end with an 80 % band, and when the line's own volume will be used up.
type LineForecast struct {
	LineKey
	Month         Date        `column:"month"`                // the first of the month that it is about
	MonthBytes    uint64      `column:"month_bytes"`          // used so far in the carrier's current month
	QuotaBytes    Opt[uint64] `column:"quota_bytes"`          // the line's volume; not known: it has none
	Days          uint16      `column:"days_of_history"`      // how many past days it is from
	MonthEndBytes uint64      `column:"month_end_bytes"`      // expected when the month ends
	MonthEndLow   uint64      `column:"month_end_bytes_low"`  // one time in ten it is less
	MonthEndHigh  uint64      `column:"month_end_bytes_high"` // one time in ten it is more

	// When nothing will be left, expected, at the earliest and at the latest of the band. Not known: not before the month
	// ends, or the line has no cap.
	ExhaustionAt    Opt[time.Time] `column:"exhaustion_at" time:"DateTime"`
	ExhaustionEarly Opt[time.Time] `column:"exhaustion_at_early" time:"DateTime"`
	ExhaustionLate  Opt[time.Time] `column:"exhaustion_at_late" time:"DateTime"`
}

// PoolForecast is where the month of a contract's share group is heading, as view pool_forecast computes it: what a line's is,
// of what all members use and of the volume that they share.
type PoolForecast struct {
	Source        string    `column:"source"`
	ContractID    string    `column:"contract_id"`
	MonthEndBytes uint64    `column:"month_end_bytes"`      // expected when the month ends
	MonthEndLow   uint64    `column:"month_end_bytes_low"`  // one time in ten it is less
	MonthEndHigh  uint64    `column:"month_end_bytes_high"` // one time in ten it is more
	ObservedAt    time.Time `column:"observed_at"`          // when the carrier told the figures that it is from

	// When nothing will be left, as of a line. Not known: not before the month ends, or it was not told what is left.
	ExhaustionAt    Opt[time.Time] `column:"exhaustion_at" time:"DateTime"`
	ExhaustionEarly Opt[time.Time] `column:"exhaustion_at_early" time:"DateTime"`
	ExhaustionLate  Opt[time.Time] `column:"exhaustion_at_late" time:"DateTime"`
}

// LineHours is at which hours of the day a line, or its share group, used its bytes.
type LineHours struct {
	LineKey
	Scope Scope  `column:"scope"`
	Bytes string `column:"bytes"` // of 24 hours, from midnight on, with blanks between
}

// Hours are the bytes of each hour of the day; all 0 where the text has another form.
func (h *LineHours) Hours() (bytes [24]float64) {
	texts := strings.Fields(h.Bytes)
	if len(texts) != len(bytes) {
		return bytes
	}
	for i, text := range texts {
		bytes[i], _ = strconv.ParseFloat(text, 64)
	}
	return bytes
}

// LineName is what the customer calls a line: a row of labels_file. Columns and Values are parallel: department, and which.
type LineName struct {
	LineKey
	Name       string    `column:"name"`
	Columns    []string  `column:"label_columns"` // of the file, beyond contract_id, line_no and name
	Values     []string  `column:"label_values"`
	Present    bool      `column:"present"` // false once the file has the line no more
	ObservedAt time.Time `column:"observed_at"`
}

// NearCapColumn is the column of labels_file that says, in percent, below which share of its volume a line is near its cap,
// where that is not the common one.
const NearCapColumn = "near_cap_percent"

// NearCap is the line's own threshold of being near its cap, 0 to 1, if the file has one for it.
func (n *LineName) NearCap() Opt[float64] {
	i := slices.Index(n.Columns, NearCapColumn)
	if i < 0 || i >= len(n.Values) {
		return Opt[float64]{}
	}
	percent, err := strconv.ParseFloat(n.Values[i], 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		return Opt[float64]{}
	}
	return Some(percent / 100)
}

// DailyForecast is the forecast of a line as it was on one day, kept so that it can be compared with what came.
type DailyForecast struct {
	LineForecast
	Day        Date      `column:"day"`         // of Tokyo, on which it was made
	ObservedAt time.Time `column:"observed_at"` // when, by kaisen's clock
}
