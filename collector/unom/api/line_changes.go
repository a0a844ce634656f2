package api

import (
	"net/http"
	"time"

	"kaisen/collector/carrier"
)

// LineAgreement is what changes of one line are asked with that need nothing but the agreement.
type LineAgreement struct {
	ContractID string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo     string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement  Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
}

func (r LineAgreement) validate() error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	return c.Err()
}

// lineCheck begins the check of a change of one line.
func lineCheck(contractID, lineNo string, agreement Agreement) check {
	c := newCheck()
	c.contract(contractID)
	c.line("lineNo", lineNo)
	c.agreement(agreement)
	return c
}

// RemoveRoamingRequest takes roaming from a line: call 21 (UNO Mobile API v2.1, §21).
type RemoveRoamingRequest LineAgreement

// Validate checks all fields.
func (r RemoveRoamingRequest) Validate(time.Time) error { return LineAgreement(r).validate() }

// Spec is DELETE …/lines/{lineNo}/roaming?agreement=yes.
func (r RemoveRoamingRequest) Spec() carrier.RequestSpec {
	return remove(below(r.ContractID, "lines", r.LineNo, "roaming"), r.Agreement)
}

// RemoveFromDataShareRequest takes a line out of the contract's share group: call 23 (UNO Mobile API v2.1, §23).
type RemoveFromDataShareRequest LineAgreement

// Validate checks all fields.
func (r RemoveFromDataShareRequest) Validate(time.Time) error { return LineAgreement(r).validate() }

// Spec is DELETE …/dataShare/lines/{lineNo}?agreement=yes.
func (r RemoveFromDataShareRequest) Spec() carrier.RequestSpec {
	return remove(below(r.ContractID, "dataShare", "lines", r.LineNo), r.Agreement)
}

// AddDataVolumeRequest buys a line one more volume for this month: call 24 (UNO Mobile API v2.1, §24).
type AddDataVolumeRequest LineAgreement

// Validate checks all fields.
func (r AddDataVolumeRequest) Validate(time.Time) error { return LineAgreement(r).validate() }

// Spec is POST …/lines/{lineNo}/dataVolume.
func (r AddDataVolumeRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPost, below(r.ContractID, "lines", r.LineNo, "dataVolume"), terms{r.Agreement})
}

// DisconnectRequest ends a line's connection: call 27 (UNO Mobile API v2.1, §27, whose example leaves the agreement out).
type DisconnectRequest LineAgreement

// Validate checks all fields.
func (r DisconnectRequest) Validate(time.Time) error { return LineAgreement(r).validate() }

// Spec is DELETE …/lines/{lineNo}/session?agreement=yes.
func (r DisconnectRequest) Spec() carrier.RequestSpec {
	return remove(below(r.ContractID, "lines", r.LineNo, "session"), r.Agreement)
}

// RemoveLineRequest ends a line: call 13 (UNO Mobile API v2.1, §13).
type RemoveLineRequest struct {
	ContractID  string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo      string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	RequestDate Day       `json:"requestDate" doc:"last day of use, YYYYMMDD, until the last of next month"`
	Agreement   Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
}

// Validate checks all fields.
func (r RemoveLineRequest) Validate(now time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	c.day("requestDate", r.RequestDate, now)
	return c.Err()
}

// Spec is DELETE …/lines/{lineNo}?requestDate=&agreement=yes.
func (r RemoveLineRequest) Spec() carrier.RequestSpec {
	w := remove(below(r.ContractID, "lines", r.LineNo), r.Agreement)
	w.Query.Set("requestDate", string(r.RequestDate))
	w.Order = []string{"requestDate", "agreement"}
	return w
}

// ChangeCourseRequest changes a line's plan: call 15 (UNO Mobile API v2.1, §15).
type ChangeCourseRequest struct {
	ContractID  string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo      string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement   Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	RequestDate Day       `json:"requestDate" doc:"first day of the plan, YYYYMMDD: the first of next month; for a zero course any day until the last of next month"`
	CourseInfo  `json:"lineInfo"`

	// CourseType is the plan's, as call 06 gave it. It is not sent; with it, a day that the plan cannot begin on is
	// found before the carrier turns the order down.
	CourseType CourseType `json:"courseType,omitempty" doc:"not sent, for the check of requestDate: the plan's courseType in call 06, 01 for a zero course"`
}

// CourseInfo is what call 15 changes.
type CourseInfo struct {
	PlanCode string `json:"planCode" doc:"plan, up to 1,324 characters, from call 06: T3001328"`
}

// Validate checks all fields.
func (r ChangeCourseRequest) Validate(now time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	at, ok := c.day("requestDate", r.RequestDate, now)
	if known := r.CourseType != ""; ok && known && r.CourseType != CourseZero && (at.Day() != 1 || at.Month() == now.Month()) {
		c.Add("requestDate", "must be the first of next month, unless the plan is a zero course")
	}
	if r.CourseType != "" && !r.CourseType.Known() {
		c.Add("courseType", "want 01, 02, 03, 04 or 99")
	}
	c.text("planCode", r.PlanCode, mandatory, mixed, 1324)
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/courses.
func (r ChangeCourseRequest) Spec() carrier.RequestSpec {
	body := struct {
		Agreement   Agreement  `json:"agreement"`
		RequestDate Day        `json:"requestDate"`
		Info        CourseInfo `json:"lineInfo"`
	}{r.Agreement, r.RequestDate, r.CourseInfo}
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "courses"), body)
}

// SetRoamingRequest sets the limit of a line's roaming charges: call 20 (UNO Mobile API v2.1, §20; the table of calls and the
// sheet say PUT, and only the note of 2017-10-25 still POST).
type SetRoamingRequest struct {
	ContractID  string    `json:"contractId" doc:"contract, 10 characters: N and nine digits"`
	LineNo      string    `json:"lineNo" arg:"1" doc:"line of the contract, up to 11 digits"`
	Agreement   Agreement `json:"agreement" doc:"yes: the carrier's terms are accepted"`
	RoamingInfo `json:"lineInfo"`
}

// RoamingInfo is what call 20 changes.
type RoamingInfo struct {
	RoamingCode RoamingCode `json:"roamingCode" doc:"limit of roaming charges, up to 11 characters, from call 06: T6000036; none for the document's empty value"`
}

// Validate checks all fields. A code is mandatory: without one the request would take the limit away, which nobody asked
// for who forgot it.
func (r SetRoamingRequest) Validate(time.Time) error {
	c := lineCheck(r.ContractID, r.LineNo, r.Agreement)
	if r.RoamingCode == "" {
		c.Add("roamingCode", "missing: want T and seven digits, like T6000036, or none for the document's empty value")
	}
	c.roaming("roamingCode", r.RoamingCode)
	return c.Err()
}

// Spec is PUT …/lines/{lineNo}/roaming.
func (r SetRoamingRequest) Spec() carrier.RequestSpec {
	return send(http.MethodPut, below(r.ContractID, "lines", r.LineNo, "roaming"),
		agreedInfo[RoamingInfo]{r.Agreement, r.RoamingInfo})
}
