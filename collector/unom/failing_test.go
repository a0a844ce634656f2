package unom

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/collectortest"
	"kaisen/collector/unom/api"
	"kaisen/schema"
)

// every is a configuration in which these jobs run at these intervals.
func every(jobs map[string]time.Duration) func(*settings) {
	return func(cfg *settings) {
		cfg.Jobs = map[string]collector.JobConfig{}
		for job, interval := range jobs {
			cfg.Jobs[job] = collector.JobConfig{Interval: interval, Lookback: time.Hour}
		}
	}
}

func fails(kind carrier.Kind, status int) func(string) (carrier.Answer[api.Traffic], error) {
	return func(string) (carrier.Answer[api.Traffic], error) {
		return carrier.Answer[api.Traffic]{}, &carrier.Error{Kind: kind, Status: status, ObservedAt: time.Now()}
	}
}

// A share group without members, or whose members all fail, is no reason to ask without a pause.
func TestAShareGroupWithoutFiguresIsAskedOnceAnInterval(t *testing.T) {
	members := []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}, {LineNo: lineNo(1), Status: schema.ShareRegistered}}
	for name, test := range map[string]struct {
		members []api.ShareMember
		answer  func(string) (carrier.Answer[api.Traffic], error)
	}{
		"no members":                  {nil, nil},
		"members who are not allowed": {members, fails(carrier.KindNotAllowed, 403)},
		"members who talk nonsense":   {members, fails(carrier.KindMalformed, 200)},
		"members without an answer":   {members, fails(carrier.KindServer, 500)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCarrier{members: test.members, shareTraffic: test.answer}
				defer start(t, newUnom(c, &collectortest.Sink{}, every(map[string]time.Duration{JobDataShare: time.Minute})))()
				time.Sleep(time.Hour)
				if n := c.calls("data_share"); n < 55 || n > 75+2*60 {
					t.Errorf("%d requests in an hour about a list and %d members, each once a minute", n, len(test.members))
				}
			})
		})
	}
}

// One line of twenty that worked once and then fails for ever costs the others nothing, and is asked less and less.
func TestOneLineThatFailsForEver(t *testing.T) {
	for name, answer := range map[string]func(string) (carrier.Answer[api.Traffic], error){
		"403": fails(carrier.KindNotAllowed, 403), "nonsense": fails(carrier.KindMalformed, 200), "500": fails(carrier.KindServer, 500),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCarrier{lines: listed(20)}
				for i := range 20 {
					c.used(lineNo(i), 1)
				}
				sink := &collectortest.Sink{}
				defer start(t, newUnom(c, sink, every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 20 * time.Second})))()
				time.Sleep(time.Minute)
				c.edit(func() {
					c.traffic[lineNo(7)] = func() (carrier.Answer[api.Traffic], error) { return answer("") }
				})
				time.Sleep(5 * time.Minute)
				was, bad := c.calls("traffic"), c.calls("traffic "+lineNo(7))
				time.Sleep(10 * time.Minute)
				all, failing := c.calls("traffic")-was, c.calls("traffic "+lineNo(7))-bad
				if all-failing < 19*29 || all-failing > 19*31 || failing > 4 || failing < 3 {
					t.Errorf("%d requests about nineteen good lines in ten minutes, want %d; %d about the bad one, want 3 or 4", all-failing, 19*30, failing)
				}
			})
		})
	}
}

// "Too many" of one line is no reason to ask it again at once, nor to slow down for it again and again.
func TestOneLineThatIsAlwaysTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(4)}
		c.session = func(number string) (carrier.Answer[api.Session], error) {
			told := api.Session{LineNo: number}
			if number == lineNo(0) {
				told.ResultCode = api.ResultTooMany
			}
			return answered(c, told), nil
		}
		defer start(t, newUnom(c, &collectortest.Sink{}, every(map[string]time.Duration{JobLines: time.Hour, JobSession: time.Minute})))()
		time.Sleep(time.Hour)
		if n := c.calls("session " + lineNo(0)); n > 13 {
			t.Errorf("asked %d times in an hour, want fewer and fewer", n)
		}
		if n := c.calls("session " + lineNo(1)); n < 58 {
			t.Errorf("another line was asked %d times in an hour, want 60", n)
		}
	})
}

