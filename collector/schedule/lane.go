package schedule

// The lanes in which a target waits.
const (
	byDue = iota // its next question
	byAge        // its last question
	lanes
)

// lane is a heap of targets, that with the smallest key first.
type lane struct {
	which int
	items []Target
}

func (l *lane) top() Target {
	if len(l.items) == 0 {
		return 0
	}
	return l.items[0]
}

// put adds a target, or moves it to where its key belongs now.
func (l *lane) put(a *arena, h Target, key int64) {
	t := a.at(h)
	t.key[l.which] = key
	if t.pos[l.which] < 0 {
		t.pos[l.which] = int32(len(l.items))
		l.items = append(l.items, h)
	}
	if !l.up(a, int(t.pos[l.which])) {
		l.down(a, int(t.pos[l.which]))
	}
}

// drop takes a target out, if it is there.
func (l *lane) drop(a *arena, h Target) {
	t := a.at(h)
	i, last := int(t.pos[l.which]), len(l.items)-1
	if i < 0 {
		return
	}
	t.pos[l.which] = -1
	moved := l.items[last]
	l.items = l.items[:last]
	if i == last {
		return
	}
	l.items[i] = moved
	a.at(moved).pos[l.which] = int32(i)
	if !l.up(a, i) {
		l.down(a, i)
	}
}

func (l *lane) up(a *arena, i int) (moved bool) {
	h := l.items[i]
	t := a.at(h)
	key := t.key[l.which]
	for i > 0 {
		parent := (i - 1) / 4
		above := a.at(l.items[parent])
		if above.key[l.which] <= key {
			break
		}
		l.items[i], above.pos[l.which] = l.items[parent], int32(i)
		i, moved = parent, true
	}
	l.items[i], t.pos[l.which] = h, int32(i)
	return moved
}

// down has four children to a parent: half as many levels, and so misses of the cache.
func (l *lane) down(a *arena, i int) {
	h := l.items[i]
	t := a.at(h)
	key := t.key[l.which]
	for {
		least, leastKey := -1, key
		for child := 4*i + 1; child <= 4*i+4 && child < len(l.items); child++ {
			if k := a.at(l.items[child]).key[l.which]; k < leastKey {
				least, leastKey = child, k
			}
		}
		if least < 0 {
			break
		}
		l.items[i] = l.items[least]
		a.at(l.items[i]).pos[l.which] = int32(i)
		i = least
	}
	l.items[i], t.pos[l.which] = h, int32(i)
}
