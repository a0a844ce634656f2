package fleet

import (
	"math"
	"time"

	"kaisen/schema"
)

// Name is what a line is called on /metrics.
type Name struct{ Source, ContractID, Label string }

// Called is a line with what people call it, empty where it has no name that may be shown.
type Called struct {
	Name
	DisplayName string
}

func (l *line) called() Called { return Called{l.name(), l.displayName()} }

// Moment is a time on the carrier's clock, and how far it is off by that clock: the simulated carrier's runs faster.
type Moment struct {
	At time.Time
	In time.Duration
}

// Known reports whether there is such a time.
func (m Moment) Known() bool { return !m.At.IsZero() }

// Ago is how long ago it was.
func (m Moment) Ago() time.Duration { return -m.In }

// Summary is how a line is, at one moment.
type Summary struct {
	Name
	DisplayName  string             // what people call it; empty: nothing that may be shown
	Usage                           // that decides: the line's own, or its share group's
	State        string             // active, not_found, removed; empty: the inventory never had it
	Fresh        bool               // its last traffic answer is not stale
	Used, Today  schema.Opt[uint64] // by the line itself this month, and today
	Plan, Device string             // from the inventory; empty: not there
	Since        Moment             // of the restriction, where one holds
	Until        Moment             // when a monthly one ends, which is when the month does
	SinceAtLeast bool               // it was there when kaisen first looked
	Days         Days               // the last 31
	Forecast     Forecast           // where its month is heading
	Outlook      Forecast           // the forecast of the volume that decides: its own, or its share group's
	ReceivedAt   time.Time          // of the last traffic answer, by kaisen's clock
	CarrierNow   time.Time          // now, by the carrier's clock
	Refused      int                // how often the carrier refused it in the last 24 hours
	Abroad       bool               // it has a session there now
	NearCap      float64            // share of the volume below which it is near its cap
}

// Usage is a month's volume, of a line or of a share group, by the last answer on it.
type Usage struct {
	Month, Remaining schema.Opt[uint64] // bytes
	Restriction      string             // empty: no answer yet
	NoVolume         bool               // nothing is left because there is no volume
	OfPool           bool               // it is the group's, of a line that draws on one
	Stale            bool               // it is the last known, and nobody can say what holds now
	SpentBefore      bool               // it is stale, and the volume of this month was used up by it
	Age              time.Duration      // since kaisen received it
}

// Quota is the month's whole volume, bytes: what is used and what is left.
func (u Usage) Quota() schema.Opt[uint64] {
	if u.NoVolume || !u.Month.Known || !u.Remaining.Known || u.Month.V+u.Remaining.V < u.Month.V {
		return schema.Opt[uint64]{}
	}
	return schema.Some(u.Month.V + u.Remaining.V)
}

// Left is the share of the volume that is left, 0 to 1.
func (u Usage) Left() schema.Opt[float64] {
	quota := u.Quota()
	if !quota.Known || quota.V == 0 {
		return schema.Opt[float64]{}
	}
	return schema.Some(float64(u.Remaining.V) / float64(quota.V))
}

// Throttled reports whether a restriction holds, as far as that is known now.
func (u Usage) Throttled() bool { return !u.Stale && restricts(schema.Restriction(u.Restriction)) }

// UsedUp reports whether one holds because the volume is gone.
func (u Usage) UsedUp() bool {
	return u.Throttled() && u.Restriction != string(schema.RestrictionRecent)
}

// Spent reports whether the month's volume is used up, by the last answer where that is of this month.
func (u Usage) Spent() bool { return u.UsedUp() || u.SpentBefore }

// Days is what a line used by day, the oldest first; NaN: not known.
type Days struct {
	Last  schema.Date // the day of the last figure, today
	Bytes []float64
}

// Day is the day of a figure.
func (d Days) Day(i int) schema.Date { return d.Last.AddDays(i + 1 - len(d.Bytes)) }

