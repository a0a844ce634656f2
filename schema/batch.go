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
