package carrier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/internal/racetest"
)

// fleet is an account in use: for each operation as many workers as a job has, that ask for one line after the other.
type fleet struct {
	*Client
	start time.Time

	mu       sync.Mutex
	accepted map[string][]time.Duration // by operation
	sent     map[string][]time.Duration // by path
}

// answerOf is the carrier's answer to a request for a line, so long after the start; nil is a good one.
type answerOf func(operation, line string, at time.Duration) *http.Response

const lines = 20

// watchFleet asks for everything in operations for so long.
func watchFleet(t *testing.T, cfg Config, for_ time.Duration, answer answerOf, operations ...string) *fleet {
	t.Helper()
	f := &fleet{start: time.Now(), accepted: map[string][]time.Duration{}, sent: map[string][]time.Duration{}}
	f.Client, _ = newClientWithMetrics(t, cfg, roundTrip(func(req *http.Request) (*http.Response, error) {
		operation, line := "token", ""
		if req.Method == http.MethodGet {
			operation, line, _ = strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		}
		at := time.Since(f.start)
		f.note(f.sent, req.URL.Path, at)
		if err := latency(req.Context(), 50*time.Millisecond); err != nil {
			return nil, err
		}
		if bad := answer(operation, line, at); bad != nil {
			return bad, nil
		}
		if operation == "token" {
			return reply(http.StatusCreated, goodToken), nil
		}
		f.note(f.accepted, operation, at)
		return reply(http.StatusOK, `{}`), nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), for_)
	defer cancel()
	var group sync.WaitGroup
	for _, operation := range operations {
		for worker := range 8 {
			group.Go(func() {
				for i := worker; ctx.Err() == nil; i += 8 {
					spec := RequestSpec{Method: http.MethodGet, Path: fmt.Sprintf("/%s/%d", operation, i%lines), Complaint: tooMany}
					if _, err := f.Do(ctx, operation, spec); err != nil {
						time.Sleep(100 * time.Millisecond) // what a job does between two items is its own affair
					}
				}
			})
		}
	}
	group.Wait()
	return f
}

func tooMany(body []byte) string {
	if strings.Contains(string(body), `"resultCode":2`) {
		return "resultCode 2"
	}
	return ""
}

func (f *fleet) note(in map[string][]time.Duration, name string, at time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in[name] = append(in[name], at)
}

// perSecond is how many requests a second of the operations were accepted in the half minute before a time.
func (f *fleet) perSecond(before time.Duration, operations ...string) float64 {
	return f.between(before-30*time.Second, before, operations...)
}

func (f *fleet) between(from, to time.Duration, operations ...string) float64 {
	n := 0
	for _, operation := range operations {
		for _, at := range f.accepted[operation] {
			if at >= from && at < to {
				n++
			}
		}
	}
	return float64(n) / (to - from).Seconds()
}

func fleetConfig() Config {
	cfg := testConfig()
	cfg.Limit = DefaultConfig().Limit
	return cfg
}

// complaints are the ways in which the carrier or its gateway asks for less.
func complaints() map[string]func() *http.Response {
	return map[string]func() *http.Response{
		"503":          func() *http.Response { return reply(503, "busy") },
		"429":          func() *http.Response { return reply(429, "") },
		"maintenance":  func() *http.Response { return reply(503, "System Maintainance") },
		"resultCode 2": func() *http.Response { return reply(200, `{"resultCode":2}`) },
		"spike arrest": func() *http.Response {
			return reply(500, `{"fault":{"faultstring":"Spike arrest violation","detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}`)
		},
		"Retry-After":  func() *http.Response { return reply(503, "busy", "Retry-After", "20") },
		"a day":        func() *http.Response { return reply(503, "busy", "Retry-After", "86400") },
		"sorry page":   func() *http.Response { return reply(200, "<html>メンテナンス</html>") },
		"sorry server": func() *http.Response { return reply(302, "", "Location", "https://sorry.example.com/") },
		"200, inside": func() *http.Response {
			return reply(200, `{"responseHeader":{"errorCode":"503","errorMessage":"busy"}}`)
		},
	}
}

// A minute of complaints about one operation: the others go on, and that one is soon back. (Must show 4.)
func TestOneOperationsTroubleIsItsOwn(t *testing.T) {
	names := slices.Sorted(maps.Keys(complaints()))
	for _, name := range names[:racetest.Fewer(len(names), 2)] {
		complaint := complaints()[name]
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, end := 2*time.Minute, 3*time.Minute
				f := watchFleet(t, fleetConfig(), end+11*time.Minute, func(operation, _ string, at time.Duration) *http.Response {
					if operation == "session" && at >= begin && at < end {
						return complaint()
					}
					return nil
				}, "traffic", "data_share_traffic", "session")
				others, all := []string{"traffic", "data_share_traffic"}, []string{"traffic", "data_share_traffic", "session"}
				during := f.between(begin+2*time.Second, end, others...)
				after := []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute}
				text := fmt.Sprintf("before: all %.2f; during: the others %.2f", f.perSecond(begin, all...), during)
				for _, d := range after {
					text += fmt.Sprintf("; %v later: all %.2f, session %.2f", d, f.perSecond(end+d, all...), f.perSecond(end+d, "session"))
				}
				t.Log(text)
				if during < 0.9*5 {
					t.Errorf("the others: %.2f requests a second meanwhile, want 90 %% of 5", during)
				}
				for _, d := range after {
					if got := f.perSecond(end+d, all...); got < 0.9*5 {
						t.Errorf("%v later: %.2f requests a second, want 90 %% of 5", d, got)
					}
				}
				if fair := 5.0 / 3; name != "a day" && f.perSecond(end+5*time.Minute, "session") < 0.9*fair {
					t.Errorf("5 minutes later: %.2f of the operation, want 90 %% of %.2f", f.perSecond(end+5*time.Minute, "session"), fair)
				}
			})
		})
	}
}

