package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"frontdesk/bot"
)

// health is how each part of the program is doing, and since when.
type health struct {
	mu       sync.Mutex
	parts    []part
	file     fileState
	stopping bool
}

// part is one part of the program.
type part struct {
	Name   string    `json:"name"`
	State  string    `json:"state"`
	Why    string    `json:"why,omitempty"`
	Since  time.Time `json:"since"`
	serves bool      // of an adapter: somebody can ask and be answered through it
}

// fileState is the knowledge file that is answered from.
type fileState struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Held    string    `json:"held,omitempty"` // a version that waits to be confirmed
}

// The parts that are no adapter.
const (
	partKnowledge = "knowledge"
	partCanary    = "canary"
)

// set says how a part is doing, and whether it is an adapter.
func (b *health) set(name string, phase bot.Phase, why string, adapter bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := part{name, phase.String(), why, time.Now(), adapter && phase.Serves()}
	i := slices.IndexFunc(b.parts, func(p part) bool { return p.Name == name })
	switch {
	case i < 0:
		b.parts = append(b.parts, p)
	case b.parts[i].State != p.State || b.parts[i].Why != p.Why:
		if b.parts[i].State == p.State {
			p.Since = b.parts[i].Since
		}
		b.parts[i] = p
	}
}

func (b *health) setFile(f fileState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.file = f
}

func (b *health) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopping = true
}

// readiness is what /readyz says.
type readiness struct {
	Status    string    `json:"status"`
	Program   string    `json:"program"`
	Knowledge fileState `json:"knowledge"`
	Parts     []part    `json:"parts"`
}

// The states of the whole.
const (
	statusReady    = "ready"    // all parts are
	statusDegraded = "degraded" // questions are answered, but a part is not well
	statusUnready  = "not ready"
	statusStopping = "stopping"
)

// readiness sums up the parts. Questions can be answered if one adapter serves
// and the canary is answered right: another adapter, or a new file with errors,
// should not take it out of service.
func (b *health) readiness() readiness {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := readiness{Status: statusReady, Program: version(), Knowledge: b.file, Parts: slices.Clone(b.parts)}
	serving, wrong := false, false
	for _, p := range b.parts {
		serving = serving || p.serves
		wrong = wrong || p.Name == partCanary && p.State == bot.Failed.String()
		if p.State != bot.Ready.String() {
			r.Status = statusDegraded
		}
	}
	if !serving || wrong {
		r.Status = statusUnready
	}
	if b.stopping {
		r.Status = statusStopping
	}
	return r
}

// ServeHTTP is /readyz.
func (b *health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	r := b.readiness()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.Status == statusUnready || r.Status == statusStopping {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(r) // a caller that has gone needs none
}
