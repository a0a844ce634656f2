package deploy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaisen/internal/porttest"
	"kaisen/internal/wait"
)

// authority makes certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign makes a certificate, of the authority's own where there is none yet.
func (a *authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// pair writes a certificate and its key as PEM.
func (a *authority) pair(c *x509.Certificate) (certPEM, keyPEM string) {
	a.t.Helper()
	cert, key := a.sign(c)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return toPEM("CERTIFICATE", cert.Raw), toPEM("EC PRIVATE KEY", der)
}

func toPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// startWeb runs kaisen with a web_config_file and without a database or a carrier, and returns the address of its
// exporter.
func startWeb(t *testing.T, webConfig string) string {
	t.Helper()
	address := porttest.Address(t)
	folder := t.TempDir()
	configuration := write(t, folder, "kaisen.yaml", `
sources: [{name: hq, client_id: x, client_secret: x, contracts: [N123456789], base_url: "http://127.0.0.1:1", token_url: "http://127.0.0.1:1"}]
store: {kind: clickhouse, dsn: "http://127.0.0.1:1/kaisen", spool: `+filepath.Join(folder, "spool")+`}
exporter: {listen: "`+address+`", web_config_file: `+webConfig+`}
`)
	program := filepath.Join(buildPackage(t), "kaisen")
	cmd := exec.Command(program, "run", "--config", configuration)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("kaisen ended with %v:\n%s", err, log.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if wait.Until(ctx, 20*time.Millisecond, func() bool {
		_, err := command(t, ".", program, "health", "--exporter.listen", address)
		return err == nil
	}) != nil {
		t.Fatal("not alive within a minute")
	}
	return address
}

// fetch asks for the gauges, and returns the status, or the error in words.
func fetch(t *testing.T, config *tls.Config, address, password string) string {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequest(http.MethodGet, "https://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("prometheus", password)
	response, err := (&http.Client{Transport: transport, Timeout: time.Minute}).Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	return response.Status
}

// The example is started as it is, and again with its client certificates switched on.
func TestTheExampleOfTLSAndPasswords(t *testing.T) {
	ca := newAuthority(t)
	folder := t.TempDir()
	cert, key := ca.pair(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	write(t, folder, "kaisen.crt", cert)
	write(t, folder, "kaisen.key", key)
	write(t, folder, "clients-ca.crt", toPEM("CERTIFICATE", ca.cert.Raw))
	example := read(t, "examples/web-config.yml")
	known := x509.NewCertPool()
	known.AddCert(ca.cert)

	trusting := &tls.Config{RootCAs: known}
	client, err := tls.X509KeyPair(bytesOf(ca.pair(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})))
	if err != nil {
		t.Fatal(err)
	}
	showing := &tls.Config{RootCAs: known, Certificates: []tls.Certificate{client}}
	old := &tls.Config{RootCAs: known, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}

	address := startWeb(t, write(t, folder, "web-config.yml", example))
	mutual := strings.NewReplacer("# client_auth_type", "client_auth_type", "# client_ca_file", "client_ca_file").Replace(example)
	strict := startWeb(t, write(t, folder, "mutual.yml", mutual))
	for _, test := range []struct {
		name, address string
		config        *tls.Config
		password      string
		want          string
	}{
		{"the password", address, trusting, "change-me", "200 OK"},
		{"another password", address, trusting, "changed", "401 Unauthorized"},
		{"an authority that nobody knows", address, &tls.Config{RootCAs: x509.NewCertPool()}, "change-me", "unknown authority"},
		{"an old version of TLS", address, old, "change-me", "protocol version"},
		{"a client certificate and the password", strict, showing, "change-me", "200 OK"},
		{"a client certificate alone", strict, showing, "", "401 Unauthorized"},
		{"no client certificate", strict, trusting, "change-me", "certificate required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fetch(t, test.config, test.address, test.password); !strings.Contains(got, test.want) {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func bytesOf(a, b string) ([]byte, []byte) { return []byte(a), []byte(b) }
