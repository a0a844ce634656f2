package fleet

import (
	"container/list"
	"time"
	"unique"

	"kaisen/exporter/exposition"
	"kaisen/schema"
)

// line is the latest that is known of one line.
type line struct {
	labels   *exposition.LabelSet
	number   string
	contract *contract
	slot     exposition.Slot // where it is exported, if it is
	waiting  *list.Element   // its place among the lines that the cap leaves out, if it is there

	listed stamp // the inventory's
	state  lineState
	info   unique.Handle[info]
	words  *words // of the inventory; nil: none

	traffic [2]sample    // by scope
	session session      // by call 26
	log     schema.Trace // what the session log has of it

	days     *days     // nil: none is known
	months   *months   // nil: none is known
	refused  *refusals // nil: never
	episodes episodes  // by its own answers
	forecast *forecast // nil: none
	ngCount  uint32    // refused authentications that were read while they were news, since kaisen started
	shows    *plan     // whose volume its own answer shows, counted there; nil: none

	conditions conditionSet // that it is counted in
	recounting bool         // it has changed since
}

// label is what /metrics and the page call the line.
func (l *line) label() string { return l.labels.Last() }

// lineState is what the inventory says of a line: an index into codes.states.
type lineState uint8

const (
	stateActive lineState = iota
	stateNotFound
	stateRemoved
)

// stateName is the state as table lines has it, empty where the inventory never had the line.
func (l *line) stateName() string {
	if !l.listed.known {
		return ""
	}
	return l.contract.fleet.codes.states[l.state]
}

// info is the labels of kaisen_line_info that are not the line's name. Lines share plans and devices, so the values are
// kept once for all of them.
type info struct {
	planCode, access, simType, deviceName, dataShare string
}

// noShare is label data_share of a line that is in no share group, as in table lines.
const noShare = "none"

func newInfo(row schema.Line) unique.Handle[info] {
	share := noShare
	if row.DataShare.Known {
		share = string(row.DataShare.V)
	}
	return unique.Make(info{
		planCode:   exposition.CleanLabel(row.PlanCode),
		access:     exposition.CleanLabel(row.Access),
		simType:    exposition.CleanLabel(row.SIMType),
		deviceName: exposition.CleanLabel(row.DeviceName),
		dataShare:  exposition.CleanLabel(share),
	})
}

// sample is a traffic answer.
type sample struct {
	stamp
	month, today, remaining schema.Opt[uint64]
	status                  [2]schema.Opt[uint8]
	restriction             uint8 // index into schema.Restrictions
}

// session is an answer on the line's connection.
type session struct {
	stamp
	connected schema.Opt[bool]
	roaming   schema.Opt[bool] // whether it has a session abroad now
}

// newSession reads whether the line roams: not while it has no session, whatever the last one was; that is not
// known while it has one of an unknown type.
func newSession(row schema.SessionSample, at stamp) session {
	s := session{stamp: at, connected: row.Connected}
	switch {
	case !row.Connected.Known:
	case !row.Connected.V:
		s.roaming = schema.Some(false)
	case row.SessionType == schema.SessionRoaming, row.SessionType == schema.SessionDomestic:
		s.roaming = schema.Some(row.SessionType == schema.SessionRoaming)
	}
	return s
}

// connection is the newest that is known of the line's session: the answer of call 26, or, where the session log is believed
// and tells more, what that says, as of when it was read. View line_connections is the same.
func (l *line) connection() session {
	s, log := &l.session, &l.contract.sessions
	if !log.believed || !log.read.known || !s.known || !s.roaming.Known {
		return *s
	}
	is, told := l.log.Since(schema.Connection{Connected: s.connected.V, Roaming: s.roaming.V}, time.UnixMilli(s.observed), time.UnixMilli(log.read.observed))
	if !told {
		return *s
	}
	return session{stamp: log.read, connected: schema.Some(is.Connected), roaming: schema.Some(is.Roaming)}
}

// deadline is the last moment at which an answer of that stamp is still shown. A member of a share group is asked for its own
// traffic more seldom, since the group's decides.
func (l *line) deadline(j job, of stamp) int64 {
	deadline := l.contract.account.deadline(j, of)
	if j == jobTraffic && deadline >= 0 && deadline != never && l.inPool() {
		deadline += schema.MembersEvery.Milliseconds()
	}
	return deadline
}

// Scopes as indices, and the job whose answers each comes from.
const (
	scopeLine = iota
	scopeShare
)

func jobOfScope(scope int) job {
	return [...]job{scopeLine: jobTraffic, scopeShare: jobDataShare}[scope]
}

// Labels implements exposition.Target.
func (l *line) Labels() *exposition.LabelSet { return l.labels }

// Leave implements exposition.Target. A line that the inventory never had leaves once the last answer on it is stale.
func (l *line) Leave(now int64) bool {
	gone := !l.listed.known && now > l.lastDeadline()
	if gone {
		l.contract.fleet.forget(l)
	}
	return gone
}

