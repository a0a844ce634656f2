package chdbtest

import (
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Forward is a proxy before the engine that listens for HTTP at host. It hands on the answer while the question is still read: the engine
// begins to answer once it has the rows, before it has seen the end of the question, and without full duplex net/http would take what
// is left of the question away from the proxy, which ends the answer in its middle.
func Forward(host string) http.Handler {
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil && r.ProtoMajor < 2 {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		forward.ServeHTTP(w, r)
	})
}
