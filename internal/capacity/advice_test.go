package capacity

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kaisen/internal/config"
)

// The delays of the headline are those of the account that it names, and another's carry its name.
func TestTheHeadlineSaysWhoseDelaysItHas(t *testing.T) {
	delay := func(p95 float64) []Job { return []Job{{Delay: &Delay{Mean: p95 / 2, P95: p95}}} }
	account := func(name string, share float64, jobs []Job) Account {
		return Account{Source: name, Requests: 100 * share, Limit: 100, Share: share, Jobs: jobs}
	}
	for want, accounts := range map[string][]Account{
		"x asks 10 requests an hour, 10 % of its limit; a crossing is seen after 1m, 95 in 100 times within 2m; it fits": {
			account("x", 0.1, delay(120))},
		"of 2 accounts the fullest, y asks 50 requests an hour, 50 % of its limit; a crossing is seen after 1m, 95 in 100 times within 2m; in x after 5m, 95 in 100 times within 10m; it fits": {
			account("x", 0.1, delay(600)), account("y", 0.5, delay(120))},
		"of 2 accounts the fullest, y asks 50 requests an hour, 50 % of its limit; a crossing is seen after 5m, 95 in 100 times within 10m; it fits": {
			account("x", 0.1, delay(120)), account("y", 0.5, delay(600))},
		"of 2 accounts the fullest, y asks 50 requests an hour, 50 % of its limit; a crossing in x is seen after 1m, 95 in 100 times within 2m; it fits": {
			account("x", 0.1, delay(120)), account("y", 0.5, nil)},
		"of 2 accounts the fullest, y asks 50 requests an hour, 50 % of its limit; it fits": {account("x", 0.1, nil), account("y", 0.5, nil)},
	} {
		p := &Plan{Accounts: accounts}
		if got := p.verdict(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// The limit that is said to do is that of the key that is too small, and it does for all shards together.
func TestTheLimitThatIsTooSmallIsSaid(t *testing.T) {
	second, day := regexp.MustCompile(`a limit of ([\d.]+) requests a second`), regexp.MustCompile(`daily_requests: (\d+)`)
	for _, c := range []struct {
		limit       config.RateLimit
		shard       string
		second, day bool
	}{
		{config.RateLimit{RequestsPerSecond: 5, DailyRequests: 2000}, "", false, true},
		{config.RateLimit{RequestsPerSecond: 0.01, DailyRequests: 1_000_000}, "", true, false},
		{config.RateLimit{RequestsPerSecond: 0.01, DailyRequests: 2000}, "", true, true},
		{config.RateLimit{RequestsPerSecond: 0.01}, "", true, false},
		{config.RateLimit{RequestsPerSecond: 0.01, DailyRequests: 2000}, "1/5", true, true},
	} {
		cfg := example(t, 1000)
		cfg.Collector.Shard = c.shard
		limit := &cfg.Sources[0].RateLimit
		limit.RequestsPerSecond, limit.DailyRequests = c.limit.RequestsPerSecond, c.limit.DailyRequests
		a := planned(t, cfg, Assumed{Lines: 100}).Accounts[0]
		advice := strings.Join(a.Advice, "\n")
		bySecond, byDay := second.FindStringSubmatch(advice), day.FindStringSubmatch(advice)
		if (bySecond != nil) != c.second || (byDay != nil) != c.day || strings.Contains(advice, "all 5 shards") != (c.shard != "") {
			t.Errorf("%+v, shard %q: %s", c.limit, c.shard, advice)
			continue
		}
		if c.second {
			limit.RequestsPerSecond, _ = strconv.ParseFloat(bySecond[1], 64)
		}
		if c.day {
			limit.DailyRequests, _ = strconv.Atoi(byDay[1])
		}
		if a := planned(t, cfg, Assumed{Lines: 100}).Accounts[0]; a.Share > comfortable+1e-9 {
			t.Errorf("%+v, shard %q: with what is said %.3f of the limit", c.limit, c.shard, a.Share)
		}
	}
}
