package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/internal/config"
	"kaisen/internal/kinds"
)

// apiCall is the command of one operation.
type apiCall struct {
	kind      collector.Kind
	operation carrier.Operation
	fields    []field
	config    *configFlags

	source, file             string
	dryRun, yes, showSecrets bool
	format                   *formatFlag
}

func newAPICall(kind collector.Kind, o carrier.Operation, verb string) *cobra.Command {
	c := &apiCall{kind: kind, operation: o, fields: fieldsOf(o.New())}
	use, arguments := verb, 0
	for _, f := range c.fields {
		if f.arg != "" {
			use += " [" + f.name + "]"
			arguments++
		}
	}
	cmd := &cobra.Command{
		Use: use, Short: o.Summary, Long: c.describe(), Example: c.example(), Args: cobra.MaximumNArgs(arguments),
		ValidArgsFunction: cobra.NoFileCompletions, RunE: c.run,
	}
	c.addFlags(cmd)
	return cmd
}

// describe is the long help: what is sent, and what no flag holds.
func (c *apiCall) describe() string {
	o := c.operation
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s.\n\n%s %s (%s)\n", strings.ToUpper(o.Summary[:1]), o.Summary[1:], o.Method, o.Path, o.Document)
	if o.Changes {
		b.WriteString("It changes something at the carrier: what will be sent is shown, and you are asked first.\n")
	}
	for _, f := range c.fields {
		switch {
		case f.arg != "":
			fmt.Fprintf(&b, "\nArgument %s: %s", f.name, f.doc)
		case !f.simple():
			fmt.Fprintf(&b, "\nIn --file alone, %s: %s", f.name, f.doc)
		}
	}
	return strings.TrimSpace(b.String())
}

// example is a call with what the request cannot be without. What is mandatory is what JSON does not leave out.
func (c *apiCall) example() string {
	arguments, flags := "", ""
	for _, f := range c.fields {
		switch {
		case f.arg != "":
			arguments += " " + exampleOf(f.name)
		case !f.simple():
			return "  kaisen api " + c.name() + arguments + " --file request.json" + c.dryRunFlag()
		case f.flagged() && !f.optional && f.name != fieldContract && f.name != fieldClientID && f.name != fieldClientSecret:
			flags += " --" + f.flag() + " " + exampleOf(f.name)
		}
	}
	return "  kaisen api " + c.name() + arguments + flags + c.dryRunFlag()
}

// dryRunFlag keeps an example from changing anything.
func (c *apiCall) dryRunFlag() string {
	if c.operation.Changes {
		return " --dry-run"
	}
	return ""
}

// exampleOf is a value in the documents' forms.
func exampleOf(name string) string {
	switch name {
	case "lineNo":
		return "09012345678"
	case "orderId":
		return "AGU1712080057782"
	case "reserveId":
		return "161216000010001"
	case "serviceName":
		return "uno"
	case "customerSiteCode":
		return "int-12345678"
	case "orderCode":
		return "A1000010100000001"
	case "requestDate":
		return "20270101"
	case "startTime":
		return "20270101000000"
	case "endTime":
		return "20270102000000"
	case "planCode":
		return "T3001328"
	case "roamingCode":
		return "T6000036"
	case "actIpAddress":
		return "192.168.1.1"
	case "accessCode", "imeiOption":
		return "2"
	}
	return strings.ToUpper(name)
}

func (c *apiCall) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	c.config = addConfigFileFlags(cmd)
	flags.StringVar(&c.source, "source", "", "name of the account in the configuration; not needed where only one fits")
	flags.StringVar(&c.file, "file", "", "JSON file that fills the request, by the document's names; - reads stdin")
	flags.BoolVar(&c.dryRun, "dry-run", false, "print the request and send nothing")
	flags.BoolVar(&c.showSecrets, "show-secrets", false, "print passwords and keys too, of the request and of the answer")
	if c.operation.Changes {
		flags.BoolVar(&c.yes, "yes", false, "send it without asking, and accept the carrier's terms")
	}
	c.format = addFormatFlag(cmd, formatJSON, formatTable, formatRaw)
	for _, f := range c.fields {
		if f.flagged() {
			flags.String(f.flag(), "", f.doc)
		}
	}
	completeWith(cmd, "source", c.sourceNames)
	if flags.Lookup("contract") != nil {
		completeWith(cmd, "contract", c.contracts)
	}
}

// completeWith completes a flag from the configuration, as far as it can be read.
func completeWith(cmd *cobra.Command, flag string, words func(*config.Config) []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		file, _ := cmd.Flags().GetString("config")
		file, _ = configFile(file, defaultConfigFiles())
		cfg, err := config.Load(kinds.All(), file, os.Environ(), nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveError
		}
		return words(cfg), cobra.ShellCompDirectiveNoFileComp
	})
}
