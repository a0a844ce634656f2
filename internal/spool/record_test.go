package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"

	"kaisen/schema"
)

// Every row of every table comes back as it was, whatever its fields hold.
func TestRecordsReadBack(t *testing.T) {
	c := newCodec()
	for seed := range uint64(300) {
		f := filler{t, rand.New(rand.NewPCG(seed, 0))}
		want, since := f.batch(int(seed%4)), time.UnixMilli(f.random.Int64N(1<<41))
		for _, wrap := range []byte{plain, packed} {
			record, err := c.encode(&want, since, wrap)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if h := headOf(record); h.rows != want.Rows() || !h.since.Equal(since) || h.packed != (wrap == packed) {
				t.Errorf("seed %d: head %+v of %d rows, accepted %s", seed, h, want.Rows(), since)
			}
			got, err := c.decode(record)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d: %s", seed, diff)
			}
		}
	}
}

func TestATimeWithoutAYearOfFourDigitsIsNotAccepted(t *testing.T) {
	b := openBox(t, DefaultConfig())
	batch := sweeps("1")
	batch.Sweeps[0].StartedAt = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := b.Write(t.Context(), batch); err == nil {
		t.Error("accepted what could not be read back")
	}
	b.write(t, "2")
}

// A spool may be read by a much later kaisen than wrote it. The files are never made anew once released: a field that
// was renamed or removed since shows here, and needs a way to read the old one.
func TestFormat1CanStillBeRead(t *testing.T) {
	c := newCodec()
	text, err := os.ReadFile("testdata/format1.json")
	if err != nil {
		t.Fatal(err)
	}
	var want schema.Batch
	known := json.NewDecoder(bytes.NewReader(text))
	known.DisallowUnknownFields()
	if err := known.Decode(&want); err != nil {
		t.Fatal(err)
	}
	for wrap, name := range []string{plain: "testdata/format1-plain.bin", packed: "testdata/format1-packed.bin"} {
		if os.Getenv("KAISEN_TEST_FORMAT1") == "write" {
			record, err := c.encode(&want, time.Unix(1780000000, 0), byte(wrap))
			if err := errors.Join(err, os.WriteFile(name, record, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		record, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.decode(record)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// resum gives a record the checksum of what it is now.
func resum(record []byte) []byte {
	binary.BigEndian.PutUint32(record[14:], checksum(record))
	return record
}

// reseal makes a record of rows in CBOR that no kaisen of this version would write.
func reseal(t *testing.T, c *codec, table string, rows any) []byte {
	t.Helper()
	record, err := c.encode(&schema.Batch{}, time.Now(), plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []any{table, rows} {
		text, err := cbor.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		record = append(record, text...)
	}
	return resum(record)
}

func TestWhatALaterKaisenWroteIsToldApart(t *testing.T) {
	c := newCodec()
	later := sweepRecord(t, c)
	later[0] = recordFormat + 1
	for name, test := range map[string]struct {
		record []byte
		want   error
	}{
		"format":  {resum(later), errLater},
		"table":   {reseal(t, c, "moods", []map[string]any{{"Mood": "fine"}}), errLater},
		"field":   {reseal(t, c, "sweeps", []map[string]any{{"Job": "traffic", "Mood": "fine"}}), errLater},
		"changed": {append(sweepRecord(t, c), 0), errDamaged},
		"empty":   {nil, errDamaged},
		"wrap":    {func() []byte { r := sweepRecord(t, c); r[1] = 7; return resum(r) }(), errDamaged},
	} {
		if b, err := c.decode(test.record); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %d rows", name, err, b.Rows())
		}
	}
	older := reseal(t, c, "sweeps", []map[string]any{{"Job": "traffic"}}) // from before the other fields were added
	if b, err := c.decode(older); err != nil || cmp.Diff(sweeps("traffic"), b) != "" {
		t.Errorf("an older record: %v, %+v", err, b.Sweeps)
	}
}

// mood is a row of a table that a collector declares itself.
type mood struct {
	schema.LineKey
	Mood string
	At   time.Time
}

func TestRecordsOfOtherTables(t *testing.T) {
	want := sweeps("1")
	*schema.More[mood](&want, "moods") = []mood{{Mood: "fine", At: time.Unix(1780000000, 1).UTC()}, {LineKey: schema.LineKey{LineNo: "1"}}}
	c := newCodec(schema.NewTable[mood]("moods", ""))
	record, err := c.encode(&want, time.Now(), packed)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.decode(record)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*schema.More[mood](&want, "moods"), *schema.More[mood](&got, "moods")); diff != "" || got.Rows() != 3 {
		t.Errorf("%d rows: %s", got.Rows(), diff)
	}
	if _, err := newCodec().decode(record); !errors.Is(err, errLater) { // whose collector was in a later kaisen
		t.Errorf("a table that nobody declared: %v", err)
	}
}

func sweepRecord(t *testing.T, c *codec) []byte {
	t.Helper()
	b := sweeps("1")
	record, err := c.encode(&b, time.Now(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// Whatever the bytes are, the answer is a batch or an error.
func FuzzDecode(f *testing.F) {
	c := newCodec()
	fill := filler{f, rand.New(rand.NewPCG(1, 1))}
	for _, wrap := range []byte{plain, packed} {
		b := fill.batch(2)
		record, err := c.encode(&b, time.Now(), wrap)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		headOf(record)
		if len(record) >= headBytes {
			record = resum(bytes.Clone(record)) // else the checksum ends it
		}
		if b, err := c.decode(record); err == nil {
			if _, err := c.encode(&b, time.Now(), plain); err != nil {
				t.Errorf("read, but not to be written: %v", err)
			}
		}
	})
}
