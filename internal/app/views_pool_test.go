package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaisen/internal/simulator"
)

const selectPools = `SELECT contract_id, members, month_bytes, today_bytes, remaining_bytes, quota_bytes, restriction, disagreeing_members,
	toUnixTimestamp(observed_at), round(remaining_ratio * quota_bytes) = remaining_bytes FROM data_share_pools`

// A group's figures are the carrier's, whichever of its members has them; one that has old figures is noticed when it has its
// turn to be asked, and so is who joins and leaves.
func TestDataSharePoolsAreTheTruth(t *testing.T) {
	t.Parallel()
	r := newFixture(t, nil)
	r.only("lines", "data_share")
	members := r.poolHolds(0)
	if len(members) < 4 {
		t.Fatalf("%d members: too few for what follows", len(members))
	}
	contract, now := r.sim.Contracts()[0], r.sim.Now()
	r.inject(simulator.Event{Type: "freeze", Contract: contract, Line: members[0], From: now, To: now.Add(90 * time.Minute)})
	r.advance(time.Hour)
	r.poolHolds(1, members[0])

	outside := r.capped()
	for contract != outside.ContractID {
		outside = r.capped(outside.LineNo)
	}
	r.inject(
		simulator.Event{Type: "share", Contract: contract, Line: members[1], Status: "none"},
		simulator.Event{Type: "share", Contract: contract, Line: members[2], Status: "removal_reserved"},
		simulator.Event{Type: "share", Contract: contract, Line: outside.LineNo, Status: "reserved"})
	r.advance(time.Hour)
	if left := r.poolHolds(0); len(left) != len(members)-1 {
		t.Errorf("%d members of %d: one has left, one will, one is to come", len(left), len(members))
	}
}

// poolHolds sweeps, until these members were asked, compares data_share_pools with the carrier's group, and returns the
// members.
func (r *fixture) poolHolds(disagreeing int, asked ...string) (members []string) {
	r.t.Helper()
	r.sweep()
	for _, member := range asked {
		wasAsked := func(s simulator.ServedTraffic) bool {
			return s.Scope == "data_share" && s.LineNo == member && s.At.Equal(r.sim.Now().Truncate(time.Second))
		}
		for !slices.ContainsFunc(r.sim.Served().Traffic, wasAsked) {
			r.advance(time.Minute)
			r.sweep()
		}
	}
	var group simulator.TrafficTruth
	for l := range r.sim.Truth(simulator.TruthQuery{Contract: r.sim.Contracts()[0]}) {
		if l.Share != nil && l.Share.Status != "reserved" {
			members, group = append(members, l.LineNo), l.Traffic[1]
		}
	}
	slices.Sort(members) // all are asked in the same second: then the last of them counts
	want := fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t1", r.sim.Contracts()[0], len(members), group.MonthBytes, group.TodayBytes,
		*group.RemainingBytes, group.MonthBytes+*group.RemainingBytes, group.Restriction, disagreeing, r.sim.Now().Unix())
	r.same("data_share_pools", selectPools, []string{want})
	return members
}
