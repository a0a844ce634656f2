package fleet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"kaisen/internal/simulator/calendar"
)

// volumeOf reads the events that change bytes.
func (f *Fleet) volumeOf(e Event, now int64) (volume, error) {
	if e.Type == "traffic" {
		at := unixOr(e.At, now)
		return volume{day: f.cfg.Calendar.Day(at), visible: visibleAt(e, at, now), bytes: e.Bytes}, nil
	}
	date, err := time.Parse(time.DateOnly, e.Day)
	if err != nil {
		return volume{}, fmt.Errorf("day %q: must be YYYY-MM-DD", e.Day)
	}
	v := volume{day: calendar.Number(date.Date()), bytes: e.Bytes, instead: true}
	ended := f.cfg.Calendar.Midnight(v.day + 1)
	v.visible = visibleAt(e, ended, now)
	if v.visible < ended {
		return v, fmt.Errorf("day %s: not over when the correction becomes visible", e.Day)
	}
	return v, nil
}

// visibleAt is when something that happens at a second can first be seen.
func visibleAt(e Event, at, now int64) int64 { return unixOr(e.VisibleAt, max(at, now)) }

// maxInjectedRows bounds one event.
const maxInjectedRows = 1_000_000

// logEffects reads an event that writes log rows, and assigns the rows to their lines.
func (f *Fleet) logEffects(e Event, contract *Contract, now int64) ([]effect, error) {
	kind, row, err := logOf(e)
	errs := []error{err}
	if e.Count < 1 || e.Count > maxInjectedRows {
		errs = append(errs, fmt.Errorf("count %d: must be 1 to 1,000,000", e.Count))
	}
	if e.From.IsZero() || e.To.Before(e.From) {
		errs = append(errs, errors.New("log: needs from, and a to that is not before it"))
	}
	lines := contract.roster().lines
	if len(e.Lines) > 0 || e.Line != "" {
		lines = nil
	}
	for _, no := range append(slices.Clone(e.Lines), e.Line) {
		if l := contract.roster().byNo[no]; l != nil {
			lines = append(lines, l)
		} else if no != "" {
			errs = append(errs, fmt.Errorf("line %q: contract %s has none", no, contract.ID))
		}
	}
	if len(lines) == 0 {
		errs = append(errs, errors.New("log: no lines to write rows for"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	rows := map[*Line][]late{}
	from, length := e.From.Unix(), e.To.Unix()-e.From.Unix()
	for i := range e.Count {
		row.Line = lines[i%len(lines)]
		row.At = from + int64(i)*length/int64(e.Count)
		rows[row.Line] = append(rows[row.Line], late{row, visibleAt(e, row.At, now)})
	}
	var out []effect
	for l, added := range rows {
		out = append(out, effect{line: l, edit: func(o *overlay) { o.rows[kind] = append(o.rows[kind], added...) }})
	}
	return out, nil
}

// logOf reads which log an event writes to, and what its rows say.
func logOf(e Event) (LogKind, LogRow, error) {
	var row LogRow
	var errs []error
	choose := func(field, value, first, second string) bool {
		if value != "" && value != first && value != second {
			errs = append(errs, fmt.Errorf("%s %q: must be %s or %s", field, value, first, second))
		}
		return value == second
	}
	row.Roaming = choose("session_type", e.SessionType, SessionType(false), SessionType(true))
	second := choose("result", e.Result, "ok", "ng")
	if e.Log == "" {
		errs = append(errs, errors.New("log: must be authentications or session_events"))
	}
	kind := Authentications
	if choose("log", e.Log, "authentications", "session_events") {
		kind = SessionEvents
		second = choose("event", e.Event, "start", "stop")
	}
	row.Code = codeOK
	if second {
		row.Code = codeNG
	}
	return kind, row, errors.Join(errs...)
}
