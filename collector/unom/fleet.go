package unom

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kaisen/collector"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/days"
	"kaisen/schema"
)

// fleet is every line the collector ever heard of, whatever its state.
type fleet struct {
	mu        sync.RWMutex
	lines     map[lineID]*line
	contracts map[string][]*line // the same
}

type lineID struct{ contract, lineNo string }

func newFleet() *fleet {
	return &fleet{lines: make(map[lineID]*line), contracts: make(map[string][]*line)}
}

// get finds a line.
func (f *fleet) get(contract, lineNo string) (*line, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	l, ok := f.lines[lineID{contract, lineNo}]
	return l, ok
}

// add takes a line in unless it is known already, and returns the one that counts.
func (f *fleet) add(row schema.Line) (l *line, isNew bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := lineID{row.ContractID, row.LineNo}
	if l, ok := f.lines[id]; ok {
		return l, false
	}
	l = newLine(row)
	f.lines[id] = l
	f.contracts[row.ContractID] = append(f.contracts[row.ContractID], l)
	return l, true
}

// all lists the lines that keep accepts, in a stable order.
func (f *fleet) all(keep func(*line) bool) []*line {
	f.mu.RLock()
	kept := make([]*line, 0, len(f.lines))
	for _, l := range f.lines {
		kept = append(kept, l)
	}
	f.mu.RUnlock()
	kept = slices.DeleteFunc(kept, func(l *line) bool { return !keep(l) })
	slices.SortFunc(kept, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.key.ContractID, b.key.ContractID), cmp.Compare(a.key.LineNo, b.key.LineNo))
	})
	return kept
}

// each visits every line, in no order.
func (f *fleet) each(visit func(*line)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, l := range f.lines {
		visit(l)
	}
}

// of lists all lines of a contract, whatever their state.
func (f *fleet) of(contract string) []*line {
	return f.among(contract, func(*line) bool { return true })
}

// among lists the lines of a contract that keep accepts, in a stable order.
func (f *fleet) among(contract string, keep func(*line) bool) []*line {
	f.mu.RLock()
	kept := slices.Clone(f.contracts[contract])
	f.mu.RUnlock()
	kept = slices.DeleteFunc(kept, func(l *line) bool { return !keep(l) })
	slices.SortFunc(kept, func(a, b *line) int { return cmp.Compare(a.key.LineNo, b.key.LineNo) })
	return kept
}

// count is how many lines of a contract are in each state.
func (f *fleet) count(contract string) map[schema.LineState]int {
	counts := make(map[schema.LineState]int)
	for _, l := range f.of(contract) {
		l.mu.Lock()
		counts[l.row.State]++
		l.mu.Unlock()
	}
	return counts
}

// line is what the collector remembers of one line between its polls.
type line struct {
	key schema.LineKey
	*collector.PollState

	mu  sync.Mutex // one answer of a line is digested at a time
	row schema.Line
	presence
	session connection
	roaming roaming
	volume  volume
	// told is when call 03 last answered, by the carrier's clock; zero: not to this process
	told      time.Time
	groupless bool                // call 09 knows no share group of it
	asked     time.Time           // when call 09 was asked about it, not only about another member; zero: not by this process
	limit     schema.Restriction  // that call 09 told when it was asked about it
	limitAt   time.Time           // when that was
	passed    time.Time           // until when another member is asked instead, since it has failed
	known     [2]days.Known       // by scopeIndex
	restored  [2][]toldBefore     // likewise: the last that an earlier process had, oldest first; none: or a plan has them
	hours     [2]schema.LineHours // likewise: when it used its volume; zero: not known, or a plan has them
}

// The questions that a line is asked. The first two go with scopeIndex.
const (
	askTraffic = iota
	askDataShare
	askSession
)

func newLine(row schema.Line) *line {
	return &line{key: row.LineKey, PollState: collector.NewPollState(row.ContractID, row.LineNo), row: row}
}

