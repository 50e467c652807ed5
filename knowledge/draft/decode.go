package draft

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode returns a file as text with the line end \n and without invisible characters. The
// file is UTF-8, UTF-16 with a byte order mark, or else Windows-1252, which older
// spreadsheets write.
func decode(data []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case isUTF16(data, 1):
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case isUTF16(data, 0):
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case !utf8.Valid(data):
		from = charmap.Windows1252
	}
	if from != nil {
		decoded, err := from.NewDecoder().Bytes(data)
		if err != nil {
			return "", err
		}
		data = decoded
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", errors.New("this is not a text file; save it as CSV, HTML or Markdown")
	}
	return visible(string(bytes.TrimPrefix(data, []byte("\ufeff")))), nil
}

// isUTF16 reports whether data is UTF-16 without a byte order mark: whether most bytes at odd
// or even places are zero, as in text that is mostly ASCII.
func isUTF16(data []byte, from int) bool {
	sample := data[:min(len(data), 1000)&^1]
	zeros := 0
	for i := from; i < len(sample); i += 2 {
		if sample[i] == 0 {
			zeros++
		}
	}
	return len(sample) >= 4 && zeros > len(sample)/4
}

// visible is a text without the characters that no knowledge file may contain.
func visible(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	last := rune(0)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			r = '\n'
		case text.Unprintable(last, r):
			return -1
		}
		last = r
		return r
	}, s)
}

// spaced is a text in which spaces of any width are spaces.
func spaced(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u00a0' || '\u2000' <= r && r <= '\u200a' || r == '\u202f' || r == '\u205f' || r == '\u3000' {
			return ' '
		}
		return r
	}, s)
}

// oneLine is a text with spaces in place of line ends and tabs.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\t", " ").Replace(s) }
