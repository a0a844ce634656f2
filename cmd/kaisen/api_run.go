package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kaisen/collector"
	"kaisen/collector/carrier"
)

// run sends the request, or shows what it would be.
func (c *apiCall) run(cmd *cobra.Command, args []string) error {
	if err := c.format.check(); err != nil {
		return err
	}
	r, err := c.fill(cmd, args)
	if err != nil {
		return err
	}
	a, err := c.findAccount(cmd, r)
	if err != nil {
		return err
	}
	if err := c.fallBack(r, a); err != nil {
		return err
	}
	spec, broken := r.Spec(), c.check(r, a)
	if doubtful, can := r.(interface{ Doubts() []string }); can && broken == nil {
		for _, doubt := range doubtful.Doubts() {
			fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", doubt)
		}
	}
	if !c.showSecrets {
		hide(reflect.ValueOf(r))
	}
	switch {
	case c.dryRun:
		show(cmd.OutOrStdout(), a, r.Spec())
		return broken
	case broken != nil:
		return broken
	case c.operation.Changes:
		show(cmd.ErrOrStderr(), a, r.Spec())
		if err := c.compare(cmd, a, r); err != nil {
			return err
		}
		if err := c.consent(cmd); err != nil {
			return err
		}
	}
	return c.send(cmd, a, spec)
}

// name is the operation as the user calls it.
func (c *apiCall) name() string {
	return c.operation.API + " " + strings.Join(c.operation.Command, " ")
}

