package unom

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kaisen/schema"
)

// TestMembersAreLookedForInTheirContract: a sweep looks for the members of each contract's group, and an account may have a hundred
// thousand lines in a hundred contracts.
func TestMembersAreLookedForInTheirContract(t *testing.T) {
	const contracts, lines = 100, 100
	c := &Collector{fleet: newFleet()}
	for contract := range contracts {
		for line := range lines {
			row := schema.Line{LineKey: schema.LineKey{ContractID: fmt.Sprint(contract), LineNo: fmt.Sprint(lines - line)}, State: schema.LineActive}
			if line%2 == 0 {
				row.DataShare = schema.Some(schema.ShareRegistered)
			}
			c.fleet.add(row)
		}
	}
	group := &shareGroup{contract: "7"}
	members := c.members(group)
	if len(members) != lines/2 || !slices.IsSortedFunc(members, func(a, b *line) int { return strings.Compare(a.key.LineNo, b.key.LineNo) }) {
		t.Errorf("%d members, or not in order", len(members))
	}
	var before, after runtime.MemStats
	const calls = 100
	runtime.ReadMemStats(&before)
	for range calls {
		c.members(group)
	}
	runtime.ReadMemStats(&after)
	if bytes := (after.TotalAlloc - before.TotalAlloc) / calls; bytes > 8*2*lines {
		t.Errorf("%d bytes to find %d members: other contracts' lines were looked at", bytes, len(members))
	}
}
