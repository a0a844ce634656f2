package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"kaisen/collector"
	"kaisen/internal/app"
	"kaisen/internal/capacity"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
	"kaisen/schema"
)

// inventorySQL counts what the store knows of each contract: its lines, and what answers have shown of it.
const inventorySQL = `SELECT l.source AS source, l.contract_id AS contract_id, l.lines AS lines, l.members AS members, l.own_radius AS own_radius,
    e.log_rows AS session_rows, f.session_log AS session_log, f.members_alike AS members_alike
FROM
(
    SELECT source, contract_id, countIf(state = 'active') AS lines,
        countIf(state = 'active' AND data_share IN ('registered', 'removal_reserved')) AS members,
        countIf(state = 'active' AND authentication_type NOT IN ('', 'NTTコム')) AS own_radius
    FROM lines FINAL GROUP BY source, contract_id
) AS l
LEFT JOIN
(
    SELECT source, contract_id, count() / 7 AS log_rows FROM session_events
    WHERE event_time >= now() - INTERVAL 7 DAY GROUP BY source, contract_id
) AS e ON e.source = l.source AND e.contract_id = l.contract_id
LEFT JOIN
(
    SELECT source, contract_id, argMaxIf(value, observed_at, reading = 'session_state') AS session_log,
        argMaxIf(value, observed_at, reading = 'share_figures') AS members_alike
    FROM carrier_findings GROUP BY source, contract_id
) AS f ON f.source = l.source AND f.contract_id = l.contract_id
ORDER BY source, contract_id`

func newPlan() *cobra.Command {
	var fleet capacity.Assumed
	var format string
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what a configuration will come to: requests an hour, ages, delays, sizes",
		Long: "Says for a configuration and a fleet how many requests an hour each job asks and what share of the limit that is, how\n" +
			"old what is known may become, how long after a crossing of a threshold it is seen, which interval or limit would do, and how\n" +
			"large series, scrapes, tables and spool become. The fleet is the store's, unless --lines assumes one. Where collector.shard is\n" +
			"set, requests are those of this process. Nothing is asked of the carrier, and nothing is refused.",
		Example: "  kaisen plan --config kaisen.yaml\n  kaisen plan --config kaisen.yaml --lines 10000 --contracts 12 --members 800 --format json",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.Flags().IntVar(&fleet.Lines, "lines", 0, "assume so many lines instead of those in the store")
	cmd.Flags().IntVar(&fleet.Contracts, "contracts", 0, "with --lines: in so many contracts; 0 is those of the configuration")
	cmd.Flags().IntVar(&fleet.Members, "members", 0, "with --lines: so many of them in share groups")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if format != "text" && format != "json" {
			return misuse(fmt.Errorf("--format %s: want text or json", format))
		}
		for _, flag := range []string{"contracts", "members"} {
			if cmd.Flags().Changed(flag) && !cmd.Flags().Changed("lines") {
				return misuse(fmt.Errorf("--%s: goes with --lines", flag))
			}
		}
		if fleet.Lines < 0 || fleet.Contracts < 0 || fleet.Members < 0 || fleet.Members > fleet.Lines {
			return misuse(errors.New("--lines, --contracts and --members: want numbers from 0, and no more members than lines"))
		}
		cfg, log, err := flags.loadSources(config.Load, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		inventory, err := inventoryOf(cmd, cfg, fleet, log)
		if err != nil {
			return err
		}
		plan, err := capacity.New(cfg, kinds.All(), inventory)
		if err != nil {
			return err
		}
		if format == "json" {
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			return encoder.Encode(plan)
		}
		printf(cmd, "%s", plan.Text())
		return nil
	}
	return cmd
}

// inventoryOf is the fleet that --lines assumes, or else the store's.
func inventoryOf(cmd *cobra.Command, cfg *config.Config, fleet capacity.Assumed, log *slog.Logger) (capacity.Inventory, error) {
	if cmd.Flags().Changed("lines") {
		return capacity.Spread(cfg, kinds.All(), fleet)
	}
	inventory, err := storedInventory(cmd.Context(), cfg, log)
	if err != nil {
		return inventory, fmt.Errorf("no fleet to plan for: %w; --lines assumes one", err)
	}
	return inventory, nil
}

// storedInventory is the fleet that the store knows.
func storedInventory(ctx context.Context, cfg *config.Config, log *slog.Logger) (inventory capacity.Inventory, err error) {
	db, closeAll, err := app.OpenDatabase(ctx, cfg, false, log)
	if err != nil {
		return inventory, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	inventory = capacity.Inventory{From: "the store's", Sources: make(map[string]collector.Inventory)}
	rows, err := db.Query(ctx, inventorySQL, "JSONEachRow")
	if err != nil {
		return inventory, err
	}
	defer rows.Close()
	if err := readContracts(rows, inventory.Sources); err != nil {
		return inventory, err
	}
	counts, err := db.Query(ctx, countsSQL, "JSONEachRow")
	if err != nil {
		return inventory, err
	}
	defer counts.Close()
	return inventory, readCounts(counts, inventory.Sources)
}

// countsSQL counts sites, and orders that something may still happen to.
const countsSQL = `SELECT source, sum(sites) AS sites, sum(orders) AS open_orders FROM
(
    SELECT source, countIf(listed) AS sites, 0 AS orders FROM ipoe_sites FINAL GROUP BY source
    UNION ALL
    SELECT source, 0, countIf(listed AND status IN ('in_progress', 'unknown')) FROM ipoe_orders FINAL GROUP BY source
    UNION ALL
    SELECT source, 0, countIf(number = 0 AND NOT gone AND status NOT IN ('processed', 'rejected', 'system_error', 'cancelled', 'completed')) FROM orders FINAL GROUP BY source
) GROUP BY source`

// readContracts reads the answer to inventorySQL.
func readContracts(answer io.Reader, sources map[string]collector.Inventory) error {
	for rows := json.NewDecoder(answer); ; {
		var row struct {
			Source       string  `json:"source"`
			ContractID   string  `json:"contract_id"`
			Lines        int     `json:"lines"`
			Members      int     `json:"members"`
			OwnRadius    int     `json:"own_radius"`
			SessionRows  float64 `json:"session_rows"`
			SessionLog   string  `json:"session_log"`
			MembersAlike string  `json:"members_alike"`
		}
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		contract := collector.ContractInventory{ID: row.ContractID, Lines: row.Lines, Members: row.Members, OwnRadius: row.OwnRadius, LogRows: collector.DefaultLogRows,
			SessionLog:   schema.Opt[bool]{V: row.SessionLog == "log", Known: row.SessionLog != ""},
			MembersAlike: schema.Opt[bool]{V: row.MembersAlike == "group", Known: row.MembersAlike != ""}}
		if told := row.Lines - row.OwnRadius; told > 0 && row.SessionRows > 0 {
			contract.LogRows = row.SessionRows / float64(told)
		}
		has := sources[row.Source]
		has.Contracts = append(has.Contracts, contract)
		sources[row.Source] = has
	}
}

// readCounts reads the answer to countsSQL.
func readCounts(answer io.Reader, sources map[string]collector.Inventory) error {
	for rows := json.NewDecoder(answer); ; {
		var row struct {
			Source     string `json:"source"`
			Sites      int    `json:"sites"`
			OpenOrders int    `json:"open_orders"`
		}
		if err := rows.Decode(&row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		has := sources[row.Source]
		has.Sites, has.OpenOrders = row.Sites, row.OpenOrders
		sources[row.Source] = has
	}
}
