// Package schema is the vocabulary that every other room of kaisen speaks: the row types of the tables, the
// codes of the carrier with their meanings, and the SQL files that make the database.
//
// It holds no behaviour beyond that: it opens no connection, reads no configuration and starts no goroutine, and
// it imports nothing of kaisen, so that anything may import it.
package schema

import (
	"iter"
	"slices"
)

// Batch is what one observation brought: rows for any of the tables, all or none of them stored. The store writes
// Watermarks last, so that a watermark is never ahead of the rows it speaks for.
type Batch struct {
	Lines           []Line
	LineChanges     []LineChange
	Names           []LineName
	Members         []DataShareMember
	Traffic         []TrafficSample
	Daily           []TrafficDaily
	Monthly         []TrafficMonthly
	Sessions        []SessionSample
	Authentications []Authentication
	SessionEvents   []SessionEvent
	Forecasts       []DailyForecast
	StaleAfter      []StaleAfter

	Contracts           []Contract
	Products            []Product
	Orders              []Order
	ServiceOrders       []ServiceOrder
	ServiceOrderDetails []ServiceOrderDetail
	IPoEProducts        []IPoEProduct
	IPoESites           []IPoESite
	IPoEOrders          []IPoEOrder

	More []Part // rows of other tables, which are declared elsewhere: see Table. Copies of a batch share them

	Sweeps      []Sweep
	Findings    []CarrierFinding
	DeadLetters []DeadLetter
	Watermarks  []LogWatermark
}

// State is what a collector needs to know of the past to go on where an earlier process stopped: a batch that was read
// back instead of one to be written. Lines, members, products and orders are the latest of each, whatever their state,
// findings the latest of each reading,
// traffic and sessions the latest of each line and scope. Daily and Monthly have the newest 33 days and 4 months known,
// and the rows of logs reach back from their watermark by as much as is read again. The rest is not read back.
type State = Batch

const (
	ownTables  = 24 // that Batch has a field for
	lastTables = 4  // of them, those behind More
)

// own are the rows of the tables that b has a field for, in the order in which they are stored.
func (b *Batch) own() [ownTables]Part {
	return [ownTables]Part{
		{"lines", rowsOf[Line]{&b.Lines}},
		{"line_changes", rowsOf[LineChange]{&b.LineChanges}},
		{"line_names", rowsOf[LineName]{&b.Names}},
		{"data_share_members", rowsOf[DataShareMember]{&b.Members}},
		{"traffic_samples", rowsOf[TrafficSample]{&b.Traffic}},
		{"traffic_daily", rowsOf[TrafficDaily]{&b.Daily}},
		{"traffic_monthly", rowsOf[TrafficMonthly]{&b.Monthly}},
		{"session_samples", rowsOf[SessionSample]{&b.Sessions}},
		{"authentications", rowsOf[Authentication]{&b.Authentications}},
		{"session_events", rowsOf[SessionEvent]{&b.SessionEvents}},
		{"line_forecasts", rowsOf[DailyForecast]{&b.Forecasts}},
		{"stale_after", rowsOf[StaleAfter]{&b.StaleAfter}},
		{"contracts", rowsOf[Contract]{&b.Contracts}},
		{"products", rowsOf[Product]{&b.Products}},
		{"orders", rowsOf[Order]{&b.Orders}},
		{"service_orders", rowsOf[ServiceOrder]{&b.ServiceOrders}},
		{"service_order_details", rowsOf[ServiceOrderDetail]{&b.ServiceOrderDetails}},
		{"ipoe_products", rowsOf[IPoEProduct]{&b.IPoEProducts}},
		{"ipoe_sites", rowsOf[IPoESite]{&b.IPoESites}},
		{"ipoe_orders", rowsOf[IPoEOrder]{&b.IPoEOrders}},
		{"sweeps", rowsOf[Sweep]{&b.Sweeps}},
		{"carrier_findings", rowsOf[CarrierFinding]{&b.Findings}},
		{"dead_letters", rowsOf[DeadLetter]{&b.DeadLetters}},
		{"log_watermarks", rowsOf[LogWatermark]{&b.Watermarks}}, // they speak for the rows above
	}
}

// Parts are the rows of b by table, empty ones too, in the order in which they are stored. Each has the number of its
// table: the same in every batch, unless the table is one of More.
func (b *Batch) Parts() iter.Seq2[int, Part] {
	return func(yield func(int, Part) bool) { b.visit(yield) }
}

