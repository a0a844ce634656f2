package fleet

import (
	"fmt"
	"slices"
)

// MiB is the unit of volumes, in bytes.
const MiB = 1 << 20

// Plan is a price plan. The codes are those the documents mention, the volumes are invented.
type Plan struct {
	Code   string
	Volume uint64 // bytes a month; 0: paid by use, so nothing remains, nothing is restricted
}

// Plans are the plans that lines have from the beginning.
func Plans() []Plan {
	return []Plan{
		{"T3000001", 1024 * MiB},
		{"T3001323", 3072 * MiB},
		{"T3001326", 7168 * MiB},
		{"T3001328", 20480 * MiB},
		{"T3001330", 0},
	}
}

// optionVolume stands among a line's options once for each volume added; each adds addedVolume to its month.
const (
	optionVolume = "T6000084"
	addedVolume  = 1024 * MiB
)

// The caps on roaming charges are a row of codes.
const (
	firstRoamingCode = "T6000036"
	lastRoamingCode  = "T6000047"
	RoamingCodes     = 12
)

// RoamingCode is the code of the i-th cap.
func RoamingCode(i int) string { return fmt.Sprintf("T60000%02d", 36+i) }

// IsRoamingCode reports whether an option is a cap.
func IsRoamingCode(code string) bool {
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

// String is the character in a word.
func (c character) String() string {
	return [...]string{"normal", "greedy", "quiet", "constant", "bursty"}[c]
}

// characterOf assigns the characters so that even a small fleet has each of them.
func characterOf(index int) character {
	return [...]character{
		normal, greedy, quiet, constant, normal, bursty, normal, normal,
		greedy, normal, quiet, normal, bursty, greedy, normal, normal,
	}[index%16]
}

// Radius says who answers a line's authentications. Only Com's own can report whether a line is connected (error 8
// of the table エラー一覧表).
type Radius uint8

// Who answers authentications.
const (
	RadiusCom Radius = iota
	radiusCustomer
	radiusMCOP
)

func radiusOf(index int) Radius {
	switch index % 16 {
	case 9:
		return radiusCustomer
	case 14:
		return radiusMCOP
	default:
		return RadiusCom
	}
}

// String is the name in call 02.
func (r Radius) String() string {
	return [...]string{"NTTコム", "お客様Radius", "MCOPオプション"}[r]
}

// ShareStatus is a line's place in the share group, with the codes of call 10.
type ShareStatus uint8

// The places in a share group.
const (
	ShareNone            ShareStatus = iota
	ShareReserved                    // 01
	ShareRegistered                  // 02
	ShareRemovalReserved             // 03
)

// InPool reports whether the line draws from the group's volume and may ask for its figures.
func (s ShareStatus) InPool() bool { return s == ShareRegistered || s == ShareRemovalReserved }

// Code is the status in call 10.
func (s ShareStatus) Code() string { return [...]string{"", "01", "02", "03"}[s] }

// String is the status in a word.
func (s ShareStatus) String() string {
	return [...]string{"none", "reserved", "registered", "removal_reserved"}[s]
}

func shareStatusOf(word string) (ShareStatus, bool) {
	for s := ShareNone; s <= ShareRemovalReserved; s++ {
		if s.String() == word {
			return s, true
		}
	}
	return ShareNone, false
}

// IsPlan reports whether lines have a plan from the beginning.
func IsPlan(code string) bool {
	return slices.ContainsFunc(Plans(), func(p Plan) bool { return p.Code == code })
}