// Whatever came before, and however long, an account is back at 90 % of its rate after five minutes of quiet; and while
// anything is accepted it asks for a twentieth at least.
func TestRecoversWhateverCameBefore(t *testing.T) {
	tenth := func(n int64) bool { return rand.New(rand.NewPCG(1, uint64(n))).IntN(10) == 0 }
	half := func(n int64) bool { return rand.New(rand.NewPCG(2, uint64(n))).IntN(2) == 0 }
	always := func(int64) bool { return true }
	for name, c := range map[string]struct {
		bad      func(n int64) bool
		answer   func() *http.Response
		token    bool // the call for a token complains as well
		accepted bool // something is
	}{
		"a tenth is 503":           {tenth, complaints()["503"], false, true},
		"half is 429":              {half, complaints()["429"], false, true},
		"a tenth is maintenance":   {tenth, complaints()["maintenance"], false, false},
		"all is 503":               {always, complaints()["503"], true, false},
		"all is maintenance":       {always, complaints()["maintenance"], true, false},
		"all is a gateway's quota": {always, complaints()["spike arrest"], true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const end = 15 * time.Minute
				var n atomic.Int64
				all := []string{"traffic", "session", "lines"}
				f := watchFleet(t, fleetConfig(), end+10*time.Minute, func(operation, _ string, at time.Duration) *http.Response {
					if c.bad(n.Add(1)) && at < end && (operation != "token" || c.token) {
						return c.answer()
					}
					return nil
				}, all...)
				sent := 0
				for _, times := range f.sent {
					for _, at := range times {
						if at >= time.Minute && at < end {
							sent++
						}
					}
				}
				least := float64(sent) / (end - time.Minute).Seconds()
				t.Logf("meanwhile %.2f a second, then after 1, 2, 3, 4, 5, 10 minutes %.2f, %.2f, %.2f, %.2f, %.2f, %.2f", least,
					f.perSecond(end+time.Minute, all...), f.perSecond(end+2*time.Minute, all...), f.perSecond(end+3*time.Minute, all...),
					f.perSecond(end+4*time.Minute, all...), f.perSecond(end+5*time.Minute+30*time.Second, all...), f.perSecond(end+10*time.Minute, all...))
				if c.accepted && least < 0.9*5/20 {
					t.Errorf("%.3f requests a second meanwhile, want a twentieth of 5", least)
				}
				if got := f.between(end+5*time.Minute, end+10*time.Minute, all...); got < 0.9*5 {
					t.Errorf("%.2f requests a second after 5 minutes of quiet, want 90 %% of 5", got)
				}
			})
		})
	}
}

