// Package chance draws everything that the carrier happens to do. A draw is a mix of a seed, a purpose and an index, so
// that any moment can be computed without computing those before it. It keeps no state: the same question has the
// same answer.
package chance

// Mix is one step of splitmix64.
func Mix(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// The purposes of draws. Their order is part of the truth of a seed: add at the end only.
const (
	AboutNumber uint64 = iota
	AboutStart
	AboutPlan
	AboutAttributes
	AboutDay
	AboutRhythm
	AboutPeriod
	AboutPhase
	AboutVisit
	AboutLimit
	AboutStyle
	AboutFault
	AboutLatency
	AboutOrder
	AboutService
	AboutSite
)

// Of draws the n-th number of a purpose.
func Of(seed, purpose, n uint64) uint64 { return Mix(Mix(seed, purpose), n) }
