package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kaisen/internal/simulator"
	"kaisen/internal/simulator/simulatortest"
)

// BenchmarkCalls is what an answer costs without a network, for 10,000 lines.
func BenchmarkCalls(b *testing.B) {
	cfg := simulator.DefaultConfig()
	cfg.Lines, cfg.Contracts, cfg.ShareLines = 10_000, 10, 100
	carrier, err := simulator.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	handler := carrier.Handler()
	token := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/v1/oauth/accesstokens", strings.NewReader(
		`{"grantType":"client_credentials","clientId":"simulator","clientSecret":"simulator-secret"}`))
	r.Header.Set("Content-Type", "application/json")
	handler.ServeHTTP(token, r)
	bearer := "Bearer " + strings.Split(token.Body.String(), `"`)[3]

	var lines, members, logs []string
	for l := range carrier.Truth(simulator.TruthQuery{Days: 1}) {
		lines = append(lines, simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/traffic")
		if len(l.Traffic) == 2 {
			members = append(members, simulatortest.Base+l.ContractID+"/lines/"+l.LineNo+"/dataShare/traffic")
		}
	}
	for _, id := range carrier.Contracts() {
		logs = append(logs, simulatortest.Base+id+"/sessions?startTime="+simulatortest.Stamp(carrier.Now().Add(-29*24*time.Hour))+"&endTime="+simulatortest.Stamp(carrier.Now()))
	}
	for name, urls := range map[string][]string{"traffic": lines, "data_share_traffic": members, "sessions": logs} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				r := httptest.NewRequest("GET", urls[i%len(urls)], nil)
				r.Header.Set("Authorization", bearer)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
