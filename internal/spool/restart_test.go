package spool

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"kaisen/schema"
)

// leave writes something, and ends with the store away. What it returns knows the folder.
func leave(t *testing.T, cfg Config, write func(b *testOutbox)) Config {
	t.Helper()
	b := openTestOutbox(t, cfg)
	write(b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return b.cfg
}

func TestWhatIsLeftIsSentAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		accepted := time.Now()
		cfg := leave(t, DefaultConfig(), func(b *testOutbox) {
			b.write(t, "1", "2")
			b.write(t, "3")
		})
		time.Sleep(time.Hour)
		b := openTestOutbox(t, cfg)
		if got := testutil.ToFloat64(b.metrics.oldest); got != float64(accepted.Unix()) {
			t.Errorf("oldest %g, accepted %d", got, accepted.Unix())
		}
		b.write(t, "4")
		b.goOn(t)
		b.end(t)
		if diff := cmp.Diff([]string{"1", "2", "3", "4"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
		again := run(t, cfg)
		again.end(t)
		if len(again.store.tried()) != 0 {
			t.Errorf("sent again: %v", again.store.tried())
		}
	})
}

// A delivery that was under way when the process died is made again with the same rows, whatever has come since.
func TestADeliveryIsMadeAgainAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.FlushRows, cfg.DrainTimeout = 3, 0
		first := run(t, cfg)
		first.store.fail(errors.New("away"))
		for _, job := range []string{"1", "2", "3", "4"} {
			first.write(t, job)
		}
		time.Sleep(time.Minute)
		first.write(t, "5")
		first.stop()
		if err := outcome(t, first.ended); err == nil || !strings.Contains(err.Error(), "5 rows are not in the store yet") {
			t.Errorf("ended with %v", err)
		}
		_ = first.Close()
		under := first.store.tried()[0]

		cfg = first.cfg
		cfg.FlushRows = 100
		second := run(t, cfg)
		second.write(t, "6")
		second.end(t)
		inserts := second.store.inserts()
		if len(inserts) == 0 || !slices.Equal(inserts[0], under) {
			t.Errorf("the first delivery is %v, want %v as before", inserts, under)
		}
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6"}, slices.Concat(inserts...)); diff != "" {
			t.Error(diff) // which of the others go together is a matter of moments
		}
	})
}

// Wherever a bisection is interrupted, the next process goes on with the same pieces: compared by their rows, as the
// database does, every piece is stored once, and every refused row is one dead letter.
func TestABisectionSurvivesAnEndInTheMiddle(t *testing.T) {
	for cut := range 30 {
		synctest.Test(t, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.DrainTimeout = 0
			batch := sweeps("1", "2", "bad", "3", "4", "bad", "5", "6", "7")
			batch.Lines = []schema.Line{{LineKey: schema.LineKey{LineNo: "first"}}}
			batch.Watermarks = []schema.LogWatermark{{Log: "last"}}
			var stored []string
			letters := 0
			for round := 0; ; round++ {
				b := openTestOutbox(t, cfg)
				cfg = b.cfg
				b.store.bad = "bad"
				if round == 0 {
					if err := b.Write(t.Context(), batch); err != nil {
						t.Fatal(err)
					}
				}
				ctx, die := context.WithCancel(t.Context())
				taken := 0
				b.store.after = func() {
					if taken++; round == 0 && taken == cut {
						die()
						b.store.failing = errors.New("away")
					}
				}
				done := make(chan error, 1)
				go func() { done <- b.Run(ctx) }()
				if err := b.Flush(t.Context()); err == nil {
					die()
				}
				err := <-done
				_ = b.Close()
				for _, insert := range b.store.inserts() {
					if text := fmt.Sprint(insert); !slices.Contains(stored, text) && len(insert) > 0 {
						stored = append(stored, text)
					}
				}
				letters += len(b.store.letters)
				if err == nil {
					break
				}
			}
			rows := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(strings.Join(stored, " ")))
			if diff := cmp.Diff([]string{"line", "first", "1", "2", "3", "4", "5", "6", "7", "mark", "last"}, rows); diff != "" || letters != 2 {
				t.Errorf("interrupted after %d pieces, %d dead letters: %s", cut, letters, diff)
			}
		})
	}
}

func TestARefusedDeadLetterIsQuarantined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := run(t, DefaultConfig())
		b.store.badWord = "traffic"
		letter := schema.Batch{DeadLetters: []schema.DeadLetter{{Operation: "traffic", Payload: []byte("?")}}}
		if err := b.Write(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		b.write(t, "1")
		b.end(t)
		if diff := cmp.Diff([]string{"1"}, b.store.all()); diff != "" || b.logs.count("kept aside") != 1 {
			t.Errorf("%s%s", diff, b.logs)
		}
		again := run(t, b.cfg) // of a database that takes it
		again.end(t)
		if len(again.store.letters) != 1 {
			t.Errorf("%d dead letters", len(again.store.letters))
		}
	})
}

