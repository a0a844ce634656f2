package fleet

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Event is something that a test makes happen, as POST /_sim/events takes it. What each type needs:
//
//	traffic     line, bytes, at         that many bytes more on the day of at, on top of all throttling
//	day         line, day, bytes        a past day came to that many bytes after all
//	log         log, contract, count, from, to, lines, result or event, session_type
//	                                    rows spread evenly over [from, to), in turn over the lines (none: all of
//	                                    the contract); with from = to all in that second
//	gone, back  line, at                the carrier answers 404 for the line; it knows it again
//	unlist, list line, at               call 02 leaves the line out; shows it again
//	radius      line, radius, at        com, customer or mcop: only com answers call 26
//	share       line, status, at        reserved, registered, removal_reserved or none, in the contract's group
//	turn_delay  line, delay, at         the line's figures turn this long after midnight; without delay: as all
//	freeze      line, from, to          the line's figures stand still at from until to
//
// A missing at is the virtual now. visible_at is when bytes or rows can first be seen; where it is missing, that is
// when they happen, or now for what lies in the past: an answer given before stays true for its time.
type Event struct {
	Type        string    `json:"type,omitzero"` // may be missing where log is given
	Contract    string    `json:"contract"`
	Line        string    `json:"line,omitzero"`
	Lines       []string  `json:"lines,omitzero"`
	At          time.Time `json:"at,omitzero"`
	From        time.Time `json:"from,omitzero"`
	To          time.Time `json:"to,omitzero"`
	VisibleAt   time.Time `json:"visible_at,omitzero"`
	Bytes       uint64    `json:"bytes,omitzero"`
	Day         string    `json:"day,omitzero"`          // YYYY-MM-DD
	Log         string    `json:"log,omitzero"`          // authentications, session_events
	Count       int       `json:"count,omitzero"`        // rows, up to 1,000,000
	SessionType string    `json:"session_type,omitzero"` // domestic (default), roaming
	Result      string    `json:"result,omitzero"`       // ok (default), ng
	Event       string    `json:"event,omitzero"`        // start (default), stop
	Radius      string    `json:"radius,omitzero"`
	Status      string    `json:"status,omitzero"`
	Delay       string    `json:"delay,omitzero"` // a duration such as 10m, below 24h
}

// effect is what an event does to one line, once all events are known to be possible.
type effect struct {
	line  *Line
	edit  func(*overlay)
	group *Group // which the line joins
}

// Inject makes events happen, all or, where one is impossible, none. The error lists every mistake. The clock says
// which second is now.
func (f *Fleet) Inject(clock func() int64, events ...Event) error {
	f.Changing.Lock()
	defer f.Changing.Unlock()
	now := clock()
	var effects []effect
	var errs []error
	for i, e := range events {
		found, err := f.effectsOf(e, now)
		if err != nil {
			errs = append(errs, fmt.Errorf("event %d: %s", i, strings.ReplaceAll(err.Error(), "\n", "; ")))
		}
		effects = append(effects, found...)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, e := range effects {
		if e.group != nil {
			e.group.Admit(e.line)
		}
		e.line.modify(e.edit)
	}
	f.version.Add(1)
	return nil
}

func (f *Fleet) effectsOf(e Event, now int64) ([]effect, error) {
	contract := f.byID[e.Contract]
	if contract == nil {
		return nil, fmt.Errorf("contract %q: there is none", e.Contract)
	}
	if e.Type == "log" || e.Type == "" && e.Log != "" {
		return f.logEffects(e, contract, now)
	}
	l := contract.roster().byNo[e.Line]
	if l == nil {
		return nil, fmt.Errorf("line %q: contract %s has none", e.Line, e.Contract)
	}
	switch e.Type {
	case "traffic", "day":
		v, err := f.volumeOf(e, now)
		return []effect{{line: l, edit: func(o *overlay) { o.volumes = append(o.volumes, v) }}}, err
	case "freeze":
		if e.From.IsZero() || !e.To.After(e.From) {
			return nil, errors.New("freeze: needs from and a later to")
		}
		from, to := e.From.Unix(), e.To.Unix()
		return []effect{{line: l, edit: func(o *overlay) {
			o.changes = append(o.changes,
				change{aspect: aspectFrozen, at: from, value: from}, change{aspect: aspectFrozen, at: to})
		}}}, nil
	}
	ch, err := changeOf(e, contract)
	ch.at = unixOr(e.At, now)
	does := effect{line: l, edit: func(o *overlay) { o.changes = append(o.changes, ch) }}
	if ch.aspect == aspectShare {
		does.group = contract.Group
	}
	return []effect{does}, err
}

func unixOr(t time.Time, otherwise int64) int64 {
	if t.IsZero() {
		return otherwise
	}
	return t.Unix()
}

// changeOf reads the events that turn an aspect of a line, but not when.
func changeOf(e Event, c *Contract) (change, error) {
	switch e.Type {
	case "gone":
		return change{aspect: aspectGone, value: 1}, nil
	case "back":
		return change{aspect: aspectGone}, nil
	case "unlist":
		return change{aspect: aspectUnlisted, value: 1}, nil
	case "list":
		return change{aspect: aspectUnlisted}, nil
	case "radius":
		values := map[string]Radius{"com": RadiusCom, "customer": radiusCustomer, "mcop": radiusMCOP}
		r, ok := values[e.Radius]
		if !ok {
			return change{}, fmt.Errorf("radius %q: must be com, customer or mcop", e.Radius)
		}
		return change{aspect: aspectRadius, value: int64(r)}, nil
	case "share":
		s, ok := shareStatusOf(e.Status)
		if !ok {
			return change{}, fmt.Errorf("status %q: must be none, reserved, registered or removal_reserved", e.Status)
		}
		if len(c.Group.All()) == 0 {
			return change{}, fmt.Errorf("share: contract %s has no group", c.ID)
		}
		return change{aspect: aspectShare, value: int64(s)}, nil
	case "turn_delay":
		if e.Delay == "" {
			return change{aspect: aspectDelay, value: -1}, nil
		}
		d, err := time.ParseDuration(e.Delay)
		if err != nil || d < 0 || d >= 24*time.Hour {
			return change{}, fmt.Errorf("delay %q: must be 0 to below 24h", e.Delay)
		}
		return change{aspect: aspectDelay, value: int64(d / time.Second)}, nil
	default:
		return change{}, fmt.Errorf("type %q: there is none such", e.Type)
	}
}
