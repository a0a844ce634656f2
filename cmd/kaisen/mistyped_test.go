package main

import (
	"bytes"
	"strings"
	"testing"
)

// What is said of commands, arguments and flags that there are not.
func TestMistyped(t *testing.T) {
	for args, want := range map[string]string{
		"lien --config x":             `no command "lien"; did you mean line?`,
		"reprot --month 2026-10":      `no command "reprot"; did you mean report?`,
		"nosuch -x":                   `no command "nosuch"; kaisen --help lists them`,
		"config chek --config x":      `config has no command "chek"; did you mean check?`,
		"api unom traffic gett --x y": `api unom traffic has no command "gett"; did you mean get?`,
		"completion bsh":              `completion has no command "bsh"; did you mean bash or fish or zsh?`,
		"help lien":                   `no command "lien"; did you mean line?`,
		"help config chek":            `config has no command "chek"; did you mean check?`,
		"--cnofig x":                  `unknown flag: --cnofig; flags come after the command, and kaisen --help lists those that there are`,
		"config --config x":           `config: unknown flag: --config; flags come after the command, and kaisen config --help lists those that there are`,
		"run --cnofig x":              `run: unknown flag: --cnofig; did you mean --config?`,
		"report -q":                   `report: unknown shorthand flag: 'q' in -q; kaisen report --help lists those that there are`,
		"report --month":              `report: flag needs an argument: --month`,
		"demo --lines many":           `demo: invalid argument "many" for "--lines" flag: must be an integer`,
		"simulator --lines -1":        `simulator: lines -1: must be 0 to 1,000,000`,
		"backup --to NOTHING":         `--to is empty`,
		"restore --from NOTHING":      `--from is empty`,
		"clickhouse --memory 128MiB":  `clickhouse: invalid argument "128MiB" for "--memory" flag: 128MiB is too little for the engine; write at least 512MiB, or nothing for half of the machine's`,
		"clickhouse --memory lots":    `clickhouse: invalid argument "lots" for "--memory" flag: not a size; write it like 512MiB or 2GiB`,
		"run now":                     `run takes no argument, and was given "now"; kaisen run --help lists its flags`,
		"query SELECT 1":              `query takes [SQL], and was given 2 arguments: put quotes around one that has blanks; kaisen query --help explains it`,
		"manual":                      `manual takes FOLDER, and was given nothing; kaisen manual --help explains it`,
		"line":                        `which line? name it by its number, its label in the metrics, or a piece of its name: kaisen line 09012345678`,
		"line 1 EMPTY":                `which line? name it by its number, its label in the metrics, or a piece of its name: kaisen line 09012345678`,
	} {
		words := strings.Fields(args)
		for i, word := range words {
			switch word {
			case "EMPTY":
				words[i] = " "
			case "NOTHING":
				words[i] = ""
			}
		}
		var out, errs bytes.Buffer
		code := run(words, strings.NewReader(""), &out, &errs)
		if got := strings.TrimSpace(errs.String()); got != "kaisen: "+want || code != exitUsage || out.Len() > 0 {
			t.Errorf("kaisen %s: exit code %d, %q, want %q; stdout %.60q", args, code, got, want, out.String())
		}
	}
}

// A size is called one in the help, and has no default that means another.
func TestAMemoryIsASize(t *testing.T) {
	code, out, errs := kaisen("", "clickhouse", "--help")
	want := "--memory size            the most memory that it takes, at least 512MiB; empty or 0B is half of the machine's, at most 4GiB\n"
	if code != 0 || !strings.Contains(out, want) {
		t.Errorf("exit code %d, stdout %s, stderr %s, want %q", code, out, errs, want)
	}
}

// A folder that is not there is named, and not the file that was to be made in it.
func TestABackupIntoAMissingFolder(t *testing.T) {
	for _, to := range []string{"/nonexist/", "/nonexist/kaisen.tar"} {
		code, _, errs := kaisen("", "backup", "--store.path", t.TempDir(), "--to", to)
		if code != exitFailed || !strings.HasSuffix(errs, "kaisen: --to "+to+": there is no folder /nonexist\n") {
			t.Errorf("%s: exit code %d, stderr %s", to, code, errs)
		}
	}
}
