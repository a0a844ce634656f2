package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kaisen/internal/porttest"
	"kaisen/internal/wait"
)

// startSimulator runs the simulated carrier, and returns its address.
func startSimulator(t *testing.T, program string) string {
	t.Helper()
	address := porttest.Address(t)
	cmd := exec.Command(program, "simulator", "--listen", address, "--lines", "20", "--contracts", "1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if wait.Until(ctx, 20*time.Millisecond, func() bool {
		connection, err := net.Dial("tcp", address)
		return err == nil && connection.Close() == nil
	}) != nil {
		t.Fatal("no simulated carrier within a minute")
	}
	return address
}

// proxy lets through who has a password, and only to carrier.example, which no resolver knows.
type proxy struct {
	carrier string // address of the one who has the name
	let     atomic.Int64
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Basic authentication of who:secret
	if r.Method != http.MethodConnect || r.Host != "carrier.example:443" || r.Header.Get("Proxy-Authorization") != "Basic d2hvOnNlY3JldA==" {
		http.Error(w, "not to "+r.Host, http.StatusProxyAuthRequired)
		return
	}
	carrier, err := net.Dial("tcp", p.carrier)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer carrier.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	p.let.Add(1)
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(carrier, client) }()
	_, _ = io.Copy(client, carrier)
}

// As in the README: the carrier is reached by way of a proxy, and its certificate is of an authority of one's own. Each of
// the two is needed.
func TestProxiesAndAuthoritiesOfOnesOwn(t *testing.T) {
	program := filepath.Join(buildPackage(t), "kaisen")
	simulator := &url.URL{Scheme: "http", Host: startSimulator(t, program)}
	ca := newAuthority(t)
	certificate, err := tls.X509KeyPair(bytesOf(ca.pair(&x509.Certificate{DNSNames: []string{"carrier.example"}})))
	if err != nil {
		t.Fatal(err)
	}
	carrier := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(simulator))
	carrier.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	carrier.StartTLS()
	defer carrier.Close()
	between := &proxy{carrier: carrier.Listener.Addr().String()}
	front := httptest.NewServer(between)
	defer front.Close()

	authorities := t.TempDir()
	write(t, authorities, "authority.crt", toPEM("CERTIFICATE", ca.cert.Raw))
	folder := t.TempDir()
	configuration := write(t, folder, "kaisen.yaml", `
sources: [{name: hq, client_id: simulator, client_secret: simulator-secret, contracts: [N000000001], base_url: "https://carrier.example",
  token_url: "https://carrier.example/v1/oauth/accesstokens", rate_limit: {requests_per_second: 1000, burst: 100}}]
store: {kind: clickhouse, dsn: "http://127.0.0.1:1/kaisen", spool: `+filepath.Join(folder, "spool")+`}
`)
	there := "HTTPS_PROXY=" + strings.Replace(front.URL, "http://", "http://who:secret@", 1)
	for _, test := range []struct {
		name, proxy, authorities string
		want                     string // of what is said, "" where everything works
	}{
		{"proxy and authority", there, authorities, ""},
		{"an authority that nobody knows", there, t.TempDir(), "certificate"},
		{"no proxy", "HTTPS_PROXY=", authorities, "carrier.example"},
		{"a proxy that wants a password", "HTTPS_PROXY=" + front.URL, authorities, "Proxy Authentication Required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := between.let.Load()
			out, err := command(t, folder, "env", "NO_PROXY=", test.proxy, "SSL_CERT_FILE="+filepath.Join(folder, "none"), "SSL_CERT_DIR="+test.authorities,
				program, "probe", "--config", configuration)
			if (err == nil) != (test.want == "") || !strings.Contains(out, test.want) {
				t.Errorf("%v, want %q in\n%s", err, test.want, out)
			}
			if err == nil && between.let.Load() == before {
				t.Error("not by way of the proxy")
			}
			if strings.Contains(out, "who:secret") || strings.Contains(out, "d2hvOnNlY3JldA") {
				t.Errorf("the proxy's password is shown:\n%s", out)
			}
		})
	}
}
