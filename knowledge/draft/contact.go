package draft

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

var (
	emailForm  = regexp.MustCompile(`[A-Za-z0-9._%+'-]*[A-Za-z0-9_%+-]@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	urlForm    = regexp.MustCompile(`(?i)\b(https?://|www\.)[^\s<>"]+`)
	domainForm = regexp.MustCompile(`(?i)^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?$`)
	phoneForm  = regexp.MustCompile(`(?i)(\+\d{1,3}[ .-]?)?(\(\d{1,5}\)[ .-]?)?\d[\d .\-/]{3,20}\d` +
		`(,?\s*(ext\.?|extension|x)\s*\d{1,6})?`)
	extForm     = regexp.MustCompile(`(?i)\b(ext\.?|extension|x)\s*\d{2,6}\b`)
	channelForm = regexp.MustCompile(`(^|\s)#[\pL\d_-]{2,80}`)
	dateForm    = regexp.MustCompile(`^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$`)
)

// reach is what a text says of how to reach somebody.
type reach struct {
	emails, phones, urls, channels []string
	rest                           string // what is none of these
}

// reached finds addresses and numbers in a text.
func reached(s string) (r reach) {
	take := func(form *regexp.Regexp, keep func(string) bool) {
		s = form.ReplaceAllStringFunc(s, func(found string) string {
			trimmed := strings.TrimRight(strings.TrimSpace(found), ".,;:")
			if !keep(trimmed) {
				return found
			}
			return " \x00 " + strings.TrimPrefix(found, trimmed)
		})
	}
	s = strings.ReplaceAll(s, "mailto:", "")
	take(urlForm, func(found string) bool {
		if u := webAddress(found); u != "" {
			r.urls = append(r.urls, u)
			return true
		}
		return false
	})
	take(emailForm, func(found string) bool {
		address, err := mail.ParseAddress(found)
		if err != nil || address.Address != found {
			return false
		}
		r.emails = append(r.emails, found)
		return true
	})
	take(phoneForm, func(found string) bool {
		if !isPhone(found) {
			return false
		}
		r.phones = append(r.phones, strings.TrimSpace(found))
		return true
	})
	take(channelForm, func(found string) bool {
		r.channels = append(r.channels, found)
		return true
	})
	r.rest = restOf(s)
	return r
}

// isPhone reports whether digits with marks are a telephone number, not a date or a year.
func isPhone(s string) bool {
	digits := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	return digits >= 6 && digits <= 20 && !dateForm.MatchString(s) && strings.Count(s, "(") == strings.Count(s, ")") &&
		(strings.ContainsAny(s, "+ ()-./") || digits <= 15)
}

// reachLabels are words before an address or a number that add nothing to it.
var reachLabels = regexp.MustCompile(`(?i)^\W*((main|general|office)\s+)?(e-?mail( us)?|mail|phone|tel(ephone)?|` +
	`call( us)?|` +
	`telefon|tel|t|p|e|m|web(site)?|url|visit( us)?|contact( us)?|at|or|and|slack|discord|channel)?\W*$`)

// restOf is what is left of a text when addresses and numbers, each now a zero byte, and the
// labels before them are taken away.
func restOf(s string) string {
	if !strings.Contains(s, "\x00") {
		return strings.TrimSpace(s)
	}
	var kept []string
	for part := range strings.SplitSeq(s, "\x00") {
		for item := range strings.SplitSeq(part, "\n") {
			if !reachLabels.MatchString(item) {
				kept = append(kept, strings.Trim(item, " \t,;|/–—·•"))
			}
		}
	}
	return strings.Join(kept, "; ")
}

// webAddress is a web address with its scheme, or "".
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	lower := strings.ToLower(s)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		if !domainForm.MatchString(s) {
			return ""
		}
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.ContainsAny(s, " \t\n") {
		return ""
	}
	u.Scheme = strings.ToLower(u.Scheme)
	return u.String()
}

// isReach reports whether a text is nothing but addresses and numbers.
func isReach(s string) bool {
	r := reached(s)
	return r.rest == "" && len(r.emails)+len(r.phones)+len(r.urls)+len(r.channels) > 0
}

// The kinds of contents of a cell.
const (
	isOther = iota
	isEmail
	isNumber
	isWeb
	isChannel
)

// kindOf says what a cell is, if it is nothing else besides.
func kindOf(cell string) int {
	r := reached(cell)
	switch {
	case r.rest == "" && len(r.emails) > 0 && len(r.phones)+len(r.urls) == 0:
		return isEmail
	case r.rest == "" && len(r.phones) > 0 && len(r.emails)+len(r.urls) == 0:
		return isNumber
	case r.rest == "" && len(r.urls) > 0 && len(r.emails)+len(r.phones) == 0:
		return isWeb
	case r.rest == "" && len(r.channels) > 0 && len(r.emails)+len(r.phones)+len(r.urls) == 0:
		return isChannel
	}
	return isOther
}
