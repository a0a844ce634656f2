package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthMaxWait is how long a kaisen that is alive may take to say so.
const healthMaxWait = 5 * time.Second

func newHealth() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the kaisen that runs on this machine whether it is alive",
		Long: "Asks the address in exporter.listen, and exits 0 where kaisen answers there. It is the health check of the container\n" +
			"image, which has no shell and no curl. Whether kaisen is also ready is told at /-/ready.",
		Example: "  kaisen health --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.loadStore(io.Discard)
		if err != nil {
			return err
		}
		if err := askHealth(cmd.Context(), cfg.Exporter.Listen); err != nil {
			return err
		}
		printf(cmd, "alive\n")
		return nil
	}
	return cmd
}

// askHealth asks over plain HTTP whatever web_config_file says: a server that wants TLS answers 400 to it, one that
// wants a password 401, and only a kaisen that is alive answers at all.
func askHealth(ctx context.Context, listen string) error {
	address, err := reachable(listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthMaxWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/-/healthy", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no kaisen answers: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized:
		return nil
	}
	return fmt.Errorf("http://%s/-/healthy: %s", address, response.Status)
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
