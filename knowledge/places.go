package knowledge

import (
	"reflect"
	"slices"
	"strings"
)

// place is a block of the format with the keys that it may have.
type place struct {
	path []string // the keys above it, the outermost first
	is   reflect.Type
	list bool     // it is one item of a list
	keys []string // in the order of the types
}

// formatPlaces lists the blocks of the format, from the top of the file inward.
func formatPlaces() []place {
	places := []place{{is: reflect.TypeFor[File]()}}
	for i := 0; i < len(places); i++ {
		t, path := places[i].is, places[i].path
		if t == factsType {
			continue
		}
		for f := range t.Fields() {
			key := f.Tag.Get("yaml")
			places[i].keys = append(places[i].keys, key)
			in := f.Type
			if in == factsType { // facts may have any key
				places = append(places, place{path: append(slices.Clone(path), key), is: in})
				continue
			}
			list := in.Kind() == reflect.Slice
			if list {
				in = in.Elem()
			}
			if in.Kind() == reflect.Struct && in != lineType {
				places = append(places, place{path: append(slices.Clone(path), key), is: in, list: list})
			}
		}
	}
	return places
}

// formatKeys lists every key of the format.
func formatKeys() (keys []string) {
	for _, p := range formatPlaces() {
		keys = append(keys, p.keys...)
	}
	return keys
}

// isListOfBlocks reports whether the value of a key of the format is a list of blocks.
func isListOfBlocks(key string) bool {
	return slices.ContainsFunc(formatPlaces(), func(p place) bool {
		n := len(p.path)
		return n > 0 && p.path[n-1] == key && p.list
	})
}

// belongs says where a key that a block of type t has by mistake belongs, and whether that
// is above or below this block. It is "" for a key that the format does not have.
func belongs(t reflect.Type, key string) (where string, related bool) {
	places := formatPlaces()
	if t == reflect.TypeFor[FactText]() { // the block of one fact, below its label
		t = factsType
	}
	here := places[slices.IndexFunc(places, func(p place) bool { return p.is == t })].path
	var below, elsewhere []string
	beside := ""
	for _, p := range places {
		if !slices.Contains(p.keys, key) {
			continue
		}
		common := 0
		for common < min(len(here), len(p.path)) && here[common] == p.path[common] {
			common++
		}
		switch rest := p.path[common:]; {
		case len(rest) == 0: // that block is above this one
			beside = "beside " + here[common] + ":, " + blockOf(p.path)
		case common == len(here):
			below = append(below, under(rest))
		default:
			elsewhere = append(elsewhere, under(rest))
		}
	}
	switch {
	case len(below) > 0:
		return strings.Join(below, " or "), true
	case beside != "":
		return beside, true
	}
	return strings.Join(elsewhere, " or "), false
}

// under names a block by the keys above it.
func under(path []string) string {
	last := len(path) - 1
	if last == 0 {
		return "under " + path[0] + ":"
	}
	return "under " + path[last] + ": " + blockOf(path[:last])
}

func blockOf(path []string) string {
	if len(path) == 0 {
		return "at the top of the file"
	}
	return "in " + itemOf(path[len(path)-1])
}
