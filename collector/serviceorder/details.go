package serviceorder

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/serviceorder/api"
	"kaisen/schema"
)

// updateOverlap is how many days of updates are asked for again each time: updates have a day and no time, so that one of
// later today has the date of what was read this morning, and one that the carrier enters late has an earlier one.
const updateOverlap = 2

// hours reports whether the details can be asked for, by the carrier's clock.
func (c *Collector) hours() (open bool, next time.Time) {
	now := c.carrier.Now()
	open, next = api.Open(now, c.closed)
	if next.IsZero() { // no business day for a year: look again then
		next = now.AddDate(1, 0, 0)
	}
	return open, next
}

// sweepDetails asks for the details that were updated since the last run.
func (c *Collector) sweepDetails(ctx context.Context, sweep *collector.Sweep, _ bool) {
	_ = c.List(ctx, sweep, JobDetails, func(ctx context.Context) error {
		err := c.readUpdates(ctx, sweep)
		if kind, _ := carrier.KindOf(err); kind == carrier.KindNotAllowed {
			if open, next := c.hours(); !open { // it closed meanwhile
				sweep.Suspend(next)
				return nil
			}
		}
		return err
	})
}

// readUpdates reads the updates since the last run, the first time those of a month, as the carrier would do by itself.
// The watermark goes behind them in the end: what a run cut short has read is read again.
func (c *Collector) readUpdates(ctx context.Context, sweep *collector.Sweep) error {
	now := c.carrier.Now().Truncate(time.Second)
	c.mu.Lock()
	updated, begun := c.updated, c.begun
	before := updated
	c.mu.Unlock()
	from := schema.DateOf(monthBefore(now.In(c.Zone)))
	if updated.After(now.Add(24 * time.Hour)) { // no clock has been that far ahead: such a mark says nothing
		updated = time.Time{}
	}
	if updated.IsZero() {
		begun = monthBefore(now)
	} else {
		from = schema.DateOf(updated.In(c.Zone)).AddDays(-updateOverlap)
	}
	u := &updates{until: now}
	today := schema.DateOf(now.In(c.Zone))
	if err := c.readPeriod(ctx, sweep, min(from, today), today, u); err != nil {
		return err
	}
	reached := c.reached(u, updated, now)
	mark := schema.LogWatermark{Source: c.Source, Log: JobDetails, Watermark: reached, ObservedAt: u.until}
	if err := c.Write(ctx, sweep, schema.Batch{Watermarks: []schema.LogWatermark{mark}}); err != nil {
		return err
	}
	c.mu.Lock()
	if c.updated.Equal(before) { // nothing was restored meanwhile
		c.updated, c.begun = reached, begun
	}
	c.mu.Unlock()
	return c.report(ctx, sweep, u)
}

