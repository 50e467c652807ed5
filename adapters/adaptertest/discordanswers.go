package adaptertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

func (d *Discord) post(channel string, body []byte) (int, any) {
	var p struct {
		Nonce     string `json:"nonce"`
		Enforce   bool   `json:"enforce_nonce"`
		Reference struct {
			Message string `json:"message_id"`
			Must    bool   `json:"fail_if_not_exists"`
		} `json:"message_reference"`
	}
	if wrong := CheckMessage(body); json.Unmarshal(body, &p) != nil || len(wrong) > 0 {
		d.wrong = append(d.wrong, wrong...)
		return http.StatusBadRequest, map[string]any{"message": "Invalid Form Body", "code": 50035}
	}
	if len(p.Nonce) > 25 {
		d.wrong = append(d.wrong, "a nonce of more than 25 characters")
	}
	key := channel + " " + p.Nonce
	if m := d.nonces[key]; m != nil && p.Enforce && p.Nonce != "" && time.Since(m.At) < nonceLife {
		return http.StatusOK, map[string]any{"id": m.ID, "channel_id": channel}
	}
	if p.Reference.Must && d.expired["message "+p.Reference.Message] {
		return http.StatusBadRequest, json.RawMessage(`{"message":"Invalid Form Body","code":50035,"errors":` +
			`{"message_reference":{"_errors":[{"code":"REPLIES_UNKNOWN_MESSAGE","message":"Unknown message"}]}}}`)
	}
	if code := d.closed[channel]; code != 0 {
		return http.StatusForbidden, map[string]any{"message": "trouble", "code": code}
	}
	if d.NoDirects && d.directs[channel] {
		return http.StatusForbidden, map[string]any{"message": "Cannot send messages to this user", "code": 50007}
	}
	d.clock++
	m := &DiscordMessage{
		ID: fmt.Sprintf("2000000000000%05d", d.clock), Channel: channel, ReplyTo: p.Reference.Message,
		Body: string(body), At: time.Now(),
	}
	d.messages = append(d.messages, m)
	d.nonces[key] = m
	return http.StatusOK, map[string]any{"id": m.ID, "channel_id": channel}
}

// answer receives the first response to an interaction.
func (d *Discord) answer(id, token string, body []byte) (int, any) {
	refuse := func(code int, message string) (int, any) {
		return http.StatusNotFound, map[string]any{"message": message, "code": code}
	}
	if token != "token-"+id || d.expired[id] {
		return refuse(10062, "Unknown interaction")
	}
	if _, ok := d.replies[id]; ok {
		return http.StatusBadRequest, map[string]any{
			"message": "Interaction has already been acknowledged.", "code": 40060,
		}
	}
	r, wrong := CheckReply(body)
	d.wrong = append(d.wrong, wrong...)
	if len(wrong) > 0 {
		return http.StatusBadRequest, map[string]any{"message": "Invalid Form Body", "code": 50035}
	}
	d.replies[id] = r
	return http.StatusNoContent, nil
}

// read returns a message of the bot's.
func (d *Discord) read(channel, id string) (int, any) {
	for _, m := range d.messages {
		if m.ID == id && m.Channel == channel && !m.Deleted {
			var sent struct {
				Content string `json:"content"`
			}
			_ = json.Unmarshal([]byte(m.Body), &sent)
			return http.StatusOK, map[string]any{"id": id, "channel_id": channel, "content": sent.Content}
		}
	}
	return http.StatusNotFound, map[string]any{"message": "Unknown Message", "code": 10008}
}
