package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManual is for those who make packages; everybody else has --help. It is hidden for that reason.
func newManual() *cobra.Command {
	return &cobra.Command{
		Use:     "manual FOLDER",
		Short:   "Write a manual page for every command into a folder",
		Example: "  kaisen manual man1 && man ./man1/kaisen.1",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("folder for the manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // its date would make every build another one
			header := &doc.GenManHeader{Section: "1", Source: "kaisen " + orUnknown(buildInfo().version), Manual: "kaisen"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("manual pages: %w", err)
			}
			return nil
		},
	}
}
