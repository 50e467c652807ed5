package adaptertest

import (
	"net"
	"sync"
)

// gate is a listener that can drop all connections, as if the host were gone.
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
		_ = passed.Close()
	}
}

// gone closes every open and every new connection, until it is called with false.
func (g *gate) gone(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = on
	for c := range g.open {
		if on {
			_ = c.Close()
		}
	}
}

// passed is a connection that the gate accepted.
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

// Gone makes Slack unreachable: it closes every open and every new connection, until it
// is called with false.
func (s *Slack) Gone(on bool) { s.listener.gone(on) }

// Gone makes Discord unreachable, as [Slack.Gone] does.
func (d *Discord) Gone(on bool) { d.listener.gone(on) }
