package config

// nearest is the candidate that word was probably meant to be, or "" when none is near: at most one edit in three
// characters, and at most three edits.
func nearest(word string, candidates []string) string {
	best, fewest := "", min(len(word)/3, 3)+1
	for _, candidate := range candidates {
		if edits := distance(word, candidate); edits < fewest {
			best, fewest = candidate, edits
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
