package fleet

import (
	"fmt"
	"sync/atomic"

	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/chance"
)

// Line is a line with all that never changes about it, and the attributes that it began with. What orders and tests
// make of it hangs on overlay.
type Line struct {
	Attributes
	contract *Contract
	cal      calendar.Calendar
	index    int // in its contract
	Seed     uint64

	No        string
	born      int64 // the second from which on the carrier knows it; 0: always
	StartDay  int
	character character
	SIM       int
	SIMNumber string
	Device    string
	radius    Radius
	Note      string
	share     ShareStatus
	pool      *Group // whose volume it has drawn from since the beginning; nil: its own

	period, phase int64 // of its sessions, seconds
	longSessions  bool

	months  [monthsKept]atomic.Pointer[monthTable]
	overlay atomic.Pointer[overlay] // nil: nothing injected
}

// newLine is the next line, with a number, a plan and habits of its own.
func (f *Fleet) newLine(c *Contract, index, today int) *Line {
	cfg, serial := f.cfg, f.serial
	f.serial++
	seed := chance.Mix(chance.Mix(cfg.Seed, 0x6c696e65), uint64(serial)) // "line"
	l := &Line{
		contract: c, cal: cfg.Calendar, index: index, Seed: seed,
		No:        lineNumber(cfg.Seed, serial),
		character: characterOf(index),
		radius:    radiusOf(index),
		StartDay:  today - 100 - int(chance.Of(seed, chance.AboutStart, 0)%1500),
		SIMNumber: fmt.Sprintf("SIM%017d", chance.Of(seed, chance.AboutAttributes, 0)%1e17),
		SIM:       int(chance.Of(seed, chance.AboutAttributes, 2) % 3),
		Attributes: Attributes{
			IMEI:   fmt.Sprintf("35%013d", chance.Of(seed, chance.AboutAttributes, 1)%1e13),
			AuthID: fmt.Sprintf("user%06d", serial+1),
			Access: AccessLTE,
		},
	}
	if chance.Of(seed, chance.AboutAttributes, 4)%8 == 0 {
		l.Access = Access3G
	}
	if chance.Of(seed, chance.AboutStart, 1)%32 == 0 { // a line that began within the days an answer shows
		l.StartDay = today - 2 - int(chance.Of(seed, chance.AboutStart, 2)%25)
	}
	l.describe()
	l.choosePlan()
	l.chooseSessions(int64(cfg.SessionPeriod.Seconds()))
	return l
}

// lineNumber returns numbers that never repeat: 10^8 has no factor in common with the multiplier.
func lineNumber(seed uint64, serial int) string {
	prefix := [...]string{"090", "080", "070"}[serial%3]
	return fmt.Sprintf("%s%08d", prefix, (uint64(serial)*61803399+chance.Mix(seed, chance.AboutNumber)%1e8)%1e8)
}

func (l *Line) describe() {
	n := chance.Of(l.Seed, chance.AboutAttributes, 3)
	l.Device = [...]string{"UNO SIM LTE SIM", "ASUS ZenFone 5（C-OCN）", "IoT Gateway \"G1\"", "LTE USBドングル"}[n%4]
	l.IMEIOption = n>>8%4 == 0
	for i := range l.IPs {
		l.IPs[i] = fmt.Sprintf("10.%d.%d.%d", l.contract.Index%200+i*16, l.index>>8&255, l.index&255)
	}
	if n>>16%3 != 0 {
		l.Note = [...]string{"記録用フィールド", "営業部 2F", "spare \\ backup", "\"見学用\" 端末"}[n>>24%4]
	}
	if n>>32%5 == 0 { // may go abroad: a cap on roaming costs, T6000036 to T6000047
		l.Options = append(l.Options, RoamingCode(int(n>>40%RoamingCodes)))
	}
}

func (l *Line) choosePlan() {
	all := Plans()
	l.Plan = all[chance.Of(l.Seed, chance.AboutPlan, 0)%uint64(len(all)-1)]
	if l.character == normal && chance.Of(l.Seed, chance.AboutPlan, 1)%12 == 0 {
		l.Plan = all[len(all)-1]
	}
	if l.Plan.Volume == 0 {
		return
	}
	for range [...]int{0, 0, 0, 0, 0, 1, 1, 2}[chance.Of(l.Seed, chance.AboutPlan, 2)%8] {
		l.Options = append(l.Options, optionVolume)
	}
}

// NewLine is a line that a customer has ordered.
type NewLine struct {
	Plan    Plan
	SIM     int
	Device  string
	Access  string
	Roaming string // the code of its cap; empty: it stays at home
	AuthID  string // empty: one of the carrier's
	IPs     [3]string
}

// Open makes the line that the carrier knows from a second on. Its SIM, number and habits are like any line's.
func (c *Contract) Open(from int64, n NewLine) *Line {
	day := c.fleet.cfg.Calendar.Day(from)
	l := c.fleet.newLine(c, len(c.roster().lines), day)
	l.born, l.StartDay = from, day
	l.radius, l.Note, l.SIM, l.Device = RadiusCom, "", n.SIM, n.Device
	l.Plan, l.Options, l.Access, l.IPs = n.Plan, nil, n.Access, n.IPs
	l.IMEIOption = false
	l.SetRoaming(n.Roaming)
	if n.AuthID != "" {
		l.AuthID = n.AuthID
	}
	c.change(func(r *roster) { r.add(l) })
	c.Changed()
	return l
}

// Withdraw takes a line away that no order will open any more.
func (c *Contract) Withdraw(opened *Line) {
	c.change(func(r *roster) { r.forget(opened) })
	c.Changed()
}

// singled is the index of the line that a trouble of one line befalls: an ordinary one outside a small share group.
const singled = 4

// Singled reports whether a trouble of one line of its contract befalls the line.
func (l *Line) Singled() bool { return l.index == singled }

// SIMType is the Japanese name of its SIM.
func (l *Line) SIMType() string { return SIMName(l.SIM) }

// SIMName is what a type of SIM is called.
func SIMName(sim int) string { return [...]string{"標準SIM", "microSIM", "nanoSIM"}[sim] }
