package collector

import (
	"slices"
	"time"

	"kaisen/schema"
)

// The jobs of an account of kind unom, as they are named in the configuration, in label job and in table sweeps.
const (
	JobLines           = "lines"
	JobTraffic         = "traffic"
	JobDataShare       = "data_share"
	JobSession         = "session"
	JobAuthentications = "authentications"
	JobSessions        = "sessions"
	JobContract        = "contract"
	JobProducts        = "products"
	JobOrders          = "orders"
)

// JobConfig is how often a job runs, and how far back a log is read the first time.
type JobConfig struct {
	Interval time.Duration // 0: the job is off
	Lookback time.Duration // logs only; at most 30 days, which is as far as the carrier answers
}

// Config is one account of kind unom.
type Config struct {
	Source     string
	Contracts  []string
	Zone       *time.Location   // in which the carrier's days and months turn
	Workers    int              // polls under way at once; the account's max_in_flight
	ExtraLines []schema.LineKey // lines beyond the carrier's 1,000-row list
	Shard      Shard            // this process's part of the lines, and of the contracts' logs and orders
	Sightings  Sightings        // asked for this part's lines in other parts' logs; nil where there are no other parts
	Jobs       map[string]JobConfig
}

// DefaultConfig has the intervals of a fleet whose account allows some requests a second.
func DefaultConfig() Config {
	return Config{
		Zone:    time.FixedZone("Asia/Tokyo", 9*60*60),
		Workers: 8,
		Jobs: map[string]JobConfig{
			JobLines:           {Interval: time.Hour},
			JobTraffic:         {Interval: 15 * time.Minute},
			JobDataShare:       {Interval: 15 * time.Minute},
			JobSession:         {Interval: 15 * time.Minute},
			JobAuthentications: {Interval: 5 * time.Minute, Lookback: 720 * time.Hour},
			JobSessions:        {Interval: 5 * time.Minute, Lookback: 720 * time.Hour},
			JobContract:        {Interval: 24 * time.Hour},
			JobProducts:        {Interval: 24 * time.Hour},
			JobOrders:          {Interval: time.Hour},
		},
	}
}

// ownContracts are those whose logs, particulars, products and orders this process reads.
func (c *Config) ownContracts() []string {
	return slices.DeleteFunc(slices.Clone(c.Contracts), func(contract string) bool { return !c.Shard.Owns(contract) })
}

func linesOf(keys []schema.LineKey, contract string) map[string]struct{} {
	numbers := make(map[string]struct{})
	for _, key := range keys {
		if key.ContractID == contract {
			numbers[key.LineNo] = struct{}{}
		}
	}
	return numbers
}
