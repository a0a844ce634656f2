package collector

import (
	"time"

	"kaisen/schema"
)

// Inventory is what an account has to be asked about, as far as the number of its requests depends on it.
type Inventory struct {
	Contracts  []ContractInventory
	OpenOrders int // orders that something may still happen to
	Sites      int // of IPoE
}

// ContractInventory is what a contract has.
type ContractInventory struct {
	ID      string  // "": a contract that is assumed, of which nobody knows the name
	Lines   int     // that are asked about
	Members int     // of them, those that draw on the contract's share group
	LogRows float64 // rows that each of its logs has a day of each line whose RADIUS is the carrier's

	OwnRadius    int              // of the lines, those whose RADIUS is the customer's own, of whose connection the carrier does not tell
	SessionLog   schema.Opt[bool] // whether its session log is believed to say who is connected
	MembersAlike schema.Opt[bool] // whether all members are told the same figures
}

// DefaultLogRows is how many rows a line has a day in each log where nobody has counted them.
const DefaultLogRows = 3

// Demand is what a job asks for an inventory, every item in its time. A schedule that is adaptive may ask more.
type Demand struct {
	Job     string        `json:"job"`
	PerHour float64       `json:"requests_per_hour"`     // on average, once answers have shown what need not be asked
	AtFirst float64       `json:"at_first_per_hour"`     // until then, and for good where they show that it has to be
	Items   float64       `json:"items"`                 // asked about one by one, each once an interval; 0: the job reads lists
	Rows    float64       `json:"traffic_rows_per_hour"` // of traffic_samples, that its answers bring; more than one where an answer counts for many
	Every   time.Duration `json:"-"`                     // from one question about an item to the next, where that is more than an interval of the job
	Basis   string        `json:"basis"`                 // how the figures come about
}

// PerHour is how often an hour something is done that is done once an interval; 0: never.
func PerHour(interval time.Duration) float64 {
	if interval <= 0 {
		return 0
	}
	return float64(time.Hour) / float64(interval)
}

// Lines counts the lines of all contracts, and those of them that draw on a share group.
func (i Inventory) Lines() (lines, members int) {
	for _, c := range i.Contracts {
		lines, members = lines+c.Lines, members+c.Members
	}
	return lines, members
}

// Part is how much of what has a name a part of the work has: all or nothing, or an equal part where the name is not known.
func (s Shard) Part(name string) float64 {
	switch {
	case s.Count <= 1:
		return 1
	case name == "":
		return 1 / float64(s.Count)
	case s.Owns(name):
		return 1
	}
	return 0
}

// Each is how much of many lines a part of the work has.
func (s Shard) Each() float64 { return 1 / float64(max(1, s.Count)) }
