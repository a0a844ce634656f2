package schema

import "time"

// Scope is whose figures a traffic answer holds.
type Scope string

const (
	ScopeLine      Scope = "line"       // the line's own, UNO Mobile API v2.1 call 03
	ScopeDataShare Scope = "data_share" // its group's, asked for through the line, UNO Mobile API v2.1 call 09
)

// SessionType is where the line was when it connected (UNO Mobile API v2.1 §2.1 of calls 04, 05 and 26: sessionType).
type SessionType string

const (
	SessionDomestic SessionType = "domestic" // code 0
	SessionRoaming  SessionType = "roaming"  // code 1
	SessionUnknown  SessionType = "unknown"  // any other code: kept, counted, and the answer is a dead letter
)

// AuthResult is the outcome of one RADIUS authentication (UNO Mobile API v2.1 call 04: authenticationResult).
type AuthResult string

const (
	AuthOK      AuthResult = "ok"      // code 01
	AuthNG      AuthResult = "ng"      // code 02
	AuthUnknown AuthResult = "unknown" // any other code
)

// SessionEventKind is the start or the end of a session (UNO Mobile API v2.1 call 05: eventType).
type SessionEventKind string

const (
	SessionStart        SessionEventKind = "start"   // code 01
	SessionStop         SessionEventKind = "stop"    // code 02
	SessionEventUnknown SessionEventKind = "unknown" // any other code
)

// ShareStatus is a line's place in the data share group (UNO Mobile API v2.1 call 10: status).
type ShareStatus string

const (
	ShareReserved        ShareStatus = "reserved"         // code 01: registration reserved
	ShareRegistered      ShareStatus = "registered"       // code 02: registered
	ShareRemovalReserved ShareStatus = "removal_reserved" // code 03: removal reserved
	ShareUnknown         ShareStatus = "unknown"          // any other code
)

// InPool reports whether a line with this status draws from the group's volume now: from its registration until a
// reserved removal has happened.
func (s ShareStatus) InPool() bool { return s == ShareRegistered || s == ShareRemovalReserved }

// MembersEvery is how often a line that draws on its group's volume is asked for its own traffic (call 03) where its job would ask
// more often: call 09 decides about it, and what it used each day is in every answer. So much longer what it was told counts.
const MembersEvery = 4 * time.Hour

// Restriction is the carrier's throttling of a line, decided from its two status codes.
type Restriction string

const (
	RestrictionNone             Restriction = "none"
	RestrictionRecent           Restriction = "recent"             // 直近: for what was used in the last days
	RestrictionMonthly          Restriction = "monthly"            // 月間: the month's volume is used up
	RestrictionMonthlyAndRecent Restriction = "monthly_and_recent" // both
	RestrictionUnknown          Restriction = "unknown"            // codes the table does not list; never guessed to be none
)

// Restrictions lists every value, in the order in which the exporter shows the state set.
func Restrictions() []Restriction {
	return []Restriction{RestrictionNone, RestrictionRecent, RestrictionMonthly, RestrictionMonthlyAndRecent, RestrictionUnknown}
}

// RestrictionOf reads the table 規制条件表 at the end of UNO Mobile API v2.1, which is the same for a line (call 03) and for
// its group (call 09). status1 is 0..3 or NULL, status2 is 0..1; status2 does not count where status1 is 2 or 3.
func RestrictionOf(status1, status2 Opt[uint8]) Restriction {
	switch s1 := status1.Or(0); {
	case s1 == 2:
		return RestrictionMonthly
	case s1 == 3:
		return RestrictionMonthlyAndRecent
	case s1 > 3 || !status2.Known || status2.V > 1:
		return RestrictionUnknown
	case s1 == 0 && status2.V == 0:
		return RestrictionNone
	case s1 == 0:
		return RestrictionMonthly
	case status2.V == 0:
		return RestrictionRecent
	default:
		return RestrictionMonthlyAndRecent
	}
}
