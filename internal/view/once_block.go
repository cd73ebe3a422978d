package view

import (
	"fmt"
	"strings"

	"tasks/internal/plaintext"
)

// OnceBlock is the task block of `tasks once --as-task`, with the parts of the call outside a block.
type OnceBlock struct {
	Name, Block string
	// Flags are flags without an attribute, as given.
	Flags []string
	// ProjectFlags choose the compose project, each with a space before; empty: none.
	ProjectFlags string
}

// PrintOnceBlock writes the block to stdout, with a comment for each part outside the block.
func PrintOnceBlock(p *Printer, b OnceBlock) {
	var text strings.Builder
	for _, flag := range b.Flags {
		const hint = "# %s has no attribute; pass it on the command line: tasks run %s %s"
		line := fmt.Sprintf(hint, flag, flag, b.Name)
		text.WriteString(plaintext.Escape(line) + "\n")
	}
	if b.ProjectFlags != "" {
		line := fmt.Sprintf("# of the same project: tasks%s run %s", b.ProjectFlags, b.Name)
		text.WriteString(plaintext.Escape(line) + "\n")
	}
	text.WriteString(b.Block)
	fmt.Fprint(p.Stdout(), text.String())
}
