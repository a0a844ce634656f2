package schema

import "strings"

// LineKey names one line of one configured account: the first three columns of every line table and the labels
// of every line metric.
type LineKey struct {
	Source     string `column:"source"`      // the configured account
	ContractID string `column:"contract_id"` // N123456789, 10 characters
	LineNo     string `column:"line_no"`     // 09012345678, at most 11 digits
}

// Key is k: what rows of lines are about.
func (k LineKey) Key() LineKey { return k }

// String masks the line number, because keys end up in messages and a line number is personal data.
func (k LineKey) String() string { return k.Source + "/" + k.ContractID + "/" + MaskLine(k.LineNo) }

// MaskLine hides the middle of a line number (090****5678): enough to recognise a line one knows, not enough to
// call it. Anything short is hidden whole.
func MaskLine(lineNo string) string {
	if len(lineNo) < 8 {
		return strings.Repeat("*", len(lineNo))
	}
	return lineNo[:3] + strings.Repeat("*", len(lineNo)-7) + lineNo[len(lineNo)-4:]
}

// LineState says whether a line takes part in the sweep.
type LineState string

const (
	LineActive   LineState = "active"    // polled and exported
	LineNotFound LineState = "not_found" // the carrier answered 404 for it; asked again at each inventory
	LineRemoved  LineState = "removed"   // it left the carrier's list
)

// LineOrigin says how kaisen came to know a line.
type LineOrigin string

const (
	OriginList      LineOrigin = "list"       // call 02
	OriginDataShare LineOrigin = "data_share" // call 10, for lines beyond the 1,000 rows of call 02
	OriginLog       LineOrigin = "log"        // seen in the log of call 04 or 05
	OriginFile      LineOrigin = "file"       // extra_lines_file
)
