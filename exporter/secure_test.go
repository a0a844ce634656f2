package exporter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaisen/exporter/fleet"
	"kaisen/exporter/fleet/fleettest"
	"kaisen/exporter/linelabel"
	"kaisen/schema"

	"github.com/prometheus/client_golang/prometheus"
)

// authority signs certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate, signed by the authority or, where there is none yet, by itself.
func issue(t *testing.T, by *authority, template x509.Certificate) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := &template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

func (a authority) write(t *testing.T, folder, name string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".crt": {Type: "CERTIFICATE", Bytes: a.cert.Raw}, name + ".key": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWebConfigOfTheREADME: the file that the README shows, with its certificates in a folder of the test's, lets in who has
// both a certificate and the password, and nobody else, on any path.
func TestWebConfigOfTheREADME(t *testing.T) {
	folder := t.TempDir()
	root := x509.Certificate{Subject: pkix.Name{CommonName: "root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca, stranger := issue(t, nil, root), issue(t, nil, root)
	ca.write(t, folder, "clients-ca")
	issue(t, &ca, x509.Certificate{Subject: pkix.Name{CommonName: "kaisen"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}).write(t, folder, "server")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "# /etc/kaisen/web.yml\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatal("the README shows no web.yml")
	}
	file := filepath.Join(folder, "web.yml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(block, "/etc/kaisen/tls", folder)), 0o600); err != nil {
		t.Fatal(err)
	}
	url := strings.Replace(start(t, Config{WebConfigFile: file}, awkwardFleet(1), prometheus.NewRegistry(), Health{}), "http:", "https:", 1)

	client := func(by *authority, version uint16) *http.Client {
		config := &tls.Config{RootCAs: x509.NewCertPool(), MaxVersion: version}
		config.RootCAs.AddCert(ca.cert)
		if by != nil {
			cert := issue(t, by, x509.Certificate{Subject: pkix.Name{CommonName: "prometheus"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
			config.Certificates = []tls.Certificate{{Certificate: [][]byte{cert.cert.Raw}, PrivateKey: cert.key}}
		}
		return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	}
	for _, test := range []struct {
		name     string
		client   *http.Client
		password string
		want     int // 0: no connection
	}{
		{"both", client(&ca, 0), "change me", http.StatusOK},
		{"no password", client(&ca, 0), "", http.StatusUnauthorized},
		{"another password", client(&ca, 0), "changed", http.StatusUnauthorized},
		{"no certificate", client(nil, 0), "change me", 0},
		{"a certificate of somebody else's", client(&stranger, 0), "change me", 0},
		{"TLS 1.2", client(&ca, tls.VersionTLS12), "change me", 0},
	} {
		for _, path := range []string{"/metrics", "/", "/lines", "/-/healthy"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.password != "" {
				request.SetBasicAuth("prometheus", test.password)
			}
			status := 0
			if response, err := test.client.Do(request); err == nil {
				status = response.StatusCode
				response.Body.Close()
			}
			if status != test.want {
				t.Errorf("%s, %s: %d, want %d", test.name, path, status, test.want)
			}
		}
	}
}

// TestLabelsHideNumbers: no number, whole or in half, in anything that the server shows; and one label a line.
func TestLabelsHideNumbers(t *testing.T) {
	for _, form := range []linelabel.Form{linelabel.Masked, linelabel.Hashed} {
		config := fleet.DefaultConfig()
		config.Labels = labelsOf(t, form)
		f := fleet.New(config)
		const lines = 1000
		for i := range lines {
			number := fmt.Sprintf("090%08d", 12_345_678+i*10_000) // alike at both ends
			f.Write(schema.Batch{Lines: []schema.Line{fleettest.Inventory(number, schema.LineActive)}, Traffic: []schema.TrafficSample{fleettest.Answer(number, schema.ScopeLine)}})
		}
		body, _ := get(t, scrapeOf(f), acceptText, "identity")
		if got := len(shown(t, f).Of("kaisen_line_info")); got != lines {
			t.Errorf("%s: %d of %d lines have a label of their own", form, got, lines)
		}
		pages := pagesOf(t, f, prometheus.NewRegistry(), Health{})
		for _, path := range []string{"/", "/lines", "/lines?list=restricted"} {
			body = append(body, pages.get(path).body...)
		}
		if number := regexp.MustCompile(`090\d{8}\b`).Find(body); number != nil {
			t.Errorf("%s: %s is shown", form, number)
		}
		if got := pages.get("/line?source=hq&contract=N123456789&line=09012345678"); got.status != 404 {
			t.Errorf("%s: a line is found by its number", form)
		}
		if got := pages.get("/lines?q=09012345678"); got.status != 200 || !strings.Contains(got.body, "not by the") {
			t.Errorf("%s: searching a number: %d", form, got.status)
		}
		label := config.Labels.Of("09012345678")
		if got := pages.get("/line?source=hq&contract=N123456789&line=" + label); got.status != 200 || !strings.Contains(got.body, "<h1>"+label) {
			t.Errorf("%s: %s has no page: %d", form, label, got.status)
		}
		if got := pages.get("/lines?q=" + label); got.status != 303 {
			t.Errorf("%s: %s is not found: %d", form, label, got.status)
		}
	}
}
