package config

import "time"

// Kind is one of the carrier's three APIs.
type Kind string

const (
	KindUnom         Kind = "unom"         // Universal One Mobile API v2.1
	KindServiceOrder Kind = "serviceorder" // Service Order API
	KindIPoE         Kind = "ipoe"         // IPoE backend API 3.4.0
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{KindUnom, KindServiceOrder, KindIPoE} }

// The two ways of asking for a token.
const (
	TokenJSON = "json" // as the carrier documents it
	TokenForm = "form" // RFC 6749
)

// Source is one configured API account.
type Source struct {
	Name             string         `koanf:"name" doc:"Name of the account, the label source; letters, digits, dot, dash and underscore, at most 63."`
	Kind             Kind           `koanf:"kind" enum:"unom,serviceorder,ipoe" doc:"Which of the carrier's APIs: Universal One Mobile, Service Order or IPoE."`
	BaseURL          string         `koanf:"base_url" doc:"Address the API paths are appended to; kind ipoe has no default."`
	TokenURL         string         `koanf:"token_url" doc:"Address that hands out access tokens; kind ipoe has no default."`
	TokenStyle       string         `koanf:"token_style" enum:"json,form" doc:"How a token is asked for: json as the carrier documents, form as in RFC 6749."`
	ClientID         string         `koanf:"client_id,omitempty" doc:"The account's client ID."`
	ClientIDFile     string         `koanf:"client_id_file,omitempty" doc:"File that holds the client ID, instead of client_id."`
	ClientSecret     Secret         `koanf:"client_secret,omitempty" doc:"The account's secret; better in client_secret_file or the environment."`
	ClientSecretFile string         `koanf:"client_secret_file,omitempty" doc:"File that holds the secret, instead of client_secret."`
	Contracts        []string       `koanf:"contracts,omitempty" doc:"unom: the contracts to watch, N and nine characters each."`
	ServiceNames     []string       `koanf:"service_names,omitempty" doc:"serviceorder: the services whose orders are asked for: uno, ucaas, sip-trunking, …"`
	RateLimit        RateLimit      `koanf:"rate_limit" doc:"The request budget of the account, token requests included."`
	ExtraLinesFile   string         `koanf:"extra_lines_file" doc:"unom: file of lines that the carrier's 1,000-row list cannot show, one contract,line a row; empty for none."`
	Jobs             map[string]Job `koanf:"jobs" doc:"How often each job runs; each kind has its own jobs."`
}

// RateLimit is what an account may ask of the carrier, who publishes no figure: 429 and 503 correct it at run time.
type RateLimit struct {
	RequestsPerSecond float64 `koanf:"requests_per_second" doc:"Requests a second in the long run, above 0."`
	Burst             int     `koanf:"burst" doc:"Requests that may go out at once after a pause, at least 1."`
	MaxInFlight       int     `koanf:"max_in_flight" doc:"Requests that may wait for their answer at the same time, at least 1."`
}

// Job is how often one job runs.
type Job struct {
	Interval Duration `koanf:"interval" doc:"Time between two rounds, at least 1s; 0 switches the job off."`
	Lookback Duration `koanf:"lookback,omitempty" doc:"Logs only: how far the first run goes back, at most 720h, which is all the carrier keeps."`
}

// maxLookback is how far the carrier's logs reach back (UNO Mobile API v2.1, calls 04 and 05).
const maxLookback = Duration(30 * day)

// namedJob is a job with the interval it has unless told otherwise.
type namedJob struct {
	name string
	Job
}

// jobsOf lists the jobs of a kind in the order in which they are documented; nil for an unknown kind.
func jobsOf(kind Kind) []namedJob {
	every := func(name string, interval time.Duration) namedJob {
		return namedJob{name, Job{Interval: Duration(interval)}}
	}
	log := func(name string, interval time.Duration) namedJob {
		return namedJob{name, Job{Interval: Duration(interval), Lookback: maxLookback}}
	}
	switch kind {
	case KindUnom:
		return []namedJob{
			every("lines", time.Hour), every("traffic", 15*time.Minute), every("data_share", 15*time.Minute),
			every("session", 15*time.Minute), log("authentications", 5*time.Minute), log("sessions", 5*time.Minute),
			every("contract", day), every("products", day), every("orders", time.Hour),
		}
	case KindServiceOrder:
		return []namedJob{every("service_orders", time.Hour), every("service_order_details", time.Hour)}
	case KindIPoE:
		return []namedJob{
			every("customer_products", day), every("customer_sites", time.Hour),
			every("customer_site_details", day), every("ipoe_orders", time.Hour),
		}
	}
	return nil
}

// JobNames lists the jobs of a kind in the order in which they are documented; nil for an unknown kind.
func JobNames(kind Kind) []string {
	var names []string
	for _, job := range jobsOf(kind) {
		names = append(names, job.name)
	}
	return names
}

// DefaultSource is a source of a kind with everything that has a default. The IPoE API has no public address (seed
// 001 shows a placeholder), and a guess would send the secret to a stranger, so its URLs stay empty.
func DefaultSource(kind Kind) Source {
	source := Source{
		Kind:       kind,
		BaseURL:    "https://api.ntt.com",
		TokenURL:   "https://api.ntt.com/v1/oauth/accesstokens",
		TokenStyle: TokenJSON,
		RateLimit:  RateLimit{RequestsPerSecond: 5, Burst: 5, MaxInFlight: 8},
		Jobs:       map[string]Job{},
	}
	if kind == KindIPoE {
		source.BaseURL, source.TokenURL = "", ""
	}
	for _, job := range jobsOf(kind) {
		source.Jobs[job.name] = job.Job
	}
	return source
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
