package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// consent asks whether to send what was shown. Somebody must be there to be asked, unless --yes said it.
func (c *apiCall) consent(cmd *cobra.Command) error {
	if c.yes {
		return nil
	}
	in, isFile := cmd.InOrStdin().(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		return misuse(fmt.Errorf("%s changes something at the carrier, and nobody is at a terminal to be asked: nothing was sent; --yes sends it without asking", c.name()))
	}
	question := "Send this? [y/N] "
	if slices.ContainsFunc(c.fields, func(f field) bool { return f.name == fieldAgreement }) {
		question = "Send this, and accept the carrier's terms (agreement)? [y/N] "
	}
	fmt.Fprint(cmd.ErrOrStderr(), "\n"+question)
	answer, err := readLine(cmd.Context(), in)
	if err != nil {
		return fmt.Errorf("%s: nothing was sent: %w", c.name(), err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fmt.Errorf("%s: not confirmed, nothing was sent", c.name())
}

// readLine reads one line, or ends with the context: an interrupt at the question is a no.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(in).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case l := <-read:
		if errors.Is(l.err, io.EOF) {
			l.err = nil
		}
		return l.text, l.err
	}
}
