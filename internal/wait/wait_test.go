package wait

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	for name, test := range map[string]struct {
		d, ends, want time.Duration // ends: when ctx does, 0 before the call
		err           error
	}{
		"its time":            {d: time.Minute, ends: time.Hour, want: time.Minute},
		"no time":             {d: 0, ends: time.Hour},
		"less than no time":   {d: -time.Second, ends: time.Hour},
		"ctx ends before":     {d: time.Minute, ends: time.Second, want: time.Second, err: context.DeadlineExceeded},
		"ctx has ended":       {d: time.Minute, err: context.DeadlineExceeded},
		"ended, and no time":  {err: context.DeadlineExceeded},
		"as long as it lives": {d: time.Hour - 1, ends: time.Hour, want: time.Hour - 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.ends)
				defer cancel()
				began := time.Now()
				if err := For(ctx, test.d); !errors.Is(err, test.err) || time.Since(began) != test.want {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, asked := time.Now(), 0
		third := func() bool { asked++; return asked == 3 }
		if err := Until(t.Context(), time.Second, third); err != nil || asked != 3 || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %d times and %s", err, asked, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		asked = 3
		if err := Until(ctx, time.Second, third); !errors.Is(err, context.DeadlineExceeded) || asked != 5 || time.Since(began) != 3500*time.Millisecond {
			t.Errorf("%v after %d times and %s", err, asked, time.Since(began))
		}
		if err := Until(ctx, time.Second, func() bool { return true }); err != nil { // it is done, whatever ctx says
			t.Error(err)
		}
	})
}

func TestBackoff(t *testing.T) {
	b := Backoff{Min: 100 * time.Millisecond, Max: 700 * time.Millisecond}
	pauses := func() (all []int64) {
		for range 5 {
			all = append(all, b.Next().Milliseconds())
		}
		return all
	}
	want := []int64{100, 200, 400, 700, 700}
	if got := pauses(); !slices.Equal(got, want) {
		t.Error(got)
	}
	b.Reset()
	if got := pauses(); !slices.Equal(got, want) {
		t.Errorf("after Reset: %v", got)
	}
}
