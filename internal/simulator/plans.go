package simulator

import "fmt"

const mib = 1 << 20

// plan is a price plan. The codes are those the documents mention, the volumes are invented.
type plan struct {
	code   string
	volume uint64 // bytes a month; 0: paid by use, so nothing remains, nothing is restricted
}

func plans() []plan {
	return []plan{
		{"T3000001", 1024 * mib},
		{"T3001323", 3072 * mib},
		{"T3001326", 7168 * mib},
		{"T3001328", 20480 * mib},
		{"T3001330", 0},
	}
}

// optionVolume stands among a line's options once for each volume added; each adds addedVolume to its month.
const (
	optionVolume = "T6000084"
	addedVolume  = 1024 * mib
)

// The caps on roaming charges are a row of codes.
const (
	firstRoamingCode = "T6000036"
	lastRoamingCode  = "T6000047"
	roamingCodes     = 12
)

func roamingCode(i int) string { return fmt.Sprintf("T60000%02d", 36+i) }

// isRoamingCode tells the codes of caps from other options.
func isRoamingCode(code string) bool {
	return len(code) == len(firstRoamingCode) && code >= firstRoamingCode && code <= lastRoamingCode
}

// character is how a line is used.
type character uint8

const (
	normal   character = iota // by day and weekday, within its volume
	greedy                    // exceeds its volume in most months
	quiet                     // nothing on most days, little on the others
	constant                  // the same every day, evenly over the day: a sensor
	bursty                    // little, then two days with a third of the month's volume
)

func (c character) String() string {
	return [...]string{"normal", "greedy", "quiet", "constant", "bursty"}[c]
}

// characterOf deals the characters out so that even a small fleet has each of them.
func characterOf(index int) character {
	return [...]character{
		normal, greedy, quiet, constant, normal, bursty, normal, normal,
		greedy, normal, quiet, normal, bursty, greedy, normal, normal,
	}[index%16]
}

// radius says who answers a line's authentications. Only Com's own can report whether a line is connected (error 8
// of the table エラー一覧表).
type radius uint8

const (
	radiusCom radius = iota
	radiusCustomer
	radiusMCOP
)

func radiusOf(index int) radius {
	switch index % 16 {
	case 9:
		return radiusCustomer
	case 14:
		return radiusMCOP
	default:
		return radiusCom
	}
}

func (r radius) String() string {
	return [...]string{"NTTコム", "お客様Radius", "MCOPオプション"}[r]
}

// shareStatus is a line's place in the share group, with the codes of call 10.
type shareStatus uint8

const (
	shareNone            shareStatus = iota
	shareReserved                    // 01
	shareRegistered                  // 02
	shareRemovalReserved             // 03
)

// inPool reports whether the line draws from the group's volume and may ask for its figures.
func (s shareStatus) inPool() bool { return s == shareRegistered || s == shareRemovalReserved }

func (s shareStatus) code() string { return [...]string{"", "01", "02", "03"}[s] }

func (s shareStatus) String() string {
	return [...]string{"none", "reserved", "registered", "removal_reserved"}[s]
}

func shareStatusOf(word string) (shareStatus, bool) {
	for s := shareNone; s <= shareRemovalReserved; s++ {
		if s.String() == word {
			return s, true
		}
	}
	return shareNone, false
}
