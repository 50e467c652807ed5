package discord

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/bot"
)

// The commands, as people type them.
const (
	commandAsk     = "ask"
	commandList    = "divisions"
	commandMessage = bot.LabelAskDesk // in the menu of a message
	optionQuestion = "question"
	optionPrivate  = "private"
)

// command is an application command
// (discord.com/developers/docs/interactions/application-commands).
type command struct {
	Name        string          `json:"name"`
	Type        int             `json:"type"`
	Description string          `json:"description,omitempty"`
	Options     []commandOption `json:"options,omitempty"`
}

type commandOption struct {
	Type         int    `json:"type"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	Required     bool   `json:"required,omitempty"`
	Autocomplete bool   `json:"autocomplete,omitempty"`
	MaxLength    int    `json:"max_length,omitempty"`
}

// Types of commands and of their options.
const (
	typeChatInput = 1
	typeMessage   = 3
	typeString    = 3
	typeBoolean   = 5
)

// maxQuestion is the longest question of a command, in characters: as long as a
// message.
const maxQuestion = 2000

// commands are what the bot registers.
func commands() []command {
	return []command{
		{Name: commandAsk, Type: typeChatInput, Description: "Ask who handles something", Options: []commandOption{
			{
				Type:         typeString,
				Name:         optionQuestion,
				Description:  "What is it about, in your own words?",
				Required:     true,
				Autocomplete: true,
				MaxLength:    maxQuestion,
			},
			{Type: typeBoolean, Name: optionPrivate, Description: "Only you see the answer"},
		}},
		{Name: commandList, Type: typeChatInput, Description: "See who is there"},
		{Name: commandMessage, Type: typeMessage},
	}
}

// register sees to it that Discord has the commands, in one server if one is
// named, else everywhere. It writes only what is different, since Discord
// allows 200 new commands a day.
func (c *client) register(ctx context.Context, app, server string) (changed bool, err error) {
	path := "applications/" + app + "/commands"
	if server != "" {
		path = "applications/" + app + "/guilds/" + server + "/commands"
	}
	var there []command
	if err := c.get(ctx, path, &there); err != nil {
		return false, fmt.Errorf("list the commands: %w", err)
	}
	if same(there, commands()) {
		return false, nil
	}
	if err := c.put(ctx, path, commands()); err != nil {
		return false, fmt.Errorf("register the commands: %w", err)
	}
	return true, nil
}

// same reports whether two lists have the same commands, in any order.
func same(a, b []command) bool {
	if len(a) != len(b) {
		return false
	}
	texts := map[string]int{}
	for _, c := range a {
		text, _ := json.Marshal(c) // strings and numbers always can be
		texts[string(text)]++
	}
	for _, c := range b {
		text, _ := json.Marshal(c)
		texts[string(text)]--
	}
	for _, n := range texts {
		if n != 0 {
			return false
		}
	}
	return true
}
