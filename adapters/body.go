package adapters

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
)

const (
	// mostUnverified bounds the bytes of all bodies together that nobody has
	// verified yet. With 256 connections, each can have 24 KiB at once, several
	// times what an event or an interaction usually has.
	mostUnverified = 6 << 20
	// pieceSize is how much room a body takes at a time, in bytes, as it
	// arrives: whatever is announced takes none.
	pieceSize = 8 << 10
)

// errBusy ends a body that there is no room for.
var errBusy = errors.New("no room for the body")

// unverified is what bodies take up until their signature is checked. When
// there is no room for more, the largest body gives way to a smaller one: so
// many senders as can hold a share each cannot keep one out that needs no more
// than its share. Room is used again, so that it has a bound in memory as well,
// however fast bodies come.
type unverified struct {
	mu         sync.Mutex
	held, peak int        // bytes
	free       []piece    // that were used; none is kept when no body arrives
	arrivals   []*arrival // in order of arrival

	verifying sync.Mutex
	message   []byte // what is being verified; kept for the next
}

type piece *[pieceSize]byte

// arrival is a body that is arriving.
type arrival struct {
	pieces []piece
	size   int           // bytes that have arrived
	stop   func()        // ends the reading
	gone   chan struct{} // closed when it takes up nothing any more
	cut    bool          // it was made to give way
	read   bool          // to its end
}

// enter begins to count for a body that stop ends the reading of.
func (u *unverified) enter(stop func()) *arrival {
	a := &arrival{stop: stop, gone: make(chan struct{})}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.arrivals = append(u.arrivals, a)
	return a
}

// leave ends it.
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

// read reads a body up to its end or a byte more than so many.
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
	case u.over(a): // whatever the error is: its connection cannot be read any more
		return errBusy
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// over notes that a body is read to its end, and reports whether it was made to
// give way before.
func (u *unverified) over(a *arrival) (cut bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	a.read = true
	return a.cut
}

// take gives a body another piece, and waits until larger ones have given way
// where there is no room. It reports whether there is.
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
		<-largest.gone // at once: it is being verified, was stopped, or waits for one that is larger still
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

// largest is the largest body, of several the first that came.
func (u *unverified) largest() *arrival {
	largest := u.arrivals[0]
	for _, a := range u.arrivals {
		if len(a.pieces) > len(largest.pieces) {
			largest = a
		}
	}
	return largest
}

// verify puts a body behind what comes before it, and returns it if that is
// what was signed. One is looked at at a time: the largest takes a millisecond.
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