func scopeIndex(scope schema.Scope) int {
	if scope == schema.ScopeDataShare {
		return 1
	}
	return 0
}

// active reports whether the line takes part in the sweep.
func (l *line) active() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row.State == schema.LineActive
}

// inPool reports whether the line takes part in the sweep and draws on its share group.
func (l *line) inPool() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row.State == schema.LineActive && l.row.DataShare.V.InPool()
}

// change edits what is known of a line, and returns the rows that say so: none where nothing changed.
func (l *line) change(at time.Time, edit func(*schema.Line)) schema.Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.row
	edit(&l.row)
	changes := differences(was, l.row, at)
	if len(changes) == 0 {
		return schema.Batch{}
	}
	l.row.ObservedAt = at
	return schema.Batch{Lines: []schema.Line{l.row}, LineChanges: changes}
}

// snapshot is the line as the inventory knows it now.
func (l *line) snapshot() schema.Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row
}

// share is the line's place in its share group.
func (l *line) share() schema.Opt[schema.ShareStatus] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row.DataShare
}

// differences lists the columns of table lines in which two rows differ, times of observation aside.
func differences(was, is schema.Line, at time.Time) []schema.LineChange {
	var changes []schema.LineChange
	before, after := fields(was), fields(is)
	for i, field := range after {
		if field.value != before[i].value {
			changes = append(changes, schema.LineChange{LineKey: is.LineKey, Field: field.name,
				Old: before[i].value, New: field.value, ObservedAt: at})
		}
	}
	return changes
}

// onePerLine leaves one row of each line in a list: where the carrier has listed a line twice, which of its rows counts
// does not depend on their order, so that the line does not change from one answer to the next.
func onePerLine(list []api.Line) []api.Line {
	at := make(map[string]int, len(list))
	rows := make([]api.Line, 0, len(list))
	for _, row := range list {
		first, twice := at[row.LineNo]
		switch {
		case !twice:
			at[row.LineNo] = len(rows)
			rows = append(rows, row)
		case rank(row) > rank(rows[first]):
			rows[first] = row
		}
	}
	return rows
}

// rank orders the rows of one line: the one that began last counts, and of those any, as long as it is always the same.
func rank(row api.Line) string {
	values := fields(listedRow(schema.LineKey{}, row, time.Time{}))
	var text strings.Builder
	fmt.Fprintf(&text, "%010d", row.StartDate.V)
	for _, f := range values {
		text.WriteString("\x00" + f.value)
	}
	return text.String()
}

type field struct{ name, value string }

// fields are the columns whose changes are worth a row in line_changes. In what order the carrier lists a line's options
// says nothing.
func fields(l schema.Line) []field {
	start := ""
	if l.StartDate.Known {
		start = l.StartDate.V.String()
	}
	return []field{
		{"state", string(l.State)}, {"origin", string(l.Origin)}, {"start_date", start}, {"plan_code", l.PlanCode},
		{"access", l.Access}, {"option_codes", strings.Join(slices.Sorted(slices.Values(l.OptionCodes)), ",")}, {"sim_type", l.SIMType},
		{"sim_number", l.SIMNumber}, {"device_name", l.DeviceName}, {"imei", l.IMEI},
		{"authentication_type", l.AuthenticationType}, {"act_ip_address", l.ACTIPAddress},
		{"sby_ip_address", l.SBYIPAddress}, {"roaming_ip_address", l.RoamingIPAddress},
		{"authentication_id", l.AuthenticationID}, {"note", l.Note}, {"imei_option", l.IMEIOption},
		{"data_share", string(l.DataShare.V)},
	}
}

// askedItself is when call 09 was asked about the line, not only about another member; zero: not by this process.
func (l *line) askedItself() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

func (l *line) setAskedItself(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = at
}

func (l *line) passedUntil() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed
}

func (l *line) passOver(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passed = until
}

func (l *line) isGroupless() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.groupless
}
