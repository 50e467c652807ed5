package discord

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// mostFormErrors is how many errors of one request are logged: the first ones are enough to
// find the mistake.
const mostFormErrors = 5

// formErrors lists what is wrong with which field of a request, such as
// "embeds[0].fields[2].value: Must be 1024 or fewer in length."
// (discord.com/developers/docs/reference#error-messages). It returns "" if that cannot be
// read.
func formErrors(data json.RawMessage) string {
	var tree any
	if json.Unmarshal(data, &tree) != nil {
		return ""
	}
	all := appendFormErrors(nil, "", tree)
	if more := len(all) - mostFormErrors; more > 0 {
		all = append(all[:mostFormErrors], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, "; ")
}

func appendFormErrors(all []string, field string, tree any) []string {
	node, _ := tree.(map[string]any) // reading another kind of value finds nothing
	list, _ := node["_errors"].([]any)
	for _, e := range list {
		e, _ := e.(map[string]any)
		text, _ := e["message"].(string)
		if text == "" {
			text, _ = e["code"].(string)
		}
		all = append(all, strings.TrimPrefix(field+": "+text, ": "))
	}
	fields := slices.SortedFunc(maps.Keys(node), func(a, b string) int {
		return cmp.Or(cmp.Compare(index(a), index(b)), strings.Compare(a, b))
	})
	for _, name := range fields {
		below := strings.TrimPrefix(field+"."+name, ".")
		if index(name) >= 0 {
			below = field + "[" + name + "]"
		}
		all = appendFormErrors(all, below, node[name])
	}
	return all
}

// index returns the index of an array's element from its name, and -1 for another field.
func index(name string) int64 {
	n, err := strconv.ParseInt(name, 10, 32)
	if err != nil {
		return -1
	}
	return n
}
