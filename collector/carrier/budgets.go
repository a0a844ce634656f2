package carrier

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kaisen/collector/carrier/ratelimit"
)

// budgets shows the request budgets of a process's accounts as they are when somebody looks: a rate recovers, and a pause
// ends, also while nothing is sent.
type budgets struct {
	rate, operationRate *prometheus.Desc
	paused, pausedUntil *prometheus.Desc
	daily, dailyLeft    *prometheus.Desc

	mu  sync.Mutex
	all map[string]*ratelimit.Transport // by source
}

func newBudgets() *budgets {
	return &budgets{
		rate: prometheus.NewDesc("kaisen_rate_limit_requests_per_second",
			"The request rate in force now: the configured one, or less after the carrier throttled. +Inf is no limit.",
			[]string{"source"}, nil),
		operationRate: prometheus.NewDesc("kaisen_rate_limit_operation_requests_per_second",
			"The request rate in force now of an operation that the carrier throttled; gone when that is over.",
			[]string{"source", "operation"}, nil),
		paused: prometheus.NewDesc("kaisen_rate_limit_paused",
			"1 while nothing is sent for an operation, or at all, because the carrier complained; the reason is that of the last complaint.",
			[]string{"source", "operation", "reason"}, nil),
		pausedUntil: prometheus.NewDesc("kaisen_api_paused_until_timestamp_seconds",
			"When the next request of an operation, or any at all, may leave, because the carrier complained; absent while nothing is paused.",
			[]string{"source", "operation", "reason"}, nil),
		daily: prometheus.NewDesc("kaisen_rate_limit_daily_requests",
			"Requests that may be sent in a day of the carrier's, rate_limit.daily_requests; absent without such a limit.",
			[]string{"source"}, nil),
		dailyLeft: prometheus.NewDesc("kaisen_rate_limit_daily_remaining",
			"Requests of the carrier's day that are left; absent without rate_limit.daily_requests, and while they cannot be counted.",
			[]string{"source"}, nil),
		all: make(map[string]*ratelimit.Transport),
	}
}

// begin shows a budget from now on, unless there is an earlier one of the same source, which may be in use still.
func (b *budgets) begin(source string, t *ratelimit.Transport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[source] == nil {
		b.all[source] = t
	}
}

// watch shows a budget from now on, in place of an earlier one of the same source.
func (b *budgets) watch(source string, t *ratelimit.Transport) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[source] = t
}

// Describe names the metrics.
func (b *budgets) Describe(to chan<- *prometheus.Desc) {
	to <- b.rate
	to <- b.operationRate
	to <- b.paused
	to <- b.pausedUntil
	to <- b.daily
	to <- b.dailyLeft
}

// Collect reads the budgets.
func (b *budgets) Collect(to chan<- prometheus.Metric) {
	b.mu.Lock()
	all := maps.Clone(b.all)
	b.mu.Unlock()
	for source, transport := range all {
		if limit := transport.DailyLimit(); limit > 0 {
			to <- prometheus.MustNewConstMetric(b.daily, prometheus.GaugeValue, float64(limit), source)
		}
		if today, known := transport.Daily(); known {
			to <- prometheus.MustNewConstMetric(b.dailyLeft, prometheus.GaugeValue, float64(today.Left), source)
		}
		for _, state := range transport.States() {
			operation := state.Operation
			if operation == "" {
				operation = ratelimit.AllOperations
				to <- prometheus.MustNewConstMetric(b.rate, prometheus.GaugeValue, state.Rate, source)
			} else {
				to <- prometheus.MustNewConstMetric(b.operationRate, prometheus.GaugeValue, state.Rate, source, operation)
			}
			paused := 0.0
			if state.Paused {
				paused = 1
				to <- prometheus.MustNewConstMetric(b.pausedUntil, prometheus.GaugeValue, float64(state.Until.UnixMilli())/1000, source, operation, state.Reason)
			}
			to <- prometheus.MustNewConstMetric(b.paused, prometheus.GaugeValue, paused, source, operation, state.Reason)
		}
	}
}

// Notes say what waits now: for what is left of the day's budget to be spread over the day, or for the next day's; and what the
// carrier has paused, one sentence a reason: which operations wait, why, and until when.
func (c *Client) Notes() []string {
	type cause struct {
		reason string
		down   bool
	}
	waiting := make(map[cause][]string)
	until := make(map[cause]time.Time)
	var causes []cause
	for _, state := range c.transport.States() {
		if !state.Paused {
			continue
		}
		why := cause{state.Reason, state.Down}
		if waiting[why] == nil {
			causes = append(causes, why)
			until[why] = state.Until
		}
		name := state.Operation
		if name == "" {
			name = ratelimit.AllOperations
		}
		waiting[why] = append(waiting[why], name)
		if state.Until.Before(until[why]) {
			until[why] = state.Until
		}
	}
	notes := make([]string, 0, len(causes)+1)
	switch today, known := c.transport.Daily(); {
	case known && today.Left == 0:
		notes = append(notes, fmt.Sprintf("source %s: all %d requests of the day (rate_limit.daily_requests) are used up; the next at %s",
			c.cfg.Source, today.Limit, c.clockText(today.Until)))
	case today.Every > 0:
		notes = append(notes, fmt.Sprintf("source %s: requests wait for the day's budget: what is left of it, %d of %d (rate_limit.daily_requests), is one every %v until %s",
			c.cfg.Source, today.Left, today.Limit, today.Every.Round(time.Second/10), c.clockText(today.Until)))
	}
	for _, why := range causes {
		what := "the carrier asked for a pause"
		if why.down {
			what = "the carrier is under maintenance"
		}
		notes = append(notes, fmt.Sprintf("source %s: %s (%s), requests of %s wait; the next at %s", c.cfg.Source, what,
			why.reason, joined(waiting[why]), c.clockText(until[why])))
	}
	return notes
}

// clockText is a time in the zone in which the carrier's days turn, with the zone's name: that of this machine may be another.
func (c *Client) clockText(at time.Time) string {
	if c.cfg.Zone != nil {
		at = at.In(c.cfg.Zone)
	}
	return at.Format("2006-01-02 15:04:05 MST")
}

// joined lists names in a sentence.
func joined(names []string) string {
	slices.Sort(names)
	text := ""
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}
