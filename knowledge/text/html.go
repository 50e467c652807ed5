package text

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	htmlwriter "github.com/yuin/goldmark/renderer/html"
)

// HTML writes Markdown, with the tables of GitHub, as HTML. Raw HTML in it stays as it is, so
// the result is to be read, not shown. A line end stays one.
func HTML(markdown string) string {
	var b strings.Builder
	page := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithRendererOptions(
		htmlwriter.WithUnsafe(), htmlwriter.WithHardWraps()))
	if err := page.Convert([]byte(markdown), &b); err != nil {
		return "" // a Builder takes everything
	}
	return b.String()
}
