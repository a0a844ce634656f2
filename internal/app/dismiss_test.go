package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kaisen/collector/unom"
)

// TestAContractThatIsConfiguredNoMore: nobody asks about its lines after a restart, they leave the inventory, their history
// stays; and they are back when it is.
func TestAContractThatIsConfiguredNoMore(t *testing.T) {
	r := newFixture(t, nil)
	r.sweep()
	both := r.cfg.Sources[0].Settings.(*unom.Settings).Contracts
	samples := r.query("SELECT count() FROM traffic_samples FINAL WHERE contract_id = '" + both[1] + "'")
	r.cfg.Sources[0].Settings = &unom.Settings{Contracts: both[:1]}
	r.sim.ForgetServed()
	r.advance(time.Hour)
	r.sweep()
	for _, answer := range r.sim.Served().Traffic {
		if answer.ContractID == both[1] {
			t.Fatalf("asked about a line of %s", both[1])
		}
	}
	const states = "SELECT contract_id, state, count() FROM lines FINAL GROUP BY ALL ORDER BY ALL"
	for _, row := range r.query(states) {
		if strings.HasPrefix(row, both[1]) != strings.Contains(row, "removed") {
			t.Errorf("the inventory has %q", row)
		}
	}
	if got := r.query("SELECT count() FROM traffic_samples FINAL WHERE contract_id = '" + both[1] + "'"); !slices.Equal(got, samples) {
		t.Errorf("%s samples of it, had %s", got, samples)
	}
	r.cfg.Sources[0].Settings = &unom.Settings{Contracts: both}
	r.advance(time.Hour)
	r.sweep()
	for _, row := range r.query(states) {
		if strings.Contains(row, "removed") {
			t.Errorf("the contract is back, and the inventory has %q", row)
		}
	}
}
