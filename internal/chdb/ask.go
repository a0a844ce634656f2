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
	"time"
)

// ask runs one statement as the service over HTTP; without a statement it pings. What comes back is read and
// thrown away.
func ask(ctx context.Context, address, password, sql string) error {
	method, target := http.MethodGet, url.URL{Scheme: "http", Host: reachable(address), Path: "/ping"}
	if sql != "" {
		method, target.Path = http.MethodPost, "/"
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), strings.NewReader(sql))
	if err != nil {
		return err
	}
	if sql != "" {
		request.SetBasicAuth(ServiceUser, password)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
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

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
