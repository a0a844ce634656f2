package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what is known of how this binary was made.
type build struct{ version, revision string }

// buildInfo reads what the Go toolchain wrote into the binary, and what the Makefile did where it writes nothing.
func buildInfo() build {
	b := build{version: version, revision: revision}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.version == "" {
		b.version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && b.revision == "" {
			b.revision = setting.Value
		}
	}
	return b
}

// Set by the linker: go build -ldflags "-X main.version=… -X main.revision=…".
var version, revision string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Version, commit and Go version",
		Example: "  kaisen version",
		Args:    cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			b := buildInfo()
			printf(cmd, "kaisen %s (revision %s, %s %s/%s)\n", orUnknown(b.version), orUnknown(b.revision),
				runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