// One line that always complains costs its operation next to nothing, however it does it.
func TestOneLinesTroubleIsItsOwn(t *testing.T) {
	names := slices.Sorted(maps.Keys(complaints()))
	for _, name := range names[:racetest.Fewer(len(names), 2)] {
		complaint := complaints()[name]
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := watchFleet(t, fleetConfig(), 30*time.Minute, func(operation, line string, _ time.Duration) *http.Response {
					if operation == "session" && line == "7" {
						return complaint()
					}
					return nil
				}, "traffic", "session")
				early, traffic := f.between(time.Minute, 5*time.Minute, "traffic"), f.between(10*time.Minute, 30*time.Minute, "traffic")
				session := f.between(10*time.Minute, 30*time.Minute, "session")
				t.Logf("traffic %.2f, then %.2f; session %.2f; the line was asked for %d times", early, traffic, session, len(f.sent["/session/7"]))
				if early < 0.9*2.5 || traffic < 0.9*2.5 || session < 0.85*2.5 {
					t.Errorf("traffic %.2f, then %.2f, session %.2f requests a second; want about 2.5 each", early, traffic, session)
				}
				if n := len(f.sent["/session/7"]); n > 60 {
					t.Errorf("the line was asked for %d times in half an hour", n)
				}
			})
		})
	}
}

// What is held for its own sake fails at once and says why, without a number.
func TestHeldLineFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := watchFleet(t, fleetConfig(), time.Minute, func(operation, line string, _ time.Duration) *http.Response {
			if operation == "session" && line == "7" {
				return reply(503, "busy")
			}
			return nil
		}, "session")
		start := time.Now()
		_, err := f.Get(t.Context(), "session", "/session/7", nil)
		var failure *Error
		if !errors.As(err, &failure) || failure.Kind != KindThrottled || failure.Status != 0 || !time.Now().Equal(start) {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		if !strings.Contains(err.Error(), "refuses this one again and again") || strings.Contains(err.Error(), "/session/7") {
			t.Errorf("error %q", err)
		}
	})
}

// Several operations that complain are the account's trouble, and so is the call for a token.
func TestSeveralOperationsAreTheAccount(t *testing.T) {
	for name, complains := range map[string]func(operation string) bool{
		"two operations":   func(operation string) bool { return operation != "token" },
		"the token's call": func(operation string) bool { return operation == "token" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := watchFleet(t, fleetConfig(), time.Minute, func(operation, _ string, _ time.Duration) *http.Response {
					if complains(operation) {
						return reply(503, "busy")
					}
					return nil
				}, "traffic", "session")
				if account := f.transport.States()[0]; account.Rate > 2.5 || account.Operation != "" || account.Reason != "503" {
					t.Errorf("account %+v, want slowed down", account)
				}
			})
		})
	}
}

// A page about maintenance, whatever its status, pauses what a 503 of maintenance does: all operations, each for itself, or
// the account where it is the token's call. While it lasts little more than probes leave.
func TestSorryPagesPauseAsMaintenanceDoes(t *testing.T) {
	pages := map[string]func() *http.Response{
		"503": complaints()["maintenance"], "200": complaints()["sorry page"], "302": complaints()["sorry server"],
		"200 in JSON": func() *http.Response { return reply(200, `{"errorMessage":"ただいまメンテナンス中です"}`) },
	}
	for _, token := range []bool{false, true} {
		sent := map[string]int{}
		for name, page := range pages {
			synctest.Test(t, func(t *testing.T) {
				begin, end := time.Minute, 16*time.Minute
				f := watchFleet(t, fleetConfig(), end+6*time.Minute, func(operation, _ string, at time.Duration) *http.Response {
					if at >= begin && at < end {
						if token && operation != "token" { // the token is dead, and there is no other
							return reply(401, "")
						}
						return page()
					}
					return nil
				}, "traffic", "lines", "session")
				for _, all := range f.sent {
					for _, at := range all {
						if at >= begin+time.Second && at < end {
							sent[name]++
						}
					}
				}
				if after := f.perSecond(end+5*time.Minute, "traffic", "lines", "session"); after < 4.5 {
					t.Errorf("%s, token %v: %.2f requests a second 5 minutes later", name, token, after)
				}
			})
		}
		for name := range pages {
			if sent[name] > sent["503"]+3 || sent[name] > 60 { // when an attempt is made is drawn by lot
				t.Errorf("%s, token %v: %d requests in a quarter of an hour of maintenance; as 503 it had %d", name, token, sent[name], sent["503"])
			}
		}
		t.Logf("token %v: %v", token, sent)
	}
}
