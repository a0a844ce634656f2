package collector

import (
	"strings"
	"time"

	"kaisen/schema"
)

// change edits what is known of a line, and returns the rows that tell of it: none where nothing changed.
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

type field struct{ name, value string }

// fields are the columns whose changes are worth a row in line_changes.
func fields(l schema.Line) []field {
	start := ""
	if l.StartDate.Known {
		start = l.StartDate.V.String()
	}
	return []field{
		{"state", string(l.State)}, {"origin", string(l.Origin)}, {"start_date", start}, {"plan_code", l.PlanCode},
		{"access", l.Access}, {"option_codes", strings.Join(l.OptionCodes, ",")}, {"sim_type", l.SIMType},
		{"sim_number", l.SIMNumber}, {"device_name", l.DeviceName}, {"imei", l.IMEI},
		{"authentication_type", l.AuthenticationType}, {"act_ip_address", l.ACTIPAddress},
		{"sby_ip_address", l.SBYIPAddress}, {"roaming_ip_address", l.RoamingIPAddress},
		{"authentication_id", l.AuthenticationID}, {"note", l.Note}, {"imei_option", l.IMEIOption},
		{"data_share", string(l.DataShare.V)},
	}
}
