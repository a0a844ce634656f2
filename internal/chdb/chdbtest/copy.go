package chdbtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// copied is a database that was made like the template.
type copied struct {
	database string
	made     map[string]string // by table: what there was of it on the disk when it was made; see state
}

// take is a database like the template, for one test: that of a test that has ended, or a new one. In the former,
// whatever that test has touched, by so much as one row, is made anew: the engine takes 10 ms and more for a table, and
// most tests touch few.
func (e *Engine) take() (*copied, error) {
	e.mu.Lock()
	var c *copied
	if last := len(e.template.free) - 1; last >= 0 {
		c, e.template.free = e.template.free[last], e.template.free[:last]
	}
	e.mu.Unlock()
	if c != nil {
		if e.mend(c) == nil {
			return c, nil
		}
		// Its user has dropped it, or worse.
		if err := e.post("DROP DATABASE IF EXISTS " + c.database); err != nil {
			return nil, err
		}
	}
	database, err := e.create()
	if err != nil {
		return nil, err
	}
	c = &copied{database: database, made: map[string]string{}}
	return c, e.make(c, e.template.tables)
}

// give ends the use of a database.
func (e *Engine) give(c *copied) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.template.free = append(e.template.free, c)
}

// mend makes a used database like the template. What its last user still asks ends first, or it would reach the next one.
func (e *Engine) mend(c *copied) error {
	if err := e.post(fmt.Sprintf("KILL QUERY WHERE current_database = '%s' SYNC FORMAT Null", c.database)); err != nil {
		return err
	}
	now, err := e.states(c.database)
	if err != nil {
		return err
	}
	var missing []templateTable
	rows := false
	for _, table := range e.template.tables {
		rows = rows || table.Rows > 0 && c.made[table.Name] != now[table.Name]
		if c.made[table.Name] != now[table.Name] || rows && table.isMaterialized() { // which would copy the rows
			missing = append(missing, table)
			delete(c.made, table.Name)
		}
	}
	for table := range now {
		if _, asMade := c.made[table]; asMade {
			continue
		}
		if err := e.post(fmt.Sprintf("DROP TABLE %s.%s", c.database, table)); err != nil {
			return err
		}
	}
	return e.make(c, missing)
}

// make makes some of the template's tables in a database that has none of them.
func (e *Engine) make(c *copied, tables []templateTable) error {
	for _, table := range tables {
		if err := e.post(table.in(c.database)); err != nil {
			return err
		}
		if table.Rows == 0 {
			continue
		}
		if err := e.post(fmt.Sprintf("INSERT INTO %s.%s SELECT * FROM %s.%[2]s", c.database, table.Name, templateName)); err != nil {
			return err
		}
	}
	now, err := e.states(c.database)
	for _, table := range tables {
		c.made[table.Name] = now[table.Name]
	}
	return err
}

// states are the states of all tables and views of a database.
func (e *Engine) states(database string) (map[string]string, error) {
	folder, err := filepath.EvalSymlinks(filepath.Join(e.Folder(), "metadata", database))
	if err != nil {
		return nil, err
	}
	definitions, err := os.ReadDir(folder)
	all := map[string]string{}
	for _, definition := range definitions {
		if table, ok := strings.CutSuffix(definition.Name(), ".sql"); ok && err == nil {
			all[table], err = e.state(filepath.Join(folder, definition.Name()))
		}
	}
	return all, err
}

// tableID is in the first line of a table's definition.
var tableID = regexp.MustCompile(`UUID '((...)[^']*)'`)

// state is what the engine keeps on the disk of a table: its definition, parts, mutations, and what was detached. It reads
// folders and not system.tables and system.parts, whose columns take the engine as long as ten tables.
func (e *Engine) state(definition string) (string, error) {
	text, err := os.ReadFile(definition)
	id := tableID.FindSubmatch(text)
	if err != nil || id == nil {
		return "", errors.Join(err, fmt.Errorf("no UUID in %s", definition))
	}
	state := string(text)
	data := filepath.Join(e.Folder(), "store", string(id[2]), string(id[1]))
	for _, folder := range []string{data, filepath.Join(data, "detached")} {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // views have none
			return "", err
		}
		for _, entry := range entries {
			state += "\n" + entry.Name()
		}
	}
	return state, nil
}
