package collector

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/schema"
)

// Kind is one of the carrier's APIs, with all that the rest of the program has to know of it: configuration, command
// line, store and exporter read the list of kinds and know none by name.
type Kind struct {
	Name  string // as in the configuration, in label api of the orders' gauges, and in kaisen api NAME
	Title string // what the carrier calls it

	BaseURL, TokenURL string // where the carrier serves it; empty where no public address is known
	HasLines          bool   // accounts have lines: several processes share them out line by line, and forecasts are made of them
	Jobs              []JobDefault
	Tables            []schema.Table      // that only this kind's collectors fill, beside those of schema.Batch
	Operations        []carrier.Operation // what kaisen api offers
	Inspect           carrier.Inspect     // what the API's answers say of a failure; nil: what their status does
	Readings          []schema.Reading    // the points on which its document may be read in several ways

	// Settings makes the configuration keys that only sources of this kind have, with their defaults; nil where there
	// are none.
	Settings func() Settings

	// Probe is a first contact with an account: it asks what it may ask, by probing.Ask, and notes what that shows. nil: there is none.
	Probe func(context.Context, Account, *carrier.Client, *probing.Probe)

	// Demand is what each job of an account that is switched on asks an hour for an inventory, by the part of the work that
	// has the shard. nil: it is not known.
	Demand func(Account, Shard, Inventory) []Demand

	// Open registers the metrics of the kind's own, once for all of its accounts, and returns what makes the collector
	// of each.
	Open func(prometheus.Registerer) func(Account, *carrier.Client, Deps) (Collector, error)
}

// The addresses at which the carrier serves its public APIs.
const (
	PublicURL      = "https://api.ntt.com"
	PublicTokenURL = "https://api.ntt.com/v1/oauth/accesstokens"
)

// JobDefault is a job with what it has unless configured otherwise.
type JobDefault struct {
	Name    string
	Planned bool // a plan orders its questions where the account's schedule is adaptive
	JobConfig
}

// JobConfig is how often a job runs, how far back a log is read the first time, and how much of the account it has.
type JobConfig struct {
	Interval time.Duration // 0: the job is off
	Lookback time.Duration // logs only; at most MaxLookback
	Share    float64       // of the account's requests while other jobs ask too, against theirs; 0 is 1
}

// MaxLookback is how far back the carrier answers what its logs hold.
const MaxLookback = 30 * 24 * time.Hour

// LogOverlap is how much of a log is read again each time, for rows that arrive late. What was read before is
// recognised and not counted twice.
const LogOverlap = 3 * time.Hour

// Settings are the configuration keys of one kind: a pointer to a struct. A field's tags are those of the other keys,
// koanf:"name" and doc:"…"; it is a text or a list of texts. Tag after:"key" says behind which key it is documented.
type Settings interface {
	// Check reports what is wrong: the key, what is wrong with its value, and what to do. A key of a list's element is
	// written contracts[0].
	Check(jobs map[string]JobConfig, report func(key, problem, advice string))
	// Warn reports what is allowed but probably not meant.
	Warn(report func(key, problem string))
}

// Contracts are settings that name the contracts to watch.
type Contracts interface {
	Settings
	ContractIDs() []string
}

// Files are settings that name files, which a collector reads at its start.
type Files interface {
	Settings
	Files() []string
}

// ContractsOf lists the contracts that settings name; none where their kind has no contracts.
func ContractsOf(settings Settings) []string {
	if named, has := settings.(Contracts); has {
		return named.ContractIDs()
	}
	return nil
}

// Account is one configured account, as its collector is made of it.
type Account struct {
	Source   string
	Zone     *time.Location // in which the carrier's days and months turn
	Workers  int            // requests under way at once; the account's max_in_flight
	Jobs     map[string]JobConfig
	Settings Settings // made by Kind.Settings; nil where the kind has none

	// Adaptive jobs ask about those items first of which an answer is worth most; the others go by their places in the interval.
	Adaptive bool
	MaxAge   time.Duration  // how long an item waits at most while the budget can keep that; 0: four intervals of its job
	Rate     func() float64 // the requests a second that are allowed now; nil: there is no limit

	// Visit lets in a question that a person waits for, of one request of each operation, or fails at once where it would wait
	// too long: carrier.Client.Visit. Nil: all are let in.
	Visit func(ctx context.Context, operations ...string) (in context.Context, end func(), err error)
}

// MaxAge is how long an item of a job waits at most for its question where the schedule is adaptive, while the budget can
// keep that: four intervals of the job unless it is configured, above 0.
func MaxAge(configured, interval time.Duration) time.Duration {
	if configured > 0 {
		return max(configured, interval)
	}
	return 4 * interval
}

