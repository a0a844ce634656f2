package simulator

// mix is one step of splitmix64: everything the carrier "happens to do" is a mix of the seed, a purpose and an
// index, so that any moment can be computed without computing those before it.
func mix(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// The purposes of a line's numbers. Their order is part of the truth of a seed: add at the end only.
const (
	aboutNumber uint64 = iota
	aboutStart
	aboutPlan
	aboutAttributes
	aboutDay
	aboutRhythm
	aboutPeriod
	aboutPhase
	aboutVisit
	aboutLimit
	aboutStyle
	aboutFault
	aboutLatency
	aboutOrder
	aboutService
	aboutSite
)

// of draws the n-th number of a purpose.
func of(seed, purpose, n uint64) uint64 { return mix(mix(seed, purpose), n) }
