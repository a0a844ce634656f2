package fleet

// Names says whose words name a line on metrics, page and alerts.
type Names string

const (
	NamesFile Names = "name" // labels_file
	NamesNote Names = "note" // labels_file, and the carrier's note of a line that it does not name
	NamesNone Names = "none" // nobody's: for surfaces whose readers may not know them
)
