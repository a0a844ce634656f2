package collector

import (
	"slices"
	"strings"
	"sync"
	"time"

	"kaisen/collector/carrier"
	"kaisen/schema"
)

// maxOddities is how many values of one field are kept a day: a figure whose form has changed is another one in every
// answer. A row that was left out is kept whatever there was before, since nothing else tells of it.
const maxOddities = 100

// oddities are the odd values that were kept today. The zero oddities are ready.
type oddities struct {
	mu     sync.Mutex
	day    string
	kept   map[string]bool
	fields map[string]int // how many values of each
}

// news are those dead letters in which something was not kept before today. Forget undoes that they are kept from now on.
func (o *oddities) news(letters []schema.DeadLetter, now time.Time) (news []schema.DeadLetter, forget func()) {
	if len(letters) == 0 {
		return nil, func() {}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if day := now.Format(time.DateOnly); day != o.day {
		o.day, o.kept, o.fields = day, make(map[string]bool), make(map[string]int)
	}
	var added []string
	for _, letter := range letters {
		isNews := len(letter.Oddities) == 0
		for _, oddity := range letter.Oddities {
			if o.keep(oddity) {
				added, isNews = append(added, oddity), true
			}
		}
		if isNews {
			news = append(news, letter)
		}
	}
	return news, func() { o.forget(added) }
}

// keep notes one value, and reports whether it is news. Called with the lock held.
func (o *oddities) keep(oddity string) bool {
	field := fieldOf(oddity)
	if o.kept[oddity] || o.fields[field] >= maxOddities && !strings.HasSuffix(field, lostRow) {
		return false
	}
	o.kept[oddity] = true
	o.fields[field]++
	return true
}

func (o *oddities) forget(added []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, oddity := range slices.Compact(added) {
		delete(o.kept, oddity)
		o.fields[fieldOf(oddity)]--
	}
}

// lostRow is how the field of a row that was left out ends.
const lostRow = ": " + carrier.ReasonRow

// fieldOf is an oddity without its value.
func fieldOf(oddity string) string { return oddity[:strings.LastIndex(oddity, ": ")] }
