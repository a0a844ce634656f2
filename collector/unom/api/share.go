package api

import (
	"errors"

	"kaisen/schema"
)

// ShareMember is a row of call 10: a line in, on its way into or out of the contract's share group (UNO Mobile API v2.1 §10).
type ShareMember struct {
	LineNo    string             // up to 11 digits
	Status    schema.ShareStatus // ステータス: status, 01 to 03
	ReserveID string             // 予約番号: reserveId, of the registration or the removal, up to 15 characters (17 in the example)
}

// MarshalJSON writes the row as call 10 does.
func (m ShareMember) MarshalJSON() ([]byte, error) {
	var o object
	o.put("lineNo", m.LineNo)
	o.put("status", codeOf(m.Status, shareStatuses(), 1, 2))
	o.put("reserveId", m.ReserveID)
	return o.done()
}

func decodeDataShare(a *answer) ([]ShareMember, error) {
	return listOf(a, "linesList", "lineList", readMember)
}

func readMember(a *answer, v value) (ShareMember, error) {
	var member ShareMember
	status := value{kind: isNull}
	var buffer [maxKey]byte
	m := v.object()
	for m.next() {
		switch string(fold(m.key, &buffer)) {
		case "lineno":
			member.LineNo = m.value.lineNo()
		case "status":
			status = m.value
		case "reserveid":
			member.ReserveID = string(m.value.text())
		}
	}
	if m.err != nil {
		return ShareMember{}, m.err
	}
	if member.LineNo == "" {
		return ShareMember{}, errors.New("lineNo is missing")
	}
	member.Status = coded(a, "status", status, shareStatuses(), 1, schema.ShareUnknown)
	return member, nil
}
