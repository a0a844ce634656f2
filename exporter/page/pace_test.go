package page

import (
	"testing"
	"time"

	"kaisen/schema"
)

// A pace is a sentence with its figures, in both languages.
func TestPaceSaysWhy(t *testing.T) {
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 15, 10, 0, 0, 0, time.FixedZone("JST", 9*60*60))
	share := schema.Some[float64]
	urgent := Pace{Class: "urgent", Every: 4 * time.Minute, Left: share(0.03), Threshold: share(0), Crossing: now.Add(50 * time.Minute)}
	ofPool := urgent
	ofPool.Pool, ofPool.Threshold = true, share(0.02)
	late, lateOfPool := urgent, ofPool
	late.Crossing, lateOfPool.Crossing = now.Add(-time.Minute), now
	for _, c := range []struct {
		pace   *Pace
		en, ja string
	}{
		{&urgent, "every 4 minutes: 3 % left, empty in 50 minutes", "4分ごと: 残り 3 %、50分後に使い切り"},
		{&ofPool, "every 4 minutes: its share group: 3 % left, 2 % in 50 minutes", "4分ごと: データシェア: 残り 3 %、50分後に残り 2 %"},
		{&late, "every 4 minutes: 3 % left, empty any moment", "4分ごと: 残り 3 %、まもなく使い切り"},
		{&lateOfPool, "every 4 minutes: its share group: 3 % left, 2 % any moment", "4分ごと: データシェア: 残り 3 %、まもなく残り 2 %"},
		{&Pace{Class: FixedPace, Every: 10 * time.Minute}, "every 10 minutes: the interval", "10分ごと: 設定の間隔"},
		{&Pace{Class: "waiting", Every: time.Hour, Left: share(0.9)}, "every 60 minutes: no threshold in sight, 90 % left", "60分ごと: しきい値に達する見込みなし、残り 90 %"},
		{&Pace{Class: "waking", Every: time.Minute}, "every 1 minute: uses volume again after a silence", "1分ごと: しばらくぶりに通信を再開"},
		{&Pace{Class: "failing", Every: 2 * time.Hour, Failures: 3, Left: share(0.5)}, "every 2 hours: not answered 3 times in a row", "2時間ごと: 3回続けて応答なし"},
		{&Pace{Class: "new"}, "not answered yet", "まだ応答なし"},
		{&Pace{Class: "suspended", Every: time.Hour, Due: now.Add(30 * time.Hour).UTC()}, "not asked until 16 May 16:00", "5月16日 16:00 まで問い合わせを停止"},
		{nil, "not known: nobody here asks about it now", "不明: このプロセスは現在問い合わせていません"},
	} {
		if en, ja := all[0].pace(c.pace, now), all[1].pace(c.pace, now); en != c.en || ja != c.ja {
			t.Errorf("%q, %q; want %q, %q", en, ja, c.en, c.ja)
		}
	}
}
