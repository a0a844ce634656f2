package capacity

import (
	"math"
	"strings"
	"testing"
	"time"

	"kaisen/collector"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
)

// planned is the plan of a configuration for an assumed fleet.
func planned(t *testing.T, cfg *config.Config, fleet Assumed) *Plan {
	t.Helper()
	has, err := Spread(cfg, kinds.All(), fleet)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(cfg, kinds.All(), has)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An assumed fleet is spread without a line too many or too few, whatever the contracts are.
func TestAFleetIsSpread(t *testing.T) {
	cfg := example(t, 50000)
	for _, fleet := range []Assumed{{50_000, 0, 0}, {1, 0, 1}, {1_000_003, 1001, 77_777}, {7, 50, 7}, {0, 0, 0}, {9, 3, 5}} {
		has, err := Spread(cfg, kinds.All(), fleet)
		if err != nil {
			t.Fatal(err)
		}
		var got Assumed
		named := 0
		for _, source := range has.Sources {
			lines, members := source.Lines()
			got.Lines, got.Members, got.Contracts = got.Lines+lines, got.Members+members, got.Contracts+len(source.Contracts)
			for _, c := range source.Contracts {
				if c.ID != "" {
					named++
				}
			}
		}
		want := fleet
		if want.Contracts == 0 {
			want.Contracts = 50
		}
		if got != want || (want.Contracts == 50) != (named == 50) {
			t.Errorf("%+v is spread as %+v, %d contracts with names", fleet, got, named)
		}
	}
}

// What several processes ask is what one alone would, but for the lists that each reads for itself, and for what one has of
// another's logs; and each goes by its part of the limit.
func TestShardsShareThePlan(t *testing.T) {
	cfg := example(t, 50000)
	cfg.Collector.Shard = ""
	alone := planned(t, cfg, Assumed{Lines: 50_000, Members: 5000})
	job := func(p *Plan, name string) (sum float64) {
		for _, a := range p.Accounts {
			for _, j := range a.Jobs {
				if j.Job == name {
					sum += j.PerHour
				}
			}
		}
		return sum
	}
	sums := map[string]float64{}
	for _, part := range []string{"1/2", "2/2"} {
		cfg.Collector.Shard = part
		p := planned(t, cfg, Assumed{Lines: 50_000, Members: 5000})
		if p.Accounts[0].Limit != alone.Accounts[0].Limit/2 {
			t.Errorf("shard %s: limit %.0f, want half of %.0f", part, p.Accounts[0].Limit, alone.Accounts[0].Limit)
		}
		for _, name := range []string{"traffic", "sessions", "authentications", "orders", "contract", "lines", "session"} {
			sums[name] += job(p, name)
		}
		if math.Abs(p.Sizes.Series-alone.Sizes.Series) > 1 || math.Abs(p.Sizes.SampleRows/alone.Sizes.SampleRows-1) > 0.01 {
			t.Errorf("shard %s: the fleet has %.0f series and %.0f rows a day, alone %.0f and %.0f", part, p.Sizes.Series, p.Sizes.SampleRows, alone.Sizes.Series, alone.Sizes.SampleRows)
		}
	}
	for _, name := range []string{"traffic", "sessions", "authentications", "orders", "contract"} {
		if math.Abs(sums[name]-job(alone, name)) > 1e-6 {
			t.Errorf("%s: %.1f an hour of two shards, %.1f of one process", name, sums[name], job(alone, name))
		}
	}
	if sums["lines"] != 2*job(alone, "lines") || sums["session"] <= job(alone, "session") {
		t.Errorf("lists %.0f, sessions %.0f of two, %.0f and %.0f of one", sums["lines"], sums["session"], job(alone, "lines"), job(alone, "session"))
	}
}

// A limit that is said to do does, and so do the intervals; a little less does not.
func TestWhatIsAdvisedDoes(t *testing.T) {
	cfg := example(t, 1000)
	p := planned(t, cfg, Assumed{Lines: 9000})
	advice := strings.Join(p.Accounts[0].Advice, "\n")
	if !strings.Contains(advice, "a limit of ") || !strings.Contains(advice, "or these intervals: traffic: ") || !strings.Contains(p.Verdict, "does not fit") {
		t.Fatalf("%s\n%s", p.Verdict, advice)
	}
	for i, job := range p.Accounts[0].Jobs { // the intervals that are said
		if job.Items > 0 {
			_, said, _ := strings.Cut(advice, job.Job+": ")
			interval, err := time.ParseDuration(strings.FieldsFunc(said, func(r rune) bool { return r == ',' || r == '\n' })[0])
			if err != nil || interval.Seconds() <= job.Interval {
				t.Fatalf("interval of job %d, %s: %s, error %v", i, job.Job, interval, err)
			}
			longer := cfg.Sources[0].Jobs[job.Job]
			longer.Interval = config.Duration(interval)
			cfg.Sources[0].Jobs[job.Job] = longer
		}
	}
	if again := planned(t, cfg, Assumed{Lines: 9000}).Accounts[0]; again.Share > comfortable+0.01 {
		t.Errorf("with the intervals that are said: %.3f of the limit", again.Share)
	}
	cfg = example(t, 1000)
	needed := p.Accounts[0].Requests / comfortable / 3600
	for by, tight := range map[float64]bool{1.01: false, 0.99: true} {
		cfg.Sources[0].RateLimit.RequestsPerSecond = by * needed
		advice := strings.Join(planned(t, cfg, Assumed{Lines: 9000}).Accounts[0].Advice, "\n")
		if got := strings.Contains(advice, "a limit of "); got != tight {
			t.Errorf("%.2f of the limit that is needed: %s", by, advice)
		}
	}
}

// A day's requests bound an hour's.
func TestADaysRequestsAreALimit(t *testing.T) {
	cfg := example(t, 1000)
	cfg.Sources[0].RateLimit.DailyRequests = 48_000
	p := planned(t, cfg, Assumed{Lines: 1000})
	if a := p.Accounts[0]; a.Limit != 2000 || a.Share < 2 || len(a.Advice) == 0 {
		t.Errorf("limit %.0f, share %.2f, advice %q", a.Limit, a.Share, a.Advice)
	}
}

// What does not fit is divided by the jobs' shares, and what a job leaves goes to the others.
func TestALimitIsDividedByShares(t *testing.T) {
	demands := []collector.Demand{{Job: "a", PerHour: 10}, {Job: "b", PerHour: 1000}, {Job: "c", PerHour: 1000}}
	got := divide(410, demands, map[string]collector.JobConfig{"a": {Share: 1}, "b": {Share: 3}, "c": {}})
	if got[0] != 10 || math.Abs(got[1]-300) > 1e-9 || math.Abs(got[2]-100) > 1e-9 {
		t.Errorf("%v, want 10, 300 and 100", got)
	}
	if got := divide(5000, demands, nil); got[1] != 1000 || got[2] != 1000 {
		t.Errorf("%v, want all that is asked", got)
	}
}

// Ages and delays of a fixed schedule are those of the interval, or of a turn where the limit is short; of an adaptive one they
// are bounded by max_age, or by twice a turn.
func TestAgesAndDelays(t *testing.T) {
	traffic := func(p *Plan) Job {
		for _, j := range p.Accounts[0].Jobs {
			if j.Job == "traffic" {
				return j
			}
		}
		t.Fatal("no job traffic")
		return Job{}
	}
	cfg := fixed(example(t, 1000))
	if j := traffic(planned(t, cfg, Assumed{Lines: 1000})); j.WorstAge != 900 || j.Delay.Mean != 450 || j.Delay.P95 != 855 {
		t.Errorf("in time: %+v, %+v", j, *j.Delay)
	}
	if j := traffic(planned(t, cfg, Assumed{Lines: 9000})); j.WorstAge < 1800 || j.Delay.AtMost != j.WorstAge {
		t.Errorf("twice the limit: %+v, %+v", j, *j.Delay)
	}
	cfg.Sources[0].Schedule = config.ScheduleAdaptive
	if j := traffic(planned(t, cfg, Assumed{Lines: 1000})); j.WorstAge != 900 || j.Delay.P95 > 60 || j.Delay.BurstsP95 <= j.Delay.P95 {
		t.Errorf("adaptive: %+v, %+v", j, *j.Delay)
	}
	if j := traffic(planned(t, cfg, Assumed{Lines: 15_000})); j.WorstAge <= 900 || j.WorstAge > 3600 {
		t.Errorf("adaptive, with less than half of the budget to spare: %+v", j)
	}
	if j := traffic(planned(t, cfg, Assumed{Lines: 1_000_000})); j.WorstAge < 24*3600 {
		t.Errorf("adaptive, with a million lines: %+v", j)
	}
}

// Both readings of what answers may show are planned: the one that is not known yet as what is asked at first.
func TestBothReadingsArePlanned(t *testing.T) {
	cfg := example(t, 1000)
	session := func(log schema.Opt[bool]) (settled, first float64) {
		has, err := Spread(cfg, kinds.All(), Assumed{Lines: 1000, Members: 100})
		if err != nil {
			t.Fatal(err)
		}
		for i := range has.Sources["hq"].Contracts {
			has.Sources["hq"].Contracts[i].SessionLog, has.Sources["hq"].Contracts[i].MembersAlike = log, log
		}
		p, err := New(cfg, kinds.All(), has)
		if err != nil {
			t.Fatal(err)
		}
		return p.Accounts[0].Requests, p.Accounts[0].AtFirst
	}
	unknown, first := session(schema.Opt[bool]{})
	if yes, same := session(schema.Some(true)); yes != unknown || same != yes {
		t.Errorf("what is known to hold: %.0f and %.0f, want %.0f", yes, same, unknown)
	}
	if no, same := session(schema.Some(false)); no != first || same != no || first <= unknown {
		t.Errorf("what is known not to hold: %.0f and %.0f, want %.0f, more than %.0f", no, same, first, unknown)
	}
}

// A fleet as large as there is room for fits, and one line more does not.
func TestRoomIsWhatFits(t *testing.T) {
	cfg := example(t, 1000)
	most, err := room(cfg, kinds.All(), func(a Account) float64 { return a.Requests })
	if err != nil {
		t.Fatal(err)
	}
	if fits := planned(t, cfg, Assumed{Lines: most}).Accounts[0]; fits.Share > 1 {
		t.Errorf("%d lines ask %.3f of the limit", most, fits.Share)
	}
	if more := planned(t, cfg, Assumed{Lines: most + 1}).Accounts[0]; more.Share <= 1 {
		t.Errorf("%d lines ask %.3f of the limit", most+1, more.Share)
	}
	text, err := Room(cfg, kinds.All())
	if err != nil || !strings.Contains(text, "hq "+number(float64(most))+" lines (") {
		t.Errorf("%s, error %v", text, err)
	}
}

// A million lines are planned at once.
func TestAMillionLines(t *testing.T) {
	began := time.Now()
	text := planned(t, example(t, 50000), Assumed{Lines: 1_000_000, Contracts: 1000, Members: 50_000}).Text()
	for _, want := range []string{"accounts ", "10 with at most 100,000 lines", "beyond exporter.max_lines", "spool"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan does not say %q:\n%s", want, text)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}
