package carrier

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/racetest"
)

// Issue 12, A.1, with other numbers: what troubles some operations leaves the others their rate, an account in trouble asks
// for a twentieth at least, and five minutes after the end all is back.
func TestOtherTroubles(t *testing.T) {
	busy := func() *http.Response { return reply(503, "busy") }
	asking := func(after string) func() *http.Response {
		return func() *http.Response { return reply(429, "", "Retry-After", after) }
	}
	always := func(int64) bool { return true }
	second := func(n int64) bool { return n%2 == 0 }
	seven := func(n int64) bool { return rand.New(rand.NewPCG(1, uint64(n))).IntN(100) < 7 }
	nine := []string{"traffic", "lines", "session", "orders", "products", "contract", "a", "b", "c"}
	cases := map[string]struct {
		operations, troubled []string
		lasts                time.Duration
		bad                  func(n int64) bool
		answer               func() *http.Response
	}{
		"7 % of two of three, for an hour": {nine[:3], nine[:2], time.Hour, seven, busy},
		"7 % of two, for an hour":          {nine[:2], nine[:2], time.Hour, seven, busy},
		"7 % of all and of the token":      {nine[:3], append(nine[:3:3], "token"), time.Hour, seven, busy},
		"every second answer of one":       {nine[:3], nine[:1], 15 * time.Minute, second, busy},
		"every second answer":              {nine[:3], nine[:3], 15 * time.Minute, second, busy},
		"maintenance of three of nine":     {nine, nine[:3], 10 * time.Minute, always, complaints()["maintenance"]},
		"503 of three of nine":             {nine, nine[:3], 10 * time.Minute, always, busy},
		"an hour's Retry-After":            {nine[:3], nine[:1], 10 * time.Minute, always, asking("3600")},
		"ten years'":                       {nine[:3], nine[:1], 5 * time.Second, always, asking("315360000")},
		"until ten years from now":         {nine[:3], nine[:1], 5 * time.Second, always, asking("Mon, 01 Jan 2010 00:00:00 GMT")}, // in a bubble it is 2000
		"until a day that has passed":      {nine[:3], nine[:1], time.Minute, always, asking("Fri, 01 Jan 1999 00:00:00 GMT")},
		"the token":                        {nine[:3], []string{"token"}, 5 * time.Minute, always, busy},
	}
	names := slices.Sorted(maps.Keys(cases))
	for _, name := range names[len(names)-racetest.Fewer(len(names), 3):] { // the last are short ones
		c := cases[name]
		synctest.Test(t, func(t *testing.T) {
			begin := 2 * time.Minute
			end := begin + c.lasts
			asked := map[string]*atomic.Int64{"token": new(atomic.Int64)}
			for _, operation := range c.operations {
				asked[operation] = new(atomic.Int64)
			}
			f := watchFleet(t, fleetConfig(), end+6*time.Minute, func(operation, _ string, at time.Duration) *http.Response {
				if at >= begin && at < end && slices.Contains(c.troubled, operation) && c.bad(asked[operation].Add(1)) {
					return c.answer()
				}
				if operation == "token" {
					return reply(http.StatusCreated, `{"accessToken":"token-1","expiresIn":"60"}`)
				}
				return nil
			}, c.operations...)
			others := slices.DeleteFunc(slices.Clone(c.operations), func(operation string) bool { return slices.Contains(c.troubled, operation) })
			during, after := f.between(begin, end, c.operations...), f.perSecond(end+5*time.Minute+20*time.Second, c.operations...)
			t.Logf("%s: %.2f accepted a second meanwhile, the others' %.2f, at the end %.2f; then %.2f after 1 minute, %.2f after 5", name, during,
				f.between(begin, end, others...), f.between(end-c.lasts/4, end, c.operations...), f.perSecond(end+time.Minute, c.operations...), after)
			if slices.Contains(c.troubled, "token") || len(others) == 0 {
				sent := 0
				for _, all := range f.sent {
					for _, at := range all {
						if at >= begin && at < end {
							sent++
						}
					}
				}
				if n := float64(sent) / c.lasts.Seconds(); n < 5.0/20 && during > 0 && !slices.Equal(c.troubled, []string{"token"}) {
					t.Errorf("%s: %.2f requests a second meanwhile, want a twentieth of 5", name, n)
				}
			} else if during < 0.9*5 {
				t.Errorf("%s: %.2f requests a second meanwhile, want 90 %% of 5", name, during)
			}
			if after < 0.9*5 {
				t.Errorf("%s: %.2f requests a second 5 minutes later, want 90 %% of 5", name, after)
			}
			for _, operation := range c.operations {
				if fair := 5 / float64(len(c.operations)); f.perSecond(end+6*time.Minute, operation) < 0.6*fair {
					t.Errorf("%s: %.2f requests a second of %s 6 minutes later, want about %.2f", name, f.perSecond(end+6*time.Minute, operation), operation, fair)
				}
			}
		})
	}
}
