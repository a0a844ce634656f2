package exporter

import (
	"fmt"
	"net/http"
)

// healthy reports that the process is alive, and nothing more: a supervisor that asks here must not restart kaisen
// because the carrier is down.
func healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "kaisen is healthy.")
}

// serveReady answers 200 or, with the reason, 503; and the notes in either case, one a line.
func (h Health) serveReady(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err := h.ready(); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "kaisen is not ready: %v\n", err)
	} else {
		fmt.Fprintln(w, "kaisen is ready.")
	}
	for _, note := range h.notes() {
		fmt.Fprintf(w, "note: %s\n", note)
	}
}

func (h Health) ready() error {
	if h.Ready == nil {
		return nil
	}
	return h.Ready()
}

func (h Health) notes() []string {
	if h.Notes == nil {
		return nil
	}
	return h.Notes()
}
