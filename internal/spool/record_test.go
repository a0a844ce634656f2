package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
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
		record := recordOf(c, since, &want)
		if most := c.bytes(&want) + slack; len(record) > most {
			t.Errorf("seed %d: %d bytes, where room was made for %d", seed, len(record), most)
		}
		if h := headOf(record); h.rows != want.Rows() || !h.since.Equal(since) {
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

// A time that no database takes is kept as it is: the row becomes a dead letter once the store has refused it.
func TestATimeOfAnyYearIsKept(t *testing.T) {
	c, want := newCodec(), sweeps("1")
	want.Sweeps[0].StartedAt, want.Sweeps[0].FinishedAt = time.Date(12026, 1, 1, 0, 0, 0, 5, time.UTC), time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC)
	got, err := c.decode(recordOf(c, time.Now(), &want))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, %s", err, diff)
	}
}

// A spool may be read by a much later kaisen than wrote it. The files are never made anew once released: a field that
// was renamed or removed since shows here, and needs a way to read the old one.
func TestEveryFormatCanStillBeRead(t *testing.T) {
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
	for _, name := range []string{"format1-plain", "format1-packed", "format2"} {
		name = "testdata/" + name + ".bin"
		if name == "testdata/"+os.Getenv("KAISEN_TEST_FORMAT")+".bin" && recordFormat == 2 {
			if err := os.WriteFile(name, recordOf(c, time.Unix(1780000000, 0), &want), 0o600); err != nil {
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

// A log whose records are of format 1 is delivered from where its kaisen had come, with what was kept aside, and goes on with
// records of today.
func TestALogOfFormat1IsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Dir = t.TempDir()
		content, err := os.ReadFile("testdata/format1.log")
		if err := errors.Join(err, os.WriteFile(cfg.path()+".00000001.log", content, 0o600)); err != nil {
			t.Fatal(err)
		}
		b := run(t, cfg)
		b.write(t, "today")
		b.end(t)
		// Record 1 was stored, and of record 2, whose delivery was under way, the first three rows.
		if got := b.store.inserts(); len(got) < 2 || !slices.Equal(b.store.all()[len(b.store.all())-3:], []string{"3", "aside", "today"}) {
			t.Errorf("%q", got)
		}
		if n := len(b.store.traffic); n != 6 {
			t.Errorf("%d traffic samples, want the last 6 of 9", n)
		}
	})
}

// resum gives a record the checksum of what it is now.
func resum(record []byte) []byte {
	binary.BigEndian.PutUint32(record[14:], checksum(record))
	return record
}

// reseal makes a record of rows in CBOR that no kaisen of this version would write.
func reseal(t testing.TB, table string, rows any) []byte {
	t.Helper()
	record := make([]byte, headBytes)
	record[0] = 1
	for _, item := range []any{table, rows} {
		text, err := cbor.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		record = append(record, text...)
	}
	return resum(record)
}

func TestWhatALaterKaisenWroteIsRecognized(t *testing.T) {
	c := newCodec()
	later := sweepRecord(t, c)
	later[0] = recordFormat + 1
	for name, test := range map[string]struct {
		record []byte
		want   error
	}{
		"format":  {resum(later), errLater},
		"table":   {reseal(t, "moods", []map[string]any{{"Mood": "fine"}}), errLater},
		"field":   {reseal(t, "sweeps", []map[string]any{{"Job": "traffic", "Mood": "fine"}}), errLater},
		"changed": {append(sweepRecord(t, c), 0), errDamaged},
		"empty":   {nil, errDamaged},
		"wrap":    {func() []byte { r := sweepRecord(t, c); r[1] = 7; return resum(r) }(), errDamaged},
	} {
		if b, err := c.decode(test.record); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %d rows", name, err, b.Rows())
		}
	}
	older := reseal(t, "sweeps", []map[string]any{{"Job": "traffic"}}) // from before the other fields were added
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

// laterMood is a mood as a later kaisen has it: with a column more, at another place, and numbers and lists of more than fits.
type laterMood struct {
	At    time.Time
	Since schema.Opt[time.Time]
	schema.LineKey
	Mood  string
	Level uint16
	Notes []laterNote
}

type laterNote struct{ Text, Author string }

// earlierMood is one of before its columns came about.
type earlierMood struct {
	At time.Time
	schema.LineKey
	Level uint8
	Notes []struct{ Text string }
}

// What an earlier kaisen did not write is zero; what a later one wrote and this one does not know is not dropped.
func TestColumnsThatCameLater(t *testing.T) {
	earlier, later := newCodec(schema.NewTable[earlierMood]("moods", "")), newCodec(schema.NewTable[laterMood]("moods", ""))
	key, at := schema.LineKey{Source: "hq", LineNo: "1"}, time.Unix(1780000000, 1).UTC()
	var old, want schema.Batch
	*schema.More[earlierMood](&old, "moods") = []earlierMood{{At: at, LineKey: key, Level: 7, Notes: []struct{ Text string }{{"a"}, {"b"}}}}
	*schema.More[laterMood](&want, "moods") = []laterMood{{At: at, LineKey: key, Level: 7, Notes: []laterNote{{Text: "a"}, {Text: "b"}}}}
	got, err := later.decode(recordOf(earlier, at, &old))
	if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); err != nil || diff != "" {
		t.Errorf("an earlier record: %v, %s", err, diff)
	}
	if _, err := earlier.decode(recordOf(later, at, &want)); !errors.Is(err, errLater) {
		t.Errorf("a later record: %v", err)
	}
	wide := newCodec(schema.NewTable[struct{ Level uint16 }]("moods", ""))
	for level, want := range map[uint16]error{255: nil, 256: errLater} {
		var b schema.Batch
		*schema.More[struct{ Level uint16 }](&b, "moods") = []struct{ Level uint16 }{{level}}
		if _, err := earlier.decode(recordOf(wide, at, &b)); !errors.Is(err, want) {
			t.Errorf("the number %d in a column of bytes: %v", level, err)
		}
	}
}

