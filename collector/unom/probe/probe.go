package probe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/probing"
	"kaisen/collector/unom/api"
	"kaisen/collector/unom/logs"
	"kaisen/collector/unom/readings"
	"kaisen/schema"
)

const (
	probedContracts = 8  // that are asked for particulars, lines and share group
	wholeContract   = 32 // requests that finding out everything of one contract may take
	probedLines     = 16 // that are asked for their figures, of all contracts
	fewestLines     = 8  // of a contract
)

// Account is what is asked about.
type Account struct {
	Contracts []string                          // in the order of the configuration
	Extra     map[string][]string               // numbers of lines that the carrier's list may not have, by contract
	Zone      *time.Location                    // in which the carrier's days turn
	Jobs      []Job                             // those that are switched on
	PerHour   func(collector.Inventory) float64 // the requests that they need an hour
}

// Job is a job of the account, and the operations that it needs.
type Job struct {
	Name       string
	Operations []string
}

// probe is a first contact with an account.
type probe struct {
	*probing.Probe
	carrier *api.Client
	account Account
	lines   int // of a contract that are asked for their figures
}

// probedContract is what the lists of a contract hold.
type probedContract struct {
	id       string
	unknown  bool     // to the account
	noLines  string   // how its list of lines says that there are none; "" where it has some
	doubtful []string // operations that were answered with 400, which may say that nothing is there
	lines    []api.Line
	members  []api.ShareMember
}

// Run asks each contract for what it is, and then the one with most to show, and others as far as the requests go, for
// everything that a reading can be found out by.
func Run(ctx context.Context, account Account, client *api.Client, p *probing.Probe) {
	q := &probe{Probe: p, carrier: client, account: account, lines: max(fewestLines, probedLines/max(1, len(account.Contracts)))}
	for _, job := range account.Jobs {
		q.Expect(job.Name, job.Operations...)
	}
	var contracts []*probedContract
	for i, id := range account.Contracts {
		if i == probedContracts {
			q.Unknown("", "the other contracts", fmt.Sprintf("of %d contracts the first %d are asked", len(account.Contracts), probedContracts))
			break
		}
		contracts = append(contracts, q.meet(ctx, id))
	}
	q.addExtraLines(contracts)
	slices.SortStableFunc(contracts, func(a, b *probedContract) int {
		return cmp.Or(cmp.Compare(min(len(b.members), 2), min(len(a.members), 2)), cmp.Compare(len(b.lines), len(a.lines)))
	})
	for i, c := range contracts {
		switch {
		case c.unknown:
		case q.Over() || ctx.Err() != nil:
			q.Unknown(c.id, "every reading", "it did not come to that")
		case i > 0 && q.Left() < wholeContract:
			q.Unknown(c.id, "every reading", "the requests went to contract "+contracts[0].id+", which has more to show")
		default:
			q.explore(ctx, c)
		}
	}
	q.needRate(contracts)
}

func countRows[T any](rows []T) int { return len(rows) }

func oneRow[T any](T) int { return 1 }

// ask puts a question about a contract.
func ask[T any](ctx context.Context, q *probe, contract, operation string, rows func(T) int,
	put func(context.Context, string) (carrier.Answer[T], error)) (carrier.Answer[T], error) {
	return probing.Ask(ctx, q.Probe, contract, operation, rows,
		func(ctx context.Context) (carrier.Answer[T], error) { return put(ctx, contract) })
}

// meet asks for a contract's particulars, lines and share group.
func (q *probe) meet(ctx context.Context, id string) *probedContract {
	c := &probedContract{id: id}
	_, err := ask(ctx, q, id, "contract", oneRow, q.carrier.Contract)
	lines, lineErr := ask(ctx, q, id, "lines", countRows, q.carrier.Lines)
	c.lines = lines.Value
	if noSuchContract(err) || noSuchContract(lineErr) {
		c.unknown = true
		q.Need("contracts", "the account does not know contract "+id, "remove it, or ask the carrier for access to it")
		return c
	}
	c.noLines = emptyOf(lines, lineErr)
	if len(c.lines) >= api.MaxRows {
		q.Need("extra_lines_file", "the list of lines of contract "+id+" stops at 1,000", "name the lines beyond in a file")
	}
	members, err := ask(ctx, q, id, "data_share", countRows, q.carrier.DataShare)
	c.members = members.Value
	if kind, _ := carrier.KindOf(err); kind == api.KindNoShareGroup {
		q.Answered(id, "data_share", "the contract has no share group")
	} else if form := emptyOf(members, err); form != "" {
		q.foundEmpty(c, "data_share", form)
	}
	return c
}