// wanted reports whether the line belongs on /metrics: the inventory has it as active, or never had it while a poll had an
// answer.
func (l *line) wanted() bool {
	if l.listed.known {
		return l.state == stateActive
	}
	return l.traffic[scopeLine].known || l.traffic[scopeShare].known || l.session.known
}

// lastDeadline is when the last answer on the line goes stale, of whatever job.
func (l *line) lastDeadline() int64 {
	last := max(l.deadline(jobLines, l.listed), l.deadline(jobSession, l.connection().stamp))
	for scope := range l.traffic {
		last = max(last, l.deadline(jobOfScope(scope), l.traffic[scope].stamp))
	}
	return last
}

// Visit implements exposition.Target.
func (l *line) Visit(now int64, to exposition.Emitter) (expires int64) {
	expires = never
	for scope := range l.traffic {
		s := &l.traffic[scope]
		if deadline := l.deadline(jobOfScope(scope), s.stamp); now <= deadline {
			expires = min(expires, deadline)
			s.visit(scope, scope == scopeLine && l.noVolume(), to)
			if scope == scopeLine {
				expires = min(expires, l.visitForecast(now, to))
			}
		}
	}
	connection := l.connection()
	if deadline := l.deadline(jobSession, connection.stamp); now <= deadline {
		expires = min(expires, deadline)
		connection.visit(to)
	}
	if l.ngCount > 0 {
		to.Value(authenticationsRefused, 0, float64(l.ngCount))
	}
	// The inventory is read seldom and changes seldom: its labels hold while any job has a fresh answer.
	if deadline := l.lastDeadline(); l.listed.known && now <= deadline {
		expires = min(expires, deadline)
		to.Labelled(lineInfo, l.infoLabels(), 1)
	}
	if ratio, own := l.nearCap(); own {
		if deadline := l.lastDeadline(); now <= deadline {
			expires = min(expires, deadline)
			to.Value(nearCapRatio, 0, ratio)
		}
	}
	return expires
}

// inventoryLabels is how many labels the inventory fills.
const inventoryLabels = 5

// infoLabels are the values of kaisen_line_info's own labels. Empty ones at the end, which are none to Prometheus, are left out:
// most fleets have no names.
func (l *line) infoLabels() []string {
	i, config := l.info.Value(), &l.contract.fleet.config
	values := []string{i.planCode, i.access, i.simType, i.deviceName, i.dataShare}
	if config.Names == NamesNone {
		return values
	}
	n := l.contract.names[l.number]
	values = append(values, l.displayName())
	for _, column := range config.InfoLabels {
		values = append(values, n.value(column))
	}
	for len(values) > inventoryLabels && values[len(values)-1] == "" {
		values = values[:len(values)-1]
	}
	return values
}

// visitForecast emits what a line will have used, and when it runs out. Its own figures must be fresh.
func (l *line) visitForecast(now int64, to exposition.Emitter) (expires int64) {
	held, deadline := l.forecastNow(now)
	if held == nil {
		return never
	}
	to.Value(monthEnd, 0, float64(held.end))
	if held.at != 0 {
		to.Value(exhaustionTimestamp, 0, float64(held.at)/1000)
	}
	return deadline
}

func (s *sample) visit(scope int, noVolume bool, to exposition.Emitter) {
	variant := uint8(scope)
	emitBytes(to, remainingBytes, variant, s.remaining)
	if ratio, known := s.ratio(); known && !noVolume {
		to.Value(remainingRatio, variant, ratio)
	}
	emitBytes(to, monthBytes, variant, s.month)
	emitBytes(to, todayBytes, variant, s.today)
	for i, status := range s.status {
		if status.Known {
			to.Value(limitStatus, variant*2+uint8(i), float64(status.V))
		}
	}
	states := uint8(len(schema.Restrictions()))
	for state := range states {
		to.Value(restriction, variant*states+state, oneIf(state == s.restriction))
	}
	to.Value(observedTimestamp, uint8(jobOfScope(scope)), float64(s.observed)/1000)
}

// ratio is remaining / (remaining + used this month): added as floats, since the sum may not fit 64 bits.
func (s *sample) ratio() (ratio float64, known bool) {
	remaining, month := float64(s.remaining.V), float64(s.month.V)
	if !s.remaining.Known || !s.month.Known || remaining+month == 0 {
		return 0, false
	}
	return remaining / (remaining + month), true
}

func (s *session) visit(to exposition.Emitter) {
	if s.connected.Known {
		to.Value(sessionConnected, 0, oneIf(s.connected.V))
	}
	if s.roaming.Known {
		to.Value(sessionRoaming, 0, oneIf(s.roaming.V))
	}
	to.Value(observedTimestamp, uint8(jobSession), float64(s.observed)/1000)
}

func emitBytes(to exposition.Emitter, f exposition.FamilyID, variant uint8, bytes schema.Opt[uint64]) {
	if bytes.Known {
		to.Value(f, variant, float64(bytes.V))
	}
}

func oneIf(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}
