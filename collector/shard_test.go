package collector

import (
	"fmt"
	"testing"
)

func TestEveryLineBelongsToOnePart(t *testing.T) {
	const lines = 20_000
	for count := 1; count <= 9; count++ {
		shares := make([]int, count+1)
		for n := range lines {
			name, owners := fmt.Sprintf("090%08d", n), 0
			for index := 1; index <= count; index++ {
				if (Shard{index, count}).Owns(name) {
					owners++
					shares[index]++
				}
			}
			if owners != 1 {
				t.Fatalf("line %s has %d owners among %d parts", name, owners, count)
			}
		}
		for index, share := range shares[1:] {
			if fair := lines / count; share < fair*9/10 || share > fair*11/10 {
				t.Errorf("part %d of %d has %d lines, a fair share is %d", index+1, count, share, fair)
			}
		}
	}
}

// Which part a line belongs to must not change with a new kaisen: the parts are updated one after the other.
func TestPartsStayWhatTheyAre(t *testing.T) {
	for name, want := range map[string]int{"09012345678": 2, "08000000001": 5, "N123456789": 2} {
		for index := 1; index <= 5; index++ {
			if got := (Shard{index, 5}).Owns(name); got != (index == want) {
				t.Errorf("part %d of 5 owns %s: %v", index, name, got)
			}
		}
	}
	if !(Shard{}).Owns("09012345678") {
		t.Error("one process alone does not own everything")
	}
}
