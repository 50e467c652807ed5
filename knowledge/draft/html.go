package draft

import "errors"

func (d *Draft) readHTML(source string, o Options) error     { return errors.New("todo") }
func (d *Draft) readMarkdown(source string, o Options) error { return errors.New("todo") }