func noSuchContract(err error) bool {
	kind, _ := carrier.KindOf(err)
	return kind == api.KindNoSuchContract
}

// foundEmpty notes how a list without rows was answered.
func (q *probe) foundEmpty(c *probedContract, operation, form string) {
	if form == readings.Empty400 { // the logs tell whether it is a refusal
		c.doubtful = append(c.doubtful, operation)
		return
	}
	q.Answered(c.id, operation, "there is nothing")
	q.Found("", operation, readings.EmptyAnswer, form, "a list without rows")
}

// addExtraLines takes in the lines that no list has.
func (q *probe) addExtraLines(contracts []*probedContract) {
	for _, c := range contracts {
		for _, number := range q.account.Extra[c.id] {
			if !slices.ContainsFunc(c.lines, func(l api.Line) bool { return l.LineNo == number }) {
				c.lines = append(c.lines, api.Line{LineNo: number})
			}
		}
	}
}

// explore finds out what it can of one contract.
func (q *probe) explore(ctx context.Context, c *probedContract) {
	products, _ := ask(ctx, q, c.id, "products", countRows, q.carrier.Products)
	q.probeOrders(ctx, c, "orders", q.carrier.Orders)
	q.probeOrders(ctx, c, "completed_orders", q.carrier.CompletedOrders)

	sessions := q.probeLog(ctx, logs.Sessions(), c.id, len(c.lines))
	authentications := q.probeLog(ctx, logs.Authentications(), c.id, len(c.lines))
	q.concludeNoLines(c, len(sessions.rows)+len(authentications.rows)+len(c.members))
	if sessions.empty == readings.Empty400 || authentications.empty == readings.Empty400 {
		for _, operation := range c.doubtful {
			q.Answered(c.id, operation, "there is nothing, as 400 says here")
		}
	}
	stops := sessions.rows
	if !sessions.whole {
		stops = nil
	}
	q.conclude(c.id, sessions.kind.Job, readings.StopTime)(logs.StopTime(stops, len(c.lines)))
	for _, row := range sessions.rows { // of lines that no list has, as call 02 may not be there yet
		if !slices.ContainsFunc(c.lines, func(l api.Line) bool { return l.LineNo == row.LineNo }) && len(c.lines) < probedLines {
			c.lines = append(c.lines, api.Line{LineNo: row.LineNo})
		}
	}

	courses := make(map[string]api.CourseType)
	for _, product := range products.Value {
		courses[product.ProductCode] = product.CourseType
	}
	figures := q.probeFigures(ctx, c, sessions.roamed())
	unit, evidence := figureUnitShown(figures)
	q.conclude(c.id, "", readings.FigureUnit)(unit, evidence)
	q.conclude(c.id, "", readings.MonthFigure)(monthFigureShown(figures, unit))
	q.conclude(c.id, "", readings.RemainingNil)(remainingZeroShown(figures, courses))
	q.probeShare(ctx, c, figures)
	q.probeSessions(ctx, c)
}

// concludeNoLines takes a list of lines without rows for what it says, unless lines are known from elsewhere.
func (q *probe) concludeNoLines(c *probedContract, known int) {
	switch {
	case c.noLines == "":
	case known > 0:
		q.Unknown(c.id, "the lines", "call 02 lists none ("+c.noLines+"), and others have rows of some")
	default:
		q.foundEmpty(c, "lines", c.noLines)
	}
}

// conclude notes what a decision has come to.
func (q *probe) conclude(contract, operation, reading string) func(value, evidence string) {
	return func(value, evidence string) {
		if value == "" {
			q.Unknown(contract, reading, evidence)
			return
		}
		q.Found(contract, operation, reading, value, evidence)
	}
}

// probeOrders asks for a list of orders.
func (q *probe) probeOrders(ctx context.Context, c *probedContract, operation string, put func(context.Context, string) (carrier.Answer[[]api.Order], error)) {
	answer, err := ask(ctx, q, c.id, operation, countRows, put)
	if form := emptyOf(answer, err); form != "" {
		q.foundEmpty(c, operation, form)
	}
}

// restrictionOf is a restriction in words.
func restrictionOf(t api.Traffic) string {
	if t.Restriction == schema.RestrictionNone {
		return "no restriction"
	}
	return "restriction " + string(t.Restriction)
}

// emptyOf is how an answer without rows, or a failure that may stand for one, says that nothing was found; "" where it is
// neither.
func emptyOf[T any](answer carrier.Answer[[]T], err error) string {
	switch {
	case err != nil:
		return string(api.EmptyError(err))
	case len(answer.Value) > 0 || carrier.LeftOut(answer.Warnings) > 0:
		return ""
	}
	return string(api.EmptyOf(answer.Status, answer.Payload))
}
