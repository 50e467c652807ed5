package main

import (
	"errors"
	"fmt"

	"frontdesk/knowledge"
	"frontdesk/knowledge/draft"

	"github.com/spf13/cobra"
)

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print a knowledge file as a table",
		Long: "Print a knowledge file as a table (CSV) that spreadsheets open. The table holds all\n" +
			"of the file but its comments; frontdesk init --from reads it back. A row is a\n" +
			"division, a responsibility or another part of the file, as its column kind says;\n" +
			"a cell with a list has one item a line.",
		Example: "  frontdesk export --csv -k knowledge.yaml >table.csv\n" +
			"  frontdesk init --from table.csv --output edited.yaml",
		Args: cobra.NoArgs,
	}
	path := knowledgeFlag(cmd)
	asCSV := cmd.Flags().Bool("csv", false, "CSV with a header")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !*asCSV {
			return errors.New("export needs the format: frontdesk export --csv")
		}
		inputs, err := knowledge.Open(path())
		if err != nil {
			return err
		}
		file, problems := knowledge.Parse(inputs)
		if err := problems.Err(); err != nil {
			return fmt.Errorf("the knowledge file has errors:\n%w", err)
		}
		_, err = cmd.OutOrStdout().Write(draft.Table(file))
		return err
	}
	return cmd
}
