package main

import (
	"io"
	"os"
	"sync"
	"time"
)

const (
	aheadChunk  = 64 << 10 // bytes
	aheadChunks = 256      // that are held in memory
	// aheadPause is how long a reader may take nothing before what is ahead of him goes to a file.
	aheadPause = 5 * time.Second
)

// ahead is an answer that is read to its end however long whoever reads it pauses: a server ends one of which nobody takes anything
// for a while, after 30 seconds over HTTP. What is read ahead is in memory while that is little, and then in a temporary file, which
// only a reader that pauses causes.
type ahead struct {
	chunks chan []byte // closed once no more come
	left   []byte      // of the one that is being read
	gone   chan struct{}

	mu      sync.Mutex
	more    *sync.Cond
	file    *os.File // what comes behind the chunks; nil: nothing
	written int64
	read    int64
	err     error // of the answer; io.EOF at its end
}

func readAhead(answer io.Reader) *ahead {
	a := &ahead{chunks: make(chan []byte, aheadChunks), gone: make(chan struct{})}
	a.more = sync.NewCond(&a.mu)
	go func() {
		err := a.fill(answer)
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.err = err; a.file == nil {
			close(a.chunks)
		}
		a.more.Broadcast()
	}()
	return a
}

// fill reads the answer, and returns how it ended.
func (a *ahead) fill(answer io.Reader) error {
	for {
		chunk := make([]byte, aheadChunk)
		n, err := answer.Read(chunk)
		if n > 0 {
			if err := a.keep(chunk[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// keep keeps a chunk until it is read. Only fill calls it.
func (a *ahead) keep(chunk []byte) error {
	if a.file == nil {
		pause := time.NewTimer(aheadPause)
		defer pause.Stop()
		select {
		case a.chunks <- chunk:
			return nil
		case <-a.gone:
			return os.ErrClosed
		case <-pause.C:
		}
		if err := a.spill(); err != nil { // then the server decides for how long the reader may pause
			select {
			case a.chunks <- chunk:
				return nil
			case <-a.gone:
				return os.ErrClosed
			}
		}
	}
	_, err := a.file.Write(chunk)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.written += int64(len(chunk))
		a.more.Broadcast()
	}
	return err
}

// spill makes the file, which has a name no longer than it must.
func (a *ahead) spill() error {
	file, err := os.CreateTemp("", "kaisen-answer-")
	if err != nil {
		return err
	}
	_ = os.Remove(file.Name()) // a system that cannot remove what is open does so at the end
	a.mu.Lock()
	defer a.mu.Unlock()
	a.file = file
	close(a.chunks)
	return nil
}

// Read reads the answer.
func (a *ahead) Read(p []byte) (int, error) {
	if len(a.left) == 0 {
		a.left = <-a.chunks
	}
	if len(a.left) > 0 {
		n := copy(p, a.left)
		a.left = a.left[n:]
		return n, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.read == a.written && a.err == nil {
		a.more.Wait()
	}
	if a.read == a.written {
		return 0, a.err
	}
	n, err := a.file.ReadAt(p[:min(int64(len(p)), a.written-a.read)], a.read)
	a.read += int64(n)
	return n, err
}

// Close lets go what was not read. It waits until the answer is not read any more: its end, or that of its context.
func (a *ahead) Close() error {
	close(a.gone)
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.err == nil {
		a.more.Wait()
	}
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	_ = os.Remove(a.file.Name())
	return err
}
