package report

import (
	"encoding/csv"
	"io"
	"strconv"

	"kaisen/internal/csvtext"
)

// WriteCSV writes a row a line with exact figures, for a spreadsheet: it begins with a byte order mark, without which Excel
// does not take it for UTF-8. What is not known is an empty cell.
func (r *Report) WriteCSV(to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(to)
	header := []string{"month", "source", "contract_id", "line_no", "name", "state", "plan_code", "plan_name", "bytes", "complete", "bytes_month_before",
		"pooled", "quota_bytes", "restricted_seconds", "roaming_seconds", "days", "watched_days", "plan_verdict", "plan_largest_bytes", "plan_average_bytes", "plan_quota_bytes",
		"restricted_at_least", "roaming_at_least"}
	if err := out.Write(append(header, r.Columns...)); err != nil {
		return err
	}
	for _, l := range r.Lines {
		row := []string{r.Month.Format("2006-01"), l.identity.Source, l.identity.ContractID, l.identity.LineNo, csvtext.Harmless(l.Name), l.State, l.PlanCode, csvtext.Harmless(l.PlanName),
			"", "", l.Before.cell(), "", "", "", "", "", "", l.Verdict, "", "", l.Volume.cell(), "", ""}
		if l.There {
			copy(row[8:], []string{number(l.Bytes), strconv.FormatBool(l.Complete)})
			copy(row[11:], []string{strconv.FormatBool(l.Pooled), l.QuotaBytes.cell(), l.RestrictedSeconds.cell(), l.RoamingSeconds.cell(),
				strconv.Itoa(l.Days), strconv.Itoa(l.WatchedDays)})
			copy(row[21:], []string{strconv.FormatBool(l.RestrictedAtLeast), strconv.FormatBool(l.RoamingAtLeast)})
		}
		if len(l.FitMonths) > 0 {
			copy(row[18:], []string{number(l.Largest), number(l.Average)})
		}
		for _, column := range r.Columns {
			row = append(row, csvtext.Harmless(l.Labels[column]))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func (m Maybe) cell() string {
	if !m.Known {
		return ""
	}
	return number(m.N)
}
