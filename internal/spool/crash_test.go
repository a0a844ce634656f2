package spool

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaisen/internal/envtest"
)

// The process is killed at random moments, again and again, with a store that fails at random, too. Afterwards what
// was acknowledged is in the store, once, in the order of each writer; refused rows are dead letters, each one.
func TestNothingAcknowledgedIsLostOrDoubledByKills(t *testing.T) {
	dir, acknowledged := t.TempDir(), map[string]bool{}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	next := 1
	for round := range envtest.Number(t, "KAISEN_TEST_SPOOL_KILLS", 20) {
		c := startChild(t, "write", dir, next, uint64(round))
		var killer *time.Timer
		c.acknowledged(func(name string) {
			if killer == nil { // it is up
				killer = time.AfterFunc(time.Duration(random.IntN(60_000))*time.Microsecond, func() { _ = c.cmd.Process.Kill() })
			}
			acknowledged[name] = true
			_, number, _ := strings.Cut(name, ":")
			if n, err := strconv.Atoi(number); err != nil {
				t.Errorf("%q: %v", name, err)
			} else {
				next = max(next, n+1000) // many after it may be under way
			}
		})
		if err := c.cmd.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Fatalf("round %d ended with %v\n%s", round, err, c.stderr.String())
		}
	}
	finish(t, dir)
	tables, inserts, repeated := readLedger(t, dir)
	t.Logf("%d observations acknowledged, %d inserts, %d of them repeated", len(acknowledged), inserts, repeated)
	if len(acknowledged) < 10*envtest.Number(t, "KAISEN_TEST_SPOOL_KILLS", 20) {
		t.Errorf("%d observations prove little", len(acknowledged))
	}
	for _, table := range []string{"sweeps", "traffic_samples"} {
		eachOnce(t, table, tables[table], acknowledged)
		inOrder(t, table, tables[table])
	}
	eachOnce(t, "dead_letters", refused(tables["dead_letters"]), onlyBad(acknowledged))
}

// finish has a last process deliver what is left.
func finish(t *testing.T, dir string) {
	t.Helper()
	c := startChild(t, "deliver", dir, 0, 0)
	c.acknowledged(func(string) {})
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("the last process ended with %v\n%s", err, c.stderr.String())
	}
}

// eachOnce checks that every name wanted is among the rows, and that no row is there twice.
func eachOnce(t *testing.T, table string, rows []string, wanted map[string]bool) {
	t.Helper()
	times := map[string]int{}
	for _, row := range rows {
		if times[row]++; times[row] == 2 {
			t.Errorf("%s: %s is there again", table, row)
		}
	}
	for name := range wanted {
		if times[name] == 0 {
			t.Errorf("%s: %s is lost", table, name)
		}
	}
}

// inOrder checks that each writer's rows ascend.
func inOrder(t *testing.T, table string, rows []string) {
	t.Helper()
	last := map[string]int{}
	for _, row := range rows {
		writer, number, _ := strings.Cut(row, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n <= last[writer] {
			t.Errorf("%s: %s comes after %d, %v", table, row, last[writer], err)
		}
		last[writer] = n
	}
}

// refused finds the names of the rows that became dead letters.
func refused(letters []string) []string {
	job := regexp.MustCompile(`"Job":"bad ([0-9:]+)"`)
	var names []string
	for _, letter := range letters {
		if found := job.FindStringSubmatch(letter); found != nil {
			names = append(names, found[1])
		}
	}
	return names
}

func onlyBad(names map[string]bool) map[string]bool {
	bad := map[string]bool{}
	for name := range names {
		_, number, _ := strings.Cut(name, ":")
		if n, err := strconv.Atoi(number); err == nil && n%refusedEvery == 0 {
			bad[name] = true
		}
	}
	return bad
}

// On a disk that is full nothing is acknowledged, what waits is delivered all the same, and once there is room all
// goes on. The disk is a limit to the size of the process's files.
func TestADiskThatFillsUp(t *testing.T) {
	dir, acknowledged := t.TempDir(), map[string]bool{}
	var order []string
	c := startChild(t, "limited", dir, 0, 0)
	c.acknowledged(func(name string) {
		acknowledged[name] = true
		order = append(order, name)
	})
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("ended with %v\n%s", err, c.stderr.String())
	}
	for _, text := range []string{"the spool cannot be written; sweeps wait until it can", "the spool can be written again"} {
		if !strings.Contains(c.stderr.String(), text) {
			t.Errorf("not logged: %s\n%s", text, c.stderr.String())
		}
	}
	tables, _, _ := readLedger(t, dir)
	eachOnce(t, "traffic_samples", tables["traffic_samples"], acknowledged)
	if len(order) < 200 || !slices.Equal(order, tables["traffic_samples"]) {
		t.Errorf("%d acknowledged, %d stored, or in another order", len(order), len(tables["traffic_samples"]))
	}
	if got, want := fmt.Sprint(len(refused(tables["dead_letters"]))), fmt.Sprint(len(onlyBad(acknowledged))); got != want {
		t.Errorf("%s dead letters of refused rows, want %s", got, want)
	}
}
