package exporter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/schema"
)

// Poll asks the carrier about a line now, and returns when what it said is in the fleet.
type Poll func(ctx context.Context, key schema.LineKey) error

// ErrNotPolled is of a line that nobody here can ask about.
var ErrNotPolled = errors.New("nobody here watches the line")

// HeldUpError is of a line that was not asked about, because its account would let that through later than PollWait.
type HeldUpError struct {
	Wait time.Duration // after which it would
	Why  string        // which limit it is
	Ours bool          // it is one of the configuration, and no pause that the carrier asked for
}

// Error is why.
func (e *HeldUpError) Error() string { return e.Why }

const (
	// pollsAMinute is how many polls of an account may begin within a minute.
	pollsAMinute = 10
	// PollWait is how long an answer waits for the carrier's. Then it is 202, and the poll goes on.
	PollWait = 20 * time.Second
	// pollTimeout is how long a poll may take.
	pollTimeout = 2 * time.Minute
)

// polls serves POST /-/poll?line=NUMBER|NAME|LABEL, and ?source=…&contract=… where several lines have that: the carrier is
// asked about the line now. It is the one thing here that asks, and costs requests, so only who has proved who he is may, no
// other site's page in his name, and within bounds.
type polls struct {
	poll      Poll // nil: there is nobody to ask
	fleet     *fleet.Fleet
	webConfig string
	foreign   *http.CrossOriginProtection
	log       *slog.Logger

	life    context.Context // of polls under way
	end     context.CancelFunc
	running sync.WaitGroup

	mu    sync.Mutex
	lines map[fleet.Name]bool    // that are being asked about
	begun map[string][]time.Time // in the last minute, by source
}

func newPolls(config Config, lines *fleet.Fleet, log *slog.Logger) *polls {
	life, end := context.WithCancel(context.Background())
	return &polls{poll: config.Poll, fleet: lines, webConfig: config.WebConfigFile, foreign: http.NewCrossOriginProtection(), log: log,
		life: life, end: end, lines: make(map[fleet.Name]bool), begun: make(map[string][]time.Time)}
}

// close ends the polls under way.
func (p *polls) close() {
	p.end()
	p.running.Wait()
}

// ServeHTTP implements http.Handler.
func (p *polls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if refused := p.admits(r); refused != nil {
		p.refuse(w, r, *refused)
		return
	}
	name, refused := findLine(p.fleet, r.URL.Query())
	if refused != nil {
		p.refuse(w, r, *refused)
		return
	}
	done, refused := p.begin(name)
	if refused != nil {
		p.refuse(w, r, *refused)
		return
	}
	patience := time.NewTimer(PollWait)
	defer patience.Stop()
	select {
	case err := <-done:
		p.polled(w, r, name, err)
	case <-patience.C:
		p.answer(w, r, name, http.StatusAccepted, pollAnswer{Status: "polling", GivenUpIn: (pollTimeout - PollWait).Seconds()})
	case <-r.Context().Done(): // who asked is gone; the poll goes on
	}
}

// admits is nil where a request may ask.
func (p *polls) admits(r *http.Request) *refusal {
	if err := p.foreign.Check(r); err != nil {
		return &refusal{status: http.StatusForbidden, text: "asked by another site's page"}
	}
	switch proved, err := authenticates(p.webConfig); {
	case err != nil:
		p.log.Error("whether exporter.web_config_file has authentication cannot be seen", "err", err)
		return &refusal{status: http.StatusForbidden, text: "exporter.web_config_file cannot be read"}
	case !proved:
		return &refusal{status: http.StatusForbidden, text: "a poll costs requests of the carrier's, so it needs authentication: " +
			"basic_auth_users or client_auth_type: RequireAndVerifyClientCert in exporter.web_config_file"}
	case p.poll == nil:
		return &refusal{status: http.StatusNotFound, text: ErrNotPolled.Error()}
	}
	return nil
}

// offered reports whether a page may offer to poll.
func (p *polls) offered() bool {
	proved, err := authenticates(p.webConfig)
	return err == nil && proved && p.poll != nil
}

// begin asks about a line, unless that is done already, or too much is asked. The channel gets the end of it.
func (p *polls) begin(name fleet.Name) (done <-chan error, refused *refusal) {
	key, known := p.fleet.Key(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	begun := slices.DeleteFunc(p.begun[name.Source], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	switch {
	case !known:
		return nil, &refusal{status: http.StatusNotFound, text: "no line has that"}
	case p.lines[name]:
		return nil, &refusal{status: http.StatusConflict, text: "the carrier is being asked about the line already"}
	case len(begun) >= pollsAMinute:
		return nil, &refusal{status: http.StatusTooManyRequests, retry: time.Minute, text: fmt.Sprintf("%d lines of the account were asked about within a minute, which is the most", pollsAMinute)}
	case p.life.Err() != nil:
		return nil, &refusal{status: http.StatusServiceUnavailable, text: "kaisen is ending"}
	}
	p.lines[name] = true
	p.begun[name.Source] = append(begun, now)
	result := make(chan error, 1)
	p.running.Go(func() {
		ctx, cancel := context.WithTimeout(p.life, pollTimeout)
		defer cancel()
		err := p.poll(ctx, key)
		held := p.ended(name, now, err)
		if err != nil && !held {
			p.log.Warn("a line that somebody asked about was not polled", "err", err)
		}
		result <- err
	})
	return result, nil
}

// ended notes the end of a poll that began at a time, and reports whether it was refused before anything was asked: then it
// counts for nothing.
func (p *polls) ended(name fleet.Name, began time.Time, err error) (held bool) {
	var why *HeldUpError
	held = errors.As(err, &why)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, name)
	if at := slices.Index(p.begun[name.Source], began); held && at >= 0 {
		p.begun[name.Source] = slices.Delete(p.begun[name.Source], at, at+1)
	}
	return held
}
