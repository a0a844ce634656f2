package fleet

import (
	"slices"
	"strings"

	"kaisen/internal/simulator/calendar"
)

// The codes of accessCode, announced to be called accessType.
const (
	Access3G  = "1"
	AccessLTE = "2"
)

// Attributes is what orders can change about a line.
type Attributes struct {
	Plan       Plan
	Options    []string // replaced, never changed in place
	Access     string
	IMEI       string
	IMEIOption bool
	IPs        [3]string // active, standby, roaming
	AuthID     string
	reserve    string // the reservation that put it into its group or will take it out; empty: one of long ago
}

// edit is a change of a line's attributes from a second on.
type edit struct {
	at    int64
	cause string // the order's or reservation's number
	apply func(*Attributes)
}

// allowance is the bytes a month that plan and added volume come to; 0: no limit.
func (a Attributes) allowance() uint64 {
	if a.Plan.Volume == 0 {
		return 0
	}
	bytes := a.Plan.Volume
	for _, code := range a.Options {
		if code == optionVolume {
			bytes += addedVolume
		}
	}
	return bytes
}

// Roams reports whether the line may go abroad.
func (a Attributes) Roams() bool { return slices.ContainsFunc(a.Options, IsRoamingCode) }

// SetRoaming replaces the cap on roaming charges; an empty code takes it away.
func (a *Attributes) SetRoaming(code string) {
	var options []string
	if code != "" {
		options = []string{code}
	}
	for _, option := range a.Options {
		if !IsRoamingCode(option) {
			options = append(options, option)
		}
	}
	a.Options = options
}

// AddVolume notes one more added volume.
func (a *Attributes) AddVolume() { a.Options = append(slices.Clip(a.Options), optionVolume) }

// DropVolume takes the last added volume away.
func (a *Attributes) DropVolume() {
	for i := len(a.Options) - 1; i >= 0; i-- {
		if a.Options[i] == optionVolume {
			a.Options = slices.Delete(slices.Clone(a.Options), i, i+1)
			return
		}
	}
}

// IMEIOptionCode is 1 for the ID alone, 2 for ID and IMEI.
func (a Attributes) IMEIOptionCode() string {
	if a.IMEIOption {
		return "2"
	}
	return "1"
}

// As is the line's attributes at a second.
func (l *Line) As(at int64) Attributes {
	a := l.Attributes
	if o := l.overlay.Load(); o != nil {
		for _, e := range o.edits {
			if e.at > at {
				break
			}
			e.apply(&a)
		}
	}
	return a
}

// allowanceFrom is an allowance and the second from which on it holds.
type allowanceFrom struct {
	at    int64
	bytes uint64
}

// allowances is what the line may use in a month, first as it stands when the month begins, then each change of it.
func (l *Line) allowances(month int) []allowanceFrom {
	begin, end := l.cal.Midnight(calendar.FirstDay(month)), l.cal.Midnight(calendar.FirstDay(month+1))
	list := []allowanceFrom{{begin, l.As(begin).allowance()}}
	if o := l.overlay.Load(); o != nil {
		for _, e := range o.edits {
			now := l.As(e.at).allowance()
			if e.at > begin && e.at < end && now != list[len(list)-1].bytes {
				list = append(list, allowanceFrom{e.at, now})
			}
		}
	}
	return list
}

// SetAddresses replaces the addresses that are given.
func (a *Attributes) SetAddresses(ips [3]string) {
	for i, ip := range ips {
		if ip = strings.TrimSpace(ip); ip != "" {
			a.IPs[i] = ip
		}
	}
}
