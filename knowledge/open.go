package knowledge

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"frontdesk/knowledge/text"
)

//go:embed divisions.yaml
var shipped embed.FS

// ShippedName names the knowledge file that is part of the program.
const ShippedName = "divisions.yaml"

// Input is the bytes of one knowledge file.
type Input struct {
	Name string
	Data []byte
}

// Open reads the knowledge file at path, or, if path is a folder, every .yaml
// and .yml file directly in it, in order of name: at most 2,000 files and 64 MiB
// together. The empty path means the shipped file.
func Open(path string) ([]Input, error) {
	if path == "" {
		data, err := shipped.ReadFile(ShippedName)
		return []Input{{ShippedName, data}}, err
	}
	names, err := files(path)
	if err != nil {
		return nil, err
	}
	var inputs []Input
	room := maxFileSize
	for _, name := range names {
		data, err := readFile(name, room)
		if errors.Is(err, errTooLarge) && len(names) > 1 {
			return nil, tooLarge(path, "the files of the folder together have")
		}
		if err != nil {
			return nil, err
		}
		room -= len(data)
		inputs = append(inputs, Input{name, data})
	}
	return inputs, nil
}

// errTooLarge ends the message about files that are too large.
var errTooLarge = errors.New("remove what is not knowledge, or use two knowledge files with one program each")

func tooLarge(path, which string) error {
	return fmt.Errorf("%s: %s more than %d MiB; %w", text.PrintableLine(path), which, maxFileSize>>20, errTooLarge)
}

// readFile reads a regular file with at most that many bytes. A pipe is refused, because
// reading it may block for ever.
func readFile(name string, most int) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, openError(name, err)
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", text.PrintableLine(name))
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, openError(name, err)
	}
	if len(data) > most {
		return nil, tooLarge(name, "the file has")
	}
	return data, nil
}

// files lists the files that are read for path. It stops reading a folder that has more
// than the allowed number of files.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	dir, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, openError(path, err)
	}
	defer func() { _ = dir.Close() }() // only read
	var names []string
	for seen := 0; ; {
		entries, err := dir.ReadDir(entriesAtOnce)
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); (ext == ".yaml" || ext == ".yml") && e.Name()[0] != '.' {
				names = append(names, filepath.Join(path, e.Name()))
			}
		}
		switch seen += len(entries); {
		case len(names) > maxFiles:
			return nil, fmt.Errorf("%s: the folder has more than %s .yaml and .yml files; "+
				"join some of them, for example into one file per department",
				text.PrintableLine(path), grouped(maxFiles))
		case seen > maxEntries:
			return nil, fmt.Errorf("%s: the folder has more than %s files; "+
				"keep knowledge files in a folder of their own", text.PrintableLine(path), grouped(maxEntries))
		case errors.Is(err, io.EOF):
			if len(names) == 0 {
				return nil, fmt.Errorf("%s: the folder has no .yaml or .yml file", text.PrintableLine(path))
			}
			slices.Sort(names)
			return names, nil
		case err != nil:
			return nil, openError(path, err)
		}
	}
}

// entriesAtOnce is how many entries of a folder one call reads.
const entriesAtOnce = 1024

func openError(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file; name a knowledge file, or none to use the shipped one",
			text.PrintableLine(path))
	}
	return fmt.Errorf("read %s: %w", text.PrintableLine(path), err)
}
