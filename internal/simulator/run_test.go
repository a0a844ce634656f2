package simulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// serve runs a carrier on a real port, until stop, which returns what Run returned.
func serve(c *simulatortest.Client) (address string, stop func() error) {
	c.T.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.T.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.T.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Carrier.Run(ctx, listener) }()
	return "http://" + listener.Addr().String(), func() error { cancel(); return <-ended }
}

// ask sends a request over the network; the error is that of the connection or of the body.
func ask(c *simulatortest.Client, ctx context.Context, transport *http.Transport, url string) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Authorization", "Bearer "+c.Token)
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

// Cut bodies break the connection, hanging answers end when the client gives up, connections are counted, and
// Run leaves nothing behind.
func TestRun(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	address, stop := serve(c)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ctx, url := t.Context(), address+simulatortest.Base+"N000000001/lines"

	answer, whole, err := ask(c, ctx, transport, url)
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Values("Date"); len(got) != 1 || got[0] != "Fri, 20 Mar 2026 03:34:56 GMT" {
		t.Errorf("Date %v", got)
	}
	setFaults(c, "cut:1")
	if _, body, err := ask(c, ctx, transport, url); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(whole, body) || body == "" {
		t.Errorf("cut: %d bytes, %v", len(body), err)
	}
	await(c, 0)
	setFaults(c, "hang:1")
	impatient, giveUp := context.WithCancel(ctx)
	defer giveUp()
	go func() {
		await(c, 1)
		giveUp()
	}()
	if _, _, err := ask(c, impatient, transport, url); !errors.Is(err, context.Canceled) {
		t.Errorf("hang: %v", err)
	}
	await(c, 0)
	if stats := c.Carrier.Stats(); stats.Connections < 2 || stats.Requests["lines"]["200"] != 1 || stats.Requests["lines"]["aborted"] != 2 {
		t.Errorf("stats: %+v", stats)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// await waits until so many answers are under way, as the server sees it.
func await(c *simulatortest.Client, inFlight int) {
	for c.Carrier.Stats().InFlight != inFlight {
		runtime.Gosched()
	}
}

func setFaults(c *simulatortest.Client, list string) {
	c.T.Helper()
	if err := c.Carrier.SetFaults(list); err != nil {
		c.T.Fatal(err)
	}
}

// An answer that would never come does not keep Run from ending.
func TestRunEndsWithAnswersInFlight(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	setFaults(c, "hang:1")
	address, stop := serve(c)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	broken := make(chan error, 1)
	go func() {
		_, _, err := ask(c, context.WithoutCancel(t.Context()), transport, address+simulatortest.Base+"N000000001")
		broken <- err
	}()
	await(c, 1)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := <-broken; err == nil {
		t.Error("the hanging request was answered")
	}
}

func TestRunReturnsWhatFailed(t *testing.T) {
	c := simulatortest.NewClient(t, simulatortest.Frozen(simulatortest.Noon()))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := c.Carrier.Run(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Run on a closed listener: %v", err)
	}
}

// Everything at once: answers, injections, clock, faults and truth, for the race detector; and every answer given
// is the truth of its second.
func TestConcurrentUse(t *testing.T) {
	cfg := simulatortest.Frozen(simulatortest.Noon())
	cfg.Speed = 3600
	c := simulatortest.NewClient(t, cfg)
	lines := c.Lines()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 200 {
				l := lines[(i*7+worker)%len(lines)]
				for _, call := range []string{"/traffic", "/dataShare/traffic", "/session"} {
					c.Do("GET", simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+call, "")
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			l := lines[i%len(lines)]
			// In the future: what is injected for this very second, answers of the same second may have missed.
			at := c.Carrier.Now().Add(time.Duration(i+1) * time.Hour)
			c.Inject(simulator.Event{Type: "traffic", Contract: l.ContractID, Line: l.LineNo, Bytes: 1, At: at},
				simulator.Event{Log: "session_events", Contract: l.ContractID, Count: 3, From: at, To: at.Add(time.Minute)})
			setFaults(c, "500:0.0"+strconv.Itoa(i%9+1))
			c.Carrier.Stats()
		}
	})
	wg.Wait()
	served := c.Carrier.Served()
	if len(served.Traffic) == 0 || len(served.Sessions) == 0 {
		t.Fatal("nothing was served")
	}
	for _, s := range served.Traffic {
		for want := range c.Carrier.Truth(simulator.TruthQuery{At: s.At, Line: s.LineNo, Days: 1}) {
			for _, now := range want.Traffic {
				if now.Scope == s.Scope && (*s.TodayBytes != now.TodayBytes || *s.MonthBytes != now.MonthBytes) {
					t.Fatalf("line %s %s at %s: served %d, true %d", s.LineNo, s.Scope, s.At, *s.TodayBytes, now.TodayBytes)
				}
			}
		}
	}
}
