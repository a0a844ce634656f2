package gateway

import (
	"maps"
	"strconv"
	"sync"
	"time"
)

// Stats is what the simulator saw of its clients, in real time: API and token requests, not those under /_sim/.
type Stats struct {
	Requests     map[string]map[string]uint64 `json:"requests"` // operation → status, or "aborted" for an answer cut off or never given
	Total        uint64                       `json:"total"`
	Rejected     uint64                       `json:"rejected"` // by the rate limit; 429 of a fault are not among them
	TokensIssued uint64                       `json:"tokens_issued"`
	Connections  uint64                       `json:"connections"` // seen by Run, or by ConnState on another server
	InFlight     int                          `json:"in_flight"`
	MaxInFlight  int                          `json:"max_in_flight"`
	FirstRequest time.Time                    `json:"first_request,omitzero"`
	LastRequest  time.Time                    `json:"last_request,omitzero"` // when the newest arrived
	LastAnswer   time.Time                    `json:"last_answer,omitzero"`
}

// recorder keeps the statistics.
type recorder struct {
	mu sync.Mutex
	s  Stats
	n  uint64 // requests ever, not reset: numbers them for faults
}

func newRecorder() *recorder { return &recorder{s: Stats{Requests: map[string]map[string]uint64{}}} }

// begin notes an arrival and returns its number.
func (r *recorder) begin(arrived time.Time) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	r.s.Total++
	r.s.InFlight++
	r.s.MaxInFlight = max(r.s.MaxInFlight, r.s.InFlight)
	if r.s.FirstRequest.IsZero() || arrived.Before(r.s.FirstRequest) {
		r.s.FirstRequest = arrived
	}
	if arrived.After(r.s.LastRequest) {
		r.s.LastRequest = arrived
	}
	return r.n
}

// end notes what became of it; status 0 is an answer that never was whole.
func (r *recorder) end(operation string, status int, rejected bool) {
	now := time.Now()
	code := "aborted"
	if status != 0 {
		code = strconv.Itoa(status)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.InFlight--
	r.s.LastAnswer = now
	byCode := r.s.Requests[operation]
	if byCode == nil {
		byCode = map[string]uint64{}
		r.s.Requests[operation] = byCode
	}
	byCode[code]++
	if rejected {
		r.s.Rejected++
	}
}

func (r *recorder) connection() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.Connections++
}

func (r *recorder) read() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.s
	s.Requests = map[string]map[string]uint64{}
	for operation, byCode := range r.s.Requests {
		s.Requests[operation] = maps.Clone(byCode)
	}
	return s
}

// reset starts all counts again; requests in flight stay counted as such.
func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s = Stats{Requests: map[string]map[string]uint64{}, InFlight: r.s.InFlight, MaxInFlight: r.s.InFlight}
}
