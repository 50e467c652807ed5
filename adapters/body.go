package adapters

import (
	"errors"
	"io"
	"net/http"
)

// Body reads the body of a platform's request, or refuses a request that is no
// POST or is longer than so many bytes.
func Body(w http.ResponseWriter, r *http.Request, platform string, limit int64) (body []byte, ok bool) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this address is for "+platform, http.StatusMethodNotAllowed)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		status := http.StatusBadRequest
		if errors.As(err, new(*http.MaxBytesError)) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, "the request could not be read", status)
		return nil, false
	}
	return body, true
}

// Later tells a platform to come again with what it has brought.
func Later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, why, http.StatusServiceUnavailable)
}
