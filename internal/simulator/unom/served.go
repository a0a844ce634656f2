package unom

import (
	"sync"
	"time"
)

// ServedTraffic is one traffic answer that was given whole, with null for NULL. At is the second of its
// Date header.
type ServedTraffic struct {
	ContractID        string     `json:"contract_id"`
	LineNo            string     `json:"line_no"`
	Scope             string     `json:"scope"` // line, data_share
	At                time.Time  `json:"at"`
	MonthBytes        *uint64    `json:"month_bytes"`
	TodayBytes        *uint64    `json:"today_bytes"`
	RemainingBytes    *uint64    `json:"remaining_bytes"`
	LimitStatus1      *uint8     `json:"limit_status1"`
	LimitStatus2      uint8      `json:"limit_status2"`
	Restriction       string     `json:"restriction"`
	MonthlyLimitStart *time.Time `json:"monthly_limit_start"` // to the minute
	DailyLimitStart   *time.Time `json:"daily_limit_start"`
}

// ServedSession is one answer of call 26 that was given whole.
type ServedSession struct {
	ContractID  string    `json:"contract_id"`
	LineNo      string    `json:"line_no"`
	At          time.Time `json:"at"`
	SessionType string    `json:"session_type"` // domestic, roaming
	Connected   *bool     `json:"connected"`    // null where result_code is not 0
	ResultCode  uint8     `json:"result_code"`
}

// Served is the record of answers given, oldest first.
type Served struct {
	Traffic         []ServedTraffic `json:"traffic"`
	Sessions        []ServedSession `json:"sessions"`
	DroppedTraffic  uint64          `json:"dropped_traffic"` // older ones that are no longer kept
	DroppedSessions uint64          `json:"dropped_sessions"`
}

// ring keeps the newest values, up to a number, and counts those it let go.
type ring[T any] struct {
	most    int
	values  []T
	next    int // where the oldest is, once full
	dropped uint64
}

func (r *ring[T]) add(v T) {
	switch {
	case len(r.values) < r.most:
		r.values = append(r.values, v)
	case r.most == 0:
		r.dropped++
	default:
		r.values[r.next] = v
		r.next = (r.next + 1) % r.most
		r.dropped++
	}
}

func (r *ring[T]) all() []T {
	out := make([]T, 0, len(r.values))
	return append(append(out, r.values[r.next:]...), r.values[:r.next]...)
}

// record is the rings of both kinds of answers.
type record struct {
	mu       sync.Mutex
	traffic  ring[ServedTraffic]
	sessions ring[ServedSession]
}

func newRecord(most int) *record {
	return &record{traffic: ring[ServedTraffic]{most: most}, sessions: ring[ServedSession]{most: most}}
}

func (r *record) keepTraffic(s ServedTraffic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traffic.add(s)
}

func (r *record) keepSession(s ServedSession) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions.add(s)
}

// Served is the record of traffic and session answers given with success, as far as it is kept.
func (r *record) Served() Served {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Served{
		Traffic: r.traffic.all(), Sessions: r.sessions.all(), DroppedTraffic: r.traffic.dropped, DroppedSessions: r.sessions.dropped,
	}
}

// ForgetServed empties the record.
func (r *record) ForgetServed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traffic = ring[ServedTraffic]{most: r.traffic.most}
	r.sessions = ring[ServedSession]{most: r.sessions.most}
}
