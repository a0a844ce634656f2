package simulator

import (
	"fmt"
	"sync/atomic"
)

// line is a line with all that never changes about it, and the attributes that it began with. What orders and tests
// make of it hangs on overlay.
type line struct {
	attributes
	contract *contract
	cal      calendar
	index    int // in its contract
	seed     uint64

	no        string
	born      int64 // the second from which on the carrier knows it; 0: always
	startDay  int
	character character
	sim       int
	simNumber string
	device    string
	radius    radius
	note      string
	share     shareStatus
	pool      *group // whose volume it has drawn from since the beginning; nil: its own

	period, phase int64 // of its sessions, seconds
	longSessions  bool

	months  [monthsKept]atomic.Pointer[monthTable]
	overlay atomic.Pointer[overlay] // nil: nothing injected
}

// newLine is the next line, with a number, a plan and habits of its own.
func (f *Fleet) newLine(c *contract, index, today int) *line {
	cfg, serial := f.cfg, f.serial
	f.serial++
	seed := mix(mix(cfg.Seed, 0x6c696e65), uint64(serial)) // "line"
	l := &line{
		contract: c, cal: cfg.Calendar, index: index, seed: seed,
		no:        lineNumber(cfg.Seed, serial),
		character: characterOf(index),
		radius:    radiusOf(index),
		startDay:  today - 100 - int(of(seed, aboutStart, 0)%1500),
		simNumber: fmt.Sprintf("SIM%017d", of(seed, aboutAttributes, 0)%1e17),
		sim:       int(of(seed, aboutAttributes, 2) % 3),
		attributes: attributes{
			imei:   fmt.Sprintf("35%013d", of(seed, aboutAttributes, 1)%1e13),
			authID: fmt.Sprintf("user%06d", serial+1),
			access: accessLTE,
		},
	}
	if of(seed, aboutAttributes, 4)%8 == 0 {
		l.access = access3G
	}
	if of(seed, aboutStart, 1)%32 == 0 { // a line that began within the days an answer shows
		l.startDay = today - 2 - int(of(seed, aboutStart, 2)%25)
	}
	l.describe()
	l.choosePlan()
	l.chooseSessions(int64(cfg.SessionPeriod.Seconds()))
	return l
}

// lineNumber deals out numbers that never repeat: 10^8 has no factor in common with the multiplier.
func lineNumber(seed uint64, serial int) string {
	prefix := [...]string{"090", "080", "070"}[serial%3]
	return fmt.Sprintf("%s%08d", prefix, (uint64(serial)*61803399+mix(seed, aboutNumber)%1e8)%1e8)
}

func (l *line) describe() {
	n := of(l.seed, aboutAttributes, 3)
	l.device = [...]string{"UNO SIM LTE SIM", "ASUS ZenFone 5（C-OCN）", "IoT Gateway \"G1\"", "LTE USBドングル"}[n%4]
	l.imeiOption = n>>8%4 == 0
	for i := range l.ips {
		l.ips[i] = fmt.Sprintf("10.%d.%d.%d", l.contract.index%200+i*16, l.index>>8&255, l.index&255)
	}
	if n>>16%3 != 0 {
		l.note = [...]string{"記録用フィールド", "営業部 2F", "spare \\ backup", "\"見学用\" 端末"}[n>>24%4]
	}
	if n>>32%5 == 0 { // may go abroad: a cap on roaming costs, T6000036 to T6000047
		l.options = append(l.options, roamingCode(int(n>>40%roamingCodes)))
	}
}

func (l *line) choosePlan() {
	all := plans()
	l.plan = all[of(l.seed, aboutPlan, 0)%uint64(len(all)-1)]
	if l.character == normal && of(l.seed, aboutPlan, 1)%12 == 0 {
		l.plan = all[len(all)-1]
	}
	if l.plan.volume == 0 {
		return
	}
	for range [...]int{0, 0, 0, 0, 0, 1, 1, 2}[of(l.seed, aboutPlan, 2)%8] {
		l.options = append(l.options, optionVolume)
	}
}

// NewLine is a line that a customer has ordered.
type NewLine struct {
	Plan    plan
	SIM     int
	Device  string
	Access  string
	Roaming string // the code of its cap; empty: it stays at home
	AuthID  string // empty: one of the carrier's
	IPs     [3]string
}

// open makes the line that the carrier knows from a second on. Its SIM, number and habits are like any line's.
func (c *contract) open(from int64, n NewLine) *line {
	day := c.fleet.cfg.Calendar.day(from)
	l := c.fleet.newLine(c, len(c.roster().lines), day)
	l.born, l.startDay = from, day
	l.radius, l.note, l.sim, l.device = radiusCom, "", n.SIM, n.Device
	l.plan, l.options, l.access, l.ips = n.Plan, nil, n.Access, n.IPs
	l.imeiOption = false
	l.setRoaming(n.Roaming)
	if n.AuthID != "" {
		l.authID = n.AuthID
	}
	c.change(func(r *roster) { r.add(l) })
	c.changed()
	return l
}

// withdraw takes a line away that no order will open any more.
func (c *contract) withdraw(opened *line) {
	c.change(func(r *roster) { r.forget(opened) })
	c.changed()
}

// simType is the Japanese name of its SIM.
func (l *line) simType() string { return simName(l.sim) }

// simName is what a type of SIM is called.
func simName(sim int) string { return [...]string{"標準SIM", "microSIM", "nanoSIM"}[sim] }
