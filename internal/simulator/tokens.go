package simulator

import (
	"crypto/rand"
	"crypto/subtle"
	"sync"
	"time"
)

// tokens are the access tokens in force. Several may be at once; a new one does not end the others (IPoE API 3.4.0,
// アクセストークンについて). They live in real time, as the client that counts their seconds does.
type tokens struct {
	id, secret string
	life       time.Duration

	mu     sync.RWMutex
	until  map[string]time.Time
	issued uint64
}

// maxTokens bounds what a client that asks for one a request can make the simulator remember.
const maxTokens = 100_000

func newTokens(id, secret string, life time.Duration) *tokens {
	if id == "" {
		id = rand.Text()
	}
	if secret == "" {
		secret = rand.Text()
	}
	return &tokens{id: id, secret: secret, life: life, until: map[string]time.Time{}}
}

// match compares credentials in constant time, for the habit of it.
func (t *tokens) match(id, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(id), []byte(t.id))&subtle.ConstantTimeCompare([]byte(secret), []byte(t.secret)) == 1
}

// issue makes a new token. The count tells issues apart.
func (t *tokens) issue() (token string, count uint64) {
	now := time.Now()
	token = rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.until) >= maxTokens/2 {
		for old, until := range t.until {
			if !now.Before(until) || len(t.until) >= maxTokens {
				delete(t.until, old)
			}
		}
	}
	t.until[token] = now.Add(t.life)
	t.issued++
	return token, t.issued
}

func (t *tokens) valid(token string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	until, ok := t.until[token]
	return ok && time.Now().Before(until)
}

// kill ends a token before its time.
func (t *tokens) kill(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.until, token)
}

func (t *tokens) killAll() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.until)
	clear(t.until)
	return n
}

func (t *tokens) count() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.issued
}
