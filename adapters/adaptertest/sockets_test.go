package adaptertest

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
)

// TestClose closes the stand-ins while adapters connect. Close waits for every
// socket, also for one without any message, and the clients' ends close too.
func TestClose(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) (address string, end func()){
		"slack": func(t *testing.T) (string, func()) {
			s, err := StartSlack()
			if err != nil {
				t.Fatal(err)
			}
			return "ws" + strings.TrimPrefix(strings.TrimSuffix(s.API(), "api/"), "http") + "link?ticket=1", s.Close
		},
		"discord": func(t *testing.T) (string, func()) {
			d, err := StartDiscord()
			if err != nil {
				t.Fatal(err)
			}
			return d.gateway("main") + "/?v=10&encoding=json", d.Close
		},
		"discord says nothing": func(t *testing.T) (string, func()) {
			d, err := StartDiscord()
			if err != nil {
				t.Fatal(err)
			}
			d.NoHello = true
			return d.gateway("main") + "/?v=10&encoding=json", d.Close
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const ends, clients = 10, 8
			for range ends {
				address, end := start(t)
				var running sync.WaitGroup
				connected := make(chan struct{}, clients)
				for range clients {
					running.Go(func() {
						conn, resp, err := websocket.DefaultDialer.Dial(address, nil)
						if resp != nil {
							_ = resp.Body.Close()
						}
						if err != nil {
							return // the stand-in is closed already
						}
						connected <- struct{}{}
						for err == nil {
							_, _, err = conn.ReadMessage()
						}
						_ = conn.Close()
					})
				}
				<-connected
				end()
				running.Wait()
			}
		})
	}
}

// TestCloseAtOnce closes the stand-ins before their servers run, and checks that
// nothing listens any more.
func TestCloseAtOnce(t *testing.T) {
	t.Parallel()
	for range 100 {
		s, err := StartSlack()
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		d, err := StartDiscord()
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
		for name, listener := range map[string]net.Listener{"slack": s.listener, "discord": d.listener} {
			if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
				t.Fatalf("%s still listened", name)
			}
		}
	}
}
