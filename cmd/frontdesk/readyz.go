package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// health holds the state of each part of the program, and since when it has been so.
type health struct {
	mu       sync.Mutex
	parts    []part
	file     fileState
	replicas func() []journal.Replica // nil if no others can share the store
	stopping bool
}

// part is one part of the program.
type part struct {
	Name   string    `json:"name"`
	State  string    `json:"state"`
	Why    string    `json:"why,omitempty"`
	Since  time.Time `json:"since"`
	serves bool      // for an adapter: somebody can ask and gets an answer
}

// fileState is the knowledge file in use.
type fileState struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Held    string    `json:"held,omitempty"` // the version that is pending confirmation
}

// The parts that are not adapters.
const (
	partKnowledge = "knowledge"
	partCanary    = "canary"
	partStore     = "store"
)

// set records the state of a part.
func (h *health) set(name string, phase bot.Phase, why string, adapter bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := part{name, phase.String(), why, time.Now(), adapter && phase.Serves()}
	i := slices.IndexFunc(h.parts, func(p part) bool { return p.Name == name })
	switch {
	case i < 0:
		h.parts = append(h.parts, p)
	case h.parts[i].State != p.State || h.parts[i].Why != p.Why:
		if h.parts[i].State == p.State {
			p.Since = h.parts[i].Since
		}
		h.parts[i] = p
	}
}

func (h *health) setFile(f fileState) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.file = f
}

// held is the version of the knowledge file that is pending confirmation, or "".
func (h *health) held() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.file.Held
}

func (h *health) setReplicas(list func() []journal.Replica) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.replicas = list
}

func (h *health) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
}

// readiness is the response of /readyz.
type readiness struct {
	Status    string    `json:"status"`
	Program   string    `json:"program"`
	Knowledge fileState `json:"knowledge"`
	Parts     []part    `json:"parts"`
	// Replicas are the processes on the same PostgreSQL, this one among them.
	Replicas []journal.Replica `json:"replicas,omitempty"`
}

// The states of the whole program.
const (
	statusReady    = "ready"    // all parts are ready
	statusDegraded = "degraded" // questions are answered, but a part has a problem
	statusUnready  = "not ready"
	statusStopping = "stopping"
)

// readiness sums up the parts. The program is ready if one adapter serves and the canary
// question is answered right: a problem with another adapter or with a new file must not
// take it out of service.
func (h *health) readiness() readiness {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := readiness{Status: statusReady, Program: version(), Knowledge: h.file, Parts: slices.Clone(h.parts)}
	if h.replicas != nil {
		r.Replicas = h.replicas()
	}
	serving, wrong := false, false
	for _, p := range h.parts {
		serving = serving || p.serves
		wrong = wrong || p.Name == partCanary && p.State == bot.Failed.String()
		if p.State != bot.Ready.String() {
			r.Status = statusDegraded
		}
	}
	if !serving || wrong {
		r.Status = statusUnready
	}
	if h.stopping {
		r.Status = statusStopping
	}
	return r
}

// ServeHTTP serves /readyz.
func (h *health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	r := h.readiness()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.Status == statusUnready || r.Status == statusStopping {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(r) // fails only if the client is gone
}
