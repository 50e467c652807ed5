package adaptertest

import (
	"net"
	"sync"
)

// gate is a listener that can be as if nobody listened.
type gate struct {
	net.Listener

	mu   sync.Mutex
	shut bool
	open map[net.Conn]bool
}

func newGate(l net.Listener) *gate { return &gate{Listener: l, open: map[net.Conn]bool{}} }

// Accept implements [net.Listener].
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g.mu.Lock()
		shut := g.shut
		g.open[c] = !shut
		g.mu.Unlock()
		passed := &passed{c, g}
		if !shut {
			return passed, nil
		}
		_ = passed.Close() // nobody is there
	}
}

// gone cuts every connection, and each that is tried, until it is called with false.
func (g *gate) gone(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = on
	for c := range g.open {
		if on {
			_ = c.Close() // the other end notices
		}
	}
}

// passed is a connection that has passed the gate.
type passed struct {
	net.Conn
	gate *gate
}

// Close implements [net.Conn].
func (p *passed) Close() error {
	p.gate.mu.Lock()
	delete(p.gate.open, p.Conn)
	p.gate.mu.Unlock()
	return p.Conn.Close()
}

// Gone makes Slack a host that is gone: whatever is connected is cut, and nothing
// can be, until it is called with false.
func (s *Slack) Gone(on bool) { s.listener.gone(on) }

// Gone makes Discord a host that is gone, as [Slack.Gone] does.
func (d *Discord) Gone(on bool) { d.listener.gone(on) }
