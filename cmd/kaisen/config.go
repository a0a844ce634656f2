package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"kaisen/internal/capacity"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Check the configuration, show what is in force, or print its JSON Schema",
		Example: "  kaisen config check --config kaisen.yaml",
	}
	cmd.AddCommand(newConfigCheck(), newConfigPrint(), newConfigSchema())
	return cmd
}

func newConfigCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "List everything that is wrong with the configuration, for a service",
		Example: "  kaisen config check --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.loadBy(config.Check, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		if err := cfg.RequireSources(); err != nil {
			return err
		}
		room, err := capacity.Room(cfg, kinds.All())
		if err != nil {
			return err
		}
		printf(cmd, "the configuration is good: %d sources, store %s\n%s\n", len(cfg.Sources), cfg.Store.Kind, room)
		return nil
	}
	return cmd
}

func newConfigPrint() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "print",
		Short:   "Show the values in force after file, environment and flags; secrets are hidden",
		Example: "  kaisen config print --config kaisen.yaml",
		Args:    cobra.NoArgs,
	}
	flags := addConfigFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, _, err := flags.load(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		return cfg.Print(kinds.All(), cmd.OutOrStdout())
	}
	return cmd
}

func newConfigSchema() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the configuration file, for editors",
		Example: "  kaisen config schema > kaisen.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := config.Schema(kinds.All())
			if err != nil {
				return fmt.Errorf("JSON Schema: %w", err)
			}
			printf(cmd, "%s\n", text)
			return nil
		},
	}
}
