package schema

// Batch is what one observation brought: rows for any of the tables, all or none of them safe. The store writes
// Watermarks last, so that a watermark is never ahead of the rows it speaks for.
type Batch struct {
	Traffic         []TrafficSample
	Daily           []TrafficDaily
	Monthly         []TrafficMonthly
	Sessions        []SessionSample
	Authentications []Authentication
	SessionEvents   []SessionEvent
	Lines           []Line
	LineChanges     []LineChange
	Members         []DataShareMember
	Sweeps          []Sweep
	DeadLetters     []DeadLetter
	Watermarks      []LogWatermark
}

// Append adds the rows of other behind those of b.
func (b *Batch) Append(other Batch) {
	b.Traffic = append(b.Traffic, other.Traffic...)
	b.Daily = append(b.Daily, other.Daily...)
	b.Monthly = append(b.Monthly, other.Monthly...)
	b.Sessions = append(b.Sessions, other.Sessions...)
	b.Authentications = append(b.Authentications, other.Authentications...)
	b.SessionEvents = append(b.SessionEvents, other.SessionEvents...)
	b.Lines = append(b.Lines, other.Lines...)
	b.LineChanges = append(b.LineChanges, other.LineChanges...)
	b.Members = append(b.Members, other.Members...)
	b.Sweeps = append(b.Sweeps, other.Sweeps...)
	b.DeadLetters = append(b.DeadLetters, other.DeadLetters...)
	b.Watermarks = append(b.Watermarks, other.Watermarks...)
}

// Merge is the rows of all batches, in their order, in slices of their own that are made once.
func Merge(batches []*Batch) Batch {
	return Batch{
		Traffic:         gather(batches, func(b *Batch) []TrafficSample { return b.Traffic }),
		Daily:           gather(batches, func(b *Batch) []TrafficDaily { return b.Daily }),
		Monthly:         gather(batches, func(b *Batch) []TrafficMonthly { return b.Monthly }),
		Sessions:        gather(batches, func(b *Batch) []SessionSample { return b.Sessions }),
		Authentications: gather(batches, func(b *Batch) []Authentication { return b.Authentications }),
		SessionEvents:   gather(batches, func(b *Batch) []SessionEvent { return b.SessionEvents }),
		Lines:           gather(batches, func(b *Batch) []Line { return b.Lines }),
		LineChanges:     gather(batches, func(b *Batch) []LineChange { return b.LineChanges }),
		Members:         gather(batches, func(b *Batch) []DataShareMember { return b.Members }),
		Sweeps:          gather(batches, func(b *Batch) []Sweep { return b.Sweeps }),
		DeadLetters:     gather(batches, func(b *Batch) []DeadLetter { return b.DeadLetters }),
		Watermarks:      gather(batches, func(b *Batch) []LogWatermark { return b.Watermarks }),
	}
}

func gather[T any](batches []*Batch, rows func(*Batch) []T) []T {
	total := 0
	for _, b := range batches {
		total += len(rows(b))
	}
	if total == 0 {
		return nil
	}
	all := make([]T, 0, total)
	for _, b := range batches {
		all = append(all, rows(b)...)
	}
	return all
}

// Rows counts the rows of all tables.
func (b *Batch) Rows() int {
	return len(b.Traffic) + len(b.Daily) + len(b.Monthly) + len(b.Sessions) + len(b.Authentications) +
		len(b.SessionEvents) + len(b.Lines) + len(b.LineChanges) + len(b.Members) + len(b.Sweeps) +
		len(b.DeadLetters) + len(b.Watermarks)
}

// State is what a collector needs to know of the past to go on where an earlier process stopped.
type State struct {
	Lines           []Line            // latest, whatever their state
	Members         []DataShareMember // latest
	Traffic         []TrafficSample   // the latest of each line and scope
	Sessions        []SessionSample   // the latest of each line
	Daily           []TrafficDaily    // the newest 33 days known of each line and scope
	Monthly         []TrafficMonthly  // the newest 4 months known of each line and scope
	Watermarks      []LogWatermark    // the latest of each log
	Authentications []Authentication  // not before the watermark less the overlap that is read again
	SessionEvents   []SessionEvent    // likewise
}
