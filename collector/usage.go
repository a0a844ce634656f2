package collector

import (
	"math"
	"sync"
	"time"
)

// usage is how many requests a second each of an account's jobs takes of its budget.
type usage struct {
	mu      sync.Mutex
	current map[string]*Sweep
	jobs    map[string]*used
}

type used struct {
	finished uint64 // requests of the sweeps that are over
	counted  uint64 // requests that are in the rate
	at       time.Time
	began    time.Time // with its first sweep: there is nothing before that which the rate could be of
	rate     float64
}

const (
	usageEvery  = 10 * time.Second // a rate is corrected so often
	usageMemory = 2 * time.Minute  // and is that of about so long, or of the time since the job began
)

func newUsage() *usage { return &usage{current: make(map[string]*Sweep), jobs: make(map[string]*used)} }

func (u *usage) began(s *Sweep) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.current[s.job] = s
	if u.jobs[s.job] == nil {
		u.jobs[s.job] = &used{at: s.started, began: s.started}
	}
}

func (u *usage) ended(s *Sweep) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.current, s.job)
	u.jobs[s.job].finished += s.tally.Requests.Load()
}

// others is the requests a second of all jobs but one, and how many jobs there are.
func (u *usage) others(job string, now time.Time) (rate float64, jobs int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, j := range u.jobs {
		requests := j.finished
		if s := u.current[name]; s != nil {
			requests += s.tally.Requests.Load()
		}
		if since := now.Sub(j.at); since >= usageEvery {
			weight := remembered(since) / remembered(now.Sub(j.began))
			j.rate += weight * (float64(requests-j.counted)/since.Seconds() - j.rate)
			j.counted, j.at = requests, now
		}
		if name != job {
			rate += j.rate
		}
	}
	return rate, len(u.jobs)
}

// remembered is how much of a rate is that of the last so long, where there is no end of the time before.
func remembered(last time.Duration) float64 {
	return 1 - math.Exp(-last.Seconds()/usageMemory.Seconds())
}

// budget is the requests a second that a job may take: what the others leave, and at least an equal part.
func (e *Engine) budget(job string, now time.Time) float64 {
	if e.Rate == nil {
		return math.Inf(1)
	}
	all := e.Rate()
	others, jobs := e.usage.others(job, now)
	return max(all-others, all/float64(max(1, jobs)))
}
