package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kaisen/internal/porttest"
)

// How often a line is asked about comes from the kaisen that runs; where that says nothing, the reason stands there.
func TestPaceOfALine(t *testing.T) {
	line := storedLine{Source: "hq", ContractID: "N1", LineNo: "09012345678"}
	for _, c := range []struct {
		status       int
		answer, want string
	}{
		{200, `{"class":"urgent","text":"every 4 minutes: 3 % left, empty in 50 minutes"}`, "every 4 minutes: 3 % left, empty in 50 minutes"},
		{200, `<html>`, "answers 200 OK"},
		{404, "", "does not have the line"},
		{401, "", "wants TLS or a password"},
		{400, "", "wants TLS or a password"},
		{503, "", "answers 503"},
	} {
		asked := ""
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.String()
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.answer)
		}))
		p := pacer{listen: strings.TrimPrefix(server.URL, "http://")}
		got := p.pace(t.Context(), line)
		server.Close()
		if !strings.Contains(got, c.want) || c.want[0] != 'e' && !strings.HasPrefix(got, "not known") {
			t.Errorf("status %d: %q, want %q", c.status, got, c.want)
		}
		if asked != "/-/schedule?contract=N1&line=09012345678&source=hq" {
			t.Errorf("asked for %s", asked)
		}
	}
	p := pacer{listen: porttest.Address(t)}
	table := p.paces(t.Context(), []storedLine{line, {Source: "it's", ContractID: "N2", LineNo: "09012345678"}})
	if want := "('hq', 'N1', '09012345678', 'not known: no kaisen answers at " + p.listen + "'), ('it\\'s',"; !strings.Contains(table, want) {
		t.Errorf("%s, want %s", table, want)
	}
}
