package simulator

import "strings"

// The forms of the names that stand in the URLs of UNO Mobile API v2.1.

// isContractID: 固定長 X 10, N123456789. Blanks before or behind are refused, as the documents ask for none.
func isContractID(s string) bool { return len(s) == 10 && s[0] == 'N' && isDigits(s[1:]) }

// isLineNo: 可変長 9 11.
func isLineNo(s string) bool { return len(s) >= 1 && len(s) <= 11 && isDigits(s) }

// The tags of orders: those of this API, and those of other systems, whose orders it does not know.
const (
	ourOrders   = "AGU"
	otherOrders = "AGB"
)

// isOrderID: 固定長 X9 64, AGU1712080057782: a tag and digits.
func isOrderID(s, tag string) bool {
	rest, tagged := strings.CutPrefix(s, tag)
	return tagged && rest != "" && len(s) <= 64 && isDigits(rest)
}

// isReserveID: 固定長 9 15 in the tables, 17 digits in the example of call 10.
func isReserveID(s string) bool { return len(s) >= 15 && len(s) <= 17 && isDigits(s) }