// A carrier that was away is back for every line as soon as one request shows it, even if the line that is asked first
// fails by itself.
func TestEveryLineIsBackWithTheCarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(60)}
		for i := range 60 {
			c.used(lineNo(i), 1)
		}
		good := c.traffic
		away := map[string]func() (carrier.Answer[api.Traffic], error){}
		for i := range 60 {
			away[lineNo(i)] = func() (carrier.Answer[api.Traffic], error) { return fails(carrier.KindNetwork, 0)("") }
		}
		sink := &collectortest.Sink{}
		defer start(t, newUnom(c, sink, every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute})))()
		time.Sleep(40 * time.Minute)
		c.edit(func() { c.traffic = away })
		before := c.calls("traffic")
		time.Sleep(20 * time.Minute)
		if n := c.calls("traffic") - before; n > 2*24+10 { // a sweep that had begun, one that broke, and looks
			t.Errorf("%d requests in 20 minutes to a carrier that is away", n)
		}
		good[lineNo(0)] = away[lineNo(0)]
		c.edit(func() { c.traffic = good })
		rows := len(sink.All().Traffic)
		time.Sleep(20*time.Minute + 8*time.Minute) // it is found out no later than it was away
		if n := len(sink.All().Traffic) - rows; n < 59 {
			t.Errorf("%d samples, want all 59 lines back", n)
		}
	})
}

// Only the row of the document makes a 403 an answer: that of a RADIUS of the customer's own.
func TestForbidden(t *testing.T) {
	radius := &carrier.Error{Kind: carrier.KindNotAllowed, Reason: api.ReasonNotComRadius, Status: 403, ObservedAt: time.Now()}
	other := &carrier.Error{Kind: carrier.KindNotAllowed, Status: 403, ObservedAt: time.Now()}
	for name, test := range map[string]struct {
		err     error
		failed  bool
		resting bool
	}{"row 8": {radius, false, true}, "any other": {other, true, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCarrier{lines: listed(1), logErr: test.err}
				c.session = func(string) (carrier.Answer[api.Session], error) { return carrier.Answer[api.Session]{}, test.err }
				u := newUnom(c, &collectortest.Sink{}, nil)
				var log bytes.Buffer
				u.Log = slog.New(slog.NewTextHandler(&log, nil))
				sweepOnce(t, u, JobLines)
				for _, job := range []string{JobSession, JobAuthentications, JobSessions} {
					before := c.calls("session") + c.calls("authentications")
					for range 3 {
						if err := sweepOnce(t, u, job).Err(); (err != nil) != test.failed {
							t.Errorf("%s: %v", job, err)
						}
					}
					asked := c.calls("session") + c.calls("authentications") - before
					if (asked == 1) != test.resting {
						t.Errorf("%s: asked %d times in three sweeps", job, asked)
					}
					time.Sleep(deniedFor)
					sweepOnce(t, u, job)
					if again := c.calls("session") + c.calls("authentications") - before - asked; again != 1 {
						t.Errorf("%s: asked %d times after a day", job, again)
					}
				}
				if said := strings.Contains(log.String(), "RADIUS"); said != test.resting {
					t.Errorf("log says so: %v\n%s", said, &log)
				}
			})
		})
	}
}

// 401 to one product alone, as to a customer who has not bought it, is that job's trouble: it is seen, and the job asks
// seldom.
func TestOneProductIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCarrier{lines: listed(40)}
		for i := range 40 {
			c.used(lineNo(i), 1)
		}
		c.session = func(string) (carrier.Answer[api.Session], error) {
			return carrier.Answer[api.Session]{}, &carrier.Error{Kind: carrier.KindUnauthorised, Status: 401, ObservedAt: time.Now()}
		}
		u := newUnom(c, &collectortest.Sink{}, every(map[string]time.Duration{JobLines: time.Hour, JobTraffic: 15 * time.Minute, JobSession: 15 * time.Minute}))
		defer start(t, u)()
		time.Sleep(6 * time.Hour)
		if n := c.calls("session"); n > 24+4+10+24 {
			t.Errorf("%d requests in six hours that were all refused", n)
		}
		if behind := u.Behind(time.Now().Add(-6*time.Hour), time.Now()); behind[JobSession] < 5*time.Hour || behind[JobTraffic] > 0 {
			t.Errorf("behind by %v; want the refused job alone", behind)
		}
	})
}

// What does not need call 02 does not wait for it, whether it fails or never answers.
func TestNothingWaitsForCall02(t *testing.T) {
	for name, takes := range map[string]time.Duration{"it fails": 0, "it never answers": 1000 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCarrier{linesErr: &carrier.Error{Kind: carrier.KindNotFound, Status: 404, ObservedAt: time.Now()}, linesTake: takes,
					members: []api.ShareMember{{LineNo: lineNo(0), Status: schema.ShareRegistered}}}
				c.used(lineNo(0), 1)
				c.session = func(number string) (carrier.Answer[api.Session], error) {
					return answered(c, api.Session{LineNo: number}), nil
				}
				u := newUnom(c, &collectortest.Sink{}, nil)
				defer start(t, u)()
				time.Sleep(time.Minute)
				for _, call := range []string{"authentications", "sessions", "data_share", "data_share_traffic", "traffic", "session "} {
					if c.calls(call) == 0 {
						t.Errorf("%s was not asked within a minute", call)
					}
				}
				if err := u.Ready(); err != nil {
					t.Errorf("not ready although a share group is known: %v", err)
				}
			})
		})
	}
}
