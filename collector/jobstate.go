package collector

import "time"

// jobState is how a job has been doing.
type jobState struct {
	done    time.Time // when it last left nothing undone
	resting bool
	awake   time.Time // when it last ceased to rest
}

// state is how a job has been doing.
func (s *sweeper) state(job string) jobState {
	s.guard.Lock()
	defer s.guard.Unlock()
	return s.states[job]
}

// account is the label source of the collector's metrics.
func (s *sweeper) account() string { return s.source }

// resting tells which jobs rest, of those that may have to; here there are none.
func (s *sweeper) resting() map[string]bool { return nil }

func (s *sweeper) setDone(job string, at time.Time) {
	s.guard.Lock()
	defer s.guard.Unlock()
	state := s.states[job]
	state.done = at
	s.states[job] = state
}

// setResting notes whether a job rests, and reports whether it has begun to.
func (s *sweeper) setResting(job string, resting bool, at time.Time) (begins bool) {
	s.guard.Lock()
	defer s.guard.Unlock()
	state := s.states[job]
	begins = resting && !state.resting
	if state.resting && !resting {
		state.awake = at
	}
	state.resting = resting
	s.states[job] = state
	return begins
}

// behindOf is how far those of the jobs that are switched on are past their intervals, as behindWhole has it.
func (s *sweeper) behindOf(since, now time.Time, jobs ...string) map[string]time.Duration {
	behind := make(map[string]time.Duration)
	for _, job := range jobs {
		if s.on(job) {
			behind[job] = s.behindWhole(job, since, now)
		}
	}
	return behind
}

// behindWhole is how far a job that does everything at once is past its interval. What it missed before somebody ran,
// and while it had to rest, is not its lag.
func (s *sweeper) behindWhole(job string, since, now time.Time) time.Duration {
	state := s.state(job)
	if state.resting {
		return 0
	}
	for _, at := range []time.Time{state.done, state.awake} {
		if at.After(since) {
			since = at
		}
	}
	return max(0, now.Sub(since)-s.jobs[job].Interval)
}
