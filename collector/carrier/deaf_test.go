package carrier

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// deafening forwards connections, and on command leaves those that there are open without a byte in either direction.
type deafening struct {
	net.Listener
	to   string
	all  sync.WaitGroup
	mu   sync.Mutex
	deaf []func()
}

func newDeafening(t *testing.T, to string) *deafening {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &deafening{Listener: listener, to: to}
	ctx, end := context.WithCancel(context.Background())
	d.all.Go(func() { d.accept(ctx) })
	t.Cleanup(func() {
		end()
		_ = listener.Close()
		d.all.Wait()
	})
	return d
}

func (d *deafening) accept(ctx context.Context) {
	for {
		client, err := d.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", d.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		hears, deafen := context.WithCancel(context.Background())
		d.mu.Lock()
		d.deaf = append(d.deaf, deafen)
		d.mu.Unlock()
		context.AfterFunc(ctx, func() { deafen(); _ = client.Close(); _ = server.Close() })
		for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
			d.all.Go(func() {
				bytes := make([]byte, 4096)
				for {
					n, err := way[0].Read(bytes)
					if err != nil || hears.Err() != nil {
						return
					}
					_, _ = way[1].Write(bytes[:n])
				}
			})
		}
	}
}

func (d *deafening) deafen() (connections int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, deafen := range d.deaf {
		deafen()
	}
	return len(d.deaf)
}

// A connection that goes deaf costs the requests on it some seconds, not each its timeout until the system gives it up.
func TestADeafConnectionIsGivenUp(t *testing.T) {
	carrier := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, goodToken)
			return
		}
		_, _ = io.WriteString(w, `{"protocol":"`+r.Proto+`"}`)
	}))
	carrier.EnableHTTP2 = true
	carrier.StartTLS()
	defer carrier.Close()
	network := newDeafening(t, carrier.Listener.Addr().String())
	transport := NewTransport(8)
	if limit := transport.HTTP2.SendPingTimeout + transport.HTTP2.PingTimeout; limit <= 0 || limit > DefaultConfig().Timeout/2 {
		t.Errorf("a deaf connection is given up after %v", limit)
	}
	const short = 300 * time.Millisecond // else the test would last as long as that
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = transport.HTTP2.SendPingTimeout/pingAfter*short, transport.HTTP2.PingTimeout/pingMaxWait*short
	transport.TLSClientConfig = &tls.Config{RootCAs: carrier.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", network.Addr().String())
	}
	defer transport.CloseIdleConnections()
	cfg := testConfig()
	cfg.BaseURL, cfg.TokenURL = "https://example.com", "https://example.com/token" // of which the test's certificate is
	client, _ := newClientWithMetrics(t, cfg, transport)
	answer, err := client.Get(t.Context(), "traffic", "/x", nil)
	if err != nil || string(answer.Body) != `{"protocol":"HTTP/2.0"}` {
		t.Fatalf("%s, %v", answer.Body, err)
	}
	before := network.deafen()
	ctx, cancel := context.WithTimeout(t.Context(), cfg.Timeout/2)
	defer cancel()
	if _, err := client.Get(ctx, "traffic", "/x", nil); err != nil {
		t.Error(err)
	}
	if after := network.deafen(); after <= before {
		t.Errorf("%d connections, and then %d: want another one", before, after)
	}
}
