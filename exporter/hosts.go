package exporter

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// hosts refuses requests for names that are not this server's. A web page from elsewhere can have its own name resolve to
// this machine's address, and so make a browser inside the network read what is here; the name in Host gives it away.
type hosts struct {
	names []string // in small letters
	next  http.Handler
}

// anyHost in exporter.hosts is every name.
const anyHost = "*"

func newHosts(config Config, next http.Handler) http.Handler {
	h := &hosts{next: next}
	for _, name := range config.Hosts {
		h.names = append(h.names, plainHost(name))
	}
	if listen, _, err := net.SplitHostPort(config.Listen); err == nil && listen != "" {
		h.names = append(h.names, plainHost(listen))
	}
	if own, err := os.Hostname(); err == nil {
		h.names = append(h.names, plainHost(own))
	}
	return h
}

// ServeHTTP implements http.Handler. Whether the process is alive is no secret, and who asks for that may know it by any name.
func (h *hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.answers(r.Host) && r.URL.Path != "/-/healthy" {
		http.Error(w, "kaisen does not answer to this name. If it is one of this server's, put it into exporter.hosts.", http.StatusMisdirectedRequest)
		return
	}
	h.next.ServeHTTP(w, r)
}

// answers reports whether a Host is one of this server's. An address cannot be turned on another machine as a name can, and no
// name without a dot can be had from outside; a client that sends no Host is no browser.
func (h *hosts) answers(host string) bool {
	name := host
	if only, _, err := net.SplitHostPort(host); err == nil {
		name = only
	}
	name = plainHost(name)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") || slices.Contains(h.names, name) || slices.Contains(h.names, anyHost)
}

// plainHost is a name without its case, its brackets and the dot of the root.
func plainHost(name string) string {
	return strings.TrimSuffix(strings.Trim(strings.ToLower(name), "[]"), ".")
}
