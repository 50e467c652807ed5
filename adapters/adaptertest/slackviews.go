package adaptertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (s *Slack) view(method string, args map[string]string) map[string]any {
	var v struct {
		Type     string          `json:"type"`
		Blocks   json.RawMessage `json:"blocks"`
		Callback string          `json:"callback_id"`
		Metadata string          `json:"private_metadata"`
	}
	if json.Unmarshal([]byte(args["view"]), &v) != nil {
		return map[string]any{"ok": false, "error": "invalid_arguments"}
	}
	wrong := CheckView([]byte(args["view"]))
	if (v.Type == "home") != (method == "views.publish") {
		wrong = append(wrong, method+" with a view of the type "+v.Type)
	}
	if len(args["view"]) > 250_000 {
		wrong = append(wrong, "a view that is too large")
	}
	s.wrong = append(s.wrong, wrong...)
	if len(wrong) > 0 {
		return map[string]any{"ok": false, "error": "invalid_arguments"}
	}
	shown := SlackView{
		Method: method, Type: v.Type, User: args["user_id"], Trigger: args["trigger_id"], ID: args["view_id"],
		Blocks: string(v.Blocks), Callback: v.Callback, Metadata: v.Metadata,
	}
	switch {
	case method == "views.open" && shown.Trigger == "":
		return map[string]any{"ok": false, "error": "invalid_trigger"}
	case strings.HasPrefix(shown.Trigger, "expired"):
		return map[string]any{"ok": false, "error": "expired_trigger_id"}
	case method == "views.update" && shown.ID == "":
		return map[string]any{"ok": false, "error": "not_found"}
	}
	if shown.ID == "" {
		shown.ID = fmt.Sprintf("V%d", len(s.views)+1)
	}
	s.views = append(s.views, shown)
	return map[string]any{"ok": true, "view": map[string]any{"id": shown.ID, "type": v.Type}}
}

// respond receives a message at a response URL.
func (s *Slack) respond(w http.ResponseWriter, r *http.Request) {
	s.date(w)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var m struct {
		Text, Thread string
		ThreadTS     string          `json:"thread_ts"`
		Blocks       json.RawMessage `json:"blocks"`
		Type         string          `json:"response_type"`
		Replace      bool            `json:"replace_original"`
		Delete       bool            `json:"delete_original"`
	}
	if json.Unmarshal(body, &m) != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	var fault Fault
	var has bool
	status, text := http.StatusOK, "ok"
	s.change(func() {
		if fault, has = s.called("response_url", map[string]string{"text": m.Text}); has && !fault.Cut {
			return
		}
		h := s.hooks[r.PathValue("id")]
		if h == nil || h.uses >= 5 || time.Now().After(h.expires) {
			status, text = http.StatusNotFound, "used_url"
			return
		}
		h.uses++
		if code := s.refuseContent(m.Text, string(m.Blocks)); code != "" {
			status, text = http.StatusBadRequest, code
			return
		}
		switch {
		case m.Replace && h.original != nil:
			h.original.Text, h.original.Blocks = m.Text, string(m.Blocks)
			h.original.Edits++
		case m.Delete && h.original != nil:
			h.original.Deleted = true
		default:
			only := h.user
			if m.Type == "in_channel" {
				only = ""
			}
			s.add(&SlackMessage{
				Channel: h.channel, TS: s.nextTS(), Thread: m.ThreadTS, Text: m.Text, Blocks: string(m.Blocks),
				Only: only, At: time.Now(),
			})
		}
	})
	if has {
		s.fail(w, fault)
		return
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// Hook makes a response URL for an interaction in a channel, on a message or on
// none.
func (s *Slack) Hook(channel, user, original string) string {
	var id string
	s.change(func() {
		id = strconv.Itoa(len(s.hooks) + 1)
		h := &hook{channel: channel, user: user, expires: time.Now().Add(30 * time.Minute)}
		for _, m := range s.messages {
			if m.TS == original && original != "" {
				h.original = m
			}
		}
		s.hooks[id] = h
	})
	return "http://" + s.listener.Addr().String() + "/hook/" + id
}
