package carrier

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// proxyRefusal is the status with which a proxy of the environment refused to connect to the carrier.
type proxyRefusal int

func (status proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy in HTTPS_PROXY refuses to connect: %d %s", int(status), http.StatusText(int(status)))
}

// refusedByProxy names the one who refused: net/http hands on the proxy's words alone, as if they were the carrier's.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return proxyRefusal(answer.StatusCode)
	}
	return nil
}
