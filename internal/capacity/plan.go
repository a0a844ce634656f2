package capacity

import (
	"fmt"
	"math"
	"time"

	"kaisen/collector"
	"kaisen/internal/config"
)

// Format is the number of the form of a plan as JSON: it rises when a field is taken away or means something else.
const Format = 1

// Plan is what a configuration will come to for a fleet.
type Plan struct {
	Format    int       `json:"format"` // Format
	Inventory string    `json:"inventory"`
	Lines     int       `json:"lines"`
	Contracts int       `json:"contracts"`
	Members   int       `json:"members"`
	Shard     string    `json:"shard,omitempty"` // the part of the fleet that accounts are planned for; empty: all of it
	Accounts  []Account `json:"accounts"`
	Sizes     Sizes     `json:"sizes"` // of the whole fleet
	Verdict   string    `json:"verdict"`
}

// Account is what a process asks of an account. Figures of requests are for an hour.
type Account struct {
	Source    string   `json:"source"`
	Kind      string   `json:"kind"`
	Schedule  string   `json:"schedule"`
	Lines     int      `json:"lines"` // of all shards
	Contracts int      `json:"contracts"`
	Members   int      `json:"members"`
	Requests  float64  `json:"requests_per_hour"` // once answers have shown what need not be asked
	AtFirst   float64  `json:"at_first_per_hour"` // until then
	AtMost    float64  `json:"at_most_per_hour"`  // where an adaptive schedule spends what is left on what is urgent
	Limit     float64  `json:"limit_per_hour"`
	Share     float64  `json:"share_of_limit"`   // Requests of Limit
	Urgent    *Urgency `json:"urgent,omitempty"` // nil: a fixed schedule
	Jobs      []Job    `json:"jobs"`
	Advice    []string `json:"advice,omitempty"`

	limit       config.RateLimit // this process's part
	shards      int              // that share the account
	beyondLists int              // lines that the carrier's lists have no room for
	logRows     float64          // a day, of both logs
	samples     float64          // traffic answers an hour
}

// Job is what a job asks, and what comes of it. Times are in seconds, for JSON.
type Job struct {
	collector.Demand
	Interval float64 `json:"interval_seconds"`
	Granted  float64 `json:"granted_per_hour"` // of what it asks, what the limit lets through
	WorstAge float64 `json:"worst_age_seconds"`
	Delay    *Delay  `json:"crossing_seen,omitempty"` // nil: its answers show no crossings
}

// Delay is how long after a threshold is crossed an answer shows it.
type Delay struct {
	Mean       float64 `json:"mean_seconds"`
	P95        float64 `json:"p95_seconds"`
	BurstsMean float64 `json:"bursts_mean_seconds,omitempty"` // adaptive: of lines that use most at once, without a habit
	BurstsP95  float64 `json:"bursts_p95_seconds,omitempty"`
	AtMost     float64 `json:"at_most_seconds"` // nothing is seen later while it is answered
	Basis      string  `json:"basis"`
}

// comfortable is the part of a limit beyond which an outage is not caught up with soon.
const comfortable = 0.8

// New plans a configuration for an inventory.
func New(cfg *config.Config, kinds collector.Kinds, has Inventory) (*Plan, error) {
	index, count, err := cfg.Collector.Part()
	if err != nil {
		return nil, fmt.Errorf("collector.shard: %w", err)
	}
	zone, err := cfg.Location()
	if err != nil {
		return nil, err
	}
	p := &Plan{Format: Format, Inventory: has.From, Shard: cfg.Collector.Shard, Accounts: []Account{}}
	shard := collector.Shard{Index: index, Count: count}
	for _, source := range cfg.Sources {
		kind, known := kinds.Find(source.Kind)
		if !known || kind.Demand == nil {
			continue
		}
		if !kind.HasLines && !shard.Owns(source.Name) {
			continue
		}
		if kind.HasLines {
			source.RateLimit = source.RateLimit.Part(index, count)
		}
		of := collector.Account{Source: source.Name, Zone: zone, Workers: source.RateLimit.MaxInFlight, Jobs: source.JobConfigs(),
			Settings: source.Settings, Adaptive: source.Schedule == config.ScheduleAdaptive, MaxAge: time.Duration(source.MaxAge)}
		a := planAccount(kind, of, source, shard, has.Sources[source.Name])
		p.Lines, p.Contracts, p.Members = p.Lines+a.Lines, p.Contracts+a.Contracts, p.Members+a.Members
		p.Accounts = append(p.Accounts, a)
	}
	p.Sizes = sizesOf(p, cfg, count)
	p.Verdict = p.verdict()
	return p, nil
}

