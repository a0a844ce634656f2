package schema

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
