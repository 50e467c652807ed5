package adaptertest

import (
	"sync"

	"github.com/gorilla/websocket"
)

// sockets has the WebSocket connections of a stand-in. Its close closes all of
// them and waits for the server and for the goroutines that read them.
type sockets struct {
	mu      sync.Mutex
	open    map[*websocket.Conn]bool
	closed  bool
	running sync.WaitGroup // the server, and the readers of connections
}

// add counts a connection until remove. After close it closes the connection
// instead and returns false, since running must not grow while close waits.
func (s *sockets) add(c *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return false
	}
	if s.open == nil {
		s.open = map[*websocket.Conn]bool{}
	}
	s.open[c] = true
	s.running.Add(1)
	return true
}

// remove closes a connection that was added.
func (s *sockets) remove(c *websocket.Conn) {
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.running.Done()
}

func (s *sockets) close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}
