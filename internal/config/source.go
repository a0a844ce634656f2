package config

import (
	"cmp"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
)

// Source is one configured API account.
type Source struct {
	Name             string         `koanf:"name" doc:"Name of the account, the label source; letters, digits, dot, dash and underscore, at most 63."`
	Kind             string         `koanf:"kind" doc:"Which of the carrier's APIs: Universal One Mobile, Service Order or IPoE."`
	BaseURL          string         `koanf:"base_url" doc:"Address the API paths are appended to; kind ipoe has no default."`
	TokenURL         string         `koanf:"token_url" doc:"Address that hands out access tokens; kind ipoe has no default."`
	TokenStyle       string         `koanf:"token_style" enum:"json,form" doc:"How a token is asked for: json as the carrier documents, form as in RFC 6749."`
	ClientID         string         `koanf:"client_id,omitempty" doc:"The account's client ID."`
	ClientIDFile     string         `koanf:"client_id_file,omitempty" doc:"File that holds the client ID, instead of client_id."`
	ClientSecret     Secret         `koanf:"client_secret,omitempty" doc:"The account's secret; better in client_secret_file or the environment."`
	ClientSecretFile string         `koanf:"client_secret_file,omitempty" doc:"File that holds the secret, instead of client_secret."`
	RateLimit        RateLimit      `koanf:"rate_limit" doc:"The request budget of the account, token requests included."`
	Schedule         string         `koanf:"schedule" enum:"adaptive,fixed" doc:"adaptive asks first about the lines and share groups that are about to cross a threshold, fixed asks all once an interval; kinds without lines have fixed alone."`
	MaxAge           Duration       `koanf:"max_age" doc:"adaptive: how long a line or share group waits for its question at most while the budget can keep that; 0 is four intervals of its job."`
	Jobs             map[string]Job `koanf:"jobs" doc:"How often each job runs; each kind has its own jobs."`

	Settings collector.Settings `koanf:"-" jsonschema:"-"` // the keys that only sources of this kind have; nil where it has none

	Own map[string]any `koanf:",remain" jsonschema:"-"` // the values of such keys, as they were merged
}

// RateLimit is what an account may ask of the carrier, who publishes no figure: 429 and 503 correct it at run time.
type RateLimit struct {
	RequestsPerSecond float64 `koanf:"requests_per_second" doc:"Requests a second in the long run, above 0."`
	Burst             int     `koanf:"burst" doc:"Requests that may go out at once after a pause, at least 1."`
	MaxInFlight       int     `koanf:"max_in_flight" doc:"Requests that may wait for their answer at the same time, at least 1."`
	DailyRequests     int     `koanf:"daily_requests" doc:"Requests in a day of the carrier's at most, spread over it, restarts included; 0 is no such limit."`
}

// Part is what one of several processes may ask of an account that they share: together no more than one alone. Its index
// counts from 1; a burst cannot be less than one request.
func (l RateLimit) Part(index, count int) RateLimit {
	if count > 1 {
		l.RequestsPerSecond /= float64(count)
		l.Burst = max(1, l.Burst/count)
		l.MaxInFlight = max(1, l.MaxInFlight/count)
		more := 0
		if index <= l.DailyRequests%count {
			more = 1
		}
		l.DailyRequests = l.DailyRequests/count + more
	}
	return l
}

// The values of a source's schedule.
const (
	ScheduleAdaptive = "adaptive"
	ScheduleFixed    = "fixed"
)

// Job is how often one job runs.
type Job struct {
	Interval Duration `koanf:"interval" doc:"Time between two rounds, at least 1s; 0 switches the job off."`
	Share    float64  `koanf:"share" doc:"Weight of the job against the account's other jobs where they ask more than may be sent, above 0."`
	Lookback Duration `koanf:"lookback,omitempty" doc:"Logs only: how far the first run goes back, at most 720h, which is all the carrier keeps."`
}

// maxLookback is how far the carrier's logs reach back.
const maxLookback = Duration(collector.MaxLookback)

// DefaultSource is a source of a kind with everything that has a default.
func DefaultSource(kind collector.Kind) Source {
	client := carrier.DefaultConfig()
	source := Source{
		Kind:       kind.Name,
		BaseURL:    kind.BaseURL,
		TokenURL:   kind.TokenURL,
		TokenStyle: client.Style,
		RateLimit:  RateLimit(client.Limit),
		Schedule:   ScheduleAdaptive,
		Jobs:       map[string]Job{},
	}
	if !kind.Plans() { // nothing of it can be asked sooner
		source.Schedule = ScheduleFixed
	}
	for _, job := range kind.Jobs {
		source.Jobs[job.Name] = Job{Interval: Duration(job.Interval), Share: cmp.Or(job.Share, 1), Lookback: Duration(job.Lookback)}
	}
	if kind.Settings != nil {
		source.Settings = kind.Settings()
	}
	return source
}

// JobConfigs are the jobs as collectors take them.
func (s Source) JobConfigs() map[string]collector.JobConfig {
	jobs := make(map[string]collector.JobConfig, len(s.Jobs))
	for name, job := range s.Jobs {
		jobs[name] = collector.JobConfig{Interval: time.Duration(job.Interval), Share: job.Share, Lookback: time.Duration(job.Lookback)}
	}
	return jobs
}

// Credentials are the account's client ID and secret, inline or out of their files, which are read anew at each call
// so that a renewed secret takes effect.
func (s Source) Credentials() (clientID string, secret Secret, err error) {
	clientID, secret = s.ClientID, s.ClientSecret
	if s.ClientIDFile != "" {
		if clientID, err = readSecret(s.ClientIDFile); err != nil {
			return "", Secret{}, err
		}
	}
	if s.ClientSecretFile != "" {
		text, err := readSecret(s.ClientSecretFile)
		if err != nil {
			return "", Secret{}, err
		}
		secret = NewSecret(text)
	}
	return clientID, secret, nil
}
