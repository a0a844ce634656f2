package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// tellMistypes makes every command say what was wrong with how it was called, and what was probably meant: commands, arguments
// and flags. args are those of kaisen, since a command is not told them with the error of a flag.
func tellMistypes(root *cobra.Command, args []string) {
	root.SetHelpCommand(newHelp())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	tellArguments(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// The flags of a mistyped command are unknown where it is looked for: the command is what is wrong.
		if cmd.HasSubCommands() {
			if _, rest, found := root.Find(args); found == nil && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				return misuse(noCommand(cmd, rest[0]))
			}
		}
		return misuse(flagError(cmd, err))
	})
}

// tellArguments makes a command that does nothing by itself show its help, and refuse what is no command below it, with an exit code
// that scripts notice; and others say how they are called. So does each below it.
func tellArguments(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.SuggestionsMinimumDistance = 2
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return misuse(noCommand(cmd, args[0]))
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	} else if asked := cmd.Args; asked != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := argumentsError(cmd, args, asked(cmd, args))
			for _, check := range []func() error{cmd.ValidateRequiredFlags, cmd.ValidateFlagGroups} { // cobra's own come later, unmarked
				if err == nil {
					err = check()
				}
			}
			return misuse(err)
		}
	}
	for _, below := range cmd.Commands() {
		tellArguments(below)
	}
}

// noCommand is the error of a word that is no command below another.
func noCommand(cmd *cobra.Command, word string) error {
	err := fmt.Errorf("no command %q", word)
	if cmd.HasParent() {
		err = fmt.Errorf("%s has %w", name(cmd), err)
	}
	if meant := cmd.SuggestionsFor(word); len(meant) > 0 {
		return fmt.Errorf("%w; did you mean %s?", err, strings.Join(meant, " or "))
	}
	return fmt.Errorf("%w; %s --help lists them", err, cmd.CommandPath())
}

// argumentsError says what a command takes, where it has got something else.
func argumentsError(cmd *cobra.Command, args []string, err error) error {
	if err == nil {
		return nil
	}
	_, takes, _ := strings.Cut(cmd.Use, " ")
	if takes == "" {
		return fmt.Errorf("%s takes no argument, and was given %q; %s --help lists its flags", name(cmd), args[0], cmd.CommandPath())
	}
	return fmt.Errorf("%s takes %s, and was given %s; %s --help explains it", name(cmd), takes, countOfArguments(args), cmd.CommandPath())
}

func countOfArguments(args []string) string {
	switch len(args) {
	case 0:
		return "nothing"
	case 1:
		return "one argument"
	}
	return fmt.Sprintf("%d arguments: put quotes around one that has blanks", len(args))
}

// flagError says which command has no such flag, or which value it does not take.
func flagError(cmd *cobra.Command, err error) error {
	var none *pflag.NotExistError
	switch {
	case !errors.As(err, &none):
	case cmd.HasSubCommands():
		err = fmt.Errorf("%w; flags come after the command, and %s --help lists those that there are", err, cmd.CommandPath())
	default:
		err = fmt.Errorf("%w; %s --help lists those that there are", err, cmd.CommandPath())
	}
	if none != nil && none.GetSpecifiedShortnames() == "" {
		if meant := flagsLike(cmd, none.GetSpecifiedName()); len(meant) > 0 {
			err = fmt.Errorf("%w; did you mean --%s?", none, strings.Join(meant, " or --"))
		}
	}
	if !cmd.HasParent() {
		return err
	}
	return fmt.Errorf("%s: %w", name(cmd), err)
}

// name is the name of a command in an error, which begins with that of kaisen already.
func name(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// flagsLike are the flags of a command that were probably meant, by the measure by which commands are.
func flagsLike(cmd *cobra.Command, name string) []string {
	flags := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if !flag.Hidden {
			flags.AddCommand(&cobra.Command{Use: flag.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	return flags.SuggestionsFor(name)
}

// newHelp is cobra's own, except that a command that there is not is an error.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND...]",
		Short:   "Help about any command",
		Example: "  kaisen help report",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return misuse(err)
			}
			if len(rest) > 0 && about.HasSubCommands() {
				return misuse(noCommand(about, rest[0]))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
