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
	"kaisen/internal/app"
	"kaisen/internal/config"
	"kaisen/internal/sqltext"
	"kaisen/schema/clickhouse"
)

// lineSQL is what somebody wants to know who was woken because of a line.
const lineSQL = `SELECT s.source AS source, s.contract_id AS contract_id, s.line_no AS line_no, s.* EXCEPT (source, contract_id, line_no),
    f.month_end_bytes AS expected_month_end_bytes, f.exhaustion_at AS expected_exhaustion_at,
    e.started_at AS last_restricted_from, e.ended_at AS last_restricted_until
FROM (SELECT * FROM line_status WHERE line_no IN (%[1]s)) AS s
LEFT JOIN (SELECT source, contract_id, line_no, month_end_bytes, exhaustion_at FROM line_forecast) AS f
    ON f.source = s.source AND f.contract_id = s.contract_id AND f.line_no = s.line_no
LEFT JOIN
(
    SELECT source, contract_id, line_no, started_at, ended_at FROM restriction_episodes WHERE scope = 'line' AND line_no IN (%[1]s)
    ORDER BY started_at DESC LIMIT 1 BY source, contract_id, line_no
) AS e
    ON e.source = s.source AND e.contract_id = s.contract_id AND e.line_no = s.line_no
ORDER BY s.source, s.contract_id, s.line_no
SETTINGS join_use_nulls = 1`

func newLine() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "line NUMBER|LABEL...",
		Short: "Show how lines are, by their number or by their label in the metrics",
		Long: "Shows what the store knows of lines: line_status, line_forecast and the last restriction. A line is named by its\n" +
			"number, or by what label line_no of an alert says where exporter.line_label masks or hashes numbers: for that the\n" +
			"configuration needs the line_label and the key file of the kaisen whose metrics they are.",
		Example: "  kaisen line --config kaisen.yaml 09012345678\n" +
			"  kaisen line --config kaisen.yaml '090****5678-f33f4b' --format JSONEachRow",
		Args: cobra.MinimumNArgs(1),
	}
	flags := addConfigFlags(cmd)
	q := &queryFlags{upright: true}
	q.addFormat(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, log, err := flags.loadStore(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := hasLabelKey(cfg.Exporter); err != nil {
			return err
		}
		labels, err := app.LineLabels(cfg, log)
		if err != nil {
			return err
		}
		db, closeAll, err := app.OpenDatabase(cmd.Context(), cfg, false, log)
		if err != nil {
			return err
		}
		return errors.Join(q.lines(cmd.Context(), db, labels, args, cmd.OutOrStdout()), closeAll())
	}
	return cmd
}

// hasLabelKey is asked first because a missing key would be made, and a new one leads back to no number.
func hasLabelKey(cfg config.Exporter) error {
	if cfg.LineLabel == fleet.LineLabelPlain {
		return nil
	}
	if _, err := os.Stat(cfg.LineLabelKeyFile); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("exporter.line_label_key_file %s is missing; copy it from the kaisen whose metrics have the labels", cfg.LineLabelKeyFile)
	}
	return nil
}

// lines shows the lines that are named.
func (q *queryFlags) lines(ctx context.Context, db *clickhouse.DB, labels fleet.LineLabels, named []string, out io.Writer) error {
	numbers, err := lineNumbers(ctx, db)
	if err != nil {
		return err
	}
	var found []string
	for _, name := range named {
		known := len(found)
		for _, number := range numbers {
			if number == name || labels.Matches(name, number) {
				found = append(found, sqltext.Quote(number))
			}
		}
		if len(found) == known {
			return fmt.Errorf("%s is neither the number nor the label of a line in the store; exporter.line_label is %s here", name, labels.Form())
		}
	}
	return q.ask(ctx, db, fmt.Sprintf(lineSQL, strings.Join(slices.Compact(slices.Sorted(slices.Values(found))), ", ")), out)
}

// lineNumbers are all lines that the store ever heard of.
func lineNumbers(ctx context.Context, db *clickhouse.DB) (numbers []string, err error) {
	answer, err := db.Query(ctx, "SELECT DISTINCT line_no FROM lines", "JSONCompactEachRow")
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	for rows := json.NewDecoder(answer); ; {
		var row [1]string
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			return numbers, nil
		} else if err != nil {
			return nil, err
		}
		numbers = append(numbers, row[0])
	}
}