// reached is the watermark after a run, given the one before. It stays where the first day is asked for again of which the
// carrier did not give all that it found: for a month, as far as it looks back by itself.
func (c *Collector) reached(u *updates, before, now time.Time) time.Time {
	month := schema.DateOf(monthBefore(now.In(c.Zone)))
	for _, day := range u.short { // in their order
		if day < month {
			continue
		}
		y, m, d := day.AddDays(updateOverlap).Time().Date()
		if again := time.Date(y, m, d, 0, 0, 0, 0, c.Zone); again.Before(u.until) {
			return latest(before, again)
		}
		break
	}
	return u.until
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// monthBefore is the same day of the month before, or its last where it has no such day: one month before the 31st of
// May is the 30th of April, and not the 1st of May.
func monthBefore(t time.Time) time.Time {
	before := t.AddDate(0, -1, 0)
	if before.Day() != t.Day() {
		before = before.AddDate(0, 0, -before.Day())
	}
	return before
}

// updates is what became of a run.
type updates struct {
	until time.Time     // when the carrier answered first: before that its clock is a guess, which may be ahead
	lost  []schema.Date // days whose answers are larger than the client takes
	cause error         // of the first of them

	short   []schema.Date // days of which the carrier did not give all that it says it found, in their order
	missing int           // how many rows it did not
}

// report returns what is missing, nil if nothing is.
func (c *Collector) report(ctx context.Context, sweep *collector.Sweep, u *updates) error {
	var short error
	if len(u.short) > 0 {
		short = fmt.Errorf("details updated on %s: the carrier gave %d rows fewer than it says it found; they are asked for again",
			list(u.short), u.missing)
	}
	return errors.Join(short, c.reportLost(ctx, sweep, u))
}

// reportLost returns what was lost, nil if nothing was. The days are in dead_letters once, although they are asked for
// again as long as they are in the overlap.
func (c *Collector) reportLost(ctx context.Context, sweep *collector.Sweep, u *updates) error {
	if len(u.lost) == 0 {
		return nil
	}
	err := fmt.Errorf("details updated on %s are lost, the others are read: %w", list(u.lost), u.cause)
	newest := u.lost[len(u.lost)-1]
	if newest <= c.lost {
		return err
	}
	c.lost = newest
	failure := carrier.FailureOf(u.cause)
	letter := schema.DeadLetter{LineKey: schema.LineKey{Source: c.Source}, Operation: JobDetails, Reason: err.Error(),
		Status: uint16(failure.Status), ObservedAt: u.until}
	if stored := c.Write(ctx, sweep, schema.Batch{DeadLetters: []schema.DeadLetter{letter}}); stored != nil {
		return stored
	}
	return err
}

// list is some days as a text.
func list(days []schema.Date) string {
	texts := make([]string, len(days))
	for i, day := range days {
		texts[i] = day.String()
	}
	return strings.Join(texts, ", ")
}

// readPeriod reads the updates of some days. An answer that is larger than the client takes is asked for in halves, down
// to a day, as is one with fewer rows than it says. A day that is too large is lost: there is no narrower question, and it
// must not keep the others from being read.
func (c *Collector) readPeriod(ctx context.Context, sweep *collector.Sweep, from, to schema.Date, u *updates) error {
	key := schema.LineKey{Source: c.Source}
	answer, err := c.carrier.Details(ctx, api.DetailsRequest{
		DataUpdateDateFrom: lenient.DateOf(from), DataUpdateDateTo: lenient.DateOf(to)})
	if kind, _ := carrier.KindOf(err); kind == carrier.KindTooLarge {
		if from == to {
			if u.lost = append(u.lost, from); u.cause == nil {
				u.cause = err
			}
			return nil
		}
		return c.readHalves(ctx, sweep, from, to, u)
	}
	if err != nil {
		return fmt.Errorf("details updated from %s to %s: %w", from, to, c.Failed(ctx, sweep, key, JobDetails, err))
	}
	if answer.ObservedAt.Before(u.until) {
		u.until = answer.ObservedAt
	}
	rows := schema.Batch{ServiceOrderDetails: detailRows(c.Source, answer)}
	if collide(rows.ServiceOrderDetails) {
		answer.Warnings = append(answer.Warnings, carrier.Warning{Field: "webEntryId",
			Reason: "several rows are of the same order, and one is kept", Odd: carrier.OddOf(answer.Payload)})
	}
	rows.DeadLetters = collector.DeadLetters(key, JobDetails, answer)
	missing := answer.Value.Missing(carrier.LeftOut(answer.Warnings))
	if err := c.Write(ctx, sweep, rows); err != nil || missing == 0 {
		return err
	}
	if from < to {
		return c.readHalves(ctx, sweep, from, to, u)
	}
	u.short, u.missing = append(u.short, from), u.missing+missing
	return nil
}

func (c *Collector) readHalves(ctx context.Context, sweep *collector.Sweep, from, to schema.Date, u *updates) error {
	middle := from + (to-from)/2
	if err := c.readPeriod(ctx, sweep, from, middle, u); err != nil {
		return err
	}
	return c.readPeriod(ctx, sweep, middle+1, to, u)
}

// detailRows are the details of an answer as rows of table service_order_details.
func detailRows(source string, answer carrier.Answer[api.Details]) []schema.ServiceOrderDetail {
	rows := make([]schema.ServiceOrderDetail, len(answer.Value.Result))
	for i := range rows {
		rows[i] = detailRow(&answer.Value.Result[i])
		rows[i].Source, rows[i].ObservedAt = source, answer.ObservedAt
	}
	return rows
}

// detailRow takes over the 70 fields of a detail, which have the same names in both types.
func detailRow(told *api.Detail) schema.ServiceOrderDetail {
	var row schema.ServiceOrderDetail
	from, into := reflect.ValueOf(told).Elem(), reflect.ValueOf(&row).Elem()
	for i := range from.NumField() {
		field := into.FieldByName(from.Type().Field(i).Name)
		switch value := from.Field(i).Interface().(type) {
		case lenient.Date:
			field.Set(reflect.ValueOf(value.Day()))
		default:
			field.Set(from.Field(i))
		}
	}
	return row
}

// collide reports whether two rows have the same key, so that the table can hold only one of them.
func collide(rows []schema.ServiceOrderDetail) bool {
	type id struct{ entry, sub, line, order, number string }
	seen := make(map[id]bool)
	for _, row := range rows {
		key := id{row.WebEntryID, row.ChangeRelationNum, row.MainBackIdentifier, row.OrderNum, row.ContractLineNumAppl}
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}