// fill makes the request of file, arguments and flags; each stands above the one before.
func (c *apiCall) fill(cmd *cobra.Command, args []string) (carrier.Request, error) {
	r := c.operation.New()
	if err := c.readFile(cmd.InOrStdin(), r); err != nil {
		return nil, misuse(fmt.Errorf("--file %s: %w", c.file, err))
	}
	for _, f := range c.fields {
		if place, _ := strconv.Atoi(f.arg); place > 0 && place <= len(args) {
			f.in(r).SetString(args[place-1])
		}
		if given := cmd.Flags().Lookup(f.flag()); f.flagged() && given.Changed {
			if err := f.set(r, given.Value.String()); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (c *apiCall) readFile(stdin io.Reader, r carrier.Request) error {
	switch c.file {
	case "":
		return nil
	case "-":
		return read(stdin, r)
	}
	file, err := os.Open(c.file)
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err // the path is said by fill
	}
	if err != nil {
		return err
	}
	defer file.Close()
	return read(file, r)
}

// fallBack fills what the user left out and the configuration knows. The agreement is filled for the check and the
// picture of the request; without the user's consent it is not sent.
func (c *apiCall) fallBack(r carrier.Request, a account) error {
	if contract, has := textField(r, fieldContract); has && contract.String() == "" {
		switch contracts := collector.ContractsOf(a.source.Settings); len(contracts) {
		case 0:
		case 1:
			contract.SetString(contracts[0])
		default:
			return misuse(fmt.Errorf("source %s has several contracts: choose one with --contract %s", a.source.Name, strings.Join(contracts, "|")))
		}
	}
	if id, has := textField(r, fieldClientID); has && id.String() == "" && a.configured {
		clientID, secret, err := a.source.Credentials()
		if err != nil {
			return fmt.Errorf("source %s: %w", a.source.Name, err)
		}
		id.SetString(clientID)
		setIfEmpty(r, fieldClientSecret, secret.Reveal())
	}
	setIfEmpty(r, fieldAgreement, "yes")
	return nil
}

// check is every rule of the document that the request breaks, or nil.
func (c *apiCall) check(r carrier.Request, a account) error {
	return c.notSent(r.Validate(time.Now().In(a.zone)), "breaks the document's rules")
}

// notSent words violations, each in a line of its own; any other error stays as it is.
func (c *apiCall) notSent(err error, because string) error {
	var broken carrier.Violations
	if !errors.As(err, &broken) {
		return err
	}
	var b strings.Builder
	for _, v := range broken {
		fmt.Fprintf(&b, "\n  %s: %s", v.Field, v.Problem)
	}
	return fmt.Errorf("%s was not sent, because it %s:%s", c.name(), because, b.String())
}

// compare checks a request against the carrier's own lists. Where they cannot be read it says so, and the carrier
// decides.
func (c *apiCall) compare(cmd *cobra.Command, a account, r carrier.Request) error {
	if c.operation.Compare == nil {
		return nil
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	err = c.notSent(c.operation.Compare(cmd.Context(), client, r), "does not fit what the carrier sells")
	if _, unread := carrier.KindOf(err); unread {
		fmt.Fprintf(cmd.ErrOrStderr(), "\nNot compared with the carrier's lists: %v\n", inWords(err))
		return nil
	}
	return err
}

// show writes a request as it goes out, but for the token.
func show(w io.Writer, a account, spec carrier.RequestSpec) {
	fmt.Fprintf(w, "%s %s\n", spec.Method, carrier.Address(a.base(), spec))
	fmt.Fprint(w, "Accept: application/json\n")
	if !spec.Anonymous {
		fmt.Fprint(w, "Authorization: Bearer <token>\n")
	}
	if spec.Body != nil {
		fmt.Fprint(w, "Content-Type: application/json\n")
	}
	fmt.Fprintf(w, "User-Agent: %s\n", userAgent())
	if spec.Body != nil {
		fmt.Fprintf(w, "\n%s\n", spec.Body)
	}
}

// send sends the request and prints the answer.
func (c *apiCall) send(cmd *cobra.Command, a account, spec carrier.RequestSpec) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	out := cmd.OutOrStdout()
	reply, err := client.Do(carrier.InFront(cmd.Context()), c.operation.Name, spec)
	if err != nil {
		if c.operation.Explain != nil {
			err = c.operation.Explain(err)
		}
		return inWords(err)
	}
	if c.format.chosen == formatRaw {
		_, err := out.Write(reply.Body)
		return err
	}
	value, err := c.operation.Decode(reply, a.zone)
	var leftOut *carrier.LeftOutError
	if err != nil && !errors.As(err, &leftOut) {
		// What it holds is all there is to be had of what was done, an order's ID perhaps.
		c.showUnread(out, reply.Body)
		return fmt.Errorf("%s: answer not understood: %w", c.name(), inWords(err))
	}
	shown := value
	if c.showSecrets && c.operation.Reveal != nil {
		shown = c.operation.Reveal(value)
	}
	if err := c.format.write(out, shown); err != nil {
		return err
	}
	if err := refusal(value); err != nil {
		return fmt.Errorf("%s: %w", c.name(), err)
	}
	if leftOut != nil {
		return fmt.Errorf("%s: the rows shown are not all: %w; --format raw shows the answer", c.name(), leftOut)
	}
	return nil
}

// showUnread prints an answer that could not be understood, without its secrets.
func (c *apiCall) showUnread(out io.Writer, body []byte) {
	if c.operation.Hide != nil && !c.showSecrets {
		whole := len(body)
		if body = c.operation.Hide(body); body == nil {
			body = fmt.Appendf(nil, "(%d bytes that may hold secrets; --show-secrets prints them)", whole)
		}
	}
	_, _ = fmt.Fprintf(out, "%s\n", body)
}

// inWords makes sure that a failed call says the carrier's code and message, in one line.
func inWords(err error) error {
	var failure *carrier.Error
	if !errors.As(err, &failure) {
		return err
	}
	said := failure.Message
	if code := failure.Code; code != "" && code != strconv.Itoa(failure.Status) && !strings.Contains(said, code) {
		said = code + " " + said
	}
	told := *failure
	told.Message = strings.Join(strings.Fields(said), " ")
	return &told
}

// refusal is the error of an answer that came with status 200 and refuses all the same.
func refusal(value any) error {
	if answer, can := value.(interface{ Refused() error }); can {
		return answer.Refused()
	}
	return nil
}
