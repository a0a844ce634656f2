package unom

import (
	"errors"

	"kaisen/schema"
)

// ShareMember is a row of call 10: a line in, on its way into or out of the contract's share group.
type ShareMember struct {
	LineNo    string
	Status    schema.ShareStatus
	ReserveID string // of the registration or the removal
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
	member.Status = coded(a, "status", status,
		[]schema.ShareStatus{schema.ShareReserved, schema.ShareRegistered, schema.ShareRemovalReserved},
		1, schema.ShareUnknown)
	return member, nil
}