// visit is a method of its own so that the compiler sees that no caller's loop outlives it.
func (b *Batch) visit(yield func(int, Part) bool) {
	own := b.own()
	for i, part := range own[:ownTables-lastTables] {
		if !yield(i, part) {
			return
		}
	}
	for i, part := range b.More {
		if !yield(ownTables+i, part) {
			return
		}
	}
	for i, part := range own[ownTables-lastTables:] {
		if !yield(ownTables-lastTables+i, part) {
			return
		}
	}
}

// Part is the rows of a table by its name; the Part of one that b does not have has no Rows.
func (b *Batch) Part(table string) Part {
	for _, part := range b.Parts() {
		if part.Table == table {
			return part
		}
	}
	return Part{Table: table}
}

// more are the rows of a part's table in b.More, which has it then if it did not.
func (b *Batch) more(part Part) Rows {
	for _, known := range b.More {
		if known.Table == part.Table {
			return known.Rows
		}
	}
	made := part.Rows.empty()
	b.More = append(slices.Clip(b.More), Part{part.Table, made}) // another batch may share the list
	return made
}

// target is a batch that is filled from others.
type target struct {
	*Batch
	parts [ownTables]Part // of it
}

func newTarget(b *Batch) target { return target{b, b.own()} }

// like are the rows of the table that a part of another batch has this number of.
func (t *target) like(number int, part Part) Rows {
	if number < ownTables {
		return t.parts[number].Rows
	}
	return t.more(part)
}

// Append adds the rows of other behind those of b.
func (b *Batch) Append(other Batch) {
	into := newTarget(b)
	for i, part := range other.Parts() {
		if part.Rows.Len() > 0 {
			into.like(i, part).append(part.Rows)
		}
	}
}

// Merge is the rows of all batches, in their order, in slices of their own, which are made once as far as b has fields
// for them.
func Merge(batches []*Batch) (all Batch) {
	all.AppendAll(batches)
	return all
}

// AppendAll adds the rows of all batches behind those of b, for which its slices grow at most once as far as b has fields for
// them.
func (b *Batch) AppendAll(batches []*Batch) {
	into := newTarget(b)
	var totals [ownTables]int
	for _, other := range batches {
		for i, part := range other.own() {
			totals[i] += part.Rows.Len()
		}
	}
	for i, total := range totals {
		into.parts[i].Rows.grow(total)
	}
	for _, other := range batches {
		for i, part := range other.Parts() {
			if part.Rows.Len() > 0 {
				into.like(i, part).append(part.Rows)
			}
		}
	}
}

// Clear takes all rows out of b, and keeps their memory for others.
func (b *Batch) Clear() {
	for _, part := range b.Parts() {
		part.Rows.clear()
	}
}

// Cut divides the rows after the first n, in the order in which they are stored. Both share the rows of b.
func (b *Batch) Cut(n int) (first, second Batch) {
	head, tail := newTarget(&first), newTarget(&second)
	for i, part := range b.Parts() {
		k := min(n, part.Rows.Len())
		part.Rows.cut(k, head.like(i, part), tail.like(i, part))
		n -= k
	}
	return first, second
}

// Deal makes n batches of the rows, each in the order they had. to returns for each row of a part the batch that gets it.
func (b *Batch) Deal(n int, to func(Part) ([]int, error)) ([]Batch, error) {
	batches := make([]Batch, n)
	into := make([]target, n)
	for i := range batches {
		into[i] = newTarget(&batches[i])
	}
	for i, part := range b.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		choice, err := to(part)
		if err != nil {
			return nil, err
		}
		receivers := make([]Rows, n)
		for shard := range receivers {
			receivers[shard] = into[shard].like(i, part)
		}
		part.Rows.deal(choice, receivers)
	}
	return batches, nil
}

// Rows counts the rows of all tables. It names them once more, because each answer is counted, and Parts would move every
// batch that is counted to the heap.
func (b *Batch) Rows() int {
	total := len(b.Lines) + len(b.LineChanges) + len(b.Names) + len(b.Members) + len(b.Traffic) + len(b.Daily) + len(b.Monthly) +
		len(b.Sessions) + len(b.Authentications) + len(b.SessionEvents) + len(b.Forecasts) + len(b.StaleAfter) +
		len(b.Contracts) + len(b.Products) + len(b.Orders) + len(b.ServiceOrders) + len(b.ServiceOrderDetails) +
		len(b.IPoEProducts) + len(b.IPoESites) + len(b.IPoEOrders) +
		len(b.Sweeps) + len(b.Findings) + len(b.DeadLetters) + len(b.Watermarks)
	for _, part := range b.More {
		total += part.Rows.Len()
	}
	return total
}
