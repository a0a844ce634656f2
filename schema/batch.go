package schema

// Batch is what one observation brought: rows for any of the tables, all or none of them safe. The store writes
// Watermarks last, so that a watermark is never ahead of the rows it speaks for.
type Batch struct {
	Lines           []Line
	LineChanges     []LineChange
	Members         []DataShareMember
	Traffic         []TrafficSample
	Daily           []TrafficDaily
	Monthly         []TrafficMonthly
	Sessions        []SessionSample
	Authentications []Authentication
	SessionEvents   []SessionEvent

	Contracts           []Contract
	Products            []Product
	Orders              []Order
	ServiceOrders       []ServiceOrder
	ServiceOrderDetails []ServiceOrderDetail
	IPoEProducts        []IPoEProduct
	IPoESites           []IPoESite
	IPoEOrders          []IPoEOrder

	Sweeps      []Sweep
	DeadLetters []DeadLetter
	Watermarks  []LogWatermark
}

// tableCount is the number of tables that kaisen writes.
const tableCount = 20

// Parts are the rows of b by table, empty ones too, in the order in which they are stored.
func (b *Batch) Parts() [tableCount]Part {
	return [tableCount]Part{
		{"lines", rowsOf[Line]{&b.Lines}},
		{"line_changes", rowsOf[LineChange]{&b.LineChanges}},
		{"data_share_members", rowsOf[DataShareMember]{&b.Members}},
		{"traffic_samples", rowsOf[TrafficSample]{&b.Traffic}},
		{"traffic_daily", rowsOf[TrafficDaily]{&b.Daily}},
		{"traffic_monthly", rowsOf[TrafficMonthly]{&b.Monthly}},
		{"session_samples", rowsOf[SessionSample]{&b.Sessions}},
		{"authentications", rowsOf[Authentication]{&b.Authentications}},
		{"session_events", rowsOf[SessionEvent]{&b.SessionEvents}},
		{"contracts", rowsOf[Contract]{&b.Contracts}},
		{"products", rowsOf[Product]{&b.Products}},
		{"orders", rowsOf[Order]{&b.Orders}},
		{"service_orders", rowsOf[ServiceOrder]{&b.ServiceOrders}},
		{"service_order_details", rowsOf[ServiceOrderDetail]{&b.ServiceOrderDetails}},
		{"ipoe_products", rowsOf[IPoEProduct]{&b.IPoEProducts}},
		{"ipoe_sites", rowsOf[IPoESite]{&b.IPoESites}},
		{"ipoe_orders", rowsOf[IPoEOrder]{&b.IPoEOrders}},
		{"sweeps", rowsOf[Sweep]{&b.Sweeps}},
		{"dead_letters", rowsOf[DeadLetter]{&b.DeadLetters}},
		{"log_watermarks", rowsOf[LogWatermark]{&b.Watermarks}}, // they speak for the rows above
	}
}

// Append adds the rows of other behind those of b.
func (b *Batch) Append(other Batch) {
	from := other.Parts()
	for i, part := range b.Parts() {
		part.Rows.append(from[i].Rows)
	}
}

// Merge is the rows of all batches, in their order, in slices of their own that are made once.
func Merge(batches []*Batch) Batch {
	all := new(Batch)
	into := all.Parts()
	var totals [tableCount]int
	for _, b := range batches {
		for i, part := range b.Parts() {
			totals[i] += part.Rows.Len()
		}
	}
	for i, total := range totals {
		into[i].Rows.grow(total)
	}
	for _, b := range batches {
		for i, part := range b.Parts() {
			into[i].Rows.append(part.Rows)
		}
	}
	return *all
}

// Cut divides the rows after the first n, in the order in which they are stored. Both share the rows of b.
func (b *Batch) Cut(n int) (first, second Batch) {
	head, tail := first.Parts(), second.Parts()
	for i, part := range b.Parts() {
		k := min(n, part.Rows.Len())
		part.Rows.cut(k, head[i].Rows, tail[i].Rows)
		n -= k
	}
	return first, second
}

// Deal makes n batches of the rows, each in the order they had. to says for each row of a part which batch gets it.
func (b *Batch) Deal(n int, to func(Part) ([]int, error)) ([]Batch, error) {
	batches := make([]Batch, n)
	into := make([][tableCount]Part, n)
	for i := range batches {
		into[i] = batches[i].Parts()
	}
	for table, part := range b.Parts() {
		if part.Rows.Len() == 0 {
			continue
		}
		dealt, err := to(part)
		if err != nil {
			return nil, err
		}
		hands := make([]Rows, n)
		for i := range hands {
			hands[i] = into[i][table].Rows
		}
		part.Rows.deal(dealt, hands)
	}
	return batches, nil
}

// Rows counts the rows of all tables.
func (b *Batch) Rows() int {
	total := 0
	for _, part := range b.Parts() {
		total += part.Rows.Len()
	}
	return total
}