func TestRecordsOfOtherTables(t *testing.T) {
	want := sweeps("1")
	*schema.More[mood](&want, "moods") = []mood{{Mood: "fine", At: time.Unix(1780000000, 1).UTC()}, {LineKey: schema.LineKey{LineNo: "1"}}}
	c := newCodec(schema.NewTable[mood]("moods", ""))
	record := recordOf(c, time.Now(), &want)
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

// Of a record that cannot be read, nothing is left in the batch behind whose rows it was read; not even in what comes then.
func TestARecordThatCannotBeReadLeavesNothing(t *testing.T) {
	bad := schema.Batch{Traffic: []schema.TrafficSample{{TodayBytes: schema.Some[uint64](7)}, {Restriction: "x"}}}
	*schema.More[mood](&bad, "moods") = []mood{{Mood: "fine"}}
	c := newCodec()
	got := schema.Batch{Traffic: make([]schema.TrafficSample, 1, 9)}
	if err := c.decodeBehind(&got, recordOf(newCodec(schema.NewTable[mood]("moods", "")), time.Now(), &bad), 0); !errors.Is(err, errLater) {
		t.Fatal(err)
	}
	if err := c.decodeBehind(&got, sweepRecord(t, c), 100); err != nil {
		t.Fatal(err)
	}
	want := sweeps("1")
	want.Traffic = make([]schema.TrafficSample, 1)
	if diff := cmp.Diff(want, got); diff != "" || !reflect.DeepEqual(got.Traffic[:9], make([]schema.TrafficSample, 9)) {
		t.Errorf("%s", diff)
	}
}

func sweepRecord(t *testing.T, c *codec) []byte { return sweepRecordOf(t, c, "1") }

func sweepRecordOf(t *testing.T, c *codec, jobs ...string) []byte {
	t.Helper()
	b := sweeps(jobs...)
	return recordOf(c, time.Now(), &b)
}

// Whatever the bytes are, the answer is a batch or an error.
func FuzzDecode(f *testing.F) {
	c := newCodec()
	fill := filler{f, rand.New(rand.NewPCG(1, 1))}
	for range 2 {
		b := fill.batch(2)
		f.Add(recordOf(c, time.Now(), &b))
		bare := make([]byte, headBytes) // whose columns are not packed, so that each byte of them is tried
		bare[0] = recordFormat
		f.Add(c.appendRows(bare, []*schema.Batch{&b}))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		headOf(record)
		if len(record) >= headBytes {
			record = resum(bytes.Clone(record)) // else the checksum ends it
		}
		if b, err := c.decode(record); err == nil {
			again, err := c.decode(recordOf(c, time.Now(), &b))
			if diff := cmp.Diff(b, again); err != nil || diff != "" {
				t.Errorf("read, but not to be written: %v, %s", err, diff)
			}
		}
	})
}

// filler puts something into every field there is, so that a field added later is tested too.
type filler struct {
	t      testing.TB
	random *rand.Rand
}

// batch has some rows for every table.
func (f filler) batch(most int) schema.Batch {
	var b schema.Batch
	for _, part := range b.Parts() {
		rows := reflect.ValueOf(part.Rows.All()).Elem()
		for range f.random.IntN(most + 1) {
			row := reflect.New(rows.Type().Elem()).Elem()
			f.fill(row)
			rows.Set(reflect.Append(rows, row))
		}
	}
	return b
}

func (f filler) fill(v reflect.Value) {
	if f.random.IntN(8) == 0 {
		return // the zero value
	}
	if at, ok := v.Addr().Interface().(*time.Time); ok {
		*at = f.time()
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.random.IntN(2) == 0)
	case reflect.String:
		v.SetString(f.text())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		v.SetUint(f.random.Uint64() >> (64 - v.Type().Bits()) >> f.random.IntN(v.Type().Bits()))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(f.random.Uint64()) >> (64 - v.Type().Bits()))
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(f.random.Uint64() &^ (1 << 62))) // no NaN: it equals nothing
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), f.random.IntN(4), 4))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	default:
		f.t.Fatalf("a row has a %s; teach the spool's tests what to put there", v.Type())
	}
}

// text is any bytes: what a carrier sends need not be UTF-8.
func (f filler) text() string {
	text := make([]byte, f.random.IntN(40))
	for i := range text {
		text[i] = byte(f.random.Uint32())
	}
	if f.random.IntN(2) == 0 {
		return fmt.Sprintf("回線 %x", text)
	}
	return string(text)
}

// time is any instant of the years 1 to 9999, to the nanosecond, in any zone.
func (f filler) time() time.Time {
	first, last := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).Unix(), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	at := time.Unix(first+f.random.Int64N(last-first), f.random.Int64N(1e9))
	return at.In(time.FixedZone("", f.random.IntN(24*3600)-12*3600))
}
