package main

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// impatient is an answer of a server that ends it when nobody takes anything for half a minute.
type impatient struct {
	rest []byte
	last time.Time
	end  error
}

var errImpatient = errors.New("nobody takes it")

func (i *impatient) Read(p []byte) (int, error) {
	if time.Since(i.last) > 30*time.Second {
		return 0, errImpatient
	}
	i.last = time.Now()
	if len(i.rest) == 0 {
		return 0, i.end
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}

// A reader may pause for longer than the server waits, and gets all of the answer, and how it ended.
func TestAReaderMayPause(t *testing.T) {
	cut := errors.New("cut")
	for _, end := range []error{io.EOF, cut} {
		synctest.Test(t, func(t *testing.T) {
			want := make([]byte, 2*aheadChunk*aheadChunks+12345)
			for i := range want {
				want[i] = byte(i >> 8)
			}
			answer := readAhead(&impatient{rest: want, last: time.Now(), end: end})
			var got bytes.Buffer
			for _, part := range []int64{1, 3 * aheadChunk} {
				if _, err := io.CopyN(&got, answer, part); err != nil {
					t.Fatal(err)
				}
				time.Sleep(70 * time.Second)
			}
			if _, err := io.Copy(&got, answer); err != nil && !errors.Is(err, end) || err == nil && end != io.EOF {
				t.Errorf("ended with %v, want %v", err, end)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%d bytes of %d, or others", got.Len(), len(want))
			}
			if err := answer.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Who reads no further leaves nothing behind.
func TestAnAnswerIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := readAhead(&impatient{rest: make([]byte, 2*aheadChunk*aheadChunks), last: time.Now(), end: io.EOF})
		if _, err := io.CopyN(io.Discard, answer, 1); err != nil {
			t.Fatal(err)
		}
		if err := answer.Close(); err != nil {
			t.Error(err)
		}
	})
}
