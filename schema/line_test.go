package schema

import "testing"

func TestContractsAndLinesAreHalfWidth(t *testing.T) {
	for text, is := range map[string]bool{
		"N123456789": true, "NabcdefXYZ": true, "N12345678": false, "N1234567890": false, "n123456789": false, "A123456789": false,
		"N12345678９": false, "N123456789\n": false, "N12345678-": false, "N1234 6789": false, "": false,
	} {
		if IsContractID(text) != is {
			t.Errorf("%q is a contract ID: %t", text, !is)
		}
	}
	for text, is := range map[string]bool{
		"0": true, "09012345678": true, "090123456789": false, "": false, "0901234567８": false, "090-1234567": false, "09012345\n": false, "0901234567a": false,
	} {
		if IsLineNo(text) != is {
			t.Errorf("%q is a line number: %t", text, !is)
		}
	}
}
