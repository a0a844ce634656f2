package carrier

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"time"

	"kaisen/collector/carrier/ratelimit"
)

// Token styles.
const (
	StyleJSON = "json" // as the carrier documents it (IPoE API 3.4.0, accesstokens)
	StyleForm = "form" // RFC 6749 §4.4
)

// Credentials are how an account gets its token.
type Credentials struct {
	TokenURL     string // https://api.ntt.com/v1/oauth/accesstokens
	Style        string // StyleJSON or StyleForm
	ClientID     string
	ClientSecret string
}

// Config is one account.
type Config struct {
	Source  string // the label `source`
	BaseURL string // https://api.ntt.com
	Credentials
	ratelimit.Limit
	Timeout     time.Duration // of one request, from its departure to the last byte of its answer
	MaxWait     time.Duration // how long a pause of the account may hold a request up; 0: as long as its context allows
	MaxAttempts int           // requests spent on one call that meets network failures and 500, 502, 504
	// Zone is where the carrier's days turn, and Ledger where the requests of each are counted: needed with DailyRequests.
	Zone      *time.Location
	Ledger    ratelimit.Ledger
	AtOnce    bool // DailyRequests are not spread over the day: for a process that ends when it has done what it began
	UserAgent string
	Inspect   Inspect // what the account's API says of its errors; nil: Classify
}

// DefaultConfig is what a configuration file need not say. The rate is a cautious one: the carrier publishes none.
func DefaultConfig() Config {
	return Config{
		Credentials: Credentials{Style: StyleJSON},
		Limit:       ratelimit.Limit{RequestsPerSecond: 5, Burst: 5, MaxInFlight: 8},
		Timeout:     30 * time.Second,
		MaxAttempts: 4,
		UserAgent:   "kaisen",
	}
}

// validate lists everything that New could not work with.
func (c *Config) validate() error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, address := range []struct{ name, value string }{{"base_url", c.BaseURL}, {"token_url", c.TokenURL}} {
		u, err := url.Parse(address.value)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			add("%s: %q is no http or https address", address.name, address.value)
		}
	}
	if c.Style != StyleJSON && c.Style != StyleForm {
		add("token_style: %q is neither %s nor %s", c.Style, StyleJSON, StyleForm)
	}
	if c.ClientID == "" {
		add("client_id: missing")
	}
	if c.ClientSecret == "" {
		add("client_secret: missing")
	}
	if c.RequestsPerSecond < 0 || math.IsNaN(c.RequestsPerSecond) {
		add("rate_limit.requests_per_second: %v is not 0 or more", c.RequestsPerSecond)
	}
	if c.Burst < 1 {
		add("rate_limit.burst: %d is not 1 or more", c.Burst)
	}
	if c.MaxInFlight < 1 {
		add("rate_limit.max_in_flight: %d is not 1 or more", c.MaxInFlight)
	}
	if c.DailyRequests < 0 {
		add("rate_limit.daily_requests: %d is not 0 or more", c.DailyRequests)
	}
	if c.DailyRequests > 0 && (c.Zone == nil || c.Ledger == nil) {
		add("rate_limit.daily_requests: there is no zone, or nowhere to count")
	}
	if c.Timeout <= 0 {
		add("timeout: %v is not positive", c.Timeout)
	}
	if c.MaxAttempts < 1 {
		add("max attempts: %d is not 1 or more", c.MaxAttempts)
	}
	return errors.Join(problems...)
}