// Deps are what the collectors of a process share.
type Deps struct {
	Sink     Sink
	Metrics  *Metrics
	Log      *slog.Logger
	Progress Progress   // may be nil
	Shard    Shard      // this process's part of the lines, and of the contracts' logs and orders
	Logs     LogFinder  // asked for what is stored of a log that is read again; nil: it is not read again
	NearCap  NearCap    // may be nil
	Lines    LineFinder // asked for this part's lines in other parts' logs; nil where there are no other parts
}

// NearCap is the line's own threshold of being near its cap, the share of its volume that is left, 0 to 1. It is not known of a
// line that has none.
type NearCap func(schema.LineKey) schema.Opt[float64]

// Collector watches one account. Run or Once is called one time. Restore comes before them, or later, where the database
// does: then it lays what was seen meanwhile over what an earlier process knew.
type Collector interface {
	// Run watches the account until ctx ends.
	Run(ctx context.Context) error
	// Once runs every job that is switched on one time.
	Once(ctx context.Context) ([]schema.Sweep, error)
	// Restore takes in what an earlier process knew. It is safe beside Run.
	Restore(state schema.State)
	// Running reports whether Run or Once has begun.
	Running() bool
	// Ready is nil once the account's lists are known.
	Ready() error
	// Trouble is how the last reading of each list failed, nil if none did.
	Trouble() error
}

// LinePoller is a Collector that can ask about one line at once, because a person waits for that.
type LinePoller interface {
	// PollLine asks, and returns when the rows are in the sink. It fails with ErrUnknownLine for a line that is not watched here,
	// and at once, with what Account.Visit says, where it would have to wait too long.
	PollLine(ctx context.Context, contractID, lineNo string) error
}

// FigureKeeper is a Collector that dates figures by those that it knows of earlier days and months.
type FigureKeeper interface {
	// RestoreFigures takes in days and months, which come in any number of states that have nothing else and hold only until the next
	// one. It comes behind Restore, which takes them too. It is safe beside Run.
	RestoreFigures(parts iter.Seq[schema.State])
}

// HabitKeeper is a Collector that plans by what lines used of late, and by the hours of the day at which they do. A database takes
// seconds to say so, in which other things can be asked.
type HabitKeeper interface {
	// AwaitHabits has plans ask nothing until known is called, which is to be a minute later at most. It comes before Run.
	AwaitHabits() (known func())
	// RestoreSample takes in one of the last samples of a line, in any order. It comes behind Restore, which has the last one of each,
	// and is safe beside Run.
	RestoreSample(sample *schema.TrafficSample)
	// RestoreHours takes in what the samples of the last week show. It comes behind Restore, and is safe beside Run.
	RestoreHours(hours []schema.LineHours)
}

// ErrUnknownLine is of a line that a collector does not watch.
var ErrUnknownLine = errors.New("the line is not watched here")

// Kinds is a list of kinds, in the order in which they are documented.
type Kinds []Kind

// Find returns the kind of a name.
func (k Kinds) Find(name string) (Kind, bool) {
	i := slices.IndexFunc(k, func(kind Kind) bool { return kind.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return k[i], true
}

// Names lists the names.
func (k Kinds) Names() []string {
	names := make([]string, len(k))
	for i, kind := range k {
		names[i] = kind.Name
	}
	return names
}

// Tables lists the tables that kinds add to those of schema.Batch.
func (k Kinds) Tables() []schema.Table {
	var tables []schema.Table
	for _, kind := range k {
		tables = append(tables, kind.Tables...)
	}
	return tables
}

// Report is what a first contact with an account of the kind has shown.
func (k Kind) Report(ctx context.Context, p *probing.Probe) probing.Report {
	return p.Report(ctx, probing.API{Kind: k.Name, Title: k.Title, Operations: k.Operations, Readings: k.Readings})
}

// DefaultJobs are the kind's jobs by name.
func (k Kind) DefaultJobs() map[string]JobConfig {
	jobs := make(map[string]JobConfig, len(k.Jobs))
	for _, job := range k.Jobs {
		jobs[job.Name] = job.JobConfig
	}
	return jobs
}

// Planned reports whether a plan orders the questions of a job where the account's schedule is adaptive.
func (k Kind) Planned(job string) bool {
	return slices.ContainsFunc(k.Jobs, func(d JobDefault) bool { return d.Name == job && d.Planned })
}

// Plans reports whether a plan orders the questions of any job: where none does, a schedule can only be fixed.
func (k Kind) Plans() bool {
	return slices.ContainsFunc(k.Jobs, func(d JobDefault) bool { return d.Planned })
}

// JobNames lists the names of the kind's jobs.
func (k Kind) JobNames() []string {
	names := make([]string, len(k.Jobs))
	for i, job := range k.Jobs {
		names[i] = job.Name
	}
	return names
}

// Quote shows a text in a message about a configuration, cut where it is long.
func Quote(text string) string {
	const enough = 60
	if runes := []rune(text); len(runes) > enough {
		return strconv.Quote(string(runes[:enough])) + "…"
	}
	return strconv.Quote(text)
}
