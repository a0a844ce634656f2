package api

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
)

// DetailsRequest is GET /v1/business-process/service-order-details (Check Service Order Detailed Information). Nothing
// in it is required; without both dates the carrier looks one month back.
type DetailsRequest struct {
	WebEntryID         string       `json:"webentry_id,omitzero" doc:"the Web Entry ID"`
	LineNumber         string       `json:"n_no,omitzero" doc:"the contract line number"`
	VPNNumber          string       `json:"v_no,omitzero" doc:"the VPN group number"`
	DataUpdateDateFrom lenient.Date `json:"data_update_date_from,omitzero" doc:"updated on this day or later, YYYYMMDD; without both dates: one month ago"`
	DataUpdateDateTo   lenient.Date `json:"data_update_date_to,omitzero" doc:"updated on this day or earlier, YYYYMMDD"`
}

// UnmarshalJSON takes numbers as texts too.
func (r *DetailsRequest) UnmarshalJSON(body []byte) error { return lenient.DecodeStrict(body, r) }

// Validate is carrier.Request's. It does not look at the office hours: the carrier does, and Open.
func (r *DetailsRequest) Validate(time.Time) error {
	var c lenient.Check
	c.Period("data_update_date_from", r.DataUpdateDateFrom, "data_update_date_to", r.DataUpdateDateTo)
	return c.Err()
}

// Spec is carrier.Request's. How dates are written is not documented: YYYYMMDD, as Ymd in the names of the answer's
// fields suggests.
func (r *DetailsRequest) Spec() carrier.RequestSpec {
	spec := lenient.Get(pathDetails, r)
	spec.MaxBody = maxBody
	return spec
}

// Details is the answer.
type Details struct {
	Outcome
	Result []Detail `json:"result"`
}

// Outcome is how a search went.
type Outcome struct {
	Code       string `json:"code,omitzero"`       // execution result: 200
	DetailCode string `json:"detailCode,omitzero"` // of the result: I01
	DetailMsg  string `json:"detailMsg,omitzero"`  // 正常終了しました。(検索結果:1件)
}

// DetailCodeOK is detailCode of an answer in good order, the only one the document shows.
const DetailCodeOK = "I01"

// found is the number of rows in a detailMsg.
var found = regexp.MustCompile(`検索結果\s*[:：]\s*([0-9]+)\s*件`)

// count is how many rows the answer says it has.
func (o *Outcome) count() (n int, given bool) {
	match := found.FindStringSubmatch(o.DetailMsg)
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	return n, err == nil
}

// Missing is how many rows the answer says it has beyond those that it gave; leftOut could not be read.
func (d *Details) Missing(leftOut int) int {
	n, _ := d.count()
	return max(0, n-len(d.Result)-leftOut)
}

// refused reports whether an answer is an error in all but its status.
func (o *Outcome) refused() bool {
	return o.Code != "" && (len(o.Code) != 3 || o.Code[0] != '2')
}

func readDetails(d *lenient.Decoder, body []byte) (Details, []carrier.Warning, error) {
	var details Details
	_, _ = lenient.Decode(d, body, &details.Outcome) // a bare list has none
	rows, warnings, err := lenient.FindRows[Detail](d, body)
	details.Result = rows
	n, counted := details.count()
	switch {
	case lenient.IsEmptyObject(body): // no details, as with orders
		return details, nil, nil
	case details.refused():
		return details, nil, nil
	case err != nil && (!counted || n > 0 || !errors.Is(err, lenient.ErrNoRows)):
		return details, nil, err
	case counted && n != len(rows)+carrier.LeftOut(warnings):
		warnings = append(warnings, carrier.Warning{Field: "detailMsg", Reason: lenient.ReasonCount})
	}
	return details, warnings, nil
}

// Refused is the error of an answer that came with status 200 and refuses all the same; nil where it does not.
func (d *Details) Refused() error {
	if d.Code != "" && !strings.HasPrefix(d.Code, "2") {
		return fmt.Errorf("the carrier refused: code %s, %s %s", d.Code, d.DetailCode, d.DetailMsg)
	}
	return nil
}