func TestAFileOfALaterKaisenIsLeftAlone(t *testing.T) {
	cfg := leave(t, DefaultConfig(), func(b *testOutbox) { b.write(t, "1") })
	files, _ := onDisk(t, cfg)
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	content[len(frameSign)] = frameFormat + 1
	binary.BigEndian.PutUint32(content[frameHead-4:], crc32.Checksum(content[:frameHead-4], crc32.MakeTable(crc32.Castagnoli)))
	if err := os.WriteFile(files[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newTestOutbox(t, cfg).Open(); err == nil || !strings.Contains(err.Error(), "a later kaisen wrote it; start that version again, or move the file away") {
		t.Errorf("opened with %v", err)
	}
	if after, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(content, after) {
		t.Errorf("it is another file now, error %v", err)
	}
}

func TestTwoKaisensCannotShareAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := openTestOutbox(t, DefaultConfig())
		err := newTestOutbox(t, first.cfg).Open()
		if want := "spool " + first.cfg.path() + ": another kaisen is using it: stop that one, or give this one a folder of its own (store.spool)"; err == nil || err.Error() != want {
			t.Errorf("opened with %v", err)
		}
		first.write(t, "1")
		other := first.cfg
		other.Name = "sweep"
		openTestOutbox(t, other).write(t, "2")
	})
}

// A file that an outage has made large becomes small again, under way.
func TestTheFileShrinks(t *testing.T) {
	b := run(t, DefaultConfig())
	b.store.fail(errors.New("away"))
	payload := make([]byte, 9<<20) // that does not pack
	_, _ = rand.NewChaCha8([32]byte{}).Read(payload)
	large := schema.Batch{DeadLetters: []schema.DeadLetter{{Payload: payload}}}
	for range 4 {
		if err := b.Write(t.Context(), large); err != nil {
			t.Fatal(err)
		}
	}
	if _, grown := onDisk(t, b.cfg); grown < 32<<20 {
		t.Fatalf("%d bytes after four times 9 MiB", grown)
	}
	b.store.fail(nil)
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b.write(t, "1")
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, shrunk := onDisk(t, b.cfg); shrunk > 4<<20 {
		t.Errorf("%d bytes of nothing", shrunk)
	}
	b.end(t)
	again := run(t, b.cfg)
	again.write(t, "2")
	again.end(t)
	if diff := cmp.Diff([]string{"2"}, again.store.all()); diff != "" {
		t.Error(diff)
	}
}

// What a process left whose clock was nine hours ahead is delivered all the same.
func TestRowsOfTheFutureAreDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := leave(t, DefaultConfig(), func(b *testOutbox) { b.write(t, "1") })
		codec := newCodec()
		spoil(t, cfg, func(_ uint64, record []byte) []byte {
			batch, err := codec.decode(record)
			if err != nil {
				t.Fatal(err)
			}
			return recordOf(codec, time.Now().Add(9*time.Hour), &batch)
		})
		b := run(t, cfg)
		time.Sleep(time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"1"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
		b.end(t)
	})
}

// Who wants to know whether a service runs asks for its file, and leaves it as it is.
func TestAFileInUseIsSeen(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir = t.TempDir()
	if InUse(cfg) {
		t.Error("no file is in use")
	}
	b := openTestOutbox(t, cfg)
	b.write(t, "1")
	if !InUse(cfg) {
		t.Error("an open file is not in use")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if InUse(cfg) {
		t.Error("a file that was closed is in use")
	}
}

// What an earlier process left goes to the store first, and what came since only once it is released: not even in the same delivery.
func TestHeldUntilReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Dir, cfg.DrainTimeout = t.TempDir(), 0
		leave(t, cfg, func(b *testOutbox) { b.write(t, "1", "2") })
		next := openTestOutbox(t, cfg)
		next.Hold()
		next.write(t, "3")
		next.goOn(t)
		next.write(t, "4")
		if err := next.FlushEarlier(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{"1", "2"}, next.store.all()); diff != "" {
			t.Errorf("before Release: %s", diff)
		}
		next.write(t, "5")
		next.Release()
		if err := next.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, next.store.all()); diff != "" {
			t.Errorf("after Release: %s", diff)
		}
		next.end(t)
	})
}

// Who ends keeps nothing back.
func TestHeldUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Dir = t.TempDir()
		b := openTestOutbox(t, cfg)
		b.Hold()
		b.goOn(t)
		b.write(t, "1")
		time.Sleep(time.Minute)
		b.end(t)
		if diff := cmp.Diff([]string{"1"}, b.store.all()); diff != "" {
			t.Error(diff)
		}
	})
}
