package main

import (
	"bytes"
	"strings"
	"testing"
)

// What is said of commands, arguments and flags that there are not.
func TestMistyped(t *testing.T) {
	for args, want := range map[string]string{
		"lien --config x":             `kaisen has no command "lien"; did you mean line?`,
		"reprot --month 2026-10":      `kaisen has no command "reprot"; did you mean report?`,
		"nosuch -x":                   `kaisen has no command "nosuch"; kaisen --help lists them`,
		"config chek --config x":      `kaisen config has no command "chek"; did you mean check?`,
		"api unom traffic gett --x y": `kaisen api unom traffic has no command "gett"; did you mean get?`,
		"completion bsh":              `kaisen completion has no command "bsh"; did you mean bash or fish or zsh?`,
		"help lien":                   `kaisen has no command "lien"; did you mean line?`,
		"help config chek":            `kaisen config has no command "chek"; did you mean check?`,
		"--cnofig x":                  `kaisen: unknown flag: --cnofig; flags come after the command, and kaisen --help lists those that there are`,
		"config --config x":           `kaisen config: unknown flag: --config; flags come after the command, and kaisen config --help lists those that there are`,
		"run --cnofig x":              `kaisen run: unknown flag: --cnofig; did you mean --config?`,
		"report -q":                   `kaisen report: unknown shorthand flag: 'q' in -q; kaisen report --help lists those that there are`,
		"report --month":              `kaisen report: flag needs an argument: --month`,
		"demo --lines many":           `kaisen demo: invalid argument "many" for "--lines" flag: must be an integer`,
		"run now":                     `kaisen run takes no argument, and was given "now"; kaisen run --help lists its flags`,
		"query SELECT 1":              `kaisen query takes [SQL], and was given 2 arguments: put quotes around one that has blanks; kaisen query --help explains it`,
		"manual":                      `kaisen manual takes FOLDER, and was given nothing; kaisen manual --help explains it`,
		"line":                        `which line? name it by its number, its label in the metrics, or a piece of its name: kaisen line 09012345678`,
		"line 1 EMPTY":                `which line? name it by its number, its label in the metrics, or a piece of its name: kaisen line 09012345678`,
	} {
		words := strings.Fields(args)
		for i, word := range words {
			if word == "EMPTY" {
				words[i] = " "
			}
		}
		var out, errs bytes.Buffer
		code := run(words, strings.NewReader(""), &out, &errs)
		if got := strings.TrimSpace(errs.String()); got != "kaisen: "+want || code != 1 || out.Len() > 0 {
			t.Errorf("kaisen %s: exit code %d, %q, want %q; stdout %.60q", args, code, got, want, out.String())
		}
	}
}
