package api

// RoamingCode is the option of international roaming (docomo) by its limit of charges (UNO Mobile API v2.1 §02, §06, §12, §20).
// Call 06 lists those that a contract may have.
type RoamingCode string

const (
	RoamingNone       RoamingCode = ""         // 空値: none
	Roaming1000000Yen RoamingCode = "T6000036" // 100万円
	Roaming100000Yen  RoamingCode = "T6000037" // 10万円
	Roaming200000Yen  RoamingCode = "T6000038" // 20万円
	Roaming300000Yen  RoamingCode = "T6000039" // 30万円
	Roaming400000Yen  RoamingCode = "T6000040" // 40万円
	Roaming500000Yen  RoamingCode = "T6000041" // 50万円
	Roaming50000Yen   RoamingCode = "T6000042" // 5万円
	Roaming600000Yen  RoamingCode = "T6000043" // 60万円
	Roaming700000Yen  RoamingCode = "T6000044" // 70万円
	Roaming800000Yen  RoamingCode = "T6000045" // 80万円
	Roaming900000Yen  RoamingCode = "T6000046" // 90万円
	RoamingUnlimited  RoamingCode = "T6000047" // 制限なし: without limit
)

// LimitYen is the limit of charges in yen, 0 where there is none. It is false for a code that the document does not
// list, RoamingNone among them.
func (c RoamingCode) LimitYen() (yen int, known bool) {
	switch c {
	case Roaming1000000Yen:
		return 1_000_000, true
	case Roaming100000Yen:
		return 100_000, true
	case Roaming200000Yen:
		return 200_000, true
	case Roaming300000Yen:
		return 300_000, true
	case Roaming400000Yen:
		return 400_000, true
	case Roaming500000Yen:
		return 500_000, true
	case Roaming50000Yen:
		return 50_000, true
	case Roaming600000Yen:
		return 600_000, true
	case Roaming700000Yen:
		return 700_000, true
	case Roaming800000Yen:
		return 800_000, true
	case Roaming900000Yen:
		return 900_000, true
	case RoamingUnlimited:
		return 0, true
	}
	return 0, false
}
