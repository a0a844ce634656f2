package exposition

import "time"

// Age makes the last rendering an old one.
func (e *Exposition) Age() { e.current.Load().asOf = time.Time{} }

// Fresh is the snapshot that a scrape gets, to compare.
func (e *Exposition) Fresh() any { return e.fresh() }

// FirstBlock is what the first block was rendered to, to compare.
func (e *Exposition) FirstBlock() any { return e.current.Load().blocks[0] }

// FirstRows are the rows of the first block, by family.
func (e *Exposition) FirstRows() map[string][]byte {
	rows := make(map[string][]byte)
	for id, series := range e.current.Load().blocks[0].series {
		rows[e.families[id].Name] = series.rows
	}
	return rows
}
