package simulator

import (
	"slices"
	"strings"
)

// The codes of accessCode, announced to be called accessType.
const (
	access3G  = "1"
	accessLTE = "2"
)

// attributes is what orders can change about a line.
type attributes struct {
	plan       plan
	options    []string // replaced, never changed in place
	access     string
	imei       string
	imeiOption bool
	ips        [3]string // active, standby, roaming
	authID     string
	reserve    string // the reservation that put it into its group or will take it out; empty: one of long ago
}

// edit is a change of a line's attributes from a second on.
type edit struct {
	at    int64
	cause string // the order's or reservation's number
	apply func(*attributes)
}

// allowance is the bytes a month that plan and added volume come to; 0: no limit.
func (a attributes) allowance() uint64 {
	if a.plan.volume == 0 {
		return 0
	}
	bytes := a.plan.volume
	for _, code := range a.options {
		if code == optionVolume {
			bytes += addedVolume
		}
	}
	return bytes
}

// roams reports whether the line may go abroad.
func (a attributes) roams() bool { return slices.ContainsFunc(a.options, isRoamingCode) }

// setRoaming replaces the cap on roaming charges; an empty code takes it away.
func (a *attributes) setRoaming(code string) {
	var options []string
	if code != "" {
		options = []string{code}
	}
	for _, option := range a.options {
		if !isRoamingCode(option) {
			options = append(options, option)
		}
	}
	a.options = options
}

// addVolume notes one more added volume.
func (a *attributes) addVolume() { a.options = append(slices.Clip(a.options), optionVolume) }

// dropVolume takes the last added volume away.
func (a *attributes) dropVolume() {
	for i := len(a.options) - 1; i >= 0; i-- {
		if a.options[i] == optionVolume {
			a.options = slices.Delete(slices.Clone(a.options), i, i+1)
			return
		}
	}
}

// imeiOptionCode is 1 for the ID alone, 2 for ID and IMEI.
func (a attributes) imeiOptionCode() string {
	if a.imeiOption {
		return "2"
	}
	return "1"
}

// as is the line's attributes at a second.
func (l *line) as(at int64) attributes {
	a := l.attributes
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
func (l *line) allowances(month int) []allowanceFrom {
	begin, end := l.cal.midnight(firstDay(month)), l.cal.midnight(firstDay(month+1))
	list := []allowanceFrom{{begin, l.as(begin).allowance()}}
	if o := l.overlay.Load(); o != nil {
		for _, e := range o.edits {
			now := l.as(e.at).allowance()
			if e.at > begin && e.at < end && now != list[len(list)-1].bytes {
				list = append(list, allowanceFrom{e.at, now})
			}
		}
	}
	return list
}

// setAddresses replaces the addresses that are given.
func (a *attributes) setAddresses(ips [3]string) {
	for i, ip := range ips {
		if ip = strings.TrimSpace(ip); ip != "" {
			a.ips[i] = ip
		}
	}
}
