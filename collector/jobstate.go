package collector

import (
	"sync"
	"time"
)

// jobState is how a job has been doing.
type jobState struct {
	done      time.Time // when it last left nothing undone
	suspended bool
	resumed   time.Time // when it last ceased to be suspended
}

// jobStates are the states of an account's jobs.
type jobStates struct {
	mu  sync.Mutex
	all map[string]jobState
}

func newJobStates() *jobStates { return &jobStates{all: make(map[string]jobState)} }

func (j *jobStates) get(job string) jobState {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all[job]
}

func (j *jobStates) setDone(job string, at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	state := j.all[job]
	state.done = at
	j.all[job] = state
}

// setSuspended notes whether a job is suspended, and reports whether that begins now.
func (j *jobStates) setSuspended(job string, suspended bool, at time.Time) (begins bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	state := j.all[job]
	begins = suspended && !state.suspended
	if state.suspended && !suspended {
		state.resumed = at
	}
	state.suspended = suspended
	j.all[job] = state
	return begins
}

// behind is how far a job that does everything at once is past its interval. What it missed before somebody ran, and
// while it was suspended, does not count.
func (j *jobStates) behind(job string, interval time.Duration, since, now time.Time) time.Duration {
	state := j.get(job)
	if state.suspended {
		return 0
	}
	for _, at := range []time.Time{state.done, state.resumed} {
		if at.After(since) {
			since = at
		}
	}
	return max(0, now.Sub(since)-interval)
}
