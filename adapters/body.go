package adapters

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
)

const (
	// mostUnverified is the limit, in bytes, for all bodies together whose signature is
	// not verified yet. With 256 connections, each can have 24 KiB at once, several times
	// the usual size of an event or an interaction.
	mostUnverified = 6 << 20
	// pieceSize is how many bytes are allocated for a body at a time, as they arrive: a
	// Content-Length alone allocates nothing.
	pieceSize = 8 << 10
)

// errBusy ends a body that exceeds the shared limit.
var errBusy = errors.New("no memory left for the body")

// unverified holds the memory of bodies until their signature is verified. When the limit
// is reached, the largest body is dropped in favor of a smaller one, so clients that hold
// large bodies cannot keep out a body of no more than an equal share. Pieces are reused,
// so that memory stays bounded however fast bodies arrive.
type unverified struct {
	mu         sync.Mutex
	held, peak int        // bytes
	free       []piece    // for reuse; released when no body is arriving
	arrivals   []*arrival // in order of arrival

	verifying sync.Mutex
	message   []byte // being verified; the buffer is reused
}

type piece *[pieceSize]byte

// arrival is a body that is arriving.
type arrival struct {
	pieces []piece
	size   int           // bytes that have arrived
	stop   func()        // makes a blocked read return
	gone   chan struct{} // closed when its pieces are released
	cut    bool          // dropped in favor of a smaller body
	read   bool          // reading has ended
}

// enter registers a body. Stop makes a blocked read of it return.
func (u *unverified) enter(stop func()) *arrival {
	a := &arrival{stop: stop, gone: make(chan struct{})}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.arrivals = append(u.arrivals, a)
	return a
}

// leave releases the pieces of a body.
func (u *unverified) leave(a *arrival) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held -= len(a.pieces) * pieceSize
	u.free = append(u.free, a.pieces...)
	a.pieces = nil
	i := slices.Index(u.arrivals, a)
	u.arrivals = slices.Delete(u.arrivals, i, i+1)
	if len(u.arrivals) == 0 {
		u.free = nil
	}
	close(a.gone)
}

// read reads a body to its end, or until it has more than most bytes.
func (u *unverified) read(a *arrival, body io.Reader, most int) (err error) {
	for err == nil && a.size <= most {
		at := a.size % pieceSize
		if a.size == len(a.pieces)*pieceSize && !u.take(a) {
			return errBusy
		}
		var n int
		n, err = body.Read(a.pieces[len(a.pieces)-1][at:])
		a.size += n
	}
	switch {
	case u.over(a): // checked before err, which then comes from stop
		return errBusy
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// over notes that reading a body has ended, and reports whether the body was dropped
// before.
func (u *unverified) over(a *arrival) (cut bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	a.read = true
	return a.cut
}

// take gives a body another piece and reports whether it could. At the limit it drops
// larger bodies and waits for their memory.
func (u *unverified) take(a *arrival) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for !a.cut && u.held+pieceSize > mostUnverified {
		largest := u.largest()
		if len(largest.pieces) <= len(a.pieces) {
			return false
		}
		if !largest.cut && !largest.read {
			largest.cut = true
			largest.stop()
		}
		u.mu.Unlock()
		<-largest.gone // soon: it is being verified, was stopped, or waits for an even larger one
		u.mu.Lock()
	}
	if a.cut {
		return false
	}
	var p piece
	if n := len(u.free); n > 0 {
		p, u.free = u.free[n-1], u.free[:n-1]
	} else {
		p = new([pieceSize]byte)
	}
	a.pieces = append(a.pieces, p)
	u.held += pieceSize
	u.peak = max(u.peak, u.held)
	return true
}

// largest returns the largest body, the oldest of several.
func (u *unverified) largest() *arrival {
	largest := u.arrivals[0]
	for _, a := range u.arrivals {
		if len(a.pieces) > len(largest.pieces) {
			largest = a
		}
	}
	return largest
}

// verify returns a body if right accepts before followed by the body as the signed
// message. Bodies are verified one at a time: the largest takes a millisecond.
func (u *unverified) verify(a *arrival, before string, right func(message []byte) bool) (body []byte, ok bool) {
	u.verifying.Lock()
	defer u.verifying.Unlock()
	u.message = append(u.message[:0], before...)
	for i, p := range a.pieces {
		u.message = append(u.message, p[:min(pieceSize, a.size-i*pieceSize)]...)
	}
	if !right(u.message) {
		return nil, false
	}
	return bytes.Clone(u.message[len(before):]), true
}