// planAccount plans what a shard asks of an account.
func planAccount(kind collector.Kind, of collector.Account, source config.Source, shard collector.Shard, has collector.Inventory) Account {
	lines, members := has.Lines()
	a := Account{Source: source.Name, Kind: kind.Name, Schedule: source.Schedule, Lines: lines, Members: members,
		Contracts: len(has.Contracts), Limit: limitOf(source.RateLimit), Jobs: []Job{}, limit: source.RateLimit, shards: 1}
	if kind.HasLines {
		a.shards = shard.Count
	}
	for _, c := range has.Contracts {
		a.beyondLists += max(0, c.Lines-listedLines)
		a.logRows += 2 * float64(c.Lines-c.OwnRadius) * c.LogRows
	}
	demands := kind.Demand(of, shard, has)
	for _, d := range demands {
		a.Requests, a.AtFirst = a.Requests+d.PerHour, a.AtFirst+d.AtFirst
	}
	a.AtMost, a.Share = a.Requests, a.Requests/a.Limit
	if of.Adaptive {
		a.Urgent = new(Urgency)
	}
	granted := divide(a.Limit, demands, of.Jobs)
	for i, d := range demands {
		interval := of.Jobs[d.Job].Interval
		job := Job{Demand: d, Interval: interval.Seconds(), Granted: granted[i]}
		job.WorstAge = job.turn().Seconds()
		if kind.Planned(d.Job) && d.Items > 0 {
			if of.Adaptive {
				job.planned(interval, collector.MaxAge(of.MaxAge, interval), left(a.Limit, granted, i))
				a.AtMost = min(max(a.Limit, a.Requests), a.AtMost+max(0, d.Items*mostOften()-d.PerHour))
				a.Urgent.add(interval, job.plannedItems(interval))
			} else {
				job.Delay = inTurn(job.turn())
			}
		}
		if d.Rows > 0 {
			a.samples += d.Rows * job.Granted / d.PerHour
		}
		a.Jobs = append(a.Jobs, job)
	}
	a.Urgent.bound(a.Limit - a.Requests)
	a.advise()
	return a
}

// limitOf is the requests an hour that a limit lets through in the long run.
func limitOf(limit config.RateLimit) float64 {
	perHour := 3600 * limit.RequestsPerSecond
	if limit.DailyRequests > 0 {
		perHour = min(perHour, float64(limit.DailyRequests)/24)
	}
	return perHour
}

// left is the requests an hour that a job may send: of a limit what is not granted to the others, and at least an equal part, as
// the engine has it.
func left(limit float64, granted []float64, job int) float64 {
	own := limit
	for i, others := range granted {
		if i != job {
			own -= others
		}
	}
	return max(own, limit/float64(len(granted)))
}

// divide gives each job of a limit what it asks, or its share of what there is, and what it leaves to the others.
func divide(limit float64, demands []collector.Demand, jobs map[string]collector.JobConfig) []float64 {
	granted := make([]float64, len(demands))
	open := make(map[int]float64)
	var shares float64
	for i, d := range demands {
		share := jobs[d.Job].Share
		if share <= 0 {
			share = 1
		}
		open[i] = share
		shares += share
	}
	for again := true; again; {
		again = false
		for i, share := range open {
			if need := demands[i].PerHour; need <= limit*share/shares {
				granted[i] = need
				limit, shares, again = limit-need, shares-share, true
				delete(open, i)
			}
		}
	}
	for i, share := range open {
		granted[i] = limit * share / shares
	}
	return granted
}

// turn is how long it takes to do all of a job once: its interval, or the time that it takes for each item, or as much more as the limit does not let through.
func (j *Job) turn() time.Duration {
	interval := max(j.Every, time.Duration(j.Interval*float64(time.Second)))
	if j.Granted <= 0 || j.Granted >= j.PerHour {
		return interval
	}
	return times(interval, j.PerHour/j.Granted)
}

// times is a time so many times as long; centuries are as many as a duration holds.
func times(d time.Duration, by float64) time.Duration {
	return time.Duration(math.Min(float64(d)*by, math.MaxInt64/2))
}