// Forecast is where a line's month is heading; the zero Forecast is none.
type Forecast struct {
	Known          bool
	End, Low, High uint64 // bytes at the month's end: expected, and the 80 % band
	Out            Moment // when nothing is left; not known: not before the month ends
	Early, Late    Moment // the band of that
}

// summaries are how some lines are.
func (f *Fleet) summaries(lines []ranked, now time.Time) []Summary {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Summary, len(lines))
	for i := range lines {
		all[i] = f.summary(lines[i].line, now.UnixMilli())
	}
	return all
}

// summary needs the lock.
func (f *Fleet) summary(l *line, now int64) Summary {
	s := &l.traffic[scopeLine]
	carrier := l.carrierNow(now)
	view := Summary{Name: l.name(), DisplayName: l.displayName(), State: l.stateName(), Days: f.lastDays(l, carrier), CarrierNow: f.clock(carrier)}
	d := l.deciding(now)
	view.NearCap, _ = l.nearCap()
	view.Usage = d.usage(f, now)
	if l.listed.known {
		view.Plan, view.Device = l.info.Value().planCode, l.info.Value().deviceName
	}
	view.Since, view.SinceAtLeast, view.Until = f.holding(d, carrier)
	view.Refused, view.Abroad = l.refusedNow(now), l.roamsNow(now)
	if d.ofPool && !l.contract.pool.ownVolumes {
		view.Outlook = l.contract.poolOutlook(now)
	}
	if !s.known {
		return view
	}
	view.Fresh = l.trafficFresh(now)
	view.Used, view.Today = s.month, s.today
	view.ReceivedAt = f.clock(s.received)
	if held, _ := l.forecastNow(now); held != nil && view.Fresh {
		view.Forecast = f.outlook(held, carrier)
		if !d.ofPool {
			view.Outlook = view.Forecast
		}
	}
	return view
}

// holding is since when and until when the restriction of an answer holds, if one does. Only of a monthly one it is known when
// it ends.
func (f *Fleet) holding(d deciding, carrier int64) (since Moment, atLeast bool, until Moment) {
	now := d.episodes.now()
	if now.from == 0 {
		return since, false, until
	}
	if restriction := f.codes.restrictions[now.restriction]; restriction == string(schema.RestrictionMonthly) || restriction == string(schema.RestrictionMonthlyAndRecent) {
		until = f.moment(monthStart(f.clock(carrier), f.config.Zone).AddDate(0, 1, 0).UnixMilli(), carrier)
	}
	return f.moment(now.from, carrier), now.atLeast, until
}

func (l *line) name() Name { return Name{l.contract.source(), l.contract.id(), l.label()} }

// carrierNow is the time by the carrier's clock, by the last traffic answer.
func (l *line) carrierNow(now int64) int64 {
	s := &l.traffic[scopeLine]
	if !s.known {
		return now
	}
	return now + s.observed - s.received
}

// trafficFresh reports whether the last answer on the line's own traffic is not stale.
func (l *line) trafficFresh(now int64) bool {
	return now <= l.deadline(jobTraffic, l.traffic[scopeLine].stamp)
}

// lastDays is the days up to the carrier's today.
func (f *Fleet) lastDays(l *line, carrier int64) Days {
	view := Days{Last: schema.DateOf(f.clock(carrier)), Bytes: make([]float64, daysKept)}
	if l.days != nil && l.days.newest > view.Last {
		view.Last = l.days.newest
	}
	for i := range view.Bytes {
		bytes, known := l.days.at(view.Day(i))
		if !known {
			bytes = math.NaN()
		}
		view.Bytes[i] = bytes
	}
	return view
}

// clock is a time as people see it.
func (f *Fleet) clock(milli int64) time.Time { return time.UnixMilli(milli).In(f.config.Zone) }

// moment is a time that may not be known (0), and how far off it is.
func (f *Fleet) moment(at, now int64) Moment {
	if at == 0 {
		return Moment{}
	}
	return Moment{At: f.clock(at), In: time.Duration(at-now) * time.Millisecond}
}
