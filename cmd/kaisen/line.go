package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/exporter/fleet"
	"kaisen/exporter/linelabel"
	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// lineSQL is what somebody wants to know who was woken because of a line.
const lineSQL = `SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.name AS name, s.* EXCEPT (source, contract_id, line_no, name),
    if(s.restriction IN ('monthly', 'monthly_and_recent'), toStartOfMonth(s.cap_observed_at) + INTERVAL 1 MONTH, NULL) AS restricted_until_at_most,
    f.month_end_bytes AS expected_month_end_bytes,
    if(s.cap_scope = 'data_share', p.month_end_bytes, f.month_end_bytes) AS expected_cap_month_end_bytes,
    if(s.cap_scope = 'data_share', p.exhaustion_at, f.exhaustion_at) AS expected_exhaustion_at,
    multiIf(
        NOT s.has_volume, 'no volume',
        s.cap_remaining_bytes = 0, 'used up',
        isNotNull(expected_exhaustion_at), 'empty on ' || toString(toDayOfMonth(assumeNotNull(expected_exhaustion_at))) || formatDateTime(assumeNotNull(expected_exhaustion_at), ' %%M %%H:%%i', 'Asia/Tokyo'),
        isNotNull(expected_cap_month_end_bytes) AND isNotNull(s.cap_remaining_bytes), 'lasts the month',
        'not known yet') AS outlook,
    e.started_at AS last_restricted_from, e.ended_at AS last_restricted_until, a.asked AS asked
FROM (SELECT * FROM line_status WHERE line_no IN (%[1]s) AND (source, contract_id, line_no) IN (%[3]s)) AS s
LEFT JOIN (SELECT source, contract_id, line_no, month_end_bytes, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
LEFT JOIN (SELECT source, contract_id, month_end_bytes, exhaustion_at FROM pool_forecast WHERE NOT own_volumes) AS p
    ON p.source = s.source AND p.contract_id = s.contract_id
LEFT JOIN
(
    SELECT source, contract_id, line_no, started_at, ended_at FROM restriction_episodes WHERE decides AND line_no IN (%[1]s)
    ORDER BY started_at DESC LIMIT 1 BY source, contract_id, line_no
) AS e
    ON e.source = s.source AND e.contract_id = s.contract_id AND e.line_no = s.line_no
LEFT JOIN (SELECT source, contract_id, line_no, asked FROM %[2]s) AS a
    ON a.source = s.source AND a.contract_id = s.contract_id AND a.line_no = s.line_no
ORDER BY s.source, s.contract_id, s.line_no
SETTINGS join_use_nulls = 1`

// listSQL is several lines, to choose from.
const listSQL = `SELECT source, contract_id, line_no, name, state, plan_code, device_name, restriction, cap_remaining_ratio, cap_remaining_bytes
FROM line_status WHERE (source, contract_id, line_no) IN (%s)
ORDER BY source, contract_id, line_no`

func newLine() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "line NUMBER|LABEL|TEXT...",
		Short: "Show how lines are, by their number, their label in the metrics, or a piece of their name",
		Long: "Shows what the store knows of lines: line_status, the forecast and the last restriction. Of a line that draws on a\n" +
			"share group, restriction, what begins with cap_ or expected_cap_, outlook, when it is expected to be used up, and the\n" +
			"last restriction are the group's; expected_month_end_bytes is what the line uses itself. A line is named by its\n" +
			"number, or by what label line_no of an alert says where exporter.line_label masks or hashes numbers: for that the\n" +
			"configuration needs the line_label and the key file of the kaisen whose metrics they are. Any other text is looked\n" +
			"for as the page's search does: in the names and columns of labels_file, notes, plans, devices, IMEIs, IP addresses\n" +
			"and numbers. Where several lines have it they are listed with their names; one of which it is the whole name, or the\n" +
			"contract and the number, is taken alone.\n" +
			"Column asked is how often the kaisen that runs at exporter.listen asks the carrier about the line, and why; without one it\n" +
			"says that this is not known.",
		Example: "  kaisen line --config kaisen.yaml 09012345678\n" +
			"  kaisen line --config kaisen.yaml 'Shibuya camera'\n" +
			"  kaisen line --config kaisen.yaml '090****5678-f33f4b' --format JSONEachRow",
		Args: cobra.ArbitraryArgs, // checkNames says more of none
	}
	flags := addConfigFlags(cmd)
	q := &queryFlags{upright: true}
	q.addFormat(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkNames(args); err != nil {
			return misuse(err)
		}
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := hasLabelKey(cfg.Exporter); err != nil {
			return misconfigured(err)
		}
		labels, err := app.LineLabels(cfg, log)
		if err != nil {
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg, false, log)
		if err != nil {
			return err
		}
		return errors.Join(q.lines(cmd.Context(), db, &pacer{listen: cfg.Exporter.Listen, labels: labels}, args, cmd.OutOrStdout(), cmd.ErrOrStderr()), closeAll())
	}
	return cmd
}

// checkNames refuses what names no line, before a database is looked for.
func checkNames(names []string) error {
	if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" }) {
		return errors.New("which line? name it by its number, its label in the metrics, or a piece of its name: kaisen line 09012345678")
	}
	return nil
}

