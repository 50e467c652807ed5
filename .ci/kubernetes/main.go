// Kubernetescheck checks the files of .deploy with the code of the programs that read
// them: Kubernetes' own types, decoded strictly, and Compose's own loader. It also
// resolves the references in them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "../..", "root `folder` of the repository")
	knowledge := flag.String("knowledge", "",
		"write the knowledge files to this new `folder`, as Kubernetes mounts them")
	flag.Parse()
	if err := check(*root, *knowledge); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check checks all files, and writes the knowledge files if a folder is given.
func check(root, knowledge string) error {
	known, err := variables(filepath.Join(root, "config"))
	if err != nil {
		return err
	}
	composition := filepath.Join(root, ".deploy", "compose.yaml")
	data, err := os.ReadFile(composition)
	if err != nil {
		return err
	}
	if err := checkCompose(composition, data, known); err != nil {
		return fmt.Errorf("%s: %w", composition, err)
	}
	manifest := filepath.Join(root, ".deploy", "kubernetes.yaml")
	if data, err = os.ReadFile(manifest); err != nil {
		return err
	}
	objects, err := decode(data)
	if err == nil {
		err = objects.check(known)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", manifest, err)
	}
	if knowledge == "" {
		return nil
	}
	return objects.layOut(knowledge)
}
