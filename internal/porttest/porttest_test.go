package porttest

import (
	"net"
	"slices"
	"testing"
)

func TestAddressesAreFreeAndDifferent(t *testing.T) {
	all := Addresses(t, 20)
	for _, address := range all {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 20 {
		t.Errorf("not 20 different ones: %v", all)
	}
}
