package clickhouse_test

import (
	"testing"
	"time"

	"kaisen/schema"
)

// TestMend: rows that an answer of another time has left lose to the next answer, in every table, and nothing else is
// touched. 9999 shows as 1816.
func TestMend(t *testing.T) {
	for _, wrong := range []time.Time{time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), {}} { // the last stands for 9999
		db := migrated(t)
		now := at(12, 0)
		good, bad := everyRow(), everyRow()
		redate(&good, now.Add(-time.Hour))
		if redate(&bad, wrong); wrong.IsZero() {
			redate(&bad, now.Add(-time.Minute))
		}
		for i := range bad.Daily {
			bad.Daily[i].Bytes = 77
		}
		bad.Daily = append(bad.Daily, bad.Daily[0])
		bad.Daily[len(bad.Daily)-1].Day = schema.DateOf(time.Date(2099, 12, 20, 0, 0, 0, 0, time.UTC))
		for i := range bad.Watermarks {
			bad.Watermarks[i].Watermark = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		for i := range bad.Traffic {
			bad.Traffic[i].ReceivedAt = now.Add(-30 * time.Minute)
		}
		for _, b := range []schema.Batch{good, bad} {
			if err := db.Insert(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range []string{"traffic_samples", "lines", "traffic_daily", "log_watermarks", "ipoe_sites", "dead_letters"} {
			if wrong.IsZero() {
				query(t, db, "INSERT INTO "+table+" SELECT * REPLACE (fromUnixTimestamp64Milli(253402214400000, 'Asia/Tokyo') AS observed_at) FROM "+table)
			}
		}
		found, err := db.Mend(t.Context(), key(1).Source, now)
		if err != nil || len(found) == 0 {
			t.Fatalf("%v: mended %v, error %v", wrong, found, err)
		}
		next := everyRow()
		redate(&next, now)
		if err := db.Insert(t.Context(), &next); err != nil {
			t.Fatal(err)
		}
		for _, table := range append(written(), "traffic_latest", "session_latest") {
			if table == "sweeps" {
				continue
			}
			if got := query(t, db, "SELECT count() FROM "+table+" WHERE observed_at > '"+now.Add(time.Second).In(time.FixedZone("JST", 9*3600)).Format(time.DateTime)+"'"); got != "0\n" {
				t.Errorf("%v: %s has %s rows of the future", wrong, table, got)
			}
		}
		if got := query(t, db, "SELECT count() FROM traffic_latest FINAL"); got != "3\n" {
			t.Errorf("%v: the latest samples are %s", wrong, got)
		}
		if got := query(t, db, "SELECT countIf(bytes = 77), countIf(day > toDate('"+now.Format(time.DateOnly)+"') + 1) FROM traffic_daily FINAL"); got != "0\t0\n" {
			t.Errorf("%v: %s days are the wrong answer's: %s", wrong, got, query(t, db, "SELECT scope, line_no, day, bytes, observed_at FROM traffic_daily"))
		}
		if found, err = db.Mend(t.Context(), key(1).Source, now); err != nil || len(found) != 0 {
			t.Errorf("%v: once more mended %v, error %v", wrong, found, err)
		}
	}
}

// redate gives every row the time of an answer.
func redate(b *schema.Batch, observed time.Time) {
	for i := range b.Lines {
		b.Lines[i].ObservedAt, b.Lines[i].LastSeen = observed, observed
	}
	for i := range b.Members {
		b.Members[i].ObservedAt = observed
	}
	for i := range b.Traffic {
		b.Traffic[i].ObservedAt = observed
	}
	for i := range b.Sessions {
		b.Sessions[i].ObservedAt = observed
	}
	for i := range b.Daily {
		b.Daily[i].ObservedAt = observed
	}
	for i := range b.Monthly {
		b.Monthly[i].ObservedAt = observed
	}
	for i := range b.Authentications {
		b.Authentications[i].ObservedAt = observed
	}
	for i := range b.IPoESites {
		b.IPoESites[i].ObservedAt, b.IPoESites[i].DetailObservedAt = observed, schema.Some(observed)
	}
	for i := range b.Orders {
		b.Orders[i].ObservedAt = observed
	}
	for i := range b.ServiceOrders {
		b.ServiceOrders[i].ObservedAt = observed
	}
	for i := range b.IPoEProducts {
		b.IPoEProducts[i].ObservedAt = observed
	}
	for i := range b.DeadLetters {
		b.DeadLetters[i].ObservedAt = observed
	}
	for i := range b.Watermarks {
		b.Watermarks[i].ObservedAt = observed
	}
}

// TestStateBesideTheFuture: rows of another time do not hide those of this one, and a log is recognised although its
// watermark is ahead of it.
func TestStateBesideTheFuture(t *testing.T) {
	db := migrated(t)
	batch := everyRow()
	want := len(batch.Daily)
	batch.Daily = append(batch.Daily, batch.Daily[0])
	batch.Daily[want].Day = schema.DateOf(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	for i := range batch.Authentications {
		batch.Authentications[i].EventTime = time.Now().Add(-time.Hour).Truncate(time.Second)
	}
	for i := range batch.Watermarks {
		batch.Watermarks[i].Watermark = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if err := db.Insert(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	got := wholeState(t, db, key(1).Source, time.Hour)
	if len(got.Daily) < want || len(got.Authentications) == 0 {
		t.Errorf("%d days of %d, %d rows of a log", len(got.Daily), want, len(got.Authentications))
	}
}

// TestTimesThatNoColumnShows are refused, and not stored as others.
func TestTimesThatNoColumnShows(t *testing.T) {
	db := migrated(t)
	batch := schema.Batch{Lines: everyRow().Lines}
	batch.Lines[0].ObservedAt = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	if err := db.Insert(t.Context(), &batch); !isRefused(err) {
		t.Errorf("error %v", err)
	}
}
