// Kubernetescheck holds the files of .deploy against the programs that will read
// them: Kubernetes' own types, which refuse what they do not know, and Compose's
// own loader. It also follows the names in them to what they stand for.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "../..", "the `folder` of the tree")
	knowledge := flag.String("knowledge", "", "lay the knowledge out in this new `folder`, as Kubernetes mounts it")
	flag.Parse()
	if err := check(*root, *knowledge); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check reads all files, and lays out the knowledge if a folder is named.
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
