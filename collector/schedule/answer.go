package schedule

import (
	"time"

	"kaisen/schema"
)

// Answer is what the carrier said of a target, as far as planning needs it.
type Answer struct {
	At          time.Time          // of which the figures speak: the carrier's clock
	Month       uint64             // bytes used this month
	Today       uint64             // bytes used today
	Remaining   schema.Opt[uint64] // bytes left this month; not known: without a limit
	Restriction schema.Restriction
	Days        []uint64 // bytes of the days before today, yesterday first; may be nil
}

// Spec is what is known of a target before it is asked.
type Spec struct {
	Near    float64 // the share left at which it is near its cap, in steps of 0.004; 0: the first of Config.Thresholds
	Roaming bool    // it is abroad

	// Member says that a pool's volume decides and not its own: it is asked for its days alone, and its reason is that
	// of Pool where that is known.
	Member bool
	Pool   Target
}

// Hint is what another source knows of a target, such as the session log.
type Hint uint8

// What there is to know.
const (
	HintConnected Hint = iota // it is on the network
	HintVolume                // its volume may have changed
)

// Crossing is a threshold that an answer showed to be passed.
type Crossing struct {
	Threshold float64   // the share left, 0 for used up
	Estimated time.Time // when it was passed, as the use between the last two answers says: by the carrier's clock, as Answer.At
	Cleared   bool      // not a threshold: the restriction ended
}