// hasLabelKey is asked first because a missing key would be made, and a new one leads back to no number.
func hasLabelKey(cfg config.Exporter) error {
	if cfg.LineLabel == linelabel.Plain {
		return nil
	}
	if _, err := os.Stat(cfg.LineLabelKeyFile); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("exporter.line_label_key_file %s is missing; copy it from the kaisen whose metrics have the labels", cfg.LineLabelKeyFile)
	}
	return nil
}

// lines shows the lines that are named.
func (q *queryFlags) lines(ctx context.Context, db *clickhouse.DB, asks *pacer, named []string, out, hints io.Writer) error {
	all, err := storedLines(ctx, db)
	if err != nil {
		return err
	}
	var found []storedLine
	several := false
	for _, name := range named {
		hits := linesNamed(all, asks.labels, name)
		if len(hits) == 0 {
			return fmt.Errorf("%s is neither the number nor the label of a line in the store, and no name, note, plan, device, IMEI or address has it; exporter.line_label is %s here",
				name, asks.labels.Form())
		}
		if hits[0].LineNo != hits[len(hits)-1].LineNo {
			fmt.Fprintf(hints, "%d lines have %s; name one of them for all that is known of it\n", len(hits), name)
			several = true
		}
		found = append(found, hits...)
	}
	if several {
		q.upright = false
		return q.ask(ctx, db, fmt.Sprintf(listSQL, joined(found, storedLine.key)), out)
	}
	found = those(all, func(line storedLine) bool { return slices.Contains(found, line) }) // once each
	return q.ask(ctx, db, fmt.Sprintf(lineSQL, joined(found, storedLine.number), asks.paces(ctx, found), joined(found, storedLine.key)), out)
}

// numbered are all lines that have the number of one that was found.
func numbered(all, found []storedLine) []storedLine {
	return those(all, func(line storedLine) bool {
		return slices.ContainsFunc(found, func(f storedLine) bool { return f.LineNo == line.LineNo })
	})
}

// joined is a list for IN, each of it once.
func joined(lines []storedLine, as func(storedLine) string) string {
	var texts []string
	for _, line := range lines {
		texts = append(texts, as(line))
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

// linesNamed are the lines that are called so exactly, by number, label, contract and number, or name, whatever has it as a part
// of it; else those that the page's search would find. What is not of one contract is of all that have had the number.
func linesNamed(all []storedLine, labels linelabel.Labels, name string) []storedLine {
	text := fleet.SearchText(name)
	if found := those(all, func(l storedLine) bool { return l.LineNo == name || labels.Matches(name, l.LineNo) }); len(found) > 0 || text == "" {
		return found
	}
	if contract, number, two := strings.Cut(strings.ReplaceAll(strings.TrimSpace(name), "/", " "), " "); two {
		number = fleet.SearchText(number)
		if found := those(all, func(l storedLine) bool { return strings.EqualFold(l.ContractID, contract) && l.LineNo == number }); len(found) > 0 {
			return found
		}
	}
	if found := those(all, func(l storedLine) bool {
		return text == fleet.SearchText(l.LineNo) || text == fleet.SearchText(l.name())
	}); len(found) > 0 {
		return numbered(all, found)
	}
	has := fleet.Finder(name)
	found := those(all, func(l storedLine) bool { return has(l.LineNo) || has(l.Words) || has(l.ContractID) })
	if len(found) > 0 && found[0].LineNo == found[len(found)-1].LineNo {
		return numbered(all, found)
	}
	return found
}

// those are the lines of which a condition holds.
func those(all []storedLine, holds func(storedLine) bool) (found []storedLine) {
	for _, line := range all {
		if holds(line) {
			found = append(found, line)
		}
	}
	return found
}

// storedLine is a line that the store ever heard of, with what it may be found by.
type storedLine struct {
	Source     string `json:"source"`
	ContractID string `json:"contract_id"`
	LineNo     string `json:"line_no"`
	Words      string `json:"words"` // the first line is the name
}

func (l storedLine) name() string {
	name, _, _ := strings.Cut(l.Words, "\n")
	return name
}

func (l storedLine) number() string { return sqltext.Quote(l.LineNo) }

func (l storedLine) key() string {
	return "(" + sqltext.Quote(l.Source) + ", " + sqltext.Quote(l.ContractID) + ", " + l.number() + ")"
}

const storedLinesSQL = `SELECT l.source AS source, l.contract_id AS contract_id, l.line_no AS line_no,
    concatWithSeparator('\n', n.name, l.note, l.plan_code, l.device_name, l.imei, l.act_ip_address, l.sby_ip_address, l.roaming_ip_address,
        arrayStringConcat(n.label_values, '\n')) AS words
FROM (SELECT * FROM lines FINAL) AS l
LEFT JOIN (SELECT source, contract_id, line_no, name, label_values FROM line_names FINAL WHERE present) AS n
    ON n.source = l.source AND n.contract_id = l.contract_id AND n.line_no = l.line_no
ORDER BY line_no, source, contract_id`

// storedLines are all lines, by number.
func storedLines(ctx context.Context, db *clickhouse.DB) (all []storedLine, err error) {
	answer, err := db.Query(ctx, storedLinesSQL, "JSONEachRow")
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	for rows := json.NewDecoder(answer); ; {
		var line storedLine
		if err := rows.Decode(&line); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, line)
	}
}
