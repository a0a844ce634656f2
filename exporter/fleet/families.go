package fleet

import (
	"slices"

	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// The metric families of the fleet, in the order in which they are exposed.
const (
	remainingBytes exposition.FamilyID = iota
	remainingRatio
	monthBytes
	todayBytes
	limitStatus
	restriction
	sessionConnected
	sessionRoaming
	lineInfo
	nearCapRatio
	observedTimestamp
	exhaustionTimestamp
	monthEnd
	authenticationsRefused
	shareRemaining
	shareMonth
	shareRestriction
	shareMembers
	shareExhaustion
	authentications
	authenticationsLate
	sessionEvents
)

// families is every family of lines, pools and logs. A HELP text is also the place for a value's unit and source.
//
// The logs are counted by contract: whose session failed is a question for ClickHouse, and a counter of each line and
// code would be the largest family of all.
func families(c codes, named []string) []exposition.Family {
	line := labelNames()
	contract := line[:2]
	scopes := []string{string(schema.ScopeLine), string(schema.ScopeDataShare)}
	const scoped = " of call 03 (scope line: the line's own) and call 09 (scope data_share: its group's)."
	return []exposition.Family{
		remainingBytes: {
			Name: "kaisen_line_remaining_bytes", Target: line, Labels: []string{"scope"}, Variants: product(scopes),
			Help: "Data volume left before the carrier throttles, in bytes: remainedDataVolume" + scoped +
				" Absent where the carrier does not tell; above 2^53 only ClickHouse is exact.",
		},
		remainingRatio: {
			Name: "kaisen_line_remaining_ratio", Target: line, Labels: []string{"scope"}, Variants: product(scopes),
			Help: "Share of the month's volume that is left, 0 to 1: remainedDataVolume / (remainedDataVolume + trafficThisMonth). " +
				"Absent where either is, or both are 0, and of scope line where nothing is left because the plan has no volume.",
		},
		monthBytes: {
			Name: "kaisen_line_month_bytes", Target: line, Labels: []string{"scope"}, Variants: product(scopes),
			Help: "Used in the carrier's current month, in bytes: trafficThisMonth" + scoped,
		},
		todayBytes: {
			Name: "kaisen_line_today_bytes", Target: line, Labels: []string{"scope"}, Variants: product(scopes),
			Help: "Used on the carrier's current day, in bytes: trafficToday" + scoped,
		},
		limitStatus: {
			Name: "kaisen_line_limit_status", Target: line, Labels: []string{"scope", "status"}, Variants: product(scopes, []string{"1", "2"}),
			Help: "The carrier's raw codes: limitStatus1 (0 to 3) and limitStatus2 (0 or 1). Absent where it sends NULL.",
		},
		restriction: {
			Name: "kaisen_line_restriction", Target: line, Labels: []string{"scope", "restriction"}, Variants: product(scopes, c.restrictions),
			Help: "Throttling decided from limitStatus1 and limitStatus2 by the carrier's table: a state set, the value that holds is 1 and the others 0.",
		},
		sessionConnected: {
			Name: "kaisen_line_session_connected", Target: line, Variants: product(),
			Help: "1 while the line has a session, 0 while it has none: sessionStatus of call 26, and what the session log (call 05) has shown since where it is believed.",
		},
		sessionRoaming: {
			Name: "kaisen_line_session_roaming", Target: line, Variants: product(),
			Help: "1 while the line has a session abroad, 0 while it has one at home, or none: sessionType and sessionStatus of call 26, and of the session log since.",
		},
		lineInfo: {
			Name: "kaisen_line_info", Target: line, Labels: append([]string{"plan_code", "access", "sim_type", "device_name", "data_share"}, named...),
			Help: "Always 1, for joins: what call 02 tells of the line, its place in the share group by call 10 (none where it is in no group), " +
				"and what labels_file calls it and says of it (exporter.names, exporter.info_labels).",
		},
		nearCapRatio: {
			Name: "kaisen_line_near_cap_ratio", Target: line, Variants: product(),
			Help: "Share of the volume below which the line is near its cap, 0 to 1, of lines that have one of their own: near_cap_percent of labels_file. " +
				"It is 0.2 for all others.",
		},
		observedTimestamp: {
			Name: "kaisen_line_observed_timestamp_seconds", Target: line, Labels: []string{"job"}, Variants: product([]string{jobTraffic.String(), jobDataShare.String(), jobSession.String()}),
			Help: "When the carrier last told, by its own clock (the Date header of the answer; of job session the time up to which the session log is read, where that tells), in seconds since 1970.",
		},
		exhaustionTimestamp: {
			Name: "kaisen_line_exhaustion_timestamp_seconds", Target: line, Variants: product(),
			Help: "When the line is expected to have used up its volume, in seconds since 1970, from what it used on the days before. " +
				"Absent where that is not expected before the month ends, or nothing is known.",
		},
		monthEnd: {
			Name: "kaisen_line_month_end_bytes", Target: line, Variants: product(),
			Help: "What the line is expected to have used when the month ends, in bytes. Absent where there is no forecast, or the newest answer contradicts it: a line with this and without " +
				"kaisen_line_exhaustion_timestamp_seconds lasts until then.",
		},
		authenticationsRefused: {
			Name: "kaisen_line_authentications_refused_total", Counter: true, Target: line, Variants: product(),
			Help: "New rows of the RADIUS authentication log (call 04) with result ng since kaisen started, read within an hour of what they tell. Absent before the first one.",
		},
		shareRemaining: {
			Name: "kaisen_data_share_remaining_bytes", Target: contract, Variants: product(),
			Help: "Data volume left in the contract's share group, in bytes: the newest remainedDataVolume that call 09 gave for any of its lines.",
		},
		shareMonth: {
			Name: "kaisen_data_share_month_bytes", Target: contract, Variants: product(),
			Help: "Used in the carrier's current month by all lines of the contract's share group, in bytes: trafficThisMonth of the newest answer of call 09, " +
				"or the sum over the members where it tells each its own.",
		},
		shareRestriction: {
			Name: "kaisen_data_share_restriction", Target: contract, Labels: []string{"restriction"}, Variants: product(c.restrictions),
			Help: "Throttling of all lines of the contract's share group, by the newest answer of call 09: a state set, the value that holds is 1 and the others 0.",
		},
		shareMembers: {
			Name: "kaisen_data_share_members", Target: contract, Variants: product(),
			Help: "Lines that draw from the contract's share group now: call 10, registered and those whose removal is only reserved.",
		},
		shareExhaustion: {
			Name: "kaisen_data_share_exhaustion_timestamp_seconds", Target: contract, Variants: product(),
			Help: "When all lines of the contract's share group together are expected to have used up its volume, in seconds since 1970, from what they used " +
				"on the days before. Absent where that is not expected before the month ends, or nothing is known.",
		},
		authentications: {
			Name: "kaisen_authentications_total", Counter: true, Target: contract, Labels: []string{"result", "session_type"},
			Variants: product(c.results, c.sessionTypes),
			Help:     "New rows of the RADIUS authentication log (call 04) since kaisen started.",
		},
		authenticationsLate: {
			Name: "kaisen_authentications_late_total", Counter: true, Target: contract, Labels: []string{"result", "session_type"},
			Variants: product(c.results, c.sessionTypes),
			Help:     "Those of kaisen_authentications_total that were read more than an hour after what they tell: the first read of a log, or the backlog of an outage.",
		},
		sessionEvents: {
			Name: "kaisen_session_events_total", Counter: true, Target: contract, Labels: []string{"event", "session_type"},
			Variants: product(c.events, c.sessionTypes),
			Help:     "New rows of the session log (call 05) since kaisen started.",
		},
	}
}

// labelNames name a line; the first two of them name a contract.
func labelNames() []string { return []string{"source", "contract_id", "line_no"} }

// product is every combination of the sets, the last one turning fastest; of no sets, the one empty combination.
func product(sets ...[]string) [][]string {
	rows := [][]string{nil}
	for _, set := range sets {
		var longer [][]string
		for _, row := range rows {
			for _, value := range set {
				longer = append(longer, append(row[:len(row):len(row)], value))
			}
		}
		rows = longer
	}
	return rows
}

// job numbers the jobs whose answers become gauges.
type job uint8

const (
	jobTraffic job = iota // the first ones are the values of label job
	jobDataShare
	jobSession
	jobLines
	jobCount
)

func (j job) String() string {
	return [jobCount]string{jobTraffic: "traffic", jobDataShare: "data_share", jobSession: "session", jobLines: "lines"}[j]
}

// codes are the sets of codes of package schema, made once for a fleet, since rows come by the thousand: here a code is its
// index in its set, which picks a variant of a family. A code that schema does not list is the set's last.
type codes struct {
	restrictions, results, events, sessionTypes []string
	states                                      []string // by lineState
}

func newCodes() codes {
	return codes{
		restrictions: stringsOf(schema.Restrictions()...),
		results:      stringsOf(schema.AuthOK, schema.AuthNG, schema.AuthUnknown),
		events:       stringsOf(schema.SessionStart, schema.SessionStop, schema.SessionEventUnknown),
		sessionTypes: stringsOf(schema.SessionDomestic, schema.SessionRoaming, schema.SessionUnknown),
		// Any other state means that the line is not polled, so it is as good as removed.
		states: stringsOf(schema.LineActive, schema.LineNotFound, schema.LineRemoved),
	}
}

func stringsOf[T ~string](set ...T) []string {
	all := make([]string, len(set))
	for i, value := range set {
		all[i] = string(value)
	}
	return all
}

// indexOf returns the index of a value in its set, the last one (unknown) where it is not in it.
func indexOf[T ~string](set []string, value T) uint8 {
	if i := slices.Index(set, string(value)); i >= 0 {
		return uint8(i)
	}
	return uint8(len(set) - 1)
}
