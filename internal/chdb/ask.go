package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// caller asks the engine something over HTTP, on a connection that it keeps: whoever fills the engine's connections does
// not keep it from being heard.
type caller struct {
	client   *http.Client
	address  string
	password string
}

// newCaller is for one child. It goes to nobody else; see [Dial].
func newCaller(cfg Config) *caller {
	dial := Dial(cfg.Path)
	transport := &http.Transport{MaxIdleConnsPerHost: 1, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return dial(ctx, address)
	}}
	return &caller{&http.Client{Transport: transport}, reachable(cfg.Listen), cfg.servicePassword()}
}

func (c *caller) close() { c.client.CloseIdleConnections() }

// ask runs one statement as the service; without a statement it pings. What comes back is read and thrown away.
func (c *caller) ask(ctx context.Context, sql string) error {
	method, target := http.MethodGet, url.URL{Scheme: "http", Host: c.address, Path: "/ping"}
	if sql != "" {
		method, target.Path = http.MethodPost, "/"
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(sql))
	if err != nil {
		return err
	}
	if sql != "" {
		request.SetBasicAuth(ServiceUser, c.password)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, firstLine(string(text)))
	}
	return err
}

// Ping asks the engine that has a folder whether it answers yet.
func (o *Owner) Ping(ctx context.Context, path string) error {
	c := newCaller(Config{Path: path, Listen: o.Listen})
	defer c.close()
	return c.ask(ctx, "")
}

// reachable is the address under which this machine reaches a listener.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// withPorts replaces port 0 by a free one. It lies below those that the system gives to outgoing connections: one of
// them would take it while the engine is being restarted.
func withPorts(cfg Config) (Config, error) {
	var err error
	for _, address := range []*string{&cfg.Listen, &cfg.ListenNative} {
		if host, port, bad := net.SplitHostPort(*address); bad == nil && port == "0" {
			if *address, err = freeAddress(host); err != nil {
				return cfg, err
			}
		}
	}
	return cfg, nil
}

func freeAddress(host string) (address string, err error) {
	for range 100 {
		var listener net.Listener
		address = net.JoinHostPort(host, strconv.Itoa(20_000+rand.N(12_000)))
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", fmt.Errorf("listen for ClickHouse clients: %w", err)
}

// isTaken recognises an address that another program listens on.
func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
