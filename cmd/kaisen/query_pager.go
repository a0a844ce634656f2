package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
)

// show writes a page to a terminal through $PAGER, as git and psql do, and anywhere else as it is. A pager that cannot
// be started is no reason to hide the answer.
func (q *queryFlags) show(ctx context.Context, page string, out io.Writer) error {
	if q.noPager || !isTerminal(out) || !startsPager(os.Getenv("PAGER")) {
		_, err := io.WriteString(out, page)
		return err
	}
	words := strings.Fields(os.Getenv("PAGER"))
	if len(words) == 0 {
		words = []string{"less"}
	}
	pager := exec.CommandContext(ctx, words[0], words[1:]...)
	pager.Stdin, pager.Stdout, pager.Stderr = strings.NewReader(page), out, os.Stderr
	pager.Env = os.Environ()
	if os.Getenv("LESS") == "" { // one screen is just printed, lines are not wrapped, the screen is left as it is
		pager.Env = append(pager.Env, "LESS=FSRX")
	}
	if err := pager.Start(); err != nil {
		_, err := io.WriteString(out, page)
		return err
	}
	_ = pager.Wait() // leaving a pager early is no failure
	return nil
}

// startsPager reports whether the person wants one: PAGER=cat is the custom for none.
func startsPager(pager string) bool { return pager != "cat" }
