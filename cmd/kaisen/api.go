package main

import (
	"slices"

	"github.com/spf13/cobra"

	"kaisen/collector/carrier"
	ipoe "kaisen/collector/ipoe/api"
	serviceorder "kaisen/collector/serviceorder/api"
	unom "kaisen/collector/unom/api"
)

// operations are all that the carrier's three documents describe.
func operations() []carrier.Operation {
	return slices.Concat(unom.Operations(), serviceorder.Operations(), ipoe.Operations())
}

func newAPI() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "api",
		Short: "Call any one of the carrier's documented operations by hand",
		Long: "Sends one request to the carrier and prints its answer as JSON. Operations that change something show what\n" +
			"they will send and ask first; kaisen itself, as a service, only reads.",
		Example: "  kaisen api list\n" +
			"  kaisen api unom traffic get 09012345678 --config kaisen.yaml --format table\n" +
			"  kaisen api unom data-volume add 09012345678 --dry-run\n" +
			"  kaisen api ipoe orders create --file order.json",
		Args: cobra.NoArgs,
		RunE: showHelp,
	}
	cmd.AddCommand(newAPIList())
	for _, o := range operations() {
		parent := branch(cmd, o.API, "The "+apiTitle(o.API))
		words := o.Command
		for ; len(words) > 1; words = words[1:] {
			parent = branch(parent, words[0], "Operations:")
			parent.Short += " " + words[1]
		}
		parent.AddCommand(newAPICall(o, words[0]))
	}
	return cmd
}

// branch is the command of a name below another, made where it is not there yet.
func branch(parent *cobra.Command, name, short string) *cobra.Command {
	for _, child := range parent.Commands() {
		if child.Name() == name {
			return child
		}
	}
	child := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs, RunE: showHelp, Example: "  kaisen api list",
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true}, // a misspelt verb is what to complain of, not its flags
	}
	parent.AddCommand(child)
	return child
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// apiTitle is what the carrier calls an API.
func apiTitle(api string) string {
	switch api {
	case "unom":
		return "Universal One Mobile API"
	case "serviceorder":
		return "Service Order API"
	case "ipoe":
		return "IPoE backend API"
	}
	return api
}
