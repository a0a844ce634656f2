package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthMaxWait is how long a kaisen that is alive may take to say so.
const healthMaxWait = 5 * time.Second

// reasonMaxWait is how long a check of life waits for what kaisen lacks: with a database that does not answer that takes a
// while, and a check that takes too long is one that failed.
const reasonMaxWait = time.Second

// healthMost is how many bytes of a reason are read.
const healthMost = 64 << 10

func newHealth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the kaisen that runs on this machine whether it is alive, and ready",
		Long: "Asks the address in exporter.listen, and exits 0 where kaisen answers there, ready or not. It is the health check of the\n" +
			"container image, which has no shell and no curl, and what a machine restarts kaisen by: a carrier that is down is no\n" +
			"reason for that. Below \"alive\" it says what kaisen lacks to be ready, as /-/ready does. With --ready it exits 1 while\n" +
			"kaisen is not ready. Behind a password or TLS (exporter.web_config_file) that cannot be asked.",
		Example: "  kaisen health --config kaisen.yaml\n" +
			"  kaisen health --ready || mail -s 'kaisen is not ready' me@example.com",
		Args: cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	wantReady := cmd.Flags().Bool("ready", false, "exit 1 where kaisen is alive and not ready")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.loadStore(io.Discard)
		if err != nil {
			return err
		}
		address, err := reachable(cfg.Exporter.Listen)
		if err != nil {
			return err
		}
		if *wantReady {
			said, err := askHealth(cmd.Context(), address, "/-/ready", healthMaxWait)
			if err == nil {
				printf(cmd, "%s\n", said)
			} else if why, is := strings.CutPrefix(err.Error(), "kaisen is "); is { // every error begins with "kaisen: "
				err = errors.New(why)
			}
			return err
		}
		if _, err := askHealth(cmd.Context(), address, "/-/healthy", healthMaxWait); err != nil && !errors.Is(err, errLocked) {
			return err
		}
		printf(cmd, "alive\n")
		said, err := askHealth(cmd.Context(), address, "/-/ready", reasonMaxWait)
		if errors.Is(err, context.DeadlineExceeded) {
			said = fmt.Sprintf("whether it is ready it did not say within %s", reasonMaxWait)
		} else if err != nil {
			said = err.Error()
		}
		printf(cmd, "%s\n", said)
		return nil
	}
	return cmd
}

// errLocked is of a kaisen that answers, but not what it was asked.
var errLocked = errors.New("exporter.web_config_file wants a password or TLS, so whether kaisen is ready cannot be asked from here")

// askHealth asks over plain HTTP whatever web_config_file says: a server that wants TLS answers 400 to it, one that
// wants a password 401, and only a kaisen that is alive answers at all.
func askHealth(ctx context.Context, address, path string, maxWait time.Duration) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("no kaisen answers: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusServiceUnavailable:
	case http.StatusBadRequest, http.StatusUnauthorized:
		return "", errLocked
	default:
		return "", fmt.Errorf("http://%s%s: %s", address, path, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, healthMost))
	if err != nil {
		return "", fmt.Errorf("http://%s%s: %w", address, path, err)
	}
	said = strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		return "", errors.New(said)
	}
	return said, nil
}

// reachable is an address to ask for one to listen on: a server on every address of the machine is on loopback too.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("exporter.listen %s: %w", listen, err)
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
